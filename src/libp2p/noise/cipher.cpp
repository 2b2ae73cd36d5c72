#include "libp2p/noise/cipher.hpp"

#include "base/check.hpp"

#include <openssl/evp.h>

namespace stipple::libp2p::noise {

namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeKey>;

/// Looked up once: a lookup by every connection would take the library's lock.
const EVP_CIPHER* chacha20_poly1305() {
    static const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
    CHECK(cipher != nullptr);
    return cipher;
}

Key private_key(const crypto::Secret<32>& secret) {
    Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.view().data(),
                                         secret.view().size()));
    CHECK(key != nullptr);
    return key;
}

int length_of(ByteView bytes) {
    CHECK(bytes.size() <= kMessageBytesMax);
    return static_cast<int>(bytes.size());
}

}  // namespace

void ChaChaPoly::Free::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context);  // wipes the key
}

ChaChaPoly::ChaChaPoly(const crypto::Secret<32>& key, Direction direction)
    : context_(EVP_CIPHER_CTX_new()), direction_(direction) {
    CHECK(context_ != nullptr);
    const int sealing = direction == Direction::seal ? 1 : 0;
    CHECK(EVP_CipherInit_ex(context_.get(), chacha20_poly1305(), nullptr, key.view().data(),
                            nullptr, sealing) == 1);
}

void ChaChaPoly::start(std::uint64_t nonce, ByteView associated) {
    std::array<std::uint8_t, 12> iv{};
    for (std::size_t i = 0; i < sizeof nonce; ++i) {
        iv[4 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
    }
    CHECK(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1) == 1);
    int written = 0;
    if (!associated.empty()) {
        CHECK(EVP_CipherUpdate(context_.get(), nullptr, &written, associated.data(),
                               length_of(associated)) == 1);
    }
}

void ChaChaPoly::seal(std::uint64_t nonce, ByteView associated, ByteView plaintext,
                      MutableByteView target) {
    CHECK(direction_ == Direction::seal && target.size() == plaintext.size() + kTagBytes);
    start(nonce, associated);
    int written = 0;
    if (!plaintext.empty()) {
        CHECK(EVP_CipherUpdate(context_.get(), target.data(), &written, plaintext.data(),
                               length_of(plaintext)) == 1);
    }
    CHECK(EVP_CipherFinal_ex(context_.get(), target.data() + written, &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, int{kTagBytes},
                              target.data() + plaintext.size()) == 1);
}

bool ChaChaPoly::open(std::uint64_t nonce, ByteView associated, ByteView ciphertext,
                      MutableByteView target) {
    CHECK(direction_ == Direction::open && ciphertext.size() == target.size() + kTagBytes);
    start(nonce, associated);
    std::array<std::uint8_t, kTagBytes> tag;
    std::copy(ciphertext.end() - kTagBytes, ciphertext.end(), tag.begin());
    CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, int{kTagBytes}, tag.data()) ==
          1);
    int written = 0;
    if (!target.empty()) {
        CHECK(EVP_CipherUpdate(context_.get(), target.data(), &written, ciphertext.data(),
                               length_of(target)) == 1);
    }
    std::uint8_t nothing = 0;
    return EVP_CipherFinal_ex(context_.get(), &nothing, &written) == 1;
}

X25519Public x25519_public(const crypto::Secret<32>& secret) {
    const Key key = private_key(secret);
    X25519Public raw;
    std::size_t length = raw.size();
    CHECK(EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &length) == 1);
    CHECK(length == raw.size());
    return raw;
}

std::optional<crypto::Secret<32>> x25519(const crypto::Secret<32>& secret,
                                         const X25519Public& other) {
    const Key key = private_key(secret);
    const Key peer(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()));
    const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
    CHECK(peer != nullptr && context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
    crypto::Secret<32> shared;
    std::size_t length = shared.view().size();
    // The library refuses points whose result would be all zero, when set or when derived.
    if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
        EVP_PKEY_derive(context.get(), shared.writable().data(), &length) != 1) {
        return std::nullopt;
    }
    return shared;
}

}  // namespace stipple::libp2p::noise
