// What the runtime may ask of its host: storage, hashes, signatures, the log.
//
// Spec: chap-host-api. In Wasm each function is one or two imports of `env` (host_wasm.cpp);
// natively the host is a map in memory (host_native.cpp). Nothing here can fail but by ending the
// call: what the host refuses, it traps.
#pragma once

#include "crypto/types.hpp"
#include "kit/stored_value.hpp"
#include "kit/types.hpp"

namespace stipple::runtime::inline kit::host {

// ---- storage of the current call ----
std::optional<Bytes> get(ByteView key);
/// As get, for decoding at once.
StoredValue read(ByteView key);
/// The beginning of a value, at most so many bytes; empty when there is none.
Bytes first_bytes(ByteView key, std::size_t bytes_max);
void set(ByteView key, ByteView value);
void clear(ByteView key);
bool exists(ByteView key);
/// Adds one encoded item to the encoded sequence under `key`.
void append(ByteView key, ByteView encoded_item);
/// The smallest key above `key`.
std::optional<Bytes> next_key(ByteView key);
/// Clears keys with the prefix; `limit` counts those of the parent state. True: all are gone.
bool clear_prefix(ByteView prefix, std::optional<std::uint32_t> limit);
Hash storage_root();
void start_transaction();
void commit_transaction();
void rollback_transaction();
/// Nothing written waits any more in the memory of this call (storage_buffer.hpp).
void end_call();

// ---- hashes and tries ----
std::array<std::uint8_t, 16> blake2_128(ByteView data);
Hash blake2_256(ByteView data);
Hash keccak_256(ByteView data);
/// Root of the trie of the items under their compact index; `state_version` 0 or 1.
Hash ordered_root(const std::vector<Bytes>& items, std::uint8_t state_version);

// ---- signatures ----
bool verify_ed25519(const crypto::Ed25519Signature& signature, ByteView message,
                    const crypto::Ed25519Public& key);
bool verify_sr25519(const crypto::Sr25519Signature& signature, ByteView message,
                    const crypto::Sr25519Public& key);
/// The compressed key that signed the 32-byte digest.
std::optional<crypto::EcdsaPublic> recover_ecdsa(const crypto::EcdsaSignature& signature,
                                                 const Hash& digest);

enum class KeyScheme : std::uint8_t { ed25519, sr25519, ecdsa };

// ---- keys of the node, for SessionKeys_generate_session_keys and offchain calls only ----
Bytes generate_key(KeyScheme scheme, KeyTypeId type, const std::optional<Bytes>& seed);
/// Hands an extrinsic to the node's pool; false when it refuses.
bool submit_transaction(ByteView extrinsic);
/// Writes into the node's offchain database once the block is imported.
void index_offchain(ByteView key, ByteView value);
/// Reads the node's offchain database (its persistent part): not within blocks.
std::optional<Bytes> offchain_get(ByteView key);

// ---- the rest ----
enum class LogLevel : std::uint8_t { error = 1, warn = 2, info = 3, debug = 4, trace = 5 };
void log(LogLevel level, std::string_view target, std::string_view message);
/// The encoded RuntimeVersion of a code blob; absent when it has none.
std::optional<Bytes> runtime_version(ByteView code);

/// Tells the host why, then ends the call. The block or extrinsic at hand has failed.
[[noreturn]] void panic(std::string_view message);

}  // namespace stipple::runtime::inline kit::host
