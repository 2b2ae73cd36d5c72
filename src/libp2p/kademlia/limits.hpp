// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace stipple::libp2p::kademlia {

/// k: contacts per bucket, results of a lookup, peers in an answer. The network's common value.
inline constexpr std::size_t kBucketSize = 20;
/// One bucket per bit of a distance.
inline constexpr std::size_t kBuckets = 256;
/// Requests a lookup has under way (alpha).
inline constexpr std::size_t kParallelism = 3;

/// Bytes of one message: what other nodes accept, a record and some peers.
inline constexpr std::size_t kMessageBytesMax = 70 * 1024;
/// Bytes of a key; authority records have 32, bitswap multihashes up to 68.
inline constexpr std::size_t kKeyBytesMax = 256;
inline constexpr std::size_t kValueBytesMax = 65 * 1024;
/// Addresses kept of one peer of a message; further ones are dropped unread.
inline constexpr std::size_t kAddressesPerPeerMax = 16;
/// Addresses kept of a contact; the oldest is dropped.
inline constexpr std::size_t kAddressesPerContactMax = 8;

/// Queries at once. Authority discovery asks for a few hundred keys, a portion at a time.
inline constexpr std::size_t kQueriesMax = 128;
/// Peers a lookup knows; when full, the farthest that was not asked yet is dropped.
inline constexpr std::size_t kCandidatesMax = 256;
/// Requests one lookup makes at most. Networks of thousands of nodes take some 60.
inline constexpr std::size_t kRequestsPerLookupMax = 256;
/// Records and providers one query gathers.
inline constexpr std::size_t kFoundRecordsMax = 20;
inline constexpr std::size_t kFoundProvidersMax = 64;

/// Records kept for others, their number and their bytes; when full, those farthest from us go.
inline constexpr std::size_t kStoredRecordsMax = 1024;
inline constexpr std::size_t kStoredBytesMax = 16U << 20;
/// Keys with providers, and providers of one key; the farthest go.
inline constexpr std::size_t kProvidedKeysMax = 1024;
inline constexpr std::size_t kProvidersPerKeyMax = 20;
/// Keys we provide ourselves; a further one is not taken.
inline constexpr std::size_t kOwnProvidedKeysMax = 256;
/// Our own addresses that we tell as a provider.
inline constexpr std::size_t kOwnAddressesMax = 16;

/// Answers of a peer later than this count as failed.
inline constexpr std::chrono::seconds kPeerTimeout{10};
/// A query ends after this with what it has.
inline constexpr std::chrono::seconds kQueryTimeout{300};
/// A newcomer of a full bucket waits this long for the quietest contact to be heard from again.
inline constexpr std::chrono::seconds kPendingTime{60};
/// Failures in a row after which a contact is dropped.
inline constexpr unsigned kFailuresMax = 3;
/// Records and provider entries live this long at most, whatever their sender says.
inline constexpr std::chrono::hours kRecordLifetime{36};
inline constexpr std::chrono::hours kProviderLifetime{10};
/// Our own provider entries are told again before they expire.
inline constexpr std::chrono::minutes kProviderRenewal{210};
/// Without anybody to tell, or with too many queries, telling is tried again after this.
inline constexpr std::chrono::seconds kProviderRetry{30};
/// Expired entries are looked for this often.
inline constexpr std::chrono::minutes kExpiryInterval{5};

}  // namespace stipple::libp2p::kademlia
