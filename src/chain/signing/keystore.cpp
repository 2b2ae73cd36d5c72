#include "chain/signing/keystore.hpp"

#include "crypto/entropy.hpp"

#include <boost/json.hpp>

namespace stipple::chain {

namespace {

constexpr std::size_t kTypeBytes = 4;
constexpr std::size_t kCurve25519Bytes = 32;
constexpr std::size_t kEcdsaBytes = 33;
constexpr std::size_t kEntropyBytes = 16;  // twelve words

struct FileName {
    KeyType type;
    Bytes public_key;
};

/// Absent for files that are no keys; the directory may hold others.
std::optional<FileName> parse_name(const std::string& file) {
    const auto raw = from_hex(file);
    if (!raw || file.starts_with("0x") ||
        (raw->size() != kTypeBytes + kCurve25519Bytes && raw->size() != kTypeBytes + kEcdsaBytes)) {
        return std::nullopt;
    }
    const ByteView view(*raw);
    return FileName{KeyType::copy(view.first(kTypeBytes)), to_bytes(view.subspan(kTypeBytes))};
}

std::optional<std::string> parse_content(ByteView content) {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(as_text(content), error);
    if (error || !value.is_string()) {
        return std::nullopt;
    }
    return std::string(value.get_string());
}

}  // namespace

const char* describe(KeyProblem problem) {
    switch (problem) {
        case KeyProblem::unreadable:
            return "the file cannot be read";
        case KeyProblem::not_a_string:
            return "the content is not a JSON string with a secret URI";
        case KeyProblem::bad_suri:
            return "the content is not a usable secret URI";
        case KeyProblem::other_key:
            return "the secret gives another public key than the name says (wrong password?)";
        case KeyProblem::too_many_keys:
            return "the keystore is full";
    }
    return "unknown";
}

std::string key_file_name(KeyType type, ByteView public_key) {
    return to_hex(type) + to_hex(public_key);
}

Result<std::unique_ptr<Keystore>> Keystore::open(FilePort& files, std::string_view password) {
    auto store = std::make_unique<Keystore>();
    store->files_ = &files;
    store->password_ = password;
    auto names = files.list();
    if (!names) {
        return fail_in("keystore", std::move(names));
    }
    for (const std::string& name : *names) {
        store->load_file(name);
    }
    return store;
}

void Keystore::load_file(const std::string& file) {
    auto name = parse_name(file);
    if (!name) {
        return;
    }
    const auto report = [&](KeyProblem problem, std::string detail = {}) {
        problems_.push_back({file, problem, std::move(detail)});
    };
    if (keys_.size() >= kKeysMax) {
        report(KeyProblem::too_many_keys);
        return;
    }
    auto content = files_->read(file, kKeyFileBytesMax);
    if (!content || !*content) {
        report(KeyProblem::unreadable, content ? "it is gone" : content.error().message());
        return;
    }
    auto suri = parse_content(**content);
    crypto::wipe(**content);
    if (!suri) {
        report(KeyProblem::not_a_string);
        return;
    }
    auto key = derive_for(name->type, *suri, name->public_key);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(suri->data()), suri->size()});
    if (!key) {
        report(key.error());
        return;
    }
    const std::lock_guard lock(mutex_);
    keys_.insert_or_assign(Name(name->type, std::move(name->public_key)), *std::move(key));
}

std::expected<Keystore::Key, crypto::SuriError> Keystore::derive(KeyScheme scheme,
                                                                 std::string_view suri,
                                                                 std::string_view password) {
    switch (scheme) {
        case KeyScheme::ed25519: {
            TRY_ASSIGN(Key key, crypto::ed25519_from_suri(suri, password));
            return key;
        }
        case KeyScheme::sr25519: {
            TRY_ASSIGN(Key key, crypto::sr25519_from_suri(suri, password));
            return key;
        }
        case KeyScheme::ecdsa: {
            TRY_ASSIGN(Key key, crypto::ecdsa_from_suri(suri, password));
            return key;
        }
    }
    return std::unexpected(crypto::SuriError::bad_format);
}

