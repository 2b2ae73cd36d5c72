// This node's keys: the keystore, the signing journal, and the port through which runtimes use
// keys.
#pragma once

#include "chain/signing/keystore.hpp"
#include "executor/capabilities.hpp"
#include "io/key_files.hpp"
#include "node/config.hpp"

namespace stipple::node {

/// What runtimes may do with the keystore (`ext_crypto_*`).
class KeystoreForRuntimes final : public executor::KeystorePort {
 public:
    explicit KeystoreForRuntimes(chain::Keystore& keys) : keys_(keys) {}
    std::vector<crypto::Sr25519Public> sr25519_keys(const executor::KeyType& type) const override;
    std::vector<crypto::Ed25519Public> ed25519_keys(const executor::KeyType& type) const override;
    std::vector<crypto::EcdsaPublic> ecdsa_keys(const executor::KeyType& type) const override;
    Result<crypto::Sr25519Public> sr25519_generate(const executor::KeyType& type,
                                                   std::optional<std::string> suri) override;
    Result<crypto::Ed25519Public> ed25519_generate(const executor::KeyType& type,
                                                   std::optional<std::string> suri) override;
    Result<crypto::EcdsaPublic> ecdsa_generate(const executor::KeyType& type,
                                               std::optional<std::string> suri) override;
    std::optional<crypto::Sr25519Signature> sr25519_sign(const executor::KeyType& type,
                                                         const crypto::Sr25519Public& key,
                                                         ByteView message) override;
    std::optional<crypto::Ed25519Signature> ed25519_sign(const executor::KeyType& type,
                                                         const crypto::Ed25519Public& key,
                                                         ByteView message) override;
    std::optional<crypto::EcdsaSignature> ecdsa_sign_prehashed(
        const executor::KeyType& type, const crypto::EcdsaPublic& key,
        const crypto::Hash256& digest) override;

 private:
    chain::Keystore& keys_;
};

/// Members in the order they depend on each other.
struct Keys {
    std::unique_ptr<io::KeyFiles> key_files;
    std::unique_ptr<io::KeyFiles> journal_files;
    std::unique_ptr<chain::Keystore> keystore;
    std::unique_ptr<chain::SigningJournal> journal;
    std::unique_ptr<KeystoreForRuntimes> for_runtimes;
};

/// Opens the keystore (by default `<chain folder>/keystore`) and the signing journal beside it, and
/// adds the well-known keys of `--alice` and the like, in memory. A key file that can not be used
/// is an error that names it: a validator must not start with fewer keys than its operator thinks.
Result<Keys> open_keys(const RunConfig& config, const std::filesystem::path& chain_folder);

/// A signature of a key of ours came from outside: says so and stops signing when it was not made
/// here.
void watch_signature(const Keys& keys, const chain::SigningIntent& intent);

}  // namespace stipple::node
