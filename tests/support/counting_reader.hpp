// A reader that counts the bytes of the values which are read through it, and the walks.
#pragma once

#include "state/reader.hpp"

namespace stipple::state {

class CountingReader final : public Reader {
 public:
    explicit CountingReader(const Reader& inner) : inner_(inner) {}

    Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const override {
        auto found = inner_.value(trie, key);
        if (found && *found) {
            value_bytes += (*found)->bytes.size();
        }
        return found;
    }
    /// As a reader does that finds a row by its key, and walks with more effort.
    Result<bool> surely_has(const TrieId& trie, ByteView key) const override {
        TRY_ASSIGN(const auto found, inner_.value(trie, key));
        return found.has_value();
    }
    std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const override {
        ++walks;
        return std::make_unique<Cursor>(*this, inner_.keys(trie, from));
    }
    Result<std::optional<LentBytes>> lend_branch(const TrieId& trie, ByteView path) const override {
        return inner_.lend_branch(trie, path);
    }
    Result<StateRoot> root(const TrieId& trie) const override { return inner_.root(trie); }

    mutable std::size_t value_bytes = 0;
    mutable std::size_t walks = 0;

 private:
    class Cursor final : public KeyCursor {
     public:
        Cursor(const CountingReader& reader, std::unique_ptr<KeyCursor> inner)
            : reader_(reader), inner_(std::move(inner)) {}
        bool valid() const override { return inner_->valid(); }
        ByteView key() const override { return inner_->key(); }
        Result<StoredValue> value() const override {
            auto found = inner_->value();
            if (found) {
                reader_.value_bytes += found->bytes.size();
            }
            return found;
        }
        void next() override { inner_->next(); }
        Result<> status() const override { return inner_->status(); }

     private:
        const CountingReader& reader_;
        std::unique_ptr<KeyCursor> inner_;
    };

    const Reader& inner_;
};

}  // namespace stipple::state
