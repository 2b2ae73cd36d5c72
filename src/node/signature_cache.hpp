// Verdicts of signatures, so that each is verified once: when its transaction comes into the pool,
// and not again when the block is built or imported.
//
// Bounded by kSignatureCacheEntries; the oldest verdict of a shard leaves first. A claim is a hash
// over scheme, key, message and signature, so a verdict can not serve another signature.
// Thread-safe.
#pragma once

#include "executor/capabilities.hpp"

#include <array>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace stipple::node {

/// Four full pools of transactions, a few MiB.
inline constexpr std::size_t kSignatureCacheEntries = 32768;

class SignatureCache final : public executor::SignatureCachePort {
 public:
    explicit SignatureCache(std::size_t entries_max = kSignatureCacheEntries);
    std::optional<bool> find(const crypto::Hash256& claim) const override;
    void insert(const crypto::Hash256& claim, bool valid) override;
    std::size_t size() const;

 private:
    static constexpr std::size_t kShards = 16;
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<crypto::Hash256, bool> verdicts;  // guarded by mutex; order never seen
        std::deque<crypto::Hash256> arrival;                 // guarded by mutex
    };
    static std::size_t shard_of(const crypto::Hash256& claim) { return claim.bytes[31] % kShards; }
    std::array<Shard, kShards> shards_;
    std::size_t shard_entries_max_;
};

}  // namespace stipple::node
