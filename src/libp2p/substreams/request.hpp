// Requests: one question and one answer per substream.
//
//     RequestOut   varint length, request, end of direction ->
//                  <- varint length, response, end of direction        `RequestIn`
//
// A responder that refuses closes (or resets) without a byte. Either message may be empty (length
// 0). The machine on the asking side ends when the response is whole; the one on the answering side
// reports `event` once with the request, then waits for answer() or refuse() from above.
//
// Each side has one deadline for everything, so a peer that sends or reads slowly holds a substream
// and at most one message for that long. Memory: one message of at most its bound.
//
// Kademlia shares the shape with two differences, chosen by the config: an asker may send several
// requests on one substream, and some requests have no answer.
//
// Spec: sect-networking. libp2p: request-response (as rust-libp2p and Substrate frame it).
#pragma once

#include "libp2p/substreams/message_io.hpp"

namespace stipple::libp2p {

struct RequestOutConfig {
    std::size_t response_bytes_max = 0;
    Instant deadline;
    /// Done as soon as the request is sent; no answer belongs to it.
    bool one_way = false;
};

class RequestOut {
 public:
    RequestOut(const RequestOutConfig& config, Bytes request);

    /// `finished` when the response is there (or the one-way request sent); never `event`.
    SubstreamStep exchange(ByteExchange& exchange);
    /// After `finished`; empty when one-way.
    Bytes take_response() { return std::move(response_); }
    Instant deadline() const { return config_.deadline; }
    std::size_t held_bytes() const { return reader_.held_bytes() + writer_.held_bytes(); }
    /// refused, truncated, bad_length, too_long or timed_out.
    SubstreamFailure failure() const { return failure_; }

 private:
    SubstreamStep fail(SubstreamFailure failure);

    RequestOutConfig config_;
    MessageWriter writer_;
    MessageReader reader_;
    bool sent_ = false;
    Bytes response_;
    SubstreamFailure failure_ = SubstreamFailure::timed_out;
};

struct RequestInConfig {
    std::size_t request_bytes_max = 0;
    /// For reading a request, having it answered, and sending the answer. With `repeats` it starts
    /// anew for every request.
    Duration timeout{};
    /// Further requests may follow an answer on the same substream.
    bool repeats = false;
};

class RequestIn {
 public:
    RequestIn(const RequestInConfig& config, Instant now);

    /// `event` when a request is whole: take_request(), then answer() or refuse() when known.
    SubstreamStep exchange(ByteExchange& exchange);
    /// REQUIRES `event`.
    Bytes take_request();
    /// REQUIRES awaits_answer(). The owner calls exchange() soon after.
    void answer(Bytes response);
    /// Closes without an answer. With `repeats` the answer is only left out.
    void refuse();
    bool awaits_answer() const { return state_ == State::asked; }
    /// An answer is on its way.
    bool answers() const { return state_ == State::answering; }
    std::size_t held_bytes() const { return reader_.held_bytes() + request_.capacity(); }
    /// truncated, bad_length, too_long, or timed_out.
    SubstreamFailure failure() const { return failure_; }

 private:
    enum class State : std::uint8_t { reading, asked, answering, ended };
    SubstreamStep fail(SubstreamFailure failure);
    SubstreamStep read(ByteExchange& exchange);
    SubstreamStep finish(ByteExchange& exchange);

    RequestInConfig config_;
    Instant deadline_;
    MessageReader reader_;
    MessageWriter writer_;
    State state_ = State::reading;
    Bytes request_;
    SubstreamFailure failure_ = SubstreamFailure::timed_out;
};

}  // namespace stipple::libp2p
