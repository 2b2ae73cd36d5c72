#include "libp2p/substreams/request.hpp"

#include "base/check.hpp"

namespace stipple::libp2p {

RequestOut::RequestOut(const RequestOutConfig& config, Bytes request)
    : config_(config), reader_(config.response_bytes_max) {
    writer_.start(std::move(request));
}

SubstreamStep RequestOut::fail(SubstreamFailure failure) {
    failure_ = failure;
    return SubstreamStep::failed;
}

SubstreamStep RequestOut::exchange(ByteExchange& exchange) {
    if (!sent_) {
        sent_ = writer_.write(exchange);
    }
    if (sent_) {
        exchange.output_ended = true;
        if (config_.one_way) {
            return SubstreamStep::finished;
        }
    }
    // A response may come before the request is all sent: the responder has seen enough.
    const auto state = reader_.read(exchange);
    if (state == MessageReader::State::complete) {
        response_ = reader_.take_message();
        return SubstreamStep::finished;
    }
    if (state != MessageReader::State::incomplete) {
        return fail(failure_of(state));
    }
    if (exchange.input_ended) {
        return fail(reader_.begun() ? SubstreamFailure::truncated : SubstreamFailure::refused);
    }
    if (exchange.now >= config_.deadline) {
        return fail(SubstreamFailure::timed_out);
    }
    exchange.wake(config_.deadline);
    return SubstreamStep::waiting;
}

RequestIn::RequestIn(const RequestInConfig& config, Instant now)
    : config_(config), deadline_(now + config.timeout), reader_(config.request_bytes_max) {}

SubstreamStep RequestIn::fail(SubstreamFailure failure) {
    state_ = State::ended;
    failure_ = failure;
    return SubstreamStep::failed;
}

SubstreamStep RequestIn::finish(ByteExchange& exchange) {
    state_ = State::ended;
    exchange.output_ended = true;
    return SubstreamStep::finished;
}

SubstreamStep RequestIn::exchange(ByteExchange& exchange) {
    if (state_ == State::answering && writer_.write(exchange)) {
        if (!config_.repeats) {
            return finish(exchange);
        }
        state_ = State::reading;
        deadline_ = exchange.now + config_.timeout;
    }
    if (state_ == State::reading) {
        const SubstreamStep step = read(exchange);
        if (step != SubstreamStep::waiting) {
            return step;
        }
    }
    if (state_ == State::ended) {
        return finish(exchange);
    }
    if (exchange.now >= deadline_) {
        const bool between_requests = state_ == State::reading && !reader_.begun();
        return config_.repeats && between_requests ? finish(exchange)
                                                   : fail(SubstreamFailure::timed_out);
    }
    exchange.wake(deadline_);
    return SubstreamStep::waiting;
}

SubstreamStep RequestIn::read(ByteExchange& exchange) {
    const auto state = reader_.read(exchange);
    if (state == MessageReader::State::complete) {
        request_ = reader_.take_message();
        state_ = State::asked;
        return SubstreamStep::event;
    }
    if (state != MessageReader::State::incomplete) {
        return fail(failure_of(state));
    }
    if (exchange.input_ended) {
        return reader_.begun() ? fail(SubstreamFailure::truncated) : finish(exchange);
    }
    return SubstreamStep::waiting;
}

Bytes RequestIn::take_request() {
    CHECK(state_ == State::asked);
    return std::move(request_);
}

void RequestIn::answer(Bytes response) {
    CHECK(state_ == State::asked);
    writer_.start(std::move(response));
    state_ = State::answering;
}

void RequestIn::refuse() {
    CHECK(state_ == State::asked);
    // answering with an idle writer ends the exchange, or goes on to the next request
    state_ = State::answering;
}

}  // namespace stipple::libp2p
