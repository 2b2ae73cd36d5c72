// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace stipple::network::discovery {

/// Bytes of a record: 32 addresses of 200 bytes and three signatures stay under 8 KiB.
inline constexpr std::size_t kRecordBytesMax = 32 * 1024;
/// Addresses read of a record, kept of it, and published (the field's numbers).
inline constexpr std::size_t kAddressesReadMax = 256;
inline constexpr std::size_t kAddressesKeptMax = 16;
inline constexpr std::size_t kAddressesPublishedMax = 32;
inline constexpr std::size_t kListenAddressesPublishedMax = 4;

/// Authorities of the present and the next set together; further ones are not looked for.
inline constexpr std::size_t kAuthoritiesMax = 4096;
/// Lookups in the DHT at a time (the field's number): each asks some 20 peers.
inline constexpr std::size_t kLookupsMax = 8;
/// Records being verified; further ones are dropped (they will be asked for again).
inline constexpr std::size_t kVerifyingMax = 64;
/// Peers remembered to hold a record: the replication of the DHT.
inline constexpr std::size_t kHoldersMax = 20;
/// Keys this node signs with: one in use, one for the next session, some left over.
inline constexpr std::size_t kOwnKeysMax = 8;

/// Publishing and asking begin at kIntervalStart and slow down to these.
inline constexpr std::chrono::seconds kIntervalStart{2};
inline constexpr std::chrono::hours kPublishInterval{1};
inline constexpr std::chrono::minutes kQueryInterval{10};

}  // namespace stipple::network::discovery
