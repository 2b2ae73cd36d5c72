// Offchain local storage: what offchain workers keep on this node, across blocks and forks.
//
// One key space, kept in column `offchain` under the prefix `storage`. Three write to it: offchain
// workers (`ext_offchain_local_storage_*`), the operator (`offchain_localStorageSet`), and the
// runtime itself by offchain indexing: those writes come with an imported block and stay when it is
// retracted. Rows are durable with the next synced batch, as everything kept here can be made
// again.
//
// Thread-safe; compare_and_set is atomic against every other write of this object. A read that
// fails answers "absent" and is logged, since host functions have no way to say it.
//
// Spec: sect-offchain-api.
#pragma once

#include "base/key_value_store.hpp"
#include "executor/capabilities.hpp"
#include "state/difference.hpp"

#include <mutex>

namespace stipple::chain::offchain {

class LocalStorage final : public executor::OffchainStoragePort {
 public:
    /// `database` outlives this.
    explicit LocalStorage(KeyValueStore& database) : database_(database) {}

    std::optional<Bytes> get(ByteView key) const override;
    /// Absent removes.
    void set(ByteView key, std::optional<Bytes> value) override;
    bool compare_and_set(ByteView key, const std::optional<Bytes>& expected, Bytes value) override;

 private:
    std::optional<Bytes> read(ByteView key) const;
    bool write(ByteView key, std::optional<Bytes> value);

    KeyValueStore& database_;
    mutable std::mutex mutex_;
};

/// Puts the index writes of a block into the batch that imports it.
void put_index_changes(WriteBatch& batch, const state::OffchainChanges& changes);

/// The row of a key: `storage` in front.
Bytes row_key(ByteView key);

}  // namespace stipple::chain::offchain
