// The base as readers see it: a snapshot of the database, which block it holds, and what keeps old
// blocks readable behind it.
//
// A read as of block n <= base looks for the first history row of its key with a number above n;
// without one, the row of the base still is what stood at n. The prune floor is the lowest n that
// works. A pin is one reader's hold on n: the floor never passes the oldest pin. Every history read
// checks the floor again afterwards and fails rather than answer from a later block (design: state,
// rule 2). Snapshots are replaced at every base step and every new layer, so none grows old.
#pragma once

#include "state/store/cache.hpp"
#include "state/store/layer.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

namespace stipple::state::store {

/// One published state of the base.
struct BaseState {
    std::shared_ptr<const StoreReader> rows;
    BlockState state;
    Side side = Side::first;       ///< where its rows stand
    std::uint64_t generation = 0;  ///< of the cache, when `rows` was taken
};

class Pins;

/// Holds block `number` readable until it is dropped.
class Pin {
 public:
    ~Pin();
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    BlockNumber number() const { return number_; }
    /// A revert took the pinned block away.
    bool revoked() const { return revoked_.load(); }

 private:
    friend class Pins;
    Pin(std::shared_ptr<Pins> pins, BlockNumber number) : pins_(std::move(pins)), number_(number) {}
    std::shared_ptr<Pins> pins_;
    BlockNumber number_;
    std::atomic<bool> revoked_ = false;
};

/// The prune floor and who holds it down.
class Pins : public std::enable_shared_from_this<Pins> {
 public:
    /// Null when `number` lies below the floor.
    std::unique_ptr<Pin> pin(BlockNumber number);
    BlockNumber floor() const { return floor_.load(); }
    /// Raises the floor to `wanted`, or as far as pins allow. Returns the floor then.
    BlockNumber raise(BlockNumber wanted);
    /// Marks the pins above `number`: their blocks are gone.
    void revoke_above(BlockNumber number);
    /// All blocks up to now are gone, and the floor is `floor`: another state takes their place.
    void start_over(BlockNumber floor);

 private:
    friend class Pin;
    mutable std::mutex mutex_;
    std::set<std::pair<BlockNumber, Pin*>> pins_;
    std::atomic<BlockNumber> floor_ = 0;
};

/// What the store and its views share; outlives the store while views live.
class Shared {
 public:
    explicit Shared(std::size_t cache_bytes)
        : cache(cache_bytes),
          pins(std::make_shared<Pins>()),
          indexes(std::make_shared<LayerIndexes>()) {}

    std::shared_ptr<const BaseState> base() const { return base_.load(); }
    void publish(std::shared_ptr<const BaseState> state) { base_.store(std::move(state)); }

    /// The encoded row as of `number`, which `pin` holds (the base itself needs none). Never null:
    /// "nothing there" is a row too.
    Result<CachedRow> read(RowKind kind, ByteView row, BlockNumber number) const;

    mutable RowCache cache;
    std::shared_ptr<Pins> pins;
    std::shared_ptr<LayerIndexes> indexes;

 private:
    std::atomic<std::shared_ptr<const BaseState>> base_;
};

/// The encoded row as of `number` <= the block of `base`, without cache or floor.
Result<Bytes> read_as_of(const BaseState& base, RowKind kind, ByteView row, BlockNumber number);

}  // namespace stipple::state::store
