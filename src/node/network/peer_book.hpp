// Peers worth knowing after a restart, as rows of the database: column meta, "peers/" ‖ peer id
// (row format: network/peers/peer_rows.cpp).
//
// Whatever stands there is taken as hearsay: a row that does not decode is dropped and counted, and
// no more rows are read than a PeerStore holds. Losing them costs a new start from the boot nodes.
// Used from the network thread; writes are buffered.
#pragma once

#include "base/key_value_store.hpp"
#include "network/peers/peer_store.hpp"

namespace stipple::node {

class PeerBook {
 public:
    /// How often changes are written, and how many rows at a time.
    static constexpr std::chrono::seconds kSavePeriod{60};
    static constexpr std::size_t kRowsPerSave = 1000;

    /// `database` outlives the book.
    explicit PeerBook(KeyValueStore& database) : database_(database) {}

    struct Loaded {
        std::size_t peers = 0;
        std::size_t damaged = 0;
    };
    Result<Loaded> load(Instant now, UnixMillis wall, network::PeerStore& peers);
    Result<> save(Instant now, UnixMillis wall, network::PeerStore& peers,
                  std::size_t rows_max = kRowsPerSave);

 private:
    KeyValueStore& database_;
};

}  // namespace stipple::node
