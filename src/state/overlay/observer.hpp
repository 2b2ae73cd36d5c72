// Who wants to know of every key that a call reads and writes (`state_traceBlock`).
//
// An Overlay over an ObservedReader tells the observer what host functions do with keys. What is
// read below, for roots and walks, is nobody's business.
#pragma once

#include "state/reader.hpp"

#include <optional>

namespace stipple::state {

class AccessObserver {
 public:
    virtual ~AccessObserver() = default;
    // Absent: there is nothing under the key, or it is removed. Views live as long as the call.
    virtual void got(const TrieId& trie, ByteView key, std::optional<ByteView> value) = 0;
    virtual void looked(const TrieId& trie, ByteView key, bool exists) = 0;
    virtual void put(const TrieId& trie, ByteView key, std::optional<ByteView> value) = 0;
    virtual void appended(const TrieId& trie, ByteView key, ByteView item) = 0;
};

/// Another reader, and who watches. Both must outlive it; the observer is called by one thread.
class ObservedReader final : public Reader {
 public:
    ObservedReader(const Reader& reader, AccessObserver& observer)
        : reader_(&reader), observer_(&observer) {}
    AccessObserver& observer() const { return *observer_; }

    Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const override {
        return reader_->value(trie, key);
    }
    Result<bool> surely_has(const TrieId& trie, ByteView key) const override {
        return reader_->surely_has(trie, key);
    }
    std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const override {
        return reader_->keys(trie, from);
    }
    Result<std::optional<LentBytes>> lend_branch(const TrieId& trie, ByteView path) const override {
        return reader_->lend_branch(trie, path);
    }
    Result<> lend_branches(const TrieId& trie, std::span<const ByteView> paths,
                           std::span<std::optional<LentBytes>> out) const override {
        return reader_->lend_branches(trie, paths, out);
    }
    Result<StateRoot> root(const TrieId& trie) const override { return reader_->root(trie); }

 private:
    const Reader* reader_;
    AccessObserver* observer_;
};

}  // namespace stipple::state