Bytes Keystore::public_of(const Key& key) {
    return std::visit([](const auto& pair) { return to_bytes(pair.public_key.view()); }, key);
}

// A name says how long the public key is, not of which scheme: the one that gives it is the right
// one.
std::expected<Keystore::Key, KeyProblem> Keystore::derive_for(KeyType type, std::string_view suri,
                                                              ByteView public_key) const {
    std::vector<KeyScheme> schemes;
    if (public_key.size() == kEcdsaBytes) {
        schemes = {KeyScheme::ecdsa};
    } else if (type == kGrandpaKey) {
        schemes = {KeyScheme::ed25519, KeyScheme::sr25519};
    } else {
        schemes = {KeyScheme::sr25519, KeyScheme::ed25519};
    }
    KeyProblem problem = KeyProblem::bad_suri;
    for (const KeyScheme scheme : schemes) {
        auto key = derive(scheme, suri, password_);
        if (!key) {
            continue;
        }
        if (equal(public_of(*key), public_key)) {
            return *std::move(key);
        }
        problem = KeyProblem::other_key;
    }
    return std::unexpected(problem);
}

Result<> Keystore::write_file(KeyType type, ByteView public_key, std::string_view suri) {
    if (files_ == nullptr) {
        return {};
    }
    const std::string file = key_file_name(type, public_key);
    std::string content = boost::json::serialize(boost::json::value(suri));
    auto written = files_->replace(file, as_bytes(content));
    crypto::wipe({reinterpret_cast<std::uint8_t*>(content.data()), content.size()});
    if (!written) {
        return fail_in("keystore file " + file, std::move(written));
    }
    return {};
}

Result<Keystore::Inserted> Keystore::insert(KeyType type, std::string_view suri,
                                            ByteView public_key) {
    auto key = derive_for(type, suri, public_key);
    if (!key) {
        return Inserted(std::unexpected(key.error()));
    }
    const std::lock_guard lock(mutex_);
    if (keys_.size() >= kKeysMax) {
        return Inserted(std::unexpected(KeyProblem::too_many_keys));
    }
    TRY(write_file(type, public_key, suri));
    keys_.insert_or_assign(Name(type, to_bytes(public_key)), *std::move(key));
    return Inserted();
}

std::expected<Bytes, crypto::SuriError> Keystore::insert_in_memory(KeyType type, KeyScheme scheme,
                                                                   std::string_view suri) {
    TRY_ASSIGN(Key key, derive(scheme, suri, {}));
    Bytes public_key = public_of(key);
    const std::lock_guard lock(mutex_);
    keys_.insert_or_assign(Name(type, public_key), std::move(key));
    return public_key;
}

Result<Bytes> Keystore::generate(KeyType type, KeyScheme scheme) {
    TRY_ASSIGN(const crypto::Secret<32> seed, crypto::fresh_seed());
    std::string phrase = crypto::mnemonic_from_entropy(seed.view().first(kEntropyBytes));
    auto key = derive(scheme, phrase, password_);
    CHECK(key.has_value());
    Bytes public_key = public_of(*key);
    const std::lock_guard lock(mutex_);
    if (keys_.size() >= kKeysMax) {
        return fail("the keystore is full");
    }
    auto written = write_file(type, public_key, phrase);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(phrase.data()), phrase.size()});
    TRY(std::move(written));
    keys_.insert_or_assign(Name(type, public_key), *std::move(key));
    return public_key;
}

std::vector<Bytes> Keystore::public_keys(KeyType type, KeyScheme scheme) const {
    const std::lock_guard lock(mutex_);
    std::vector<Bytes> found;
    for (const auto& [name, key] : keys_) {
        // The alternatives of Key stand in the order of KeyScheme.
        if (name.first == type && key.index() == static_cast<std::size_t>(scheme)) {
            found.push_back(name.second);
        }
    }
    return found;
}

bool Keystore::has_key(KeyType type, ByteView public_key) const {
    const std::lock_guard lock(mutex_);
    return keys_.contains(Name(type, to_bytes(public_key)));
}

