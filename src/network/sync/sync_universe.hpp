// The blocks of a made-up world and how its peers serve them, each after its character.
//
// Spec: none; blocks are made up. A block is bad when its header says so, or when its body does not
// hash to its extrinsics root.
#pragma once

#include "base/prng.hpp"
#include "crypto/hash.hpp"
#include "network/requests/block_answer.hpp"
#include "network/sync/effects.hpp"

#include <map>
#include <memory>

namespace stipple::network::sync::testing {

enum class Character : std::uint8_t {
    honest,
    silent,          ///< never answers
    refusing,        ///< closes every request
    empty_handed,    ///< answers with nothing
    made_up_blocks,  ///< linked blocks nobody else has, none of them valid
    wrong_bodies,    ///< the right headers over other bodies
    wrong_order,     ///< the right blocks, shuffled
    boasting,        ///< claims a best block far above what it has
    pruned,          ///< has no bodies but of the newest blocks
    on_fork,         ///< a valid chain that is shorter than the honest one
    crumbs,          ///< honest, few blocks at a time
    garbage,         ///< bytes that decode to nothing
};
inline constexpr Character kHostile[] = {
    Character::silent,         Character::refusing,     Character::empty_handed,
    Character::made_up_blocks, Character::wrong_bodies, Character::wrong_order,
    Character::boasting,       Character::pruned,       Character::on_fork,
    Character::crumbs,         Character::garbage};

struct WorldBlock {
    Header header;
    Body body;
};

inline ExtrinsicsRoot root_of(const Body& body) {
    return ExtrinsicsRoot(crypto::blake2b_256(scale::encode(body)).bytes);
}
inline Justification justification_of(const BlockHash& hash) {
    return {kGrandpaEngine, to_bytes(hash.view())};
}

class Universe {
 public:
    struct Chain {
        std::vector<BlockHash> blocks;  ///< by number
        BlockRef best() const {
            return {blocks.back(), static_cast<BlockNumber>(blocks.size() - 1)};
        }
    };
    struct WorldPeer {
        Character character = Character::honest;
        const Chain* chain = nullptr;
        Duration latency{};
        bool connected = true;
    };

    explicit Universe(std::uint64_t seed) : prng_(Seed{seed}) {}

