#include "chain/offchain/local_storage.hpp"

#include "base/log.hpp"
#include "chain/offchain/limits.hpp"

namespace stipple::chain::offchain {
namespace {
constexpr std::string_view kPrefix = "storage";
constexpr std::string_view kLogTarget = "offchain";
}  // namespace

Bytes row_key(ByteView key) {
    Bytes row = to_bytes(kPrefix);
    append(row, key);
    return row;
}

void put_index_changes(WriteBatch& batch, const state::OffchainChanges& changes) {
    for (const auto& [key, value] : changes) {
        if (value) {
            batch.put(Column::offchain, row_key(key), *value);
        } else {
            batch.erase(Column::offchain, row_key(key));
        }
    }
}

std::optional<Bytes> LocalStorage::get(ByteView key) const {
    const std::lock_guard lock(mutex_);
    return read(key);
}

void LocalStorage::set(ByteView key, std::optional<Bytes> value) {
    const std::lock_guard lock(mutex_);
    write(key, std::move(value));
}

bool LocalStorage::compare_and_set(ByteView key, const std::optional<Bytes>& expected,
                                   Bytes value) {
    const std::lock_guard lock(mutex_);
    return read(key) == expected && write(key, std::move(value));
}

std::optional<Bytes> LocalStorage::read(ByteView key) const {
    auto row = database_.get(Column::offchain, row_key(key));
    if (!row) {
        log(LogLevel::error, kLogTarget, "read of {} bytes key: {}", key.size(),
            row.error().message());
        return std::nullopt;
    }
    return *std::move(row);
}

bool LocalStorage::write(ByteView key, std::optional<Bytes> value) {
    if (key.size() > kKeyBytesMax || (value && value->size() > kValueBytesMax)) {
        log(LogLevel::warn, kLogTarget, "refused to keep {} bytes under a key of {} bytes",
            value ? value->size() : 0, key.size());
        return false;
    }
    WriteBatch batch;
    put_index_changes(batch, {{to_bytes(key), std::move(value)}});
    if (auto committed = database_.commit(batch, Durability::buffered); !committed) {
        log(LogLevel::error, kLogTarget, "write: {}", committed.error().message());
        return false;
    }
    return true;
}

}  // namespace stipple::chain::offchain
