// A toy chain for the pool's tests, fuzzer and benchmark: accounts with nonces, and the runtime's
// answer to validate_transaction computed from them. It answers the pool's jobs at once or later.
//
// A transaction is 14 bytes: account u32, nonce u32, priority u32, longevity u16, and any tail.
#pragma once

#include "chain/pool/pool.hpp"
#include "crypto/hash.hpp"
#include "scale/codec.hpp"

#include <algorithm>
#include <map>

namespace stipple::chain::pool {

struct Claim {
    std::uint32_t account = 0;
    std::uint32_t nonce = 0;
    std::uint32_t priority = 1;
    std::uint16_t longevity = 0;  ///< 0: for ever
};

inline Extrinsic extrinsic_of(const Claim& claim, std::size_t padding = 0) {
    Bytes data;
    append_le(data, claim.account);
    append_le(data, claim.nonce);
    append_le(data, claim.priority);
    append_le(data, claim.longevity);
    data.resize(data.size() + padding);
    return {std::move(data)};
}
inline std::optional<Claim> claim_of(const Extrinsic& extrinsic) {
    if (extrinsic.data.size() < 14) {
        return std::nullopt;
    }
    const ByteView view(extrinsic.data);
    return Claim{load_le<std::uint32_t>(view), load_le<std::uint32_t>(view.subspan(4)),
                 load_le<std::uint32_t>(view.subspan(8)), load_le<std::uint16_t>(view.subspan(12))};
}
inline Tag nonce_tag(std::uint32_t account, std::uint32_t nonce) {
    Tag tag;
    append_le(tag, account);
    append_le(tag, nonce);
    return tag;
}

class World {
 public:
    using Nonces = std::map<std::uint32_t, std::uint32_t>;
    struct KnownBlock {
        BlockContent content;
        Nonces nonces;  ///< after the block
    };

    World() { blocks_[genesis().hash] = {{genesis(), {}, {}}, {}}; }
    static BlockRef genesis() { return {BlockHash{}, 0}; }

    /// The runtime's verdict on the state of a block.
    TransactionValidity validate(const Validate& job) const {
        const auto claim = claim_of(*job.extrinsic);
        if (!claim) {
            return std::unexpected(ValidityError(InvalidTransaction{InvalidKind::bad_proof}));
        }
        const Nonces& nonces = blocks_.at(job.at.hash).nonces;
        const auto found = nonces.find(claim->account);
        const std::uint32_t next = found == nonces.end() ? 0 : found->second;
        if (claim->nonce < next) {
            return std::unexpected(ValidityError(InvalidTransaction{InvalidKind::stale}));
        }
        ValidTransaction valid;
        valid.priority = claim->priority;
        valid.longevity = claim->longevity == 0 ? ~std::uint64_t{0} : claim->longevity;
        valid.provides_tags = {nonce_tag(claim->account, claim->nonce)};
        if (claim->nonce > next) {
            valid.requires_tags = {nonce_tag(claim->account, claim->nonce - 1)};
        }
        return valid;
    }

    /// Makes a block on a known one; absent when a transaction does not apply.
    std::optional<BlockRef> make_block(const BlockRef& parent, const Body& body) {
        KnownBlock block;
        block.nonces = blocks_.at(parent.hash).nonces;
        Bytes seed;
        append(seed, parent.hash);
        append_le(seed, ++made_);
        for (const Extrinsic& extrinsic : body) {
            const auto claim = claim_of(extrinsic);
            if (!claim || block.nonces[claim->account] != claim->nonce) {
                return std::nullopt;
            }
            ++block.nonces[claim->account];
        }
        block.content.block = {BlockHash(crypto::blake2b_256(seed).bytes), parent.number + 1};
        block.content.parent = parent;
        block.content.body = body;
        const BlockRef ref = block.content.block;
        blocks_[ref.hash] = std::move(block);
        return ref;
    }

    /// What changes when the best block moves.
    BestBlockChange change(const BlockRef& from, const BlockRef& to) const {
        BestBlockChange result{.best = to, .retracted = {}, .enacted = {}};
        BlockRef left = from;
        BlockRef right = to;
        while (left != right) {
            if (left.number >= right.number) {
                result.retracted.push_back(blocks_.at(left.hash).content);
                left = result.retracted.back().parent;
            }
            if (right.number > left.number) {
                result.enacted.push_back(blocks_.at(right.hash).content);
                right = result.enacted.back().parent;
            }
        }
        std::reverse(result.enacted.begin(), result.enacted.end());
        return result;
    }
    const Nonces& nonces(const BlockRef& block) const { return blocks_.at(block.hash).nonces; }

 private:
    std::map<BlockHash, KnownBlock> blocks_;
    std::uint64_t made_ = 0;
};

}  // namespace stipple::chain::pool
