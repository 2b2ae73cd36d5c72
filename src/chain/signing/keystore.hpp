// The keystore: session keys of this node, by key type and public key.
//
// On disk, as the Rust node keeps them: one file a key, its name hex(key type) ++ hex(public key),
// its content a JSON string with the secret URI, mode 0600. A password, when given, is applied on
// top of each. Keys of `--alice` and the like live in memory only. Files are read and checked once,
// at `open`; a file that cannot be used is reported by `problems`, never silently left out.
//
// Spec: sect-host-api (crypto calls of key types). protocols: keys on disk.
//
// Blocks and GRANDPA votes are signed through `sign(SigningPermit, …)`, so that nothing is signed
// that the journal does not know. The calls by scheme serve runtimes (host functions), which sign
// what they like with keys of their own types.
//
// Bounds: kKeysMax keys, kKeyFileBytesMax bytes a file. Thread-safe.
#pragma once

#include "base/file_port.hpp"
#include "chain/signing/journal.hpp"
#include "chain/signing/key_types.hpp"
#include "crypto/suri.hpp"

#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <variant>

namespace stipple::chain {

inline constexpr std::size_t kKeysMax = 4096;
inline constexpr std::size_t kKeyFileBytesMax = 8192;

enum class KeyProblem : std::uint8_t {
    unreadable,     ///< I/O error or longer than kKeyFileBytesMax
    not_a_string,   ///< the content is no JSON string
    bad_suri,       ///< the string is no secret URI
    other_key,      ///< it gives another public key than the name says: wrong password?
    too_many_keys,  ///< kKeysMax reached
};
const char* describe(KeyProblem problem);

struct KeyFileProblem {
    std::string file;
    KeyProblem problem;
    std::string detail;
};

class Keystore {
 public:
    using Inserted = std::expected<void, KeyProblem>;

    /// In memory only.
    Keystore() = default;
    Keystore(const Keystore&) = delete;
    Keystore& operator=(const Keystore&) = delete;

    /// Reads all keys of a directory, which must outlive the keystore. An empty password is none.
    static Result<std::unique_ptr<Keystore>> open(FilePort& files, std::string_view password);
    /// The key files that `open` could not use.
    const std::vector<KeyFileProblem>& problems() const { return problems_; }

    /// Checks that `suri` gives `public_key`, keeps the key and writes its file.
    Result<Inserted> insert(KeyType type, std::string_view suri, ByteView public_key);
    /// Keeps a key in memory only; its public key.
    std::expected<Bytes, crypto::SuriError> insert_in_memory(KeyType type, KeyScheme scheme,
                                                             std::string_view suri);
    /// A fresh key (12 words from the operating system), written to its file; its public key.
    Result<Bytes> generate(KeyType type, KeyScheme scheme);

    /// In byte order.
    std::vector<Bytes> public_keys(KeyType type, KeyScheme scheme) const;
    bool has_key(KeyType type, ByteView public_key) const;

    /// All of these: absent when there is no such key of that scheme.
    std::optional<crypto::Sr25519Keypair> sr25519(KeyType type, const crypto::Sr25519Public&) const;
    std::optional<crypto::Ed25519Keypair> ed25519(KeyType type, const crypto::Ed25519Public&) const;
    std::optional<crypto::EcdsaKeypair> ecdsa(KeyType type, const crypto::EcdsaPublic&) const;
    std::optional<crypto::Sr25519Signature> sign_sr25519(KeyType type, const crypto::Sr25519Public&,
                                                         ByteView message) const;
    std::optional<crypto::Ed25519Signature> sign_ed25519(KeyType type, const crypto::Ed25519Public&,
                                                         ByteView message) const;
    std::optional<crypto::EcdsaSignature> sign_ecdsa(KeyType type, const crypto::EcdsaPublic&,
                                                     ByteView message) const;
    std::optional<crypto::EcdsaSignature> sign_ecdsa_prehashed(KeyType type,
                                                               const crypto::EcdsaPublic&,
                                                               const crypto::Hash256& digest) const;
    std::optional<crypto::VrfSignature> vrf_sign(KeyType type, const crypto::Sr25519Public&,
                                                 const crypto::VrfTranscript&) const;
    std::optional<crypto::VrfInOut> vrf_in_out(KeyType type, const crypto::Sr25519Public&,
                                               const crypto::VrfTranscript&) const;

    /// The seal of the permitted block (over its target hash).
    std::optional<crypto::Sr25519Signature> seal(const SigningPermit& permit) const;
    /// The signature of the permitted vote over its payload, which the caller encodes.
    std::optional<crypto::Ed25519Signature> sign_vote(const SigningPermit& permit,
                                                      ByteView payload) const;
    /// The signature of the permitted BEEFY vote. REQUIRES the permit to be for this key.
    std::optional<crypto::EcdsaSignature> sign_beefy(const SigningPermit& permit,
                                                     const crypto::EcdsaPublic& key) const;

 private:
    using Key = std::variant<crypto::Ed25519Keypair, crypto::Sr25519Keypair, crypto::EcdsaKeypair>;
    using Name = std::pair<KeyType, Bytes>;

    static std::expected<Key, crypto::SuriError> derive(KeyScheme scheme, std::string_view suri,
                                                        std::string_view password);
    static Bytes public_of(const Key& key);
    std::expected<Key, KeyProblem> derive_for(KeyType type, std::string_view suri,
                                              ByteView public_key) const;
    void load_file(const std::string& file);
    Result<> write_file(KeyType type, ByteView public_key, std::string_view suri);
    template <class Pair>
    std::optional<Pair> find(KeyType type, ByteView public_key) const;

    FilePort* files_ = nullptr;
    std::string password_;
    std::vector<KeyFileProblem> problems_;  // fixed once open has returned
    mutable std::mutex mutex_;
    std::map<Name, Key> keys_;  // guarded by mutex_
};

/// hex(key type) ++ hex(public key).
std::string key_file_name(KeyType type, ByteView public_key);

}  // namespace stipple::chain
