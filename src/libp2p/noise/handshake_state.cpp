#include "libp2p/noise/handshake_state.hpp"

#include "base/check.hpp"
#include "base/result.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace stipple::libp2p::noise {

namespace {

constexpr std::string_view kProtocolName = "Noise_XX_25519_ChaChaPoly_SHA256";
static_assert(kProtocolName.size() == 32);  // so the first hash is the name itself
constexpr std::size_t kMessages = 3;
constexpr std::size_t kKeyBytes = 32;

crypto::Secret<32> hmac(const crypto::Secret<32>& key, ByteView data) {
    crypto::Secret<32> result;
    unsigned int length = 0;
    CHECK(HMAC(EVP_sha256(), key.view().data(), int{kKeyBytes}, data.data(), data.size(),
               result.writable().data(), &length) != nullptr);
    CHECK(length == kKeyBytes);
    return result;
}

struct KeyPair {
    crypto::Secret<32> first;
    crypto::Secret<32> second;
};
/// HKDF with two outputs (section 4.3).
KeyPair hkdf(const crypto::Secret<32>& chaining_key, ByteView input) {
    constexpr std::uint8_t kOne[] = {1};
    const crypto::Secret<32> temporary = hmac(chaining_key, input);
    KeyPair keys{.first = hmac(temporary, kOne), .second = {}};
    crypto::Secret<33> block;
    std::copy(keys.first.view().begin(), keys.first.view().end(), block.writable().begin());
    block.writable()[kKeyBytes] = 2;
    keys.second = hmac(temporary, block.view());
    return keys;
}

X25519Public key_of(ByteView bytes) {
    X25519Public key;
    std::copy(bytes.begin(), bytes.end(), key.begin());
    return key;
}

}  // namespace

HandshakeState::HandshakeState(Role role, Keys keys, ByteView prologue)
    : role_(role),
      keys_(std::move(keys)),
      static_public_(x25519_public(keys_.fixed)),
      ephemeral_public_(x25519_public(keys_.ephemeral)),
      hash_(crypto::Hash256::copy(as_bytes(kProtocolName))) {
    std::copy(hash_.bytes.begin(), hash_.bytes.end(), chaining_key_.writable().begin());
    mix_hash(prologue);
}

std::span<const HandshakeState::Token> HandshakeState::pattern(std::size_t message) {
    static constexpr Token kFirst[] = {Token::e};
    static constexpr Token kSecond[] = {Token::e, Token::ee, Token::s, Token::es};
    static constexpr Token kThird[] = {Token::s, Token::se};
    switch (message) {
        case 0:
            return kFirst;
        case 1:
            return kSecond;
        default:
            return kThird;
    }
}

bool HandshakeState::finished() const {
    return message_ == kMessages;
}

bool HandshakeState::may_write() const {
    return !finished() && (message_ % 2 == 0) == (role_ == Role::dialer);
}

std::size_t HandshakeState::overhead() const {
    constexpr std::size_t kOverheads[] = {kKeyBytes,
                                          kKeyBytes + (kKeyBytes + kTagBytes) + kTagBytes,
                                          (kKeyBytes + kTagBytes) + kTagBytes};
    CHECK(!finished());
    return kOverheads[message_];
}

std::expected<void, NoiseError> HandshakeState::write_message(ByteView payload, Bytes& out) {
    CHECK(may_write());
    for (const Token token : pattern(message_)) {
        switch (token) {
            case Token::e:
                append(out, ephemeral_public_);
                mix_hash(ephemeral_public_);
                break;
            case Token::s:
                encrypt_and_hash(static_public_, out);
                break;
            default:
                TRY(mix_dh(token));
        }
    }
    encrypt_and_hash(payload, out);
    ++message_;
    return {};
}

std::expected<Bytes, NoiseError> HandshakeState::read_message(ByteView message) {
    CHECK(!may_write() && !finished());
    for (const Token token : pattern(message_)) {
        if (token == Token::e) {
            if (message.size() < kKeyBytes) {
                return std::unexpected(NoiseError::too_short);
            }
            remote_ephemeral_ = key_of(message.first(kKeyBytes));
            mix_hash(*remote_ephemeral_);
            message = message.subspan(kKeyBytes);
        } else if (token == Token::s) {
            constexpr std::size_t kSealedKeyBytes = kKeyBytes + kTagBytes;
            if (message.size() < kSealedKeyBytes) {
                return std::unexpected(NoiseError::too_short);
            }
            TRY_ASSIGN(const Bytes key, decrypt_and_hash(message.first(kSealedKeyBytes)));
            remote_static_ = key_of(key);
            message = message.subspan(kSealedKeyBytes);
        } else {
            TRY(mix_dh(token));
        }
    }
    TRY_ASSIGN(Bytes payload, decrypt_and_hash(message));
    ++message_;
    return payload;
}

const crypto::Hash256& HandshakeState::hash() const {
    CHECK(finished());
    return hash_;
}

TransportKeys HandshakeState::split() const {
    CHECK(finished());
    const KeyPair keys = hkdf(chaining_key_, {});
    return role_ == Role::dialer ? TransportKeys{.send = keys.first, .receive = keys.second}
                                 : TransportKeys{.send = keys.second, .receive = keys.first};
}

void HandshakeState::mix_hash(ByteView data) {
    Bytes joined = to_bytes(hash_.view());
    append(joined, data);
    hash_ = crypto::sha2_256(joined);
}

void HandshakeState::mix_key(ByteView input) {
    const KeyPair keys = hkdf(chaining_key_, input);
    chaining_key_ = keys.first;
    cipher_key_ = keys.second;
    nonce_ = 0;
}

// es is the dialer's ephemeral with the listener's static key, se the other way round.
std::expected<void, NoiseError> HandshakeState::mix_dh(Token token) {
    const bool dialer = role_ == Role::dialer;
    const bool our_static = token != Token::ee && (token == Token::se) == dialer;
    const bool their_static = token != Token::ee && (token == Token::es) == dialer;
    const auto& theirs = their_static ? remote_static_ : remote_ephemeral_;
    CHECK(theirs.has_value());
    const auto shared = x25519(our_static ? keys_.fixed : keys_.ephemeral, *theirs);
    if (!shared) {
        return std::unexpected(NoiseError::weak_key);
    }
    mix_key(shared->view());
    return {};
}

void HandshakeState::encrypt_and_hash(ByteView plaintext, Bytes& out) {
    const std::size_t start = out.size();
    if (cipher_key_) {
        out.resize(start + plaintext.size() + kTagBytes);
        ChaChaPoly cipher(*cipher_key_, ChaChaPoly::Direction::seal);
        cipher.seal(nonce_++, hash_, plaintext, MutableByteView(out).subspan(start));
    } else {
        append(out, plaintext);
    }
    mix_hash(ByteView(out).subspan(start));
}

std::expected<Bytes, NoiseError> HandshakeState::decrypt_and_hash(ByteView ciphertext) {
    Bytes plaintext;
    if (cipher_key_) {
        if (ciphertext.size() < kTagBytes) {
            return std::unexpected(NoiseError::too_short);
        }
        plaintext.resize(ciphertext.size() - kTagBytes);
        ChaChaPoly cipher(*cipher_key_, ChaChaPoly::Direction::open);
        if (!cipher.open(nonce_++, hash_, ciphertext, plaintext)) {
            return std::unexpected(NoiseError::not_decrypted);
        }
    } else {
        plaintext = to_bytes(ciphertext);
    }
    mix_hash(ciphertext);
    return plaintext;
}

}  // namespace stipple::libp2p::noise
