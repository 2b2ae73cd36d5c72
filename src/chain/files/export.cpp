#include "chain/files/export.hpp"

#include <fmt/format.h>

namespace stipple::chain {
namespace {

Result<state::MemoryState::Pairs> pairs_of(const state::Reader& state, const state::TrieId& trie) {
    state::MemoryState::Pairs pairs;
    const auto cursor = state.keys(trie, {});
    for (; cursor->valid(); cursor->next()) {
        TRY_ASSIGN(auto value, cursor->value());
        pairs.emplace_hint(pairs.end(), to_bytes(cursor->key()), std::move(value.bytes));
    }
    TRY(cursor->status());
    return pairs;
}

}  // namespace

Result<std::optional<SignedBlock>> signed_block(const Chain& chain, const BlockHash& hash) {
    TRY_ASSIGN(auto header, chain.header(hash));
    TRY_ASSIGN(auto body, chain.body(hash));
    TRY_ASSIGN(auto justifications, chain.justifications(hash));
    if (!header || !body) {
        return std::nullopt;
    }
    return SignedBlock{{*std::move(header), *std::move(body)}, std::move(justifications)};
}

Result<std::uint64_t> export_blocks(const Chain& chain, std::ostream& out, BlockFileFormat format,
                                    BlockNumber first, std::optional<BlockNumber> last) {
    const BlockNumber end = last.value_or(chain.heads().best.number);
    if (end < first) {
        return fail(fmt::format("nothing to export from #{} to #{}", first, end));
    }
    const std::uint64_t count = std::uint64_t{end} - first + 1;
    BlockFileWriter writer(out, format, count);
    for (BlockNumber number = first;; ++number) {
        TRY_ASSIGN(const auto hash, chain.canonical_hash(number));
        if (!hash) {
            return fail(fmt::format("block #{} is not on record", number));
        }
        TRY_ASSIGN(const auto block, signed_block(chain, *hash));
        if (!block) {
            return fail(fmt::format("the body of block #{} is pruned", number));
        }
        TRY(writer.write(*block));
        if (number == end) {
            return count;
        }
    }
}

Result<RawGenesis> state_as_genesis(const state::Reader& state) {
    RawGenesis genesis;
    TRY_ASSIGN(genesis.top, pairs_of(state, state::TrieId::main()));
    const ByteView prefix = as_bytes(state::kDefaultChildStoragePrefix);
    auto at = genesis.top.lower_bound(prefix);
    while (at != genesis.top.end() && starts_with(at->first, prefix)) {
        const state::TrieId trie{to_bytes(ByteView(at->first).subspan(prefix.size()))};
        TRY_ASSIGN(genesis.children[trie], pairs_of(state, trie));
        at = genesis.top.erase(at);
    }
    return genesis;
}

Result<std::string> export_state(const Chain& chain, const BlockHash& block) {
    TRY_ASSIGN(const auto state, chain.state(block));
    TRY_ASSIGN(const auto genesis, state_as_genesis(*state));
    return raw_chain_spec_json(chain.spec(), genesis);
}

}  // namespace stipple::chain
