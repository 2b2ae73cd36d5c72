#include "consensus/babe/epoch_tree.hpp"

#include "consensus/babe/limits.hpp"

#include <set>

namespace stipple::babe {
namespace {

// Rows of column `consensus`, by the first bytes of their keys.
constexpr std::string_view kConfigKey = "babe/config";
constexpr std::string_view kBlockPrefix = "babe/block/";
constexpr std::string_view kEpochPrefix = "babe/epoch/";

Bytes row_key(std::string_view prefix, const BlockHash& hash) {
    Bytes key = to_bytes(prefix);
    append(key, hash);
    return key;
}

std::optional<BlockHash> hash_in_key(std::string_view prefix, ByteView key) {
    return BlockHash::from(key.subspan(prefix.size()));
}

struct ConfigRow {
    Configuration config;
    BlockHash genesis;
    static auto fields(auto& self) { return std::tie(self.config, self.genesis); }
};
struct AnnouncementRow {
    std::optional<Epoch> earlier;
    Epoch next;
    BlockHash previous;
    static auto fields(auto& self) { return std::tie(self.earlier, self.next, self.previous); }
};

// Walks all rows with a prefix; `take` returns false for a row it cannot read.
template <class Row, class Take>
Result<> read_rows(const StoreReader& store, std::string_view prefix, Take take) {
    const Bytes lower = to_bytes(prefix);
    const auto rows = store.iterate(Column::consensus, lower, *end_of_prefix(lower));
    for (rows->seek(lower); rows->valid(); rows->next()) {
        const auto hash = hash_in_key(prefix, rows->key());
        auto row = scale::decode<Row>(rows->value());
        if (!hash || !row) {
            return fail("column consensus: damaged row " + to_hex(rows->key()));
        }
        take(*hash, *std::move(row));
    }
    return rows->status();
}

}  // namespace

EpochTree::EpochTree(Configuration config, const BlockHash& genesis)
    : config_(std::move(config)), genesis_(genesis) {
    CHECK(config_.epoch_length_slots > 0);
    Entry entry;
    entry.announcer = genesis;
    blocks_.emplace(genesis, entry);
}

WriteBatch EpochTree::genesis_rows() const {
    WriteBatch rows;
    rows.put(Column::consensus, to_bytes(kConfigKey), scale::encode(ConfigRow{config_, genesis_}));
    put_block(rows, genesis_);
    return rows;
}

Result<std::optional<EpochTree>> EpochTree::load(const StoreReader& store) {
    TRY_ASSIGN(const auto config_row, store.get(Column::consensus, as_bytes(kConfigKey)));
    if (!config_row) {
        return std::nullopt;
    }
    auto config = scale::decode<ConfigRow>(*config_row);
    if (!config || config->config.epoch_length_slots == 0) {
        return fail("column consensus: damaged row babe/config");
    }
    EpochTree tree;
    tree.config_ = std::move(config->config);
    tree.genesis_ = config->genesis;
    TRY(read_rows<Entry>(store, kBlockPrefix, [&](const BlockHash& hash, Entry&& entry) {
        tree.blocks_.emplace(hash, entry);
    }));
    TRY(read_rows<AnnouncementRow>(
        store, kEpochPrefix, [&](const BlockHash& hash, AnnouncementRow&& row) {
            Announcement announcement;
            if (row.earlier) {
                announcement.earlier = std::make_shared<const Epoch>(*std::move(row.earlier));
            }
            announcement.next = std::make_shared<const Epoch>(std::move(row.next));
            announcement.previous = row.previous;
            tree.announcements_.emplace(hash, std::move(announcement));
        }));
    return tree;
}

std::shared_ptr<const Epoch> EpochTree::find_epoch(const Entry& parent, Slot slot) const {
    std::shared_ptr<const Epoch> earliest;
    for (auto found = announcements_.find(parent.announcer); found != announcements_.end();
         found = announcements_.find(found->second.previous)) {
        const Announcement& announcement = found->second;
        for (const auto& epoch : {announcement.next, announcement.earlier}) {
            if (epoch == nullptr) {
                continue;
            }
            if (epoch->start <= slot) {
                return epoch;
            }
            earliest = epoch;
        }
    }
    // Slots before every known epoch are before the parent's too: verify_header refuses them.
    return earliest;
}

std::optional<ParentContext> EpochTree::context(const BlockHash& parent, Slot slot) const {
    const auto found = blocks_.find(parent);
    if (found == blocks_.end()) {
        return std::nullopt;
    }
    const Entry& entry = found->second;
    ParentContext context;
    context.parent = {parent, entry.number};
    context.parent_slot = entry.slot;
    context.parent_weight = entry.weight;
    std::shared_ptr<const Epoch> epoch;
    if (entry.number == 0) {
        // Epoch 0 starts at the slot of block 1, whichever that turns out to be.
        epoch = std::make_shared<const Epoch>(Epoch{EpochIndex(0), slot, config_.epoch_length_slots,
                                                    config_.authorities, config_.randomness,
                                                    config_.epoch_config()});
    } else {
        epoch = find_epoch(entry, slot);
    }
    if (epoch == nullptr) {
        return std::nullopt;
    }
    context.first_in_epoch = entry.slot < epoch->start;
    context.epoch = epoch_view(std::move(epoch), slot);
    return context;
}

std::optional<ParentContext> EpochTree::context(const Header& header) const {
    const auto digest = find_pre_digest(header);
    return context(header.parent_hash, digest ? slot_of(*digest) : Slot{});
}

std::expected<WriteBatch, InsertError> EpochTree::insert(const VerifiedHeader& block) {
    WriteBatch rows;
    if (!contains(block.hash())) {
        const auto parent = blocks_.find(block.header().parent_hash);
        if (parent == blocks_.end()) {
            return std::unexpected(InsertError::unknown_parent);
        }
        if (blocks_.size() >= kUnfinalizedBlocksMax) {
            return std::unexpected(InsertError::full);
        }
        Entry entry{block.header().number, block.header().parent_hash, block.slot(), block.weight(),
                    parent->second.announcer};
        if (block.next_epoch() != nullptr) {
            announcements_.emplace(block.hash(), Announcement{block.genesis_epoch(),
                                                              block.next_epoch(), entry.announcer});
            entry.announcer = block.hash();
        }
        blocks_.emplace(block.hash(), entry);
    }
    put_block(rows, block.hash());
    if (announcements_.contains(block.hash())) {
        put_announcement(rows, block.hash());
    }
    return rows;
}

std::optional<Slot> EpochTree::slot(const BlockHash& hash) const {
    const auto found = blocks_.find(hash);
    return found == blocks_.end() ? std::nullopt : std::optional(found->second.slot);
}

std::optional<std::uint64_t> EpochTree::weight(const BlockHash& hash) const {
    const auto found = blocks_.find(hash);
    return found == blocks_.end() ? std::nullopt : std::optional(found->second.weight);
}

WriteBatch EpochTree::forget(const BlockHash& hash) {
    WriteBatch rows;
    std::vector<BlockHash> open;
    if (blocks_.contains(hash) && hash != genesis_) {
        open.push_back(hash);
    }
    while (!open.empty()) {
        const BlockHash gone = open.back();
        open.pop_back();
        for (const auto& [child, entry] : blocks_) {
            if (entry.parent == gone && entry.number > 0) {
                open.push_back(child);
            }
        }
        erase_announcement(rows, gone);
        erase_block(rows, gone);
    }
    return rows;
}

WriteBatch EpochTree::on_finalized(const BlockHash& finalized) {
    WriteBatch rows;
    const auto winner = blocks_.find(finalized);
    if (winner == blocks_.end()) {
        return rows;
    }
    const BlockNumber number = winner->second.number;
    const Slot slot = winner->second.slot;
    // By number, so that every parent is judged before its children.
    std::vector<std::pair<BlockNumber, BlockHash>> order;
    order.reserve(blocks_.size());
    for (const auto& [hash, entry] : blocks_) {
        order.emplace_back(entry.number, hash);
    }
    std::sort(order.begin(), order.end());
    std::set<BlockHash> kept{finalized};
    for (const auto& [block_number, hash] : order) {
        if (hash == finalized) {
            continue;
        }
        if (block_number > number && kept.contains(blocks_.at(hash).parent)) {
            kept.insert(hash);
        } else {
            erase_block(rows, hash);
        }
    }
    prune_announcements(rows, slot);
    return rows;
}

// Keeps what children of the kept blocks may still need: along each fork back to the first
// announcement whose epoch had started at the finalised slot.
void EpochTree::prune_announcements(WriteBatch& rows, Slot finalized_slot) {
    std::set<BlockHash> needed;
    for (const auto& [hash, entry] : blocks_) {
        BlockHash at = entry.announcer;
        while (!needed.contains(at)) {
            const auto found = announcements_.find(at);
            if (found == announcements_.end()) {
                break;
            }
            needed.insert(at);
            if (found->second.next->start <= finalized_slot) {
                break;
            }
            at = found->second.previous;
        }
    }
    std::vector<BlockHash> unneeded;
    for (const auto& [hash, announcement] : announcements_) {
        if (!needed.contains(hash)) {
            unneeded.push_back(hash);
        }
    }
    for (const BlockHash& hash : unneeded) {
        erase_announcement(rows, hash);
    }
}

WriteBatch EpochTree::reset(const BlockRef& block, Slot slot, Epoch current, Epoch next) {
    CHECK(current.duration_slots > 0 && next.duration_slots > 0);
    WriteBatch rows;
    while (!announcements_.empty()) {
        erase_announcement(rows, announcements_.begin()->first);
    }
    while (!blocks_.empty()) {
        erase_block(rows, blocks_.begin()->first);
    }
    if (block.hash == genesis_) {
        *this = EpochTree(config_, genesis_);
        rows.append(genesis_rows());
        return rows;
    }
    announcements_.emplace(block.hash,
                           Announcement{std::make_shared<const Epoch>(std::move(current)),
                                        std::make_shared<const Epoch>(std::move(next)), genesis_});
    blocks_.emplace(block.hash, Entry{block.number, genesis_, slot, 0, block.hash});
    put_announcement(rows, block.hash);
    put_block(rows, block.hash);
    return rows;
}

void EpochTree::put_block(WriteBatch& rows, const BlockHash& hash) const {
    rows.put(Column::consensus, row_key(kBlockPrefix, hash), scale::encode(blocks_.at(hash)));
}

void EpochTree::put_announcement(WriteBatch& rows, const BlockHash& hash) const {
    const Announcement& announcement = announcements_.at(hash);
    AnnouncementRow row;
    if (announcement.earlier != nullptr) {
        row.earlier = *announcement.earlier;
    }
    row.next = *announcement.next;
    row.previous = announcement.previous;
    rows.put(Column::consensus, row_key(kEpochPrefix, hash), scale::encode(row));
}

// The hash may be the map's own key, hence the copy.
void EpochTree::erase_block(WriteBatch& rows, const BlockHash& hash) {
    rows.erase(Column::consensus, row_key(kBlockPrefix, hash));
    const BlockHash key = hash;
    blocks_.erase(key);
}

void EpochTree::erase_announcement(WriteBatch& rows, const BlockHash& hash) {
    if (announcements_.contains(hash)) {
        rows.erase(Column::consensus, row_key(kEpochPrefix, hash));
        const BlockHash key = hash;
        announcements_.erase(key);
    }
}

}  // namespace stipple::babe
