#include "base/memory_store.hpp"

#include "base/check.hpp"

#include <atomic>

namespace stipple {
namespace {

using Node = MemoryStore::Node;
using Row = MemoryStore::Row;
using Tree = MemoryStore::Tree;

std::uint64_t priority_of(ByteView key) {
    std::uint64_t z = ByteHash()(key);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// Makes the node of `tree` ours alone. A node below a shared one is shared too, though its count
/// says one: going down from the root, copying the parent raises the count of its children first.
void own(Tree& tree) {
    if (tree.use_count() > 1) {
        tree = std::make_shared<Node>(*tree);
    } else {
        std::atomic_thread_fence(
            std::memory_order_acquire);  // with the last other holder's release
    }
}

/// The first row >= key (> key when `after`), or null.
const Row* find_from(const Node* at, ByteView key, bool after) {
    const Row* found = nullptr;
    while (at != nullptr) {
        const int order = compare(at->row->key, key);
        if (order > 0 || (order == 0 && !after)) {
            found = at->row.get();
            at = at->left.get();
        } else {
            at = at->right.get();
        }
    }
    return found;
}

/// The last row < key, or <= key when `with`; the last of all when there is no key.
const Row* find_until(const Node* at, std::optional<ByteView> key, bool with) {
    const Row* found = nullptr;
    while (at != nullptr) {
        const int order = key ? compare(at->row->key, *key) : -1;
        if (order < 0 || (order == 0 && with)) {
            found = at->row.get();
            at = at->right.get();
        } else {
            at = at->left.get();
        }
    }
    return found;
}

const Row* find(const Node* at, ByteView key) {
    while (at != nullptr) {
        const int order = compare(key, at->row->key);
        if (order == 0) {
            return at->row.get();
        }
        at = order < 0 ? at->left.get() : at->right.get();
    }
    return nullptr;
}

/// Cuts `tree` into the rows below `key` and the rest.
std::pair<Tree, Tree> split(Tree tree, ByteView key) {
    if (!tree) {
        return {};
    }
    own(tree);
    if (compare(tree->row->key, key) < 0) {
        auto [low, high] = split(std::move(tree->right), key);
        tree->right = std::move(low);
        return {std::move(tree), std::move(high)};
    }
    auto [low, high] = split(std::move(tree->left), key);
    tree->left = std::move(high);
    return {std::move(low), std::move(tree)};
}

/// Joins trees whose keys are apart: all of `low` below all of `high`.
Tree merge(Tree low, Tree high) {
    if (!low || !high) {
        return low ? std::move(low) : std::move(high);
    }
    Tree& top = low->priority >= high->priority ? low : high;
    own(top);
    if (&top == &low) {
        low->right = merge(std::move(low->right), std::move(high));
        return low;
    }
    high->left = merge(std::move(low), std::move(high->left));
    return high;
}

/// REQUIRES a row with this key in `tree`.
void replace(Tree& tree, std::shared_ptr<const Row> row) {
    own(tree);
    const int order = compare(row->key, tree->row->key);
    if (order == 0) {
        tree->row = std::move(row);
    } else {
        replace(order < 0 ? tree->left : tree->right, std::move(row));
    }
}

/// REQUIRES no row with this key in `tree`.
void insert(Tree& tree, std::shared_ptr<const Row> row, std::uint64_t priority) {
    if (!tree || tree->priority < priority) {
        auto node = std::make_shared<Node>();
        node->priority = priority;
        std::tie(node->left, node->right) = split(std::move(tree), row->key);
        node->row = std::move(row);
        tree = std::move(node);
        return;
    }
    own(tree);
    const bool left = compare(row->key, tree->row->key) < 0;
    insert(left ? tree->left : tree->right, std::move(row), priority);
}

void put(Tree& tree, ByteView key, ByteView value) {
    auto row = std::make_shared<const Row>(Row{to_bytes(key), to_bytes(value)});
    if (find(tree.get(), key) != nullptr) {
        replace(tree, std::move(row));
    } else {
        insert(tree, std::move(row), priority_of(key));
    }
}

/// REQUIRES a row with this key in `tree`.
void remove(Tree& tree, ByteView key) {
    own(tree);
    const int order = compare(key, tree->row->key);
    if (order == 0) {
        tree = merge(std::move(tree->left), std::move(tree->right));
    } else {
        remove(order < 0 ? tree->left : tree->right, key);
    }
}

void erase(Tree& tree, ByteView key) {
    if (find(tree.get(), key) != nullptr) {
        remove(tree, key);
    }
}

void erase_range(Tree& tree, ByteView first, ByteView last) {
    const Row* any = find_from(tree.get(), first, false);
    if (any == nullptr || compare(any->key, last) >= 0) {
        return;
    }
    auto [low, rest] = split(std::move(tree), first);
    auto [middle, high] = split(std::move(rest), last);
    tree = merge(std::move(low), std::move(high));
}

class TreeIterator final : public StoreIterator {
 public:
    TreeIterator(Tree tree, ByteView lower, ByteView upper)
        : tree_(std::move(tree)), lower_(to_bytes(lower)), upper_(to_bytes(upper)) {}

    void seek(ByteView key) override {
        place(find_from(tree_.get(), compare(key, lower_) < 0 ? ByteView(lower_) : key, false));
    }
    void seek_for_prev(ByteView key) override {
        place(!upper_.empty() && compare(key, upper_) >= 0
                  ? find_until(tree_.get(), ByteView(upper_), false)
                  : find_until(tree_.get(), key, true));
    }
    bool valid() const override { return at_ != nullptr; }
    void next() override {
        CHECK(valid());
        place(find_from(tree_.get(), at_->key, true));
    }
    void prev() override {
        CHECK(valid());
        place(find_until(tree_.get(), ByteView(at_->key), false));
    }
    ByteView key() const override { return at_->key; }
    ByteView value() const override { return at_->value; }
    Result<> status() const override { return {}; }

 private:
    void place(const Row* row) {
        const bool within = row != nullptr && compare(row->key, lower_) >= 0 &&
                            (upper_.empty() || compare(row->key, upper_) < 0);
        at_ = within ? row : nullptr;
    }
    Tree tree_;
    Bytes lower_;
    Bytes upper_;
    const Row* at_ = nullptr;
};

std::optional<Bytes> value_of(const Tree& tree, ByteView key) {
    const Row* row = find(tree.get(), key);
    return row == nullptr ? std::nullopt : std::optional(row->value);
}

class TreeSnapshot final : public StoreReader {
 public:
    explicit TreeSnapshot(MemoryStore::Columns columns) : columns_(std::move(columns)) {}
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return value_of(columns_[static_cast<std::size_t>(column)], key);
    }
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override {
        return std::make_unique<TreeIterator>(columns_[static_cast<std::size_t>(column)], lower,
                                              upper);
    }

 private:
    MemoryStore::Columns columns_;
};

}  // namespace

Result<std::optional<Bytes>> MemoryStore::get(Column column, ByteView key) const {
    const std::lock_guard lock(mutex_);
    return value_of(columns_[static_cast<std::size_t>(column)], key);
}

MemoryStore::Tree MemoryStore::present(Column column) const {
    const std::lock_guard lock(mutex_);
    return columns_[static_cast<std::size_t>(column)];
}

std::unique_ptr<StoreIterator> MemoryStore::iterate(Column column, ByteView lower,
                                                    ByteView upper) const {
    return std::make_unique<TreeIterator>(present(column), lower, upper);
}

Result<> MemoryStore::commit(const WriteBatch& batch, Durability) {
    const std::lock_guard lock(mutex_);
    for (const auto& op : batch.ops()) {
        if (const auto* row = std::get_if<PutOp>(&op)) {
            put(tree(row->column), row->key, row->value);
        } else if (const auto* gone = std::get_if<EraseOp>(&op)) {
            erase(tree(gone->column), gone->key);
        } else {
            const auto& range = std::get<EraseRangeOp>(op);
            erase_range(tree(range.column), range.first, range.last);
        }
    }
    return {};
}

std::shared_ptr<const StoreReader> MemoryStore::snapshot() const {
    return std::make_shared<TreeSnapshot>(columns());
}

MemoryStore::Columns MemoryStore::columns() const {
    const std::lock_guard lock(mutex_);
    return columns_;
}

void MemoryStore::restore(Columns columns) {
    const std::lock_guard lock(mutex_);
    columns_ = std::move(columns);
}

void MemoryStore::set_history_floor(std::uint64_t floor) {
    const std::lock_guard lock(mutex_);
    if (floor < floor_ + kFloorStride) {
        return;
    }
    floor_ = floor;
    for (const Column column : {Column::value_history, Column::node_history}) {
        const Tree all = tree(column);
        for (const Row* row = find_from(all.get(), {}, false); row != nullptr;
             row = find_from(all.get(), row->key, true)) {
            if (row->key.size() >= 8 &&
                load_be<std::uint64_t>(ByteView(row->key).last(8)) <= floor) {
                erase(tree(column), row->key);
            }
        }
    }
}

}  // namespace stipple
