// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::network {

/// Notifications and requests above these are refused before they are read (the field's limits).
inline constexpr std::size_t kBlockAnnounceBytesMax = 1024 * 1024;
inline constexpr std::size_t kTransactionsBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kConsensusGossipBytesMax = 1024 * 1024;
inline constexpr std::size_t kRequestBytesMax = 1024 * 1024;
inline constexpr std::size_t kWarpRequestBytes = 32;
inline constexpr std::size_t kResponseBytesMax = 16 * 1024 * 1024;

/// Blocks one answer holds; what the field serves and what we accept.
inline constexpr std::size_t kBlocksPerResponseMax = 128;
/// Items of one body. A block of 5 MiB holds some 50 000 of the smallest real extrinsics; more are
/// refused so that a response of empty items does not become 16 million vectors.
inline constexpr std::size_t kExtrinsicsPerBlockMax = 65'536;

/// Bytes of blocks in one answer of ours: peers accept 16 MiB, and half of it travels in time.
inline constexpr std::size_t kBlockResponseBytesTarget = 8 * 1024 * 1024;
/// Bytes of state in one answer: what the field aims at.
inline constexpr std::size_t kStateResponseBytesTarget = 2 * 1024 * 1024;
/// A warp proof, and what is left free in it for the list's length and the flag.
inline constexpr std::size_t kWarpProofBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kWarpProofBytesSpare = 50;

/// Keys a state request starts after: one in the main trie, one in a child trie.
inline constexpr std::size_t kStateStartKeysMax = 2;
/// Bytes of a storage key in a request.
inline constexpr std::size_t kStorageKeyBytesMax = 64 * 1024;
/// Tries and entries of a state response without proofs (2 MiB of the smallest entries).
inline constexpr std::size_t kStateTriesMax = 65'536;
inline constexpr std::size_t kStateEntriesMax = 1'000'000;
/// Keys of one light read: callers ask for tens.
inline constexpr std::size_t kLightKeysMax = 1024;
/// Runtime functions have names of some 50 characters.
inline constexpr std::size_t kLightMethodBytesMax = 256;
/// Characters of a fork id or legacy protocol id in a protocol name.
inline constexpr std::size_t kProtocolIdBytesMax = 64;

}  // namespace stipple::network
