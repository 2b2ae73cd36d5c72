#include "base/memory_tree.hpp"

#include "base/check.hpp"

#include <atomic>

namespace stipple {

struct MemoryTree::Page {
    explicit Page(bool is_leaf) : leaf(is_leaf) {}
    bool leaf;
    MemoryPage rows;  ///< of an inner page: separators, without values
};

namespace {

using Page = MemoryTree::Page;
using PagePtr = std::shared_ptr<Page>;

struct Inner : Page {
    Inner() : Page(false) {}
    /// One more than separators. None at all: the page is about to be dropped.
    std::array<PagePtr, MemoryPage::kRowsMax + 1> children;
};

Inner& inner(Page& page) {
    return static_cast<Inner&>(page);
}
const Inner& inner(const Page& page) {
    return static_cast<const Inner&>(page);
}

bool is_empty(const Page& page) {
    return page.leaf ? page.rows.empty() : inner(page).children[0] == nullptr;
}

/// Which child of an inner page holds the key.
std::size_t child_of(const Page& page, ByteView key) {
    const auto place = page.rows.find(key);
    return place.at + (place.exact ? 1U : 0U);
}

PagePtr copy_of(const Page& page) {
    if (page.leaf) {
        return std::make_shared<Page>(page);
    }
    return std::make_shared<Inner>(inner(page));
}

/// Makes the page ours alone. A page below a shared one is shared too, though its count says one:
/// going down from the root, copying the parent raises the count of its children first.
void own(PagePtr& page) {
    if (page.use_count() > 1) {
        page = copy_of(*page);
    } else {
        // With the release of the last other holder.
        std::atomic_thread_fence(std::memory_order_acquire);
    }
}

// ---- put ----

/// The upper part of a page that had no room left.
struct Upper {
    Bytes separator;
    PagePtr page;
};

/// The shortest key above `low` that is not above `high`. REQUIRES low < high.
ByteView shortest_between(ByteView low, ByteView high) {
    const auto ends = std::mismatch(low.begin(), low.end(), high.begin(), high.end());
    return high.first(static_cast<std::size_t>(ends.second - high.begin()) + 1);
}

Upper cut_leaf(Page& page, std::size_t at) {
    auto upper = std::make_shared<Page>(true);
    upper->rows.append(page.rows, at);
    Bytes separator = to_bytes(shortest_between(page.rows.key(at - 1), page.rows.key(at)));
    page.rows.erase(at, page.rows.size());
    return {std::move(separator), std::move(upper)};
}

std::optional<Upper> put_in_leaf(Page& page, ByteView key, ByteView value) {
    auto place = page.rows.find(key);
    if (place.exact) {
        if (page.rows.replace(place.at, key, value)) {
            return std::nullopt;
        }
        page.rows.erase(place.at, place.at + 1);
    }
    if (page.rows.has_room(key, value)) {
        page.rows.insert(place.at, key, value);
        return std::nullopt;
    }
    if (place.at == page.rows.size()) {  // rows that come in order fill their pages
        auto upper = std::make_shared<Page>(true);
        upper->rows.insert(0, key, value);
        return Upper{to_bytes(shortest_between(page.rows.key(place.at - 1), key)),
                     std::move(upper)};
    }
    const std::size_t middle = page.rows.middle();
    Upper upper = cut_leaf(page, middle);
    if (compare(key, upper.separator) < 0) {
        page.rows.insert(place.at, key, value);
    } else {
        upper.page->rows.insert(place.at - middle, key, value);
    }
    return upper;
}

/// Child `at` got an upper part.
void add_child(Inner& page, std::size_t at, Upper upper) {
    const auto begin = page.children.begin();
    const std::size_t count = page.rows.size() + 1;
    page.rows.insert(at, upper.separator, {});
    std::move_backward(begin + at + 1, begin + count, begin + count + 1);
    page.children[at + 1] = std::move(upper.page);
}

/// The middle separator leaves the page, upwards.
Upper cut_inner(Inner& page, std::size_t middle) {
    auto upper = std::make_shared<Inner>();
    upper->rows.append(page.rows, middle + 1);
    std::move(page.children.begin() + middle + 1, page.children.begin() + page.rows.size() + 1,
              upper->children.begin());
    Bytes separator = to_bytes(page.rows.key(middle));
    page.rows.erase(middle, page.rows.size());
    return {std::move(separator), std::move(upper)};
}

std::optional<Upper> put(PagePtr& tree, ByteView key, ByteView value) {
    own(tree);
    if (tree->leaf) {
        return put_in_leaf(*tree, key, value);
    }
    Inner& page = inner(*tree);
    const std::size_t at = child_of(page, key);
    auto split = put(page.children[at], key, value);
    if (!split) {
        return std::nullopt;
    }
    if (page.rows.has_room(split->separator, {})) {
        add_child(page, at, std::move(*split));
        return std::nullopt;
    }
    const std::size_t middle = page.rows.middle();
    Upper upper = cut_inner(page, middle);
    if (at <= middle) {
        add_child(page, at, std::move(*split));
    } else {
        add_child(inner(*upper.page), at - middle - 1, std::move(*split));
    }
    return upper;
}

// ---- erase ----

/// Takes children first <= at < last out, with the separators before them; the first child goes
/// with the separator behind it.
void drop_children(Inner& page, std::size_t first, std::size_t last) {
    if (first == last) {
        return;
    }
    const std::size_t count = page.rows.size() + 1;
    const auto begin = page.children.begin();
    std::move(begin + last, begin + count, begin + first);
    std::fill(begin + (count - (last - first)), begin + count, nullptr);
    const std::size_t separator = first == 0 ? 0 : first - 1;
    page.rows.erase(separator, std::min(separator + (last - first), page.rows.size()));
}

bool is_small(const Page& page) {
    return page.rows.size() < MemoryPage::kRowsMax / 4 &&
           page.rows.live_bytes() < MemoryPage::kArenaBytes / 4;
}

/// Joins children `at` and `at + 1` when they fit into one page with some room left.
void join(Inner& page, std::size_t at) {
    const MemoryPage& low = page.children[at]->rows;
    const MemoryPage& high = page.children[at + 1]->rows;
    const ByteView separator = page.rows.key(at);
    if (low.size() + high.size() + 1 > MemoryPage::kRowsMax * 3 / 4 ||
        low.live_bytes() + high.live_bytes() + separator.size() > MemoryPage::kArenaBytes * 3 / 4) {
        return;
    }
    own(page.children[at]);
    Page& into = *page.children[at];
    const Page& from = *page.children[at + 1];
    if (!into.leaf) {
        const std::size_t count = into.rows.size() + 1;
        into.rows.insert(count - 1, separator, {});
        std::copy_n(inner(from).children.begin(), from.rows.size() + 1,
                    inner(into).children.begin() + count);
    }
    into.rows.append(from.rows, 0);
    drop_children(page, at + 1, at + 2);
}

bool drop_if_empty(Inner& page, std::size_t at) {
    const bool empty = is_empty(*page.children[at]);
    if (empty) {
        drop_children(page, at, at + 1);
    }
    return empty;
}

/// Rows of child `at` went. REQUIRES that no child is empty.
void join_if_small(Inner& page, std::size_t at) {
    if (!is_small(*page.children[at])) {
        return;
    }
    if (at < page.rows.size()) {
        join(page, at);
    } else if (at > 0) {
        join(page, at - 1);
    }
}

/// REQUIRES a row with this key.
void erase_from(PagePtr& tree, ByteView key) {
    own(tree);
    if (tree->leaf) {
        const std::size_t at = tree->rows.find(key).at;
        tree->rows.erase(at, at + 1);
        return;
    }
    Inner& page = inner(*tree);
    const std::size_t at = child_of(page, key);
    erase_from(page.children[at], key);
    if (!drop_if_empty(page, at)) {
        join_if_small(page, at);
    }
}

void erase_range_from(PagePtr& tree, ByteView first, ByteView last) {
    own(tree);
    if (tree->leaf) {
        tree->rows.erase(tree->rows.find(first).at, tree->rows.find(last).at);
        return;
    }
    Inner& page = inner(*tree);
    const std::size_t low = child_of(page, first);
    const std::size_t high = child_of(page, last);
    erase_range_from(page.children[low], first, last);
    std::size_t left = 1;  // of the children that the range begins and ends in
    if (low < high) {
        erase_range_from(page.children[high], first, last);
        drop_children(page, low + 1, high);
        left += drop_if_empty(page, low + 1) ? 0U : 1U;
    }
    left -= drop_if_empty(page, low) ? 1U : 0U;
    while (left > 0) {  // the upper one first: to join it leaves the other where it is
        --left;
        join_if_small(page, low + left);
    }
}

/// The root has rows, and more than one child.
void trim_root(PagePtr& root) {
    while (!root->leaf && root->rows.empty() && !is_empty(*root)) {
        root = PagePtr(inner(*root).children[0]);
    }
    if (is_empty(*root)) {
        root.reset();
    }
}

// ---- find ----

MemoryTree::Row first_of(const Page* page) {
    while (page != nullptr && !page->leaf) {
        page = inner(*page).children[0].get();
    }
    return {page, 0};
}

MemoryTree::Row last_of(const Page* page) {
    while (page != nullptr && !page->leaf) {
        page = inner(*page).children[page->rows.size()].get();
    }
    return {page, page == nullptr ? 0 : page->rows.size() - 1};
}

std::size_t count_pages(const Page& page) {
    std::size_t count = 1;
    for (std::size_t at = 0; !page.leaf && at <= page.rows.size(); ++at) {
        count += count_pages(*inner(page).children[at]);
    }
    return count;
}

}  // namespace

ByteView MemoryTree::Row::key() const {
    return page->rows.key(at);
}

ByteView MemoryTree::Row::value() const {
    return page->rows.value(at);
}

MemoryTree::Row MemoryTree::find(ByteView key) const {
    const Page* page = root_.get();
    while (page != nullptr && !page->leaf) {
        page = inner(*page).children[child_of(*page, key)].get();
    }
    if (page == nullptr) {
        return {};
    }
    const auto place = page->rows.find(key);
    return place.exact ? Row{page, place.at} : Row{};
}

MemoryTree::Row MemoryTree::find_from(ByteView key, bool after) const {
    const Page* page = root_.get();
    const Page* behind = nullptr;  // the page whose rows come next
    while (page != nullptr && !page->leaf) {
        const std::size_t at = child_of(*page, key);
        behind = at < page->rows.size() ? inner(*page).children[at + 1].get() : behind;
        page = inner(*page).children[at].get();
    }
    if (page == nullptr) {
        return {};
    }
    const auto place = page->rows.find(key);
    const std::size_t at = place.at + (place.exact && after ? 1U : 0U);
    return at < page->rows.size() ? Row{page, at} : first_of(behind);
}

MemoryTree::Row MemoryTree::find_until(std::optional<ByteView> key, bool with) const {
    if (!key) {
        return last_of(root_.get());
    }
    const Page* page = root_.get();
    const Page* before = nullptr;  // the page whose rows come before
    while (page != nullptr && !page->leaf) {
        const std::size_t at = child_of(*page, *key);
        before = at > 0 ? inner(*page).children[at - 1].get() : before;
        page = inner(*page).children[at].get();
    }
    if (page == nullptr) {
        return {};
    }
    const auto place = page->rows.find(*key);
    if (place.exact && with) {
        return {page, place.at};
    }
    return place.at > 0 ? Row{page, place.at - 1} : last_of(before);
}

MemoryTree::Row MemoryTree::next(const Row& row) const {
    return row.at + 1 < row.page->rows.size() ? Row{row.page, row.at + 1}
                                              : find_from(row.key(), true);
}

MemoryTree::Row MemoryTree::previous(const Row& row) const {
    return row.at > 0 ? Row{row.page, row.at - 1} : find_until(row.key());
}

std::size_t MemoryTree::page_count() const {
    return root_ == nullptr ? 0 : count_pages(*root_);
}

void MemoryTree::put(ByteView key, ByteView value) {
    if (root_ == nullptr) {
        root_ = std::make_shared<Page>(true);
    }
    if (auto upper = stipple::put(root_, key, value)) {
        auto root = std::make_shared<Inner>();
        root->children[0] = std::move(root_);
        add_child(*root, 0, std::move(*upper));
        root_ = std::move(root);
    }
}

void MemoryTree::erase(ByteView key) {
    if (find(key)) {
        erase_from(root_, key);
        trim_root(root_);
    }
}

void MemoryTree::erase_range(ByteView first, ByteView last) {
    const Row any = find_from(first);
    if (any && compare(any.key(), last) < 0) {
        erase_range_from(root_, first, last);
        trim_root(root_);
    }
}

}  // namespace stipple
