#include "node/keys.hpp"

#include "base/log.hpp"

#include <fmt/format.h>

namespace stipple::node {
namespace {

template <class Public>
std::vector<Public> typed(const std::vector<Bytes>& raw) {
    std::vector<Public> keys;
    keys.reserve(raw.size());
    for (const auto& key : raw) {
        keys.push_back(Public::copy(key));
    }
    return keys;
}

chain::KeyType chain_type(const executor::KeyType& type) {
    return chain::KeyType(type.bytes);
}

template <class Public, class Pair>
Result<Public> generate(chain::Keystore& keys, const executor::KeyType& type,
                        chain::KeyScheme scheme, const std::optional<std::string>& suri,
                        std::expected<Pair, crypto::SuriError> (*derive)(std::string_view,
                                                                         std::string_view)) {
    if (!suri) {
        TRY_ASSIGN(const Bytes fresh, keys.generate(chain_type(type), scheme));
        return Public::copy(fresh);
    }
    const auto pair = derive(*suri, {});
    if (!pair) {
        return fail(std::string("secret URI: ") + crypto::describe(pair.error()));
    }
    TRY_ASSIGN(const auto inserted, keys.insert(chain_type(type), *suri, pair->public_key));
    if (!inserted) {
        return fail(std::string("keystore: ") + chain::describe(inserted.error()));
    }
    return pair->public_key;
}

struct SessionKey {
    chain::KeyType type;
    chain::KeyScheme scheme;
};
constexpr SessionKey kSessionKeys[] = {
    {chain::kBabeKey, chain::KeyScheme::sr25519},
    {chain::kGrandpaKey, chain::KeyScheme::ed25519},
    {chain::kParachainKey, chain::KeyScheme::sr25519},
    {chain::kAssignmentKey, chain::KeyScheme::sr25519},
    {chain::kDiscoveryKey, chain::KeyScheme::sr25519},
    {chain::kBeefyKey, chain::KeyScheme::ecdsa},
};

}  // namespace

std::vector<crypto::Sr25519Public> KeystoreForRuntimes::sr25519_keys(
    const executor::KeyType& type) const {
    return typed<crypto::Sr25519Public>(
        keys_.public_keys(chain_type(type), chain::KeyScheme::sr25519));
}
std::vector<crypto::Ed25519Public> KeystoreForRuntimes::ed25519_keys(
    const executor::KeyType& type) const {
    return typed<crypto::Ed25519Public>(
        keys_.public_keys(chain_type(type), chain::KeyScheme::ed25519));
}
std::vector<crypto::EcdsaPublic> KeystoreForRuntimes::ecdsa_keys(
    const executor::KeyType& type) const {
    return typed<crypto::EcdsaPublic>(keys_.public_keys(chain_type(type), chain::KeyScheme::ecdsa));
}
Result<crypto::Sr25519Public> KeystoreForRuntimes::sr25519_generate(
    const executor::KeyType& type, std::optional<std::string> suri) {
    return generate<crypto::Sr25519Public>(keys_, type, chain::KeyScheme::sr25519, suri,
                                           crypto::sr25519_from_suri);
}
Result<crypto::Ed25519Public> KeystoreForRuntimes::ed25519_generate(
    const executor::KeyType& type, std::optional<std::string> suri) {
    return generate<crypto::Ed25519Public>(keys_, type, chain::KeyScheme::ed25519, suri,
                                           crypto::ed25519_from_suri);
}
Result<crypto::EcdsaPublic> KeystoreForRuntimes::ecdsa_generate(const executor::KeyType& type,
                                                                std::optional<std::string> suri) {
    return generate<crypto::EcdsaPublic>(keys_, type, chain::KeyScheme::ecdsa, suri,
                                         crypto::ecdsa_from_suri);
}
std::optional<crypto::Sr25519Signature> KeystoreForRuntimes::sr25519_sign(
    const executor::KeyType& type, const crypto::Sr25519Public& key, ByteView message) {
    return keys_.sign_sr25519(chain_type(type), key, message);
}
std::optional<crypto::Ed25519Signature> KeystoreForRuntimes::ed25519_sign(
    const executor::KeyType& type, const crypto::Ed25519Public& key, ByteView message) {
    return keys_.sign_ed25519(chain_type(type), key, message);
}
std::optional<crypto::EcdsaSignature> KeystoreForRuntimes::ecdsa_sign_prehashed(
    const executor::KeyType& type, const crypto::EcdsaPublic& key, const crypto::Hash256& digest) {
    return keys_.sign_ecdsa_prehashed(chain_type(type), key, digest);
}

void watch_signature(const Keys& keys, const chain::SigningIntent& intent) {
    const bool stopped_before = !keys.journal->stopped().empty();
    if (!keys.journal->note_seen(intent) && !stopped_before) {
        log(LogLevel::error, "signing",
            "ANOTHER MACHINE SIGNS WITH OUR KEYS: {}. Signing is off here, also after a restart: "
            "two "
            "signers get slashed. Find the copy and stop one of the two for good, then take over "
            "the "
            "other's journal (stipple key journal export, import) and say `stipple key journal "
            "resume`",
            keys.journal->stopped());
    }
}

Result<Keys> open_keys(const RunConfig& config, const std::filesystem::path& chain_folder) {
    Keys keys;
    const auto folder =
        config.keystore_path.empty() ? chain_folder / "keystore" : config.keystore_path;
    TRY_ASSIGN(auto key_files, io::KeyFiles::open(folder.string()));
    keys.key_files = std::make_unique<io::KeyFiles>(std::move(key_files));
    TRY_ASSIGN(keys.keystore, chain::Keystore::open(*keys.key_files, config.password));
    if (const auto& problems = keys.keystore->problems(); !problems.empty()) {
        return fail(fmt::format(
            "keystore {}: key file {}: {} ({}); mend or remove it{}", folder.string(),
            problems[0].file, chain::describe(problems[0].problem), problems[0].detail,
            problems.size() > 1 ? fmt::format(", and {} more like it", problems.size() - 1)
                                : std::string()));
    }
    if (!config.well_known_key.empty()) {
        for (const auto& [type, scheme] : kSessionKeys) {
            const auto added =
                keys.keystore->insert_in_memory(type, scheme, "//" + config.well_known_key);
            if (!added) {
                return fail(std::string("well-known key: ") + crypto::describe(added.error()));
            }
        }
    }
    TRY_ASSIGN(auto journal_files, io::KeyFiles::open((chain_folder / "signing").string()));
    TRY(journal_files.lock());
    keys.journal_files = std::make_unique<io::KeyFiles>(std::move(journal_files));
    TRY_ASSIGN(keys.journal, chain::SigningJournal::open(*keys.journal_files, "journal"));
    if (const auto reason = keys.journal->stopped(); !reason.empty()) {
        log(LogLevel::error, "signing",
            "signing is off: {}; `stipple key journal resume` once no other machine has these keys",
            reason);
    }
    keys.for_runtimes = std::make_unique<KeystoreForRuntimes>(*keys.keystore);
    return keys;
}

}  // namespace stipple::node
