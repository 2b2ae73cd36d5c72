// One case of the weights, run: what its calls take, read and write beside plain remarks.
//
//     const Prepared prepared = prepare(one);
//     const Cost cost = cost_of(one, prepared);     // items and proof: the same every time
//     run_block(prepared, one, one.make).micros     // time: noise and all
#pragma once

#include "tests/runtime/bench_chain.hpp"
#include "tests/runtime/weight_cases.hpp"

namespace stipple::bench {

/// Passes everything on and notes which keys of the main trie were read, with their sizes.
class NotingReader final : public state::Reader {
 public:
    using Read = std::map<Bytes, std::size_t, ByteLess>;
    explicit NotingReader(const state::Reader& below) : below_(below) {}
    Result<std::optional<state::StoredValue>> value(const state::TrieId& trie,
                                                    ByteView key) const override;
    std::unique_ptr<state::KeyCursor> keys(const state::TrieId& trie,
                                           ByteView from) const override {
        return below_.keys(trie, from);
    }
    Result<std::optional<state::LentBytes>> lend_branch(const state::TrieId& trie,
                                                        ByteView path) const override {
        return below_.lend_branch(trie, path);
    }
    Result<state::StateRoot> root(const state::TrieId& trie) const override {
        return below_.root(trie);
    }
    const Read& read() const { return read_; }

 private:
    const state::Reader& below_;
    mutable Read read_;
};

struct Measured {
    double micros = 0;  ///< of one transaction
    NotingReader::Read read;
    std::size_t writes = 0;  ///< values that the whole block writes
    bool has_failure = false;
};

/// Makes extrinsics of what is sent, in the order of nonces.
class Sender {
 public:
    Extrinsic sign(const Sent& sent);

 private:
    std::map<AccountId, std::uint32_t> nonces_;
};

/// The state in which the calls of a case may come, and who has sent how much before.
struct Prepared {
    state::MemoryState state = our_chain().state;
    BlockRef block{our_chain().header.hash(), 0};
    Sender sender;
    bool has_failure = false;
};
Prepared prepare(const WeightCase& one);

using MakeSent = std::function<Sent(std::uint32_t i)>;
/// A block of `times` of these.
Measured run_block(const Prepared& prepared, std::uint32_t times, const MakeSent& make,
                   bool verifies_signatures);
/// In place of a call of the case: a remark as long, by the same sender.
Sent plain(const Sent& sent);

/// Storage that the first call of a case touches and a remark does not.
struct Cost {
    double reads = 0;
    double writes = 0;
    double proof_bytes = 0;
    runtime::Weight declared;
    /// Items as the runtime counts them, in microseconds.
    double items_us() const { return 25 * reads + 100 * writes; }
};
Cost cost_of(const WeightCase& one, const Prepared& prepared);

}  // namespace stipple::bench
