// WebSocket as a byte stream: the layer between TCP and Noise of a `/ws` address, either end.
//
//     frame:  FIN rsv(3) op(4) | MASK length(7) | length 16 or 64 | mask 32 | payload
//
// First the HTTP upgrade, then binary frames whose payloads are one byte stream: message borders
// and fragments mean nothing here. The client masks what it sends and the server does not. Pings
// are answered, a close frame ends the input, text frames and reserved bits are faults.
//
// The layer above runs inside `exchange`: its output goes behind the place for a frame's header, in
// the socket's own buffer, so nothing is copied to be framed. Received payload is unmasked into a
// buffer of this layer, which the one above reads.
//
//     const bool alive = layer.exchange(tcp, [&](ByteExchange& stream) { noise.exchange(stream);
//     });
//
// Spec: sect-networking. RFC 6455. Bounds: limits.hpp; where one is reached reading waits.
#pragma once

#include "base/prng.hpp"
#include "libp2p/byte_exchange.hpp"
#include "libp2p/byte_queue.hpp"
#include "libp2p/websocket/limits.hpp"

#include <array>
#include <string>

namespace stipple::libp2p::websocket {

enum class Role : std::uint8_t { client, server };

enum class Failure : std::uint8_t {
    head_too_long,   ///< the upgrade is above kHeadBytesMax
    not_upgraded,    ///< no upgrade request, or the server did not agree
    ended,           ///< the stream ended before it was upgraded
    reserved_bits,   ///< extensions were not agreed
    wrong_masking,   ///< clients mask, servers do not
    unknown_opcode,  ///< also text, which libp2p does not send
    bad_fragment,    ///< a continuation of nothing, or a beginning inside a message
    bad_control,     ///< a control frame in pieces or too long
};
const char* describe(Failure failure);

class Layer {
 public:
    struct Config {
        Role role = Role::client;
        std::string host;  ///< client: with port, for the Host header
        std::string path = "/";
        /// Client: draws the upgrade's key and the masks. Unpredictable to whoever chooses payload.
        Seed seed;
    };
    explicit Layer(const Config& config);

    /// Runs `above(ByteExchange&)` once the upgrade is done, again while it writes. False after a
    /// failure: `failure()` says which, and the layer is not called again.
    template <class F>
    bool exchange(ByteExchange& outer, F&& above) {
        if (!upgraded_ && !upgrade(outer)) {
            return !failure_;
        }
        while (true) {
            if (!read_frames(outer)) {
                return false;
            }
            OpenFrame frame = begin_frame(outer);
            const std::size_t lent = frame.inner.unread.size();
            above(frame.inner);
            incoming_.take(lent - frame.inner.unread.size());
            const bool wrote = end_frame(outer, frame);
            const bool took = lent != frame.inner.unread.size();
            if (closed_ || !(wrote || (took && !outer.unread.empty()))) {
                return true;
            }
        }
    }
    /// REQUIRES that `exchange` has answered false.
    Failure failure() const { return *failure_; }

 private:
    struct OpenFrame {
        ByteExchange inner;
        std::size_t start = 0;  ///< where the frame begins in the output
    };
    struct Header {
        std::size_t bytes = 0;
        bool final = false;
        std::uint8_t opcode = 0;
        std::uint64_t length = 0;
        std::array<std::uint8_t, 4> mask{};
    };

    bool upgrade(ByteExchange& outer);
    bool upgrade_client(ByteExchange& outer);
    bool upgrade_server(ByteExchange& outer);
    bool read_frames(ByteExchange& outer);
    void read_payload(ByteExchange& outer);
    /// Absent while it is not all there, or after fail().
    std::optional<Header> read_header(ByteView input);
    bool on_control(const Header& header, ByteView payload);
    bool on_data(const Header& header);
    OpenFrame begin_frame(ByteExchange& outer);
    /// False when nothing was written.
    bool end_frame(ByteExchange& outer, OpenFrame& frame);
    void put_control(std::uint8_t opcode, ByteView payload);
    std::size_t mask_bytes() const { return config_.role == Role::client ? 4 : 0; }
    bool fail(Failure failure) {
        failure_ = failure;
        return false;
    }

    Config config_;
    Prng prng_;
    std::string key_;
    bool request_sent_ = false;
    bool upgraded_ = false;

    ByteQueue incoming_;  ///< unmasked
    std::uint64_t payload_left_ = 0;
    std::array<std::uint8_t, 4> mask_{};
    std::size_t mask_at_ = 0;
    bool in_message_ = false;  ///< between the first and the last fragment
    bool peer_closed_ = false;

    ByteQueue control_;    ///< whole frames that wait to be sent
    bool closed_ = false;  ///< our close frame is sent
    std::optional<Failure> failure_;
};

}  // namespace stipple::libp2p::websocket
