// Rows of a download, in the column meta:
//     "state/download"              block ‖ root ‖ complete ‖ chunks ‖ keys ‖ bytes (u64 LE each) ‖
//                                   for each key of the position: u32 LE length ‖ key
//     "state/download/same/" ‖ child key    the child key of a trie with the same content
#include "state/store/download.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "state/store/inner.hpp"
#include "state/store/view.hpp"

#include <fmt/format.h>

namespace stipple::state::store {
namespace {

constexpr std::string_view kDownloadKey = "state/download";
constexpr std::string_view kSamePrefix = "state/download/same/";
constexpr std::size_t kTargetBytes = 4 + 32 + 32;
/// How far it is, the byte behind the target.
constexpr std::uint8_t kUnderWay = 0;
constexpr std::uint8_t kComplete = 1;
constexpr std::uint8_t kUnproved = 2;  ///< built from claims: void after a restart
/// Batches of copied rows stay about this large.
constexpr std::size_t kCopyBytes = 4 * 1024 * 1024;
constexpr std::size_t kReaderCacheBytes = 1024 * 1024;

Bytes same_row(const TrieId& trie) {
    Bytes row = to_bytes(kSamePrefix);
    append(row, trie.child_key);
    return row;
}

Bytes same_end() {
    return *end_of_prefix(as_bytes(kSamePrefix));
}

void erase_progress(WriteBatch& batch) {
    batch.erase(Column::meta, to_bytes(kDownloadKey));
    batch.erase_range(Column::meta, to_bytes(kSamePrefix), same_end());
}

void erase_rows(WriteBatch& batch, Side side) {
    for (const RowKind kind : kRowKinds) {
        erase_column(batch, state_column(side, kind));
    }
}

}  // namespace

Bytes StateDownload::encode() const {
    Bytes row = encode_block_state(target_);
    CHECK(row.size() == kTargetBytes);
    row.push_back(complete_ ? kComplete : claims_.are_used ? kUnproved : kUnderWay);
    append_le(row, progress_.chunks);
    append_le(row, progress_.keys);
    append_le(row, progress_.bytes);
    for (const Bytes& key : next_) {
        append_le(row, static_cast<std::uint32_t>(key.size()));
        append(row, key);
    }
    return row;
}

bool StateDownload::decode(ByteView row) {
    constexpr std::size_t kFixed = kTargetBytes + 1 + 3 * sizeof(std::uint64_t);
    if (row.size() < kFixed) {
        return false;
    }
    complete_ = row[kTargetBytes] == kComplete;
    progress_.chunks = load_le<std::uint64_t>(row.subspan(kTargetBytes + 1));
    progress_.keys = load_le<std::uint64_t>(row.subspan(kTargetBytes + 9));
    progress_.bytes = load_le<std::uint64_t>(row.subspan(kTargetBytes + 17));
    next_.clear();
    for (row = row.subspan(kFixed); !row.empty();) {
        const std::size_t length = row.size() < 4 ? SIZE_MAX : load_le<std::uint32_t>(row);
        if (row.size() < 4 || row.size() - 4 < length || next_.size() == kRangePositionKeysMax) {
            return false;
        }
        next_.push_back(to_bytes(row.subspan(4, length)));
        row = row.subspan(4 + length);
    }
    return true;
}

Result<bool> StateDownload::resume() {
    TRY_ASSIGN(const auto row, store_.database().get(Column::meta, as_bytes(kDownloadKey)));
    if (!row || !starts_with(*row, encode_block_state(target_))) {
        return false;
    }
    if (row->size() > kTargetBytes && (*row)[kTargetBytes] == kUnproved) {
        return false;  // nobody knows what of it is true
    }
    return decode(*row) ? Result<bool>(true) : fail("column meta: a download's row is malformed");
}

Result<> StateDownload::begin() {
    WriteBatch batch;
    erase_rows(batch, other_side(store_.side()));
    erase_progress(batch);
    batch.put(Column::meta, to_bytes(kDownloadKey), encode());
    return store_.database().commit(batch, Durability::buffered);
}

StateDownload::Progress StateDownload::progress() const {
    Progress progress = progress_;
    progress.percent = complete_ ? 100 : 0;
    if (!complete_ && !next_.empty() && !next_.front().empty()) {
        progress.percent = next_.front().front() * 100U / 256;
    }
    return progress;
}

Result<std::expected<void, RangeProofError>> StateDownload::add(
    std::span<const Bytes> compact_proof) {
    using Verdict = std::expected<void, RangeProofError>;
    CHECK(!complete_);
    const auto range = check_range_proof(compact_proof, target_.root, next_);
    if (!range) {
        return Verdict(std::unexpected(range.error()));
    }
    const Side side = other_side(store_.side());
    StateDownload reached = *this;
    WriteBatch batch;
    for (const auto& trie : range->tries) {
        for (const auto& [key, value] : trie.values) {
            reached.progress_.bytes += key.size() + value.bytes.size();
            batch.put(state_column(side, RowKind::value), value_row(trie.trie, key),
                      encode_value(value));
        }
        for (const auto& [path, branch] : trie.branches) {
            batch.put(state_column(side, RowKind::node), node_row(trie.trie, path),
                      encode_node(branch));
        }
    }
    for (const auto& [trie, same] : range->same) {
        put_same(batch, trie, same);
    }
    reached.progress_.keys += range->key_count();
    reached.progress_.chunks += 1;
    reached.next_ = range->next;
    reached.complete_ = range->complete();
    batch.put(Column::meta, to_bytes(kDownloadKey), reached.encode());
    TRY(store_.database().commit(batch, Durability::buffered));
    next_ = std::move(reached.next_);
    complete_ = reached.complete_;
    progress_ = reached.progress_;
    return Verdict();
}

Result<> StateDownload::copy_rows(const TrieId& from, const TrieId& to) {
    auto& database = store_.database();
    const Bytes prefix = trie_prefix(from);
    const Bytes new_prefix = trie_prefix(to);
    const Bytes end = end_of_prefix(prefix).value_or(Bytes{});
    for (const RowKind kind : kRowKinds) {
        const Column column = state_column(other_side(store_.side()), kind);
        const auto rows = database.snapshot();
        const auto walk = rows->iterate(column, prefix, end);
        WriteBatch batch;
        for (walk->seek(prefix); walk->valid(); walk->next()) {
            Bytes row = new_prefix;
            append(row, walk->key().subspan(prefix.size()));
            batch.put(column, std::move(row), to_bytes(walk->value()));
            if (batch.size_bytes() >= kCopyBytes) {
                TRY(database.commit(batch, Durability::buffered));
                batch = {};
            }
        }
        TRY(walk->status());
        TRY(database.commit(batch, Durability::buffered));
    }
    return {};
}

Result<> StateDownload::copy_same() {
    const auto rows = store_.database().snapshot();
    const auto walk = rows->iterate(Column::meta, as_bytes(kSamePrefix), same_end());
    for (walk->seek(as_bytes(kSamePrefix)); walk->valid(); walk->next()) {
        TRY(copy_rows(TrieId{to_bytes(walk->value())},
                      TrieId{to_bytes(walk->key().subspan(kSamePrefix.size()))}));
    }
    return walk->status();
}

Result<> StateDownload::check_root() const {
    const Side side = other_side(store_.side());
    auto& database = store_.database();
    TRY_ASSIGN(const auto branch,
               database.get(state_column(side, RowKind::node), node_row(TrieId::main(), {})));
    if (branch) {
        TRY_ASSIGN(const auto node, decode_node(*branch));
        const bool same = node && equal(crypto::blake2b_256(*node), target_.root);
        return same ? Result<>() : fail("the downloaded state has another root");
    }
    // No branch: at most one key, which the proof of a chunk has shown.
    const Bytes first = trie_prefix(TrieId::main());
    const auto rows = database.snapshot();
    const auto walk = rows->iterate(state_column(side, RowKind::value), first,
                                    end_of_prefix(first).value_or(Bytes{}));
    walk->seek(first);
    if (walk->valid()) {
        walk->next();
    }
    TRY(walk->status());
    return walk->valid() ? fail("the downloaded state has no root") : Result<>();
}

Result<> StateDownload::settle() {
    CHECK(complete_);
    if (!settled_) {
        TRY(copy_same());
        TRY(check_root());
        settled_ = true;
    }
    return {};
}

void StateDownload::put_same(WriteBatch& batch, const TrieId& trie, const TrieId& same) {
    batch.put(Column::meta, same_row(trie), Bytes(same.child_key));
}

Bytes StateDownload::progress_key() {
    return to_bytes(kDownloadKey);
}

Result<std::shared_ptr<const Reader>> StateDownload::reader() {
    TRY(settle());
    return reader_now();
}

Result<std::shared_ptr<const Reader>> StateDownload::reader_now() const {
    // A store of its own for one reader: nothing of what is in use knows of these rows yet.
    auto shared = std::make_shared<Shared>(kReaderCacheBytes);
    auto base = std::make_shared<BaseState>();
    base->generation = shared->cache.generation();
    base->rows = store_.database().snapshot();
    base->state = target_;
    base->side = other_side(store_.side());
    shared->pins->start_over(target_.block.number);
    shared->publish(std::move(base));
    auto pin = shared->pins->pin(target_.block.number);
    return std::make_shared<const View>(std::move(shared), nullptr, std::move(pin), target_.root);
}

Result<> StateDownload::finish(WriteBatch rows) {
    CHECK(complete_);
    if (store_.base() && target_.block.number <= store_.finalized().number) {
        return fail(fmt::format("the state of #{} was downloaded, but #{} is finalised already",
                                target_.block.number, store_.finalized().number));
    }
    TRY(settle());
    erase_progress(rows);
    return store_.install(target_, rows);
}

Result<> StateDownload::abandon() {
    WriteBatch batch;
    erase_rows(batch, other_side(store_.side()));
    erase_progress(batch);
    return store_.database().commit(batch, Durability::buffered);
}

Result<std::unique_ptr<StateDownload>> Store::Inner::download(BlockRef block,
                                                              const StateRoot& root) {
    std::unique_ptr<StateDownload> made(new StateDownload(*this, BlockState{block, root}));
    TRY_ASSIGN(const bool resumed, made->resume());
    if (!resumed) {
        TRY(made->begin());
    }
    return made;
}

}  // namespace stipple::state::store
