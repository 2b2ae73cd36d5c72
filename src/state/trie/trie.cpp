#include "state/trie/trie.hpp"

#include "base/check.hpp"
#include "scale/codec.hpp"
#include "state/trie/builder.hpp"
#include "state/trie/sorted_values.hpp"

#include <array>
#include <utility>

namespace stipple::state::trie {

namespace {

void check_sorted(std::span<const KeyValue> pairs) {
    for (std::size_t i = 1; i < pairs.size(); ++i) {
        CHECK(compare(pairs[i - 1].key, pairs[i].key) < 0);
    }
}

template <class Hasher>
StateRoot root_with(std::span<const KeyValue> pairs, StateVersion version) {
    check_sorted(pairs);
    return Builder<Hasher>(pairs, {}, version, nullptr).root();
}

struct Row {
    std::uint64_t head;
    std::size_t index;
};

/// By heads, stably, eleven bits a pass; a pass in which all rows agree is left out.
void radix_sort(std::vector<Row>& rows) {
    constexpr unsigned kDigitBits = 11;
    constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
    std::vector<Row> other(rows.size());
    for (unsigned shift = 0; shift < 64; shift += kDigitBits) {
        const auto digit = [shift](const Row& row) { return row.head >> shift & (kDigits - 1); };
        std::array<std::size_t, kDigits> starts{};
        for (const Row& row : rows) {
            ++starts[digit(row)];
        }
        if (starts[digit(rows[0])] == rows.size()) {
            continue;
        }
        std::size_t sum = 0;
        for (std::size_t& start : starts) {
            sum += std::exchange(start, sum);
        }
        for (const Row& row : rows) {
            other[starts[digit(row)]++] = row;
        }
        rows.swap(other);
    }
}

/// Sorted by key, the last of equal ones kept. Most comparisons see just the first eight bytes,
/// which are gathered beforehand.
std::vector<KeyValue> sorted(std::span<const KeyValue> pairs) {
    constexpr std::size_t kRadixRowsMin = 2048;
    std::vector<Row> rows(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        rows[i] = {key_head(pairs[i].key), i};
    }
    const auto less = [&](const Row& a, const Row& b) {
        if (a.head != b.head) {
            return a.head < b.head;
        }
        const int order = compare(pairs[a.index].key, pairs[b.index].key);
        return order != 0 ? order < 0 : a.index < b.index;
    };
    if (rows.size() < kRadixRowsMin) {
        std::sort(rows.begin(), rows.end(), less);
    } else {
        radix_sort(rows);
        for (auto run = rows.begin(); run != rows.end();) {
            const auto end = std::find_if(run + 1, rows.end(),
                                          [&](const Row& row) { return row.head != run->head; });
            std::sort(run, end, less);
            run = end;
        }
    }
    std::vector<KeyValue> out;
    out.reserve(pairs.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const KeyValue& pair = pairs[rows[i].index];
        if (i > 0 && rows[i - 1].head == rows[i].head && equal(out.back().key, pair.key)) {
            out.back() = pair;
        } else {
            out.push_back(pair);
        }
    }
    return out;
}

template <class Hasher>
StateRoot ordered_root_with(std::span<const Bytes> items, StateVersion version) {
    // Compact integers do not sort as their bytes do, so the keys are sorted here.
    std::vector<Bytes> keys(items.size());
    std::vector<KeyValue> pairs(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        scale::encode_compact(keys[i], i);
        pairs[i] = {keys[i], items[i]};
    }
    std::sort(pairs.begin(), pairs.end(),
              [](const KeyValue& a, const KeyValue& b) { return compare(a.key, b.key) < 0; });
    return Builder<Hasher>(pairs, {}, version, nullptr).root();
}

TrieDifference build_with(std::span<const KeyValue> pairs, std::span<const ValueForm> forms,
                          StateVersion version) {
    check_sorted(pairs);
    TrieDifference difference;
    std::vector<StoredBranch> branches;
    difference.root = Builder<Blake2Hasher>(pairs, forms, version, &branches).root();
    std::sort(branches.begin(), branches.end(), [](const StoredBranch& a, const StoredBranch& b) {
        return compare(a.path, b.path) < 0;
    });
    for (const StoredBranch& branch : branches) {
        difference.nodes.set(branch.path, branch.encoded);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const ValueForm form = forms.empty() ? form_of_new(pairs[i].value, version) : forms[i];
        difference.values.set(pairs[i].key, ValueView(pairs[i].value, form));
    }
    return difference;
}

}  // namespace

ValueForm form_of_new(ByteView value, StateVersion version) {
    return version == StateVersion::v1 && value.size() >= kHashedValueBytesMin
               ? ValueForm::hashed
               : ValueForm::inline_bytes;
}

StateRoot root_of_sorted(std::span<const KeyValue> pairs, StateVersion version) {
    return root_with<Blake2Hasher>(pairs, version);
}

StateRoot keccak_root_of_sorted(std::span<const KeyValue> pairs, StateVersion version) {
    return root_with<KeccakHasher>(pairs, version);
}

StateRoot root_of_unsorted(std::span<const KeyValue> pairs, StateVersion version) {
    return root_with<Blake2Hasher>(sorted(pairs), version);
}

StateRoot keccak_root_of_unsorted(std::span<const KeyValue> pairs, StateVersion version) {
    return root_with<KeccakHasher>(sorted(pairs), version);
}

StateRoot ordered_root(std::span<const Bytes> items, StateVersion version) {
    return ordered_root_with<Blake2Hasher>(items, version);
}

StateRoot keccak_ordered_root(std::span<const Bytes> items, StateVersion version) {
    return ordered_root_with<KeccakHasher>(items, version);
}

TrieDifference build(std::span<const KeyValue> pairs, StateVersion version) {
    return build_with(pairs, {}, version);
}

TrieDifference build_with_forms(std::span<const KeyValue> pairs, std::span<const ValueForm> forms) {
    CHECK(forms.size() == pairs.size());
    return build_with(pairs, forms, StateVersion::v0);
}

}  // namespace stipple::state::trie
