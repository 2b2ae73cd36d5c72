#include "crypto/suri.hpp"

#include "base/check.hpp"
#include "base/result.hpp"
#include "crypto/hash.hpp"
#include "crypto/mnemonic.hpp"

#include <openssl/evp.h>

#include <charconv>

namespace stipple::crypto {

namespace {

constexpr std::string_view kDevelopmentPhrase =
    "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
constexpr std::size_t kSuriBytesMax = 4096;

struct Step {
    Junction kind;
    Hash256 chain_code;
};

struct Parsed {
    std::string_view phrase;
    std::vector<Step> path;
    std::string_view password;
};

/// SCALE compact length in front of the bytes; junctions are shorter than 2^14 bytes.
void append_with_length(Bytes& out, std::string_view text) {
    static_assert(kSuriBytesMax < (1u << 14));
    if (text.size() < 64) {
        out.push_back(static_cast<std::uint8_t>(text.size() << 2));
    } else {
        append_le(out, static_cast<std::uint16_t>((text.size() << 2) | 1));
    }
    append(out, as_bytes(text));
}

std::optional<std::uint64_t> as_number(std::string_view code) {
    if (code.starts_with('+')) {
        code.remove_prefix(1);
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), number);
    if (code.empty() || error != std::errc{} || end != code.data() + code.size()) {
        return std::nullopt;
    }
    return number;
}

/// SCALE of the code (a number when it reads as one), zero-padded, or hashed when longer than 32.
Hash256 chain_code(std::string_view code) {
    Bytes encoded;
    if (const auto number = as_number(code)) {
        append_le(encoded, *number);
    } else {
        append_with_length(encoded, code);
    }
    if (encoded.size() > Hash256::kSize) {
        return blake2b_256(encoded);
    }
    Hash256 padded;
    std::copy(encoded.begin(), encoded.end(), padded.bytes.begin());
    return padded;
}

bool is_phrase_letter(char c) {
    return c == ' ' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::expected<Parsed, SuriError> parse(std::string_view suri) {
    if (suri.size() > kSuriBytesMax) {
        return std::unexpected(SuriError::bad_format);
    }
    Parsed parsed;
    std::size_t phrase = 0;
    while (phrase < suri.size() && is_phrase_letter(suri[phrase])) {
        ++phrase;
    }
    parsed.phrase = phrase == 0 ? kDevelopmentPhrase : suri.substr(0, phrase);
    std::string_view rest = suri.substr(phrase);
    while (!rest.empty()) {
        if (rest.starts_with("///")) {
            parsed.password = rest.substr(3);
            if (parsed.password.find('\n') != std::string_view::npos) {
                return std::unexpected(SuriError::bad_format);
            }
            return parsed;
        }
        const bool hard = rest.starts_with("//");
        if (!hard && !rest.starts_with('/')) {
            return std::unexpected(SuriError::bad_format);
        }
        rest.remove_prefix(hard ? 2 : 1);
        const std::string_view code = rest.substr(0, rest.find('/'));
        if (code.empty()) {
            return std::unexpected(SuriError::bad_format);
        }
        parsed.path.push_back({hard ? Junction::hard : Junction::soft, chain_code(code)});
        rest.remove_prefix(code.size());
    }
    return parsed;
}

std::expected<Secret<32>, SuriError> root_seed(const Parsed& parsed, std::string_view password) {
    if (parsed.phrase.starts_with("0x")) {
        auto raw = from_hex(parsed.phrase);
        if (!raw || raw->size() != 32) {
            return std::unexpected(SuriError::bad_seed);
        }
        Secret<32> seed;
        std::copy(raw->begin(), raw->end(), seed.writable().begin());
        wipe(*raw);
        return seed;
    }
    return mini_secret_from_mnemonic(parsed.phrase, password.empty() ? parsed.password : password);
}

/// The hard derivation ed25519 and ECDSA share: BLAKE2b of (tag, seed, chain code).
Secret<32> derive_hard(std::string_view tag, const Secret<32>& seed, const Hash256& code) {
    Bytes input;
    input.reserve(1 + tag.size() + 64);
    append_with_length(input, tag);
    append(input, seed.view());
    append(input, code);
    Hash256 hash = blake2b_256(input);
    wipe(input);
    const Secret<32> child(hash.bytes);
    wipe(hash.bytes);
    return child;
}

}  // namespace

const char* describe(SuriError error) {
    switch (error) {
        case SuriError::bad_format:
            return "not a secret URI (phrase or 0x-seed, then /soft, //hard, ///password)";
        case SuriError::bad_phrase:
            return "not a BIP-39 phrase: word count, an unknown word or the checksum";
        case SuriError::bad_seed:
            return "the seed must be 32 bytes in hex and usable by the scheme";
        case SuriError::soft_not_supported:
            return "a soft junction (/x) exists for sr25519 only; use //x";
    }
    return "unknown";
}

std::expected<Sr25519Keypair, SuriError> sr25519_from_suri(std::string_view suri,
                                                           std::string_view password) {
    TRY_ASSIGN(const Parsed parsed, parse(suri));
    TRY_ASSIGN(const Secret<32> seed, root_seed(parsed, password));
    Sr25519Keypair pair = Sr25519Keypair::from_seed(seed);
    for (const Step& step : parsed.path) {
        pair = pair.derive(step.chain_code, step.kind);
    }
    return pair;
}

std::expected<Ed25519Keypair, SuriError> ed25519_from_suri(std::string_view suri,
                                                           std::string_view password) {
    TRY_ASSIGN(const Parsed parsed, parse(suri));
    TRY_ASSIGN(Secret<32> seed, root_seed(parsed, password));
    for (const Step& step : parsed.path) {
        if (step.kind == Junction::soft) {
            return std::unexpected(SuriError::soft_not_supported);
        }
        seed = derive_hard("Ed25519HDKD", seed, step.chain_code);
    }
    return Ed25519Keypair::from_seed(seed);
}

std::expected<EcdsaKeypair, SuriError> ecdsa_from_suri(std::string_view suri,
                                                       std::string_view password) {
    TRY_ASSIGN(const Parsed parsed, parse(suri));
    TRY_ASSIGN(Secret<32> seed, root_seed(parsed, password));
    for (const Step& step : parsed.path) {
        if (step.kind == Junction::soft) {
            return std::unexpected(SuriError::soft_not_supported);
        }
        seed = derive_hard("Secp256k1HDKD", seed, step.chain_code);
    }
    auto pair = EcdsaKeypair::from_seed(seed);
    if (!pair) {
        return std::unexpected(SuriError::bad_seed);
    }
    return *std::move(pair);
}

std::string mnemonic_from_entropy(ByteView entropy) {
    return words_of_entropy(entropy);
}

std::expected<Secret<32>, SuriError> mini_secret_from_mnemonic(std::string_view phrase,
                                                               std::string_view password) {
    auto entropy = entropy_of_words(phrase);
    if (!entropy) {
        return std::unexpected(SuriError::bad_phrase);
    }
    constexpr int kRounds = 2048;
    Bytes salt = to_bytes("mnemonic");
    append(salt, as_bytes(password));
    std::array<std::uint8_t, 64> stretched;
    CHECK(PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(entropy->data()),
                            static_cast<int>(entropy->size()), salt.data(),
                            static_cast<int>(salt.size()), kRounds, EVP_sha512(),
                            static_cast<int>(stretched.size()), stretched.data()) == 1);
    Secret<32> seed;
    std::copy_n(stretched.begin(), 32, seed.writable().begin());
    wipe(stretched);
    wipe(salt);
    wipe(*entropy);
    return seed;
}

}  // namespace stipple::crypto
