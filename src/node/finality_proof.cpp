#include "node/finality_proof.hpp"

#include "consensus/grandpa/authority_set.hpp"
#include "node/grandpa_justification.hpp"

namespace stipple::node {
namespace {

struct Justified {
    BlockRef block;
    Bytes justification;
};

Result<std::optional<Justified>> justification_at(const chain::Chain& chain, BlockNumber number) {
    TRY_ASSIGN(const auto hash, chain.canonical_hash(number));
    if (!hash) {
        return std::nullopt;
    }
    TRY_ASSIGN(const auto stored, chain.justifications(*hash));
    const auto* found = grandpa_justification(stored);
    return found != nullptr ? std::optional(Justified{{*hash, number}, found->data}) : std::nullopt;
}

/// The newest one above `floor`, at or below the finalised block.
Result<std::optional<Justified>> newest_justification(const chain::Chain& chain,
                                                      BlockNumber floor) {
    for (BlockNumber at = chain.heads().finalized.number; at > floor; --at) {
        TRY_ASSIGN(auto found, justification_at(chain, at));
        if (found) {
            return found;
        }
    }
    return std::nullopt;
}

Result<std::vector<Header>> headers_between(const chain::Chain& chain, BlockNumber first,
                                            BlockNumber last) {
    std::vector<Header> headers;
    for (BlockNumber at = first; at <= last && headers.size() < kUnknownHeadersMax; ++at) {
        TRY_ASSIGN(const auto hash, chain.canonical_hash(at));
        if (!hash) {
            return fail("block #" + std::to_string(at) + " is not there");
        }
        TRY_ASSIGN(const auto header, chain.header(*hash));
        if (!header) {
            return fail("header of #" + std::to_string(at) + " is not there");
        }
        headers.push_back(*header);
    }
    return headers;
}

Result<std::optional<Bytes>> find_proof(const chain::Chain& chain, const StoreReader& store,
                                        BlockNumber number) {
    TRY_ASSIGN(const auto set, grandpa::AuthoritySet::load(store));
    std::optional<BlockNumber> set_end;
    BlockNumber last_end = 0;
    if (set) {
        for (const auto& past : set->past_sets()) {
            last_end = past.last_block;
            if (past.last_block >= number) {
                set_end = past.last_block;
                break;
            }
        }
    }
    Result<std::optional<Justified>> found =
        set_end ? justification_at(chain, *set_end) : newest_justification(chain, last_end);
    TRY_ASSIGN(auto justified, std::move(found));
    if (!justified) {
        return std::nullopt;
    }
    TRY_ASSIGN(const auto headers, headers_between(chain, number + 1, justified->block.number));
    Bytes proof = scale::encode(justified->block.hash);
    scale::encode_to(proof, justified->justification);
    scale::encode_to(proof, headers);
    return proof;
}

}  // namespace

std::expected<std::optional<Bytes>, std::string> prove_finality(const chain::Chain& chain,
                                                                const StoreReader& store,
                                                                BlockNumber number) {
    if (number > chain.heads().finalized.number) {
        return std::unexpected("Block not yet finalized");
    }
    auto proof = find_proof(chain, store, number);
    if (!proof) {
        return std::unexpected(proof.error().message());
    }
    return *std::move(proof);
}

}  // namespace stipple::node
