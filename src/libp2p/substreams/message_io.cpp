#include "libp2p/substreams/message_io.hpp"

#include "base/check.hpp"
#include "libp2p/multiformats/varint.hpp"
#include "libp2p/substreams/limits.hpp"

namespace stipple::libp2p {

MessageReader::State MessageReader::read(ByteExchange& exchange) {
    if (state_ == State::incomplete && !length_known_) {
        read_prefix(exchange);
    }
    if (state_ == State::incomplete && length_known_) {
        read_body(exchange);
    }
    return state_;
}

void MessageReader::read_prefix(ByteExchange& exchange) {
    while (!exchange.unread.empty() && state_ == State::incomplete && !length_known_) {
        prefix_[prefix_size_++] = exchange.unread.front();
        exchange.take(1);
        const auto length = decode_varint(ByteView(prefix_).first(prefix_size_));
        if (!length) {
            if (length.error() != VarintError::incomplete || prefix_size_ == prefix_.size()) {
                state_ = State::bad_length;
            }
        } else if (length->value > message_bytes_max_) {
            state_ = State::too_long;
        } else {
            length_ = length->value;
            length_known_ = true;
        }
    }
}

void MessageReader::read_body(ByteExchange& exchange) {
    const auto length = static_cast<std::size_t>(length_);
    const std::size_t count = std::min(exchange.unread.size(), length - message_.size());
    const std::size_t needed = message_.size() + count;
    if (needed > message_.capacity()) {
        const bool is_in_earnest = needed >= length / kMessageReserveFactor;
        const std::size_t ahead = std::max(kMessageReserveBytes, 2 * message_.capacity());
        message_.reserve(is_in_earnest ? length : std::max(needed, std::min(ahead, length)));
    }
    append(message_, exchange.unread.first(count));
    exchange.take(count);
    if (message_.size() == length) {
        state_ = State::complete;
    }
}

Bytes MessageReader::take_message() {
    CHECK(state_ == State::complete);
    Bytes message = std::move(message_);
    message_ = {};
    state_ = State::incomplete;
    length_known_ = false;
    length_ = 0;
    prefix_size_ = 0;
    return message;
}

SubstreamFailure failure_of(MessageReader::State state) {
    CHECK(state == MessageReader::State::bad_length || state == MessageReader::State::too_long);
    return state == MessageReader::State::too_long ? SubstreamFailure::too_long
                                                   : SubstreamFailure::bad_length;
}

void MessageWriter::start(Bytes message) {
    CHECK(idle());
    prefix_.clear();
    append_varint(prefix_, message.size());
    message_ = std::move(message);
    written_ = 0;
}

bool MessageWriter::write(ByteExchange& exchange) {
    if (written_ < prefix_.size()) {
        const ByteView rest = ByteView(prefix_).subspan(written_);
        const std::size_t count = std::min(rest.size(), exchange.allowance);
        exchange.put(rest.first(count));
        written_ += count;
    }
    if (written_ >= prefix_.size()) {
        const ByteView rest = ByteView(message_).subspan(written_ - prefix_.size());
        const std::size_t count = std::min(rest.size(), exchange.allowance);
        exchange.put(rest.first(count));
        written_ += count;
    }
    if (idle()) {
        prefix_ = {};
        message_ = {};
        written_ = 0;
        return true;
    }
    return false;
}

}  // namespace stipple::libp2p
