#include "io/net/tls.hpp"

#include "io/net/limits.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace stipple::io::net {
namespace {

using namespace std::chrono_literals;

/// A certificate that is its own root, with its key, in two PEM files.
class SelfMade {
 public:
    explicit SelfMade(const std::string& names)
        : certificate(path("certificate")), key(path("key")) {
        EVP_PKEY* const pair = EVP_EC_gen("P-256");
        X509* const made = X509_new();
        X509_set_version(made, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
        X509_gmtime_adj(X509_getm_notBefore(made), -3600);
        X509_gmtime_adj(X509_getm_notAfter(made), 3600);
        X509_set_pubkey(made, pair);
        X509_set_issuer_name(made, X509_get_subject_name(made));
        X509_EXTENSION* const extension =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
        X509_add_ext(made, extension, -1);
        X509_sign(made, pair, EVP_sha256());
        std::FILE* file = std::fopen(certificate.c_str(), "w");
        PEM_write_X509(file, made);
        std::fclose(file);
        file = std::fopen(key.c_str(), "w");
        PEM_write_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
        X509_EXTENSION_free(extension);
        X509_free(made);
        EVP_PKEY_free(pair);
    }
    ~SelfMade() {
        std::filesystem::remove(certificate);
        std::filesystem::remove(key);
    }
    SelfMade(const SelfMade&) = delete;
    SelfMade& operator=(const SelfMade&) = delete;
    TlsContext server() const { return TlsContext::server(certificate, key).value(); }
    std::string certificate;
    std::string key;

 private:
    static std::string path(const std::string& what) {
        static int count = 0;
        return (std::filesystem::temp_directory_path() /
                ("stipple-tls-" + std::to_string(::getpid()) + "-" + std::to_string(++count) +
                 what))
            .string();
    }
};

TlsContext client_that_trusts(const std::string& roots) {
    ::setenv("SSL_CERT_FILE", roots.c_str(), 1);
    ::setenv("SSL_CERT_DIR", "/nowhere", 1);
    return TlsContext::client().value();
}

/// One end with what it has to say, heard and still to be delivered.
struct End {
    TlsSession session;
    std::string says;
    std::size_t ends_after = SIZE_MAX;  ///< bytes heard; or when the other end has
    std::string heard = {};
    bool heard_end = false;
    Bytes wire = {};  ///< from the other end, not taken
    bool wire_ended = false;
    bool alive = true;
    bool over = false;

