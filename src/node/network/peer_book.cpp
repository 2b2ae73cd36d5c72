#include "node/network/peer_book.hpp"

namespace stipple::node {
namespace {

constexpr std::string_view kPrefix = "peers/";

Bytes row_key(ByteView peer) {
    Bytes key = to_bytes(kPrefix);
    append(key, peer);
    return key;
}

}  // namespace

Result<PeerBook::Loaded> PeerBook::load(Instant now, UnixMillis wall, network::PeerStore& peers) {
    Loaded loaded;
    WriteBatch damaged;
    const Bytes lower = to_bytes(kPrefix);
    const auto rows = database_.iterate(Column::meta, lower, *end_of_prefix(lower));
    for (rows->seek(lower); rows->valid() && loaded.peers < network::kKnownPeersMax; rows->next()) {
        const auto taken =
            peers.load_row(now, wall, rows->key().subspan(kPrefix.size()), rows->value());
        if (taken) {
            ++loaded.peers;
        } else if (taken.error() == network::PeerRowError::full) {
            break;
        } else {
            ++loaded.damaged;
            damaged.erase(Column::meta, to_bytes(rows->key()));
        }
    }
    TRY(rows->status());
    if (!damaged.empty()) {
        TRY(database_.commit(damaged, Durability::buffered));
    }
    return loaded;
}

Result<> PeerBook::save(Instant now, UnixMillis wall, network::PeerStore& peers,
                        std::size_t rows_max) {
    WriteBatch batch;
    for (auto& row : peers.take_rows(now, wall, rows_max)) {
        if (row.value) {
            batch.put(Column::meta, row_key(row.key), *std::move(row.value));
        } else {
            batch.erase(Column::meta, row_key(row.key));
        }
    }
    return batch.empty() ? Result<>() : database_.commit(batch, Durability::buffered);
}

}  // namespace stipple::node
