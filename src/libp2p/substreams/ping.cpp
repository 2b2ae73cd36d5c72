#include "libp2p/substreams/ping.hpp"

namespace stipple::libp2p {

SubstreamStep PingOut::fail(SubstreamFailure failure) {
    failure_ = failure;
    return SubstreamStep::failed;
}

void PingOut::start_round() {
    const Bytes random = prng_.bytes(payload_.size());
    std::copy(random.begin(), random.end(), payload_.begin());
    in_round_ = true;
    written_ = 0;
    read_ = 0;
}

bool PingOut::echo_matches(ByteExchange& exchange) {
    const std::size_t count = std::min(exchange.unread.size(), payload_.size() - read_);
    const ByteView expected = ByteView(payload_).subspan(read_, count);
    const bool same = equal(exchange.unread.first(count), expected);
    exchange.take(count);
    read_ += count;
    return same;
}

SubstreamStep PingOut::exchange(ByteExchange& exchange) {
    if (!in_round_) {
        if (!exchange.unread.empty()) {
            return fail(SubstreamFailure::unexpected_data);
        }
        if (exchange.input_ended) {
            return fail(SubstreamFailure::refused);
        }
        if (exchange.now < next_at_) {
            exchange.wake(next_at_);
            return SubstreamStep::waiting;
        }
        start_round();
        sent_at_ = exchange.now;
    }
    if (written_ < payload_.size()) {
        const ByteView rest = ByteView(payload_).subspan(written_);
        const std::size_t count = std::min(rest.size(), exchange.allowance);
        exchange.put(rest.first(count));
        written_ += count;
    }
    if (!echo_matches(exchange)) {
        return fail(SubstreamFailure::wrong_echo);
    }
    if (read_ > written_) {
        return fail(SubstreamFailure::unexpected_data);
    }
    if (read_ == payload_.size()) {
        round_trip_ = exchange.now - sent_at_;
        in_round_ = false;
        next_at_ = exchange.now + config_.interval;
        return SubstreamStep::event;
    }
    if (exchange.input_ended) {
        return fail(SubstreamFailure::refused);
    }
    if (exchange.now >= sent_at_ + config_.timeout) {
        return fail(SubstreamFailure::timed_out);
    }
    exchange.wake(sent_at_ + config_.timeout);
    return SubstreamStep::waiting;
}

SubstreamStep PingIn::exchange(ByteExchange& exchange) {
    for (;;) {
        const std::size_t in = std::min(exchange.unread.size(), payload_.size() - read_);
        std::copy_n(exchange.unread.begin(), in, payload_.begin() + static_cast<long>(read_));
        exchange.take(in);
        read_ += in;
        if (read_ < payload_.size()) {
            if (exchange.input_ended) {
                exchange.output_ended = true;
                return read_ == 0 ? SubstreamStep::finished : SubstreamStep::failed;
            }
            return SubstreamStep::waiting;
        }
        const ByteView rest = ByteView(payload_).subspan(written_);
        const std::size_t out = std::min(rest.size(), exchange.allowance);
        exchange.put(rest.first(out));
        written_ += out;
        if (written_ < payload_.size()) {
            return SubstreamStep::waiting;
        }
        read_ = 0;
        written_ = 0;
    }
}

}  // namespace stipple::libp2p
