// Messages on a substream: a varint length, then that many bytes; read and written in pieces.
//
// `MessageReader` collects one message of at most a given size from however the bytes are cut, and
// stops at its end, so that the next one stays unread until somebody wants it: a slow owner makes
// the stream's window close. Memory follows the bytes that came, not the length that was claimed.
// `MessageWriter` sends one message as the allowance permits.
//
// Spec: sect-networking. libp2p: varint-prefixed messages.
#pragma once

#include "libp2p/byte_exchange.hpp"
#include "libp2p/substreams/step.hpp"

#include <array>

namespace stipple::libp2p {

class MessageReader {
 public:
    enum class State : std::uint8_t { incomplete, complete, bad_length, too_long };

    explicit MessageReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

    /// Takes bytes up to the end of the message under way. After an error it stays there.
    State read(ByteExchange& exchange);
    /// REQUIRES complete. The reader then stands at the start of the next message.
    Bytes take_message();
    /// A first byte of the message under way has come.
    bool begun() const { return prefix_size_ > 0; }
    std::size_t held_bytes() const { return message_.capacity(); }

 private:
    void read_prefix(ByteExchange& exchange);
    void read_body(ByteExchange& exchange);

    std::size_t message_bytes_max_;
    State state_ = State::incomplete;
    bool length_known_ = false;
    std::uint64_t length_ = 0;
    std::array<std::uint8_t, 10> prefix_{};
    std::size_t prefix_size_ = 0;
    Bytes message_;
};

/// The failure that a state of the reader means. REQUIRES an error.
SubstreamFailure failure_of(MessageReader::State state);

class MessageWriter {
 public:
    /// REQUIRES idle().
    void start(Bytes message);
    /// Appends what is allowed; true when all of the message has been appended.
    bool write(ByteExchange& exchange);
    bool idle() const { return written_ == prefix_.size() + message_.size(); }
    std::size_t held_bytes() const { return message_.size(); }

 private:
    Bytes prefix_;
    Bytes message_;
    std::size_t written_ = 0;
};

}  // namespace stipple::libp2p
