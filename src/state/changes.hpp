// What a block wrote under the keys of one trie: key -> new value, or absent for a removal.
//
// Sorted rows of views into the bytes that the object holds itself: a difference of a thousand
// writes costs a handful of allocations. Whoever makes it writes in key order, and then set() only
// appends. Keys and values stay where they are while it lives, also when it is moved.
#pragma once

#include "base/check.hpp"
#include "state/byte_arena.hpp"
#include "state/reader.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace stipple::state {

/// A value and its form, borrowed.
struct ValueView {
    ByteView bytes;
    ValueForm form = ValueForm::inline_bytes;

    ValueView() = default;
    ValueView(ByteView bytes_in, ValueForm form_in) : bytes(bytes_in), form(form_in) {}
    ValueView(const StoredValue& value) : bytes(value.bytes), form(value.form) {}
    StoredValue stored() const { return {to_bytes(bytes), form}; }
    friend bool operator==(const ValueView& a, const ValueView& b) {
        return a.form == b.form && equal(a.bytes, b.bytes);
    }
};

/// `Value` is ValueView or ByteView.
template <class Value>
class Changes {
 public:
    /// Key and new value.
    using Entry = std::pair<ByteView, std::optional<Value>>;
    using const_iterator = typename std::vector<Entry>::const_iterator;

    Changes() = default;
    Changes(Changes&&) noexcept = default;
    Changes& operator=(Changes&&) noexcept = default;
    ~Changes() = default;
    Changes(const Changes& other) {
        reserve(other.size());
        for (const auto& [key, value] : other) {
            set(key, value);
        }
    }
    Changes& operator=(const Changes& other) { return *this = Changes(other); }

    const_iterator begin() const { return entries_.begin(); }
    const_iterator end() const { return entries_.end(); }
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    void reserve(std::size_t count) { entries_.reserve(count); }

    const_iterator find(ByteView key) const {
        const auto at = lower_bound(key);
        return at != end() && equal(at->first, key) ? at : end();
    }
    /// The first entry with a key >= `key`.
    const_iterator lower_bound(ByteView key) const {
        return std::partition_point(
            begin(), end(), [&](const Entry& entry) { return compare(entry.first, key) < 0; });
    }
    bool contains(ByteView key) const { return find(key) != end(); }
    /// REQUIRES contains(key).
    const std::optional<Value>& at(ByteView key) const {
        const auto found = find(key);
        CHECK(found != end());
        return found->second;
    }

    friend bool operator==(const Changes& a, const Changes& b) {
        return std::equal(
            a.begin(), a.end(), b.begin(), b.end(), [](const Entry& x, const Entry& y) {
                return equal(x.first, y.first) && x.second.has_value() == y.second.has_value() &&
                       (!x.second || same(*x.second, *y.second));
            });
    }

    // ---- for makers that fill the object in two steps ----
    /// Copies bytes in, for a later add_held().
    ByteView hold(ByteView bytes) { return bytes_.keep(bytes); }
    /// REQUIRES a key above all so far, and views that hold() gave.
    void add_held(ByteView key, const std::optional<Value>& value) {
        entries_.emplace_back(key, value);
    }

    /// Copies key and value in. Constant time above all keys so far, linear elsewhere.
    void set(ByteView key, const std::optional<Value>& value) {
        const std::optional<Value> kept = value ? std::optional(keep(*value)) : std::nullopt;
        if (entries_.empty() || compare(entries_.back().first, key) < 0) {
            entries_.emplace_back(bytes_.keep(key), kept);
            return;
        }
        const auto at = entries_.begin() + (lower_bound(key) - begin());
        if (equal(at->first, key)) {
            at->second = kept;
        } else {
            entries_.insert(at, Entry(bytes_.keep(key), kept));
        }
    }
    /// The memory of the entries is not given back.
    void erase(const_iterator first, const_iterator last) { entries_.erase(first, last); }

 private:
    static bool same(ByteView a, ByteView b) { return equal(a, b); }
    static bool same(const ValueView& a, const ValueView& b) { return a == b; }
    ByteView keep(ByteView bytes) { return bytes_.keep(bytes); }
    ValueView keep(const ValueView& value) { return {bytes_.keep(value.bytes), value.form}; }

    std::vector<Entry> entries_;
    ByteArena bytes_;
};

}  // namespace stipple::state
