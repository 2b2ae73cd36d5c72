// stipple key …: make, look at, sign with and store keys, in the words of the Rust node's `key`.
#include "chain/signing/keystore.hpp"
#include "crypto/hash.hpp"
#include "crypto/ss58.hpp"
#include "crypto/suri.hpp"
#include "io/clock.hpp"
#include "io/key_files.hpp"
#include "node/chain_access.hpp"
#include "node/commands.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>

namespace stipple::node {
namespace {

struct KeyFacts {
    std::string scheme;
    Bytes public_key;
    std::string seed;    ///< hex, empty when a path was derived
    std::string phrase;  ///< empty when none
    std::uint16_t format = 42;

    /// The 32 bytes an account of this key has: the key, or its hash for ECDSA.
    Bytes account() const {
        return public_key.size() == 33 ? to_bytes(crypto::blake2b_256(public_key).view())
                                       : public_key;
    }
};

Result<std::uint16_t> network_format(const std::string& name) {
    static const std::map<std::string, std::uint16_t> kFormats = {
        {"polkadot", 0}, {"kusama", 2},  {"substrate", 42},
        {"westend", 42}, {"rococo", 42}, {"paseo", 0}};
    if (const auto found = kFormats.find(name); found != kFormats.end()) {
        return found->second;
    }
    unsigned number = 0;
    if (std::sscanf(name.c_str(), "%u", &number) == 1 && number < 16384) {
        return static_cast<std::uint16_t>(number);
    }
    return fail("network `" + name +
                "`: expected polkadot, kusama, substrate, westend, rococo, paseo or a "
                "number below 16384");
}

std::string read_standard_input() {
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

std::string trim(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.pop_back();
    }
    return text;
}

Result<Bytes> public_of_suri(const std::string& scheme, const std::string& suri,
                             const std::string& password) {
    const auto refuse = [&](crypto::SuriError error) {
        return fail(std::string("secret URI: ") + crypto::describe(error));
    };
    if (scheme == "ed25519") {
        const auto pair = crypto::ed25519_from_suri(suri, password);
        return pair ? Result<Bytes>(to_bytes(pair->public_key.view())) : refuse(pair.error());
    }
    if (scheme == "ecdsa") {
        const auto pair = crypto::ecdsa_from_suri(suri, password);
        return pair ? Result<Bytes>(to_bytes(pair->public_key.view())) : refuse(pair.error());
    }
    const auto pair = crypto::sr25519_from_suri(suri, password);
    return pair ? Result<Bytes>(to_bytes(pair->public_key.view())) : refuse(pair.error());
}

void print_facts(const KeyFacts& facts, const std::string& what, const std::string& output_type) {
    const std::string account = to_hex0x(facts.account());
    const std::string address = crypto::ss58_encode(facts.account(), facts.format);
    const std::string key_address = crypto::ss58_encode(facts.public_key, facts.format);
    if (output_type == "json") {
        boost::json::object object;
        if (!facts.phrase.empty()) {
            object["secretPhrase"] = facts.phrase;
        }
        if (!facts.seed.empty()) {
            object["secretSeed"] = facts.seed;
        }
        object["publicKey"] = to_hex0x(facts.public_key);
        object["ss58PublicKey"] = key_address;
        object["accountId"] = account;
        object["ss58Address"] = address;
        object["networkId"] = fmt::format("{}", facts.format);
        fmt::print("{}\n", boost::json::serialize(object));
        return;
    }
    fmt::print("{}\n", what);
    if (!facts.seed.empty()) {
        fmt::print("  Secret seed:       {}\n", facts.seed);
    }
    fmt::print(
        "  Public key (hex):  {}\n  Account ID:        {}\n  Public key (SS58): {}\n  SS58 "
        "Address:      "
        "{}\n",
        to_hex0x(facts.public_key), account, key_address, address);
}

std::string seed_of_phrase(const std::string& phrase, const std::string& password) {
    const auto seed = crypto::mini_secret_from_mnemonic(phrase, password);
    return seed ? to_hex0x(seed->view()) : std::string();
}

Result<> generate(const KeyConfig& config) {
    if (config.words < 12 || config.words > 24 || config.words % 3 != 0) {
        return fail("--words: expected 12, 15, 18, 21 or 24");
    }
    KeyFacts facts;
    TRY_ASSIGN(facts.format, network_format(config.network));
    Bytes entropy(config.words / 3 * 4);
    io::os_random(entropy);
    facts.phrase = crypto::mnemonic_from_entropy(entropy);
    crypto::wipe(entropy);
    facts.scheme = config.scheme;
    facts.seed = seed_of_phrase(facts.phrase, config.password);
    TRY_ASSIGN(facts.public_key, public_of_suri(config.scheme, facts.phrase, config.password));
    print_facts(facts, fmt::format("Secret phrase:       {}", facts.phrase), config.output_type);
    return {};
}

/// Hex public key or SS58 address, with the address format found.
std::optional<std::pair<Bytes, std::optional<std::uint16_t>>> parse_public(
    const std::string& text) {
    if (text.starts_with("0x")) {
        auto raw = from_hex(text);
        if (raw && (raw->size() == 32 || raw->size() == 33)) {
            return std::pair(*raw, std::optional<std::uint16_t>());
        }
        return std::nullopt;
    }
    auto address = crypto::ss58_decode(text);
    if (!address) {
        return std::nullopt;
    }
    return std::pair(address->payload, std::optional(address->format));
}

Result<> inspect(const KeyConfig& config) {
    const std::string text = config.suri.empty() ? trim(read_standard_input()) : config.suri;
    KeyFacts facts;
    facts.scheme = config.scheme;
    TRY_ASSIGN(facts.format, network_format(config.network));
    if (const auto pair = public_of_suri(config.scheme, text, config.password)) {
        facts.public_key = *pair;
        if (text.find('/') == std::string::npos) {
            facts.seed = text.starts_with("0x") ? text : seed_of_phrase(text, config.password);
        }
        print_facts(facts, fmt::format("Secret Key URI `{}` is account:", text),
                    config.output_type);
        return {};
    }
    const auto known = parse_public(text);
    if (!known) {
        return fail("`" + text +
                    "` is neither a secret URI, a public key in hex nor an SS58 address");
    }
    facts.public_key = known->first;
    facts.format = known->second.value_or(facts.format);
    print_facts(facts, fmt::format("Public key or address `{}`:", text), config.output_type);
    return {};
}

Bytes message_of(const KeyConfig& config, Result<>& verdict) {
    const std::string text = config.message.empty() ? read_standard_input() : config.message;
    if (!config.hex) {
        return to_bytes(text);
    }
    auto raw = from_hex(trim(text));
    if (!raw) {
        verdict = fail("--hex: the message is not hexadecimal");
        return {};
    }
    return *raw;
}

Result<> sign(const KeyConfig& config) {
    Result<> verdict;
    const Bytes message = message_of(config, verdict);
    TRY(verdict);
    TRY(public_of_suri(config.scheme, config.suri, config.password));
    if (config.scheme == "ed25519") {
        fmt::print("{}\n",
                   crypto::ed25519_from_suri(config.suri, config.password)->sign(message).hex());
    } else if (config.scheme == "ecdsa") {
        fmt::print("{}\n",
                   crypto::ecdsa_from_suri(config.suri, config.password)->sign(message).hex());
    } else {
        fmt::print("{}\n",
                   crypto::sr25519_from_suri(config.suri, config.password)->sign(message).hex());
    }
    return {};
}

template <class Signature, class Public>
Result<bool> verify_as(const Bytes& signature, const Bytes& key, const Bytes& message,
                       bool (*check)(const Signature&, ByteView, const Public&)) {
    const auto typed_signature = Signature::from(signature);
    const auto typed_key = Public::from(key);
    if (!typed_signature || !typed_key) {
        return fail("the signature or the public key has another length than the scheme's");
    }
    return check(*typed_signature, message, *typed_key);
}

Result<> verify(const KeyConfig& config) {
    Result<> verdict;
    const Bytes message = message_of(config, verdict);
    TRY(verdict);
    const auto signature = from_hex(trim(config.signature));
    if (!signature) {
        return fail("the signature is not hexadecimal");
    }
    Bytes key;
    if (const auto known = parse_public(config.public_key)) {
        key = known->first;
    } else {
        TRY_ASSIGN(key, public_of_suri(config.scheme, config.public_key, config.password));
    }
    Result<bool> valid = false;
    if (config.scheme == "ed25519") {
        valid = verify_as<crypto::Ed25519Signature, crypto::Ed25519Public>(*signature, key, message,
                                                                           crypto::ed25519_verify);
    } else if (config.scheme == "ecdsa") {
        valid = verify_as<crypto::EcdsaSignature, crypto::EcdsaPublic>(
            *signature, key, message,
            +[](const crypto::EcdsaSignature& s, ByteView m, const crypto::EcdsaPublic& k) {
                return crypto::ecdsa_verify(s, m, k);
            });
    } else {
        valid = verify_as<crypto::Sr25519Signature, crypto::Sr25519Public>(*signature, key, message,
                                                                           crypto::sr25519_verify);
    }
    TRY_ASSIGN(const bool good, std::move(valid));
    if (!good) {
        return fail("the signature does not verify");
    }
    fmt::print("Signature verifies correctly.\n");
    return {};
}

}  // namespace

Result<> key_command(const KeyConfig& config) {
    if (config.action == "generate") {
        return generate(config);
    }
    if (config.action == "inspect") {
        return inspect(config);
    }
    if (config.action == "insert") {
        return insert_key_file(config);
    }
    if (config.action == "sign") {
        return sign(config);
    }
    if (config.action == "verify") {
        return verify(config);
    }
    return node_key_command(config);
}

}  // namespace stipple::node