template <class Pair>
std::optional<Pair> Keystore::find(KeyType type, ByteView public_key) const {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(Name(type, to_bytes(public_key)));
    if (found == keys_.end() || !std::holds_alternative<Pair>(found->second)) {
        return std::nullopt;
    }
    return std::get<Pair>(found->second);
}

std::optional<crypto::Sr25519Keypair> Keystore::sr25519(
    KeyType type, const crypto::Sr25519Public& public_key) const {
    return find<crypto::Sr25519Keypair>(type, public_key);
}

std::optional<crypto::Ed25519Keypair> Keystore::ed25519(
    KeyType type, const crypto::Ed25519Public& public_key) const {
    return find<crypto::Ed25519Keypair>(type, public_key);
}

std::optional<crypto::EcdsaKeypair> Keystore::ecdsa(KeyType type,
                                                    const crypto::EcdsaPublic& public_key) const {
    return find<crypto::EcdsaKeypair>(type, public_key);
}

// The pairs are copied out, so that signing does not hold the lock.
std::optional<crypto::Sr25519Signature> Keystore::sign_sr25519(
    KeyType type, const crypto::Sr25519Public& public_key, ByteView message) const {
    const auto pair = sr25519(type, public_key);
    return pair ? std::optional(pair->sign(message)) : std::nullopt;
}

std::optional<crypto::Ed25519Signature> Keystore::sign_ed25519(
    KeyType type, const crypto::Ed25519Public& public_key, ByteView message) const {
    const auto pair = ed25519(type, public_key);
    return pair ? std::optional(pair->sign(message)) : std::nullopt;
}

std::optional<crypto::EcdsaSignature> Keystore::sign_ecdsa(KeyType type,
                                                           const crypto::EcdsaPublic& public_key,
                                                           ByteView message) const {
    const auto pair = ecdsa(type, public_key);
    return pair ? std::optional(pair->sign(message)) : std::nullopt;
}

std::optional<crypto::EcdsaSignature> Keystore::sign_ecdsa_prehashed(
    KeyType type, const crypto::EcdsaPublic& public_key, const crypto::Hash256& digest) const {
    const auto pair = ecdsa(type, public_key);
    return pair ? std::optional(pair->sign_prehashed(digest)) : std::nullopt;
}

std::optional<crypto::VrfSignature> Keystore::vrf_sign(
    KeyType type, const crypto::Sr25519Public& public_key,
    const crypto::VrfTranscript& transcript) const {
    const auto pair = sr25519(type, public_key);
    return pair ? std::optional(pair->vrf_sign(transcript)) : std::nullopt;
}

std::optional<crypto::VrfInOut> Keystore::vrf_in_out(
    KeyType type, const crypto::Sr25519Public& public_key,
    const crypto::VrfTranscript& transcript) const {
    const auto pair = sr25519(type, public_key);
    return pair ? std::optional(pair->vrf_in_out(transcript)) : std::nullopt;
}

std::optional<crypto::Sr25519Signature> Keystore::seal(const SigningPermit& permit) const {
    const SigningIntent& intent = permit.intent();
    CHECK(intent.kind == SigningKind::babe_block);
    return sign_sr25519(kBabeKey, crypto::Sr25519Public(intent.key.bytes), intent.target);
}

std::optional<crypto::Ed25519Signature> Keystore::sign_vote(const SigningPermit& permit,
                                                            ByteView payload) const {
    const SigningIntent& intent = permit.intent();
    CHECK(intent.kind != SigningKind::babe_block && intent.kind != SigningKind::beefy_vote);
    return sign_ed25519(kGrandpaKey, crypto::Ed25519Public(intent.key.bytes), payload);
}

std::optional<crypto::EcdsaSignature> Keystore::sign_beefy(const SigningPermit& permit,
                                                           const crypto::EcdsaPublic& key) const {
    const SigningIntent& intent = permit.intent();
    CHECK(intent == SigningIntent::beefy(key, intent.set.value,
                                         static_cast<BlockNumber>(intent.number),
                                         crypto::Hash256(intent.target.bytes)));
    return sign_ecdsa_prehashed(kBeefyKey, key, crypto::Hash256(intent.target.bytes));
}

}  // namespace stipple::chain
