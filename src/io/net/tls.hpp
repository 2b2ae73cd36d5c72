// TLS as a byte stream between a socket and whoever uses it, either end: the shape of `Exchange`
// outside, and again inside.
//
//     socket ── Exchange, encrypted ── TlsSession ── Exchange, plain ── WebSocket and what is above
//
//     void on_exchange(SocketId id, Exchange& io) override {
//         if (!session.exchange(io, [&](Exchange& plain) { ... })) { log(session.failure()); }
//     }
//
// A client proves nothing and demands everything: a certificate for the name it dialled, by one of
// the system's roots (OpenSSL's paths: SSL_CERT_FILE and SSL_CERT_DIR name others), TLS 1.2 or 1.3.
// A server shows the operator's certificate. When `exchange` says no, an alert may be in the
// output, `output_ended` is set, and the session is not used again.
//
// Spec: RFC 8446, RFC 9525 (names). Bounds: limits.hpp; a side that does not read stops at them.
#pragma once

#include "base/result.hpp"
#include "io/net/handler.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;
struct bio_st;

namespace stipple::io::net {

/// What the sessions of one side share; outlives nothing, sessions keep what they need of it.
class TlsContext {
 public:
    /// With the system's roots, read once.
    static Result<TlsContext> client();
    /// PEM files: the chain, the own certificate first, and its key.
    static Result<TlsContext> server(const std::string& certificates, const std::string& key);

    ssl_ctx_st* native() const { return context_.get(); }

 private:
    explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
    std::shared_ptr<ssl_ctx_st> context_;
};

class TlsSession {
 public:
    /// `name` is what the certificate has to be for: a DNS name, also sent to the server (SNI), or
    /// an IP address as text.
    static TlsSession dial(const TlsContext& context, const std::string& name);
    static TlsSession accept(const TlsContext& context);

    /// Runs `above` once there is a session, again while it moves. False after a failure.
    template <class F>
    bool exchange(Exchange& outer, F&& above) {
        bool moves = true;
        while (moves) {
            moves = feed(outer);
            if (!decrypt(outer)) {
                send(outer);
                outer.output_ended = true;
                return false;
            }
            if (is_open_ && !ended_) {
                Exchange inner = begin(outer);
                const std::size_t lent = inner.unread.size();
                above(inner);
                outer.wake_at = inner.wake_at;
                const std::size_t taken = lent - inner.unread.size();
                moves = end(inner, taken) || taken > 0 || moves;
            }
            moves = send(outer) && moves;
        }
        outer.output_ended = (ended_ && is_sent()) || is_cut(outer);
        return true;
    }
    /// REQUIRES that `exchange` has answered false.
    const std::string& failure() const { return failure_; }

 private:
    explicit TlsSession(const TlsContext& context);
    bool feed(Exchange& outer);
    bool decrypt(Exchange& outer);
    Exchange begin(const Exchange& outer);
    bool end(const Exchange& inner, std::size_t taken);
    bool send(Exchange& outer);
    bool is_sent() const;
    bool is_cut(const Exchange& outer) const;
    bool fail();

    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    bio_st* incoming_ = nullptr;  ///< of ssl_: encrypted bytes from the peer
    bio_st* outgoing_ = nullptr;  ///< of ssl_: encrypted bytes for the peer
    Bytes received_;              ///< decrypted, not taken
    Bytes written_;               ///< by the user above, in one call
    bool is_open_ = false;        ///< the handshake is done
    bool peer_ended_ = false;
    bool ended_ = false;               ///< we are
    std::optional<Instant> deadline_;  ///< of the handshake
    std::string failure_;
};

}  // namespace stipple::io::net
