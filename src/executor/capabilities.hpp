// What a runtime call may reach beyond its state. Ports, owned by the caller, outliving the call;
// null means the host functions behind it trap.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/sr25519.hpp"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace stipple::executor {

struct KeyTypeTag;
using KeyType = FixedBytes<4, KeyTypeTag>;

/// Keys that host functions may list, make and sign with (session keys, offchain workers).
class KeystorePort {
 public:
    virtual ~KeystorePort() = default;
    virtual std::vector<crypto::Sr25519Public> sr25519_keys(const KeyType&) const = 0;
    virtual std::vector<crypto::Ed25519Public> ed25519_keys(const KeyType&) const = 0;
    virtual std::vector<crypto::EcdsaPublic> ecdsa_keys(const KeyType&) const = 0;
    /// From the secret URI, or at random when absent; kept in the keystore.
    virtual Result<crypto::Sr25519Public> sr25519_generate(const KeyType&,
                                                           std::optional<std::string> suri) = 0;
    virtual Result<crypto::Ed25519Public> ed25519_generate(const KeyType&,
                                                           std::optional<std::string> suri) = 0;
    virtual Result<crypto::EcdsaPublic> ecdsa_generate(const KeyType&,
                                                       std::optional<std::string> suri) = 0;
    virtual std::optional<crypto::Sr25519Signature> sr25519_sign(const KeyType&,
                                                                 const crypto::Sr25519Public&,
                                                                 ByteView message) = 0;
    virtual std::optional<crypto::Ed25519Signature> ed25519_sign(const KeyType&,
                                                                 const crypto::Ed25519Public&,
                                                                 ByteView message) = 0;
    virtual std::optional<crypto::EcdsaSignature> ecdsa_sign_prehashed(const KeyType&,
                                                                       const crypto::EcdsaPublic&,
                                                                       const crypto::Hash256&) = 0;
};

/// Offchain local storage, kept across reorganisations (column `offchain`, prefix `storage`).
class OffchainStoragePort {
 public:
    virtual ~OffchainStoragePort() = default;
    virtual std::optional<Bytes> get(ByteView key) const = 0;
    virtual void set(ByteView key, std::optional<Bytes> value) = 0;
    /// True when the present value equalled `expected` and was replaced; atomic.
    virtual bool compare_and_set(ByteView key, const std::optional<Bytes>& expected,
                                 Bytes value) = 0;
};

/// The rest of what offchain workers use. HTTP requests of runtimes are answered "not available"
/// unless the node gives them.
class OffchainPort {
 public:
    virtual ~OffchainPort() = default;
    virtual bool is_validator() const = 0;
    virtual bool submit_transaction(ByteView extrinsic) = 0;
    virtual UnixMillis now() const = 0;
    virtual void sleep_until(UnixMillis deadline) = 0;
    virtual std::array<std::uint8_t, 32> random_seed() = 0;
    virtual Bytes peer_id() const = 0;
};

/// Verdicts of signatures already verified (pool, batch before import): same answers, less work.
/// Keyed by a hash of (scheme, key, message, signature); bounded; thread-safe.
class SignatureCachePort {
 public:
    virtual ~SignatureCachePort() = default;
    virtual std::optional<bool> find(const crypto::Hash256& claim) const = 0;
    virtual void insert(const crypto::Hash256& claim, bool valid) = 0;
};

struct CallContext {
    KeystorePort* keystore = nullptr;
    OffchainStoragePort* offchain_storage = nullptr;
    OffchainPort* offchain = nullptr;
    SignatureCachePort* signatures = nullptr;
    /// For calls with proof (`ext_storage_proof_size`): bytes recorded so far. Null: u64 max.
    std::function<std::uint64_t()> proof_size;
    /// Wall time the call may take; none = no limit (block import).
    std::optional<std::chrono::milliseconds> time_limit;
};

}  // namespace stipple::executor