    /// Sends at most `cut` bytes; true when anything happened.
    bool step(End& other, std::size_t cut, Instant now) {
        if (!alive || over) {
            return false;
        }
        Bytes output;
        const std::size_t before = wire.size() + says.size();
        Exchange io{.now = now,
                    .unread = ByteView(wire).first(std::min(cut, wire.size())),
                    .input_ended = wire_ended && wire.size() <= cut,
                    .output = &output,
                    .allowance = cut,
                    .output_ended = false,
                    .wake_at = {}};
        const std::size_t lent = io.unread.size();
        alive = session.exchange(io, [&](Exchange& plain) {
            heard += as_text(plain.unread);
            plain.take(plain.unread.size());
            heard_end = heard_end || plain.input_ended;
            const std::size_t count = std::min(plain.allowance, says.size());
            append(*plain.output, as_bytes(std::string_view(says).substr(0, count)));
            says.erase(0, count);
            plain.output_ended = says.empty() && (heard_end || heard.size() >= ends_after);
        });
        EXPECT_LE(output.size(), cut);
        wire.erase(wire.begin(),
                   wire.begin() + static_cast<std::ptrdiff_t>(lent - io.unread.size()));
        append(other.wire, output);
        over = io.output_ended;
        other.wire_ended = other.wire_ended || over;
        return !output.empty() || before != wire.size() + says.size() || over;
    }
};

void run(End& a, End& b, std::size_t cut) {
    for (bool moves = true; moves;) {
        moves = a.step(b, cut, Instant(1000s));
        moves = b.step(a, cut, Instant(1000s)) || moves;
    }
}

TEST(TlsSession, carries_bytes_both_ways_however_they_are_cut) {
    const SelfMade made("DNS:node.example.org");
    const TlsContext client = client_that_trusts(made.certificate);
    const TlsContext server = made.server();
    for (const std::size_t cut : {std::size_t{1}, std::size_t{1000}, std::size_t{256 * 1024}}) {
        const std::string much(cut == 1 ? 3000 : 300'000, 'x');
        End a{.session = TlsSession::dial(client, "node.example.org"),
              .says = much,
              .ends_after = 5 + much.size()};
        End b{.session = TlsSession::accept(server), .says = "hello" + much};
        run(a, b, cut);
        EXPECT_TRUE(b.heard == much) << b.heard.size();
        EXPECT_TRUE(a.heard == "hello" + much) << a.heard.size();
        EXPECT_TRUE(b.heard_end && a.over && b.over && a.alive && b.alive) << cut;
    }
}

TEST(TlsSession, demands_a_certificate_for_the_name_it_dialled) {
    const SelfMade made("DNS:node.example.org,IP:127.0.0.1");
    const TlsContext client = client_that_trusts(made.certificate);
    const TlsContext server = made.server();
    const std::array<std::pair<const char*, bool>, 4> names{{{"node.example.org", true},
                                                             {"127.0.0.1", true},
                                                             {"other.example.org", false},
                                                             {"127.0.0.2", false}}};
    for (const auto& [name, fits] : names) {
        End a{.session = TlsSession::dial(client, name), .says = "secret"};
        End b{.session = TlsSession::accept(server), .says = ""};
        run(a, b, 1000);
        EXPECT_EQ(a.alive, fits) << name;
        EXPECT_EQ(b.heard, fits ? "secret" : "") << name;
        EXPECT_EQ(a.over, !fits) << name;
    }
}

TEST(TlsSession, demands_a_root_of_the_system) {
    const SelfMade made("DNS:node.example.org");
    const SelfMade other("DNS:node.example.org");
    const TlsContext client = client_that_trusts(other.certificate);
    const TlsContext server = made.server();
    End a{.session = TlsSession::dial(client, "node.example.org"), .says = "secret"};
    End b{.session = TlsSession::accept(server), .says = ""};
    run(a, b, 1000);
    EXPECT_FALSE(a.alive);
    EXPECT_FALSE(a.session.failure().empty());
    EXPECT_EQ(b.heard, "");
}

TEST(TlsSession, fails_upon_what_is_no_tls_and_upon_silence) {
    const SelfMade made("DNS:node.example.org");
    const TlsContext client = client_that_trusts(made.certificate);
    End nobody{.session = TlsSession::dial(client, "a"), .says = ""};
    End garbage{.session = TlsSession::dial(client, "a"), .says = "", .wire = Bytes(500, 'G')};
    garbage.step(nobody, 1000, Instant(1000s));
    EXPECT_FALSE(garbage.alive);
    End silence{.session = TlsSession::dial(client, "a"), .says = ""};
    silence.step(nobody, 1000, Instant(1000s));
    silence.step(nobody, 1000, Instant(1000s) + kTlsHandshakeTime - 1s);
    EXPECT_TRUE(silence.alive);
    silence.step(nobody, 1000, Instant(1000s) + kTlsHandshakeTime);
    EXPECT_FALSE(silence.alive);
}

TEST(TlsSession, ends_with_a_peer_that_says_no_farewell) {
    const SelfMade made("DNS:a");
    const TlsContext client = client_that_trusts(made.certificate);
    End a{.session = TlsSession::dial(client, "a"), .says = "x"};
    End b{.session = TlsSession::accept(made.server()), .says = "y"};
    run(a, b, 1000);
    EXPECT_FALSE(a.heard_end);
    a.wire_ended = true;
    a.step(b, 1000, Instant(1000s));
    EXPECT_TRUE(a.heard_end);
    End half{.session = TlsSession::dial(client, "a"), .says = "", .wire_ended = true};
    half.step(b, 1000, Instant(1000s));
    EXPECT_TRUE(half.over) << "cut in the handshake";
}

TEST(TlsContext, says_which_file_is_bad) {
    const SelfMade made("DNS:a");
    const auto no_file = TlsContext::server("/nowhere.pem", made.key);
    ASSERT_FALSE(no_file.has_value());
    EXPECT_NE(no_file.error().message().find("/nowhere.pem"), std::string::npos);
    const SelfMade other("DNS:a");
    EXPECT_FALSE(TlsContext::server(made.certificate, other.key).has_value());
}

}  // namespace
}  // namespace stipple::io::net
