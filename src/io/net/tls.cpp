#include "io/net/tls.hpp"

#include "base/check.hpp"
#include "io/net/limits.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

namespace stipple::io::net {
namespace {

std::string newest_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "TLS failed" : reason;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const SSL_METHOD* method) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
        return fail("TLS: " + newest_error());
    }
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    return context;
}

}  // namespace

Result<TlsContext> TlsContext::client() {
    TRY_ASSIGN(auto context, make_context(TLS_client_method()));
    if (SSL_CTX_set_default_verify_paths(context.get()) != 1) {
        return fail("TLS roots of the system: " + newest_error());
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return TlsContext(std::move(context));
}

Result<TlsContext> TlsContext::server(const std::string& certificates, const std::string& key) {
    TRY_ASSIGN(auto context, make_context(TLS_server_method()));
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificates.c_str()) != 1) {
        return fail(certificates + ": " + newest_error());
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        return fail(key + ": " + newest_error());
    }
    return TlsContext(std::move(context));
}

TlsSession::TlsSession(const TlsContext& context)
    : ssl_(SSL_new(context.native()), SSL_free),
      incoming_(BIO_new(BIO_s_mem())),
      outgoing_(BIO_new(BIO_s_mem())) {
    CHECK(ssl_ && incoming_ != nullptr && outgoing_ != nullptr);
    // Empty means later, not the end.
    BIO_ctrl(incoming_, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nullptr);
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);
}

TlsSession TlsSession::dial(const TlsContext& context, const std::string& name) {
    TlsSession session(context);
    SSL* const ssl = session.ssl_.get();
    if (SocketAddress::parse(name, 0)) {
        CHECK(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1);
    } else {
        CHECK(SSL_set1_host(ssl, name.c_str()) == 1);
        std::string copy = name;
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, copy.data());
    }
    SSL_set_connect_state(ssl);
    return session;
}

TlsSession TlsSession::accept(const TlsContext& context) {
    TlsSession session(context);
    SSL_set_accept_state(session.ssl_.get());
    return session;
}

/// True when it took something.
bool TlsSession::feed(Exchange& outer) {
    const std::size_t waiting = BIO_ctrl_pending(incoming_);
    const std::size_t room = kTlsBufferBytes - std::min(kTlsBufferBytes, waiting);
    const std::size_t count = std::min(room, outer.unread.size());
    if (count == 0) {
        return false;
    }
    CHECK(BIO_write(incoming_, outer.unread.data(), static_cast<int>(count)) ==
          static_cast<int>(count));
    outer.take(count);
    return true;
}

bool TlsSession::fail() {
    const long verdict = SSL_get_verify_result(ssl_.get());
    failure_ = verdict == X509_V_OK ? newest_error() : X509_verify_cert_error_string(verdict);
    ERR_clear_error();
    return false;
}

/// Goes on with the handshake, then decrypts as much as may wait. False when the session failed.
bool TlsSession::decrypt(Exchange& outer) {
    if (!is_open_) {
        const int done = SSL_do_handshake(ssl_.get());
        if (done != 1 && SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) {
            return fail();
        }
        is_open_ = done == 1;
        if (!deadline_) {
            deadline_ = outer.now + kTlsHandshakeTime;
        }
        if (!is_open_ && outer.now >= *deadline_) {
            failure_ = "no TLS handshake in time";
            return false;
        }
        outer.wake_at = is_open_ ? std::nullopt : deadline_;
        if (!is_open_) {
            return true;
        }
    }
    while (!peer_ended_ && received_.size() < kTlsBufferBytes) {
        const std::size_t start = received_.size();
        received_.resize(start + SSL3_RT_MAX_PLAIN_LENGTH);
        const int got = SSL_read(ssl_.get(), received_.data() + start, SSL3_RT_MAX_PLAIN_LENGTH);
        received_.resize(start + static_cast<std::size_t>(std::max(got, 0)));
        if (got > 0) {
            continue;
        }
        const int error = SSL_get_error(ssl_.get(), got);
        if (error == SSL_ERROR_ZERO_RETURN) {
            peer_ended_ = true;
        } else if (error != SSL_ERROR_WANT_READ) {
            return fail();
        } else {
            break;
        }
    }
    return true;
}

Exchange TlsSession::begin(const Exchange& outer) {
    const bool is_cut = outer.input_ended && outer.unread.empty() &&
                        BIO_ctrl_pending(incoming_) == 0;  // without a farewell
    return {.now = outer.now,
            .unread = received_,
            .input_ended = peer_ended_ || is_cut,
            .output = &written_,
            .allowance = is_sent() ? kTlsBufferBytes : 0,
            .output_ended = false,
            .wake_at = std::nullopt};
}

/// True when it wrote something.
bool TlsSession::end(const Exchange& inner, std::size_t taken) {
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(taken));
    if (received_.empty()) {
        received_ = {};  // most connections idle
    }
    const bool wrote = !written_.empty();
    if (wrote) {
        // A memory buffer takes all; the session may only fail by an error of ours.
        CHECK(SSL_write(ssl_.get(), written_.data(), static_cast<int>(written_.size())) ==
              static_cast<int>(written_.size()));
        written_ = {};
    }
    if (inner.output_ended) {
        ended_ = true;
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
    return wrote;
}

/// As much as there is room for; false when something is left.
bool TlsSession::send(Exchange& outer) {
    const std::size_t count = std::min(BIO_ctrl_pending(outgoing_), outer.allowance);
    if (count > 0) {
        const std::size_t start = outer.output->size();
        outer.output->resize(start + count);
        CHECK(BIO_read(outgoing_, outer.output->data() + start, static_cast<int>(count)) ==
              static_cast<int>(count));
        outer.allowance -= count;
    }
    return is_sent();
}

bool TlsSession::is_sent() const {
    return BIO_ctrl_pending(outgoing_) == 0;
}

/// The peer's end in the middle of the handshake.
bool TlsSession::is_cut(const Exchange& outer) const {
    return !is_open_ && outer.input_ended && outer.unread.empty();
}

}  // namespace stipple::io::net