    // ---- blocks ----
    BlockHash add_block(const BlockHash& parent, BlockNumber number, std::uint8_t salt,
                        bool is_bad = false) {
        WorldBlock block;
        block.header.parent_hash = parent;
        block.header.number = number;
        block.body.push_back({{salt, static_cast<std::uint8_t>(number), 42}});
        block.header.extrinsics_root = root_of(block.body);
        block.header.digest.emplace_back(OtherDigest{{salt}});
        if (is_bad) {
            block.header.digest.emplace_back(OtherDigest{to_bytes("bad")});
        }
        if (set_change_period != 0 && number % set_change_period == 0 && number > 0) {
            block.header.digest.emplace_back(ConsensusDigest{kGrandpaEngine, {1}});
        }
        const BlockHash hash = block.header.hash();
        blocks[hash] = std::move(block);
        return hash;
    }
    void grow(Chain& chain, std::size_t count, std::uint8_t salt = 0, bool is_bad = false) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto number = static_cast<BlockNumber>(chain.blocks.size());
            chain.blocks.push_back(add_block(chain.blocks.back(), number, salt, is_bad));
        }
    }
    /// A chain that leaves the honest one after `at`.
    Chain& fork(BlockNumber at, std::size_t count, std::uint8_t salt, bool is_bad = false) {
        auto& chain = forks.emplace_back(std::make_unique<Chain>());
        chain->blocks.assign(honest.blocks.begin(), honest.blocks.begin() + at + 1);
        grow(*chain, count, salt, is_bad);
        return *chain;
    }

    static bool changes_set(const Header& header) {
        return std::ranges::any_of(header.digest, [](const auto& item) {
            return std::holds_alternative<ConsensusDigest>(item);
        });
    }

    std::map<BlockHash, WorldBlock> blocks;
    Chain honest;
    std::vector<std::unique_ptr<Chain>> forks;
    /// Blocks at its multiples change the authority set; 0: none do.
    BlockNumber set_change_period = 0;
    bool peers_give_justifications_with_blocks = true;
    BlockNumber warp_step = 40;  ///< a fragment for each so many blocks

 protected:
    requests::BlockReader reader(const WorldPeer& peer) {
        const Chain& chain = *peer.chain;
        const bool pruned = peer.character == Character::pruned;
        return {
            .canonical_hash = [&chain](BlockNumber number) -> std::optional<BlockHash> {
                return number < chain.blocks.size() ? std::optional(chain.blocks[number])
                                                    : std::nullopt;
            },
            .header = [this](const BlockHash& hash) -> std::optional<Header> {
                const auto found = blocks.find(hash);
                return found == blocks.end() ? std::nullopt : std::optional(found->second.header);
            },
            .body = [this, pruned, &chain](const BlockHash& hash) -> std::optional<Body> {
                const auto& block = blocks.at(hash);
                const bool old = block.header.number + 20 < chain.blocks.size();
                return pruned && old ? std::nullopt : std::optional(block.body);
            },
            .justifications = [this](const BlockHash& hash) -> std::optional<Justifications> {
                const Header& header = blocks.at(hash).header;
                const bool is_final =  // nobody has voted for a fork
                    header.number < honest.blocks.size() && honest.blocks[header.number] == hash;
                return changes_set(header) && is_final
                           ? std::optional(Justifications{justification_of(hash)})
                           : std::nullopt;
            }};
    }
    Bytes serve(const WorldPeer& peer, BlockRequest request) {
        if (peer.character == Character::empty_handed) {
            return {};
        }
        if (peer.character == Character::crumbs) {
            request.max_blocks = std::min<std::uint32_t>(request.max_blocks, 3);
        }
        if (!peers_give_justifications_with_blocks && request.parts != block_part::kJustification) {
            request.parts &= static_cast<std::uint8_t>(~block_part::kJustification);
        }
        auto response =
            *decode_block_response(requests::answer_blocks(request, reader(peer)).response);
        if (peer.character == Character::wrong_bodies) {
            for (auto& block : response.blocks) {
                if (!block.body.empty()) {
                    block.body = {encode_body_item({{9, 9, 9}})};
                }
            }
        } else if (peer.character == Character::wrong_order && response.blocks.size() > 1) {
            std::swap(response.blocks.front(), response.blocks.back());
        } else if (peer.character == Character::made_up_blocks) {
            make_up(request, response);
        }
        return encode(response);
    }
    /// Linked blocks above the honest parent, each of them bad.
    void make_up(const BlockRequest& request, BlockResponse& response) {
        const auto* first = std::get_if<BlockNumber>(&request.from);
        if (first == nullptr || request.parts == block_part::kHeader || *first == 0 ||
            *first >= honest.blocks.size()) {
            return;
        }
        response.blocks.clear();
        BlockHash parent = honest.blocks[*first - 1];
        for (BlockNumber number = *first; number < *first + request.max_blocks; ++number) {
            const BlockHash hash = add_block(parent, number, 77, true);
            const auto& block = blocks[hash];
            BlockData data;
            data.hash = hash;
            data.header = scale::encode(block.header);
            data.body = {encode_body_item(block.body.front())};
            response.blocks.push_back(std::move(data));
            parent = hash;
        }
    }
    Bytes serve(const WorldPeer& peer, const WarpRequest& request) {
        WarpProof proof;
        proof.is_finished = true;
        const auto begin = std::ranges::find(peer.chain->blocks, request.begin);
        if (begin == peer.chain->blocks.end() || peer.character == Character::empty_handed) {
            return encode(proof);
        }
        auto number = static_cast<BlockNumber>(begin - peer.chain->blocks.begin());
        constexpr std::size_t kFragmentsMax = 3;
        while (number + warp_step < peer.chain->blocks.size()) {
            if (proof.fragments.size() == kFragmentsMax) {
                proof.is_finished = false;
                break;
            }
            number += warp_step;
            WarpFragment fragment;
            fragment.header = blocks[peer.chain->blocks[number]].header;
            fragment.justification.commit.target = fragment.header.ref();
            if (peer.character == Character::wrong_bodies) {
                fragment.justification.commit.target.number += 1;
            }
            proof.fragments.push_back(std::move(fragment));
        }
        return encode(proof);
    }
    Bytes serve(const WorldPeer& peer, const StateRequest& request) {
        StateResponse response;
        if (peer.character == Character::empty_handed || peer.character == Character::pruned) {
            return encode(response);
        }
        const std::uint8_t part = request.start.empty() ? 0 : request.start.front().front();
        response.proof = to_bytes(request.block.view());
        response.proof.push_back(peer.character == Character::wrong_bodies ? 255 : part);
        return encode(response);
    }

    Prng prng_;
};

}  // namespace stipple::network::sync::testing
