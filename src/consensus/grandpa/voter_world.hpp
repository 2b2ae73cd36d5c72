// Voters over a perfect, obedient network: what tests and fuzzers drive.
//
// Signatures are all zero and every job says yes unless the test says otherwise; messages travel in
// the order they were sent; time moves only by run_until.
#pragma once

#include "base/memory_store.hpp"
#include "consensus/grandpa/voter.hpp"

#include <deque>
#include <set>

namespace stipple::grandpa::testing {

inline AuthorityId voter_id(std::size_t index) {
    AuthorityId id;
    id.bytes[0] = static_cast<std::uint8_t>(index + 1);
    return id;
}
inline AuthorityList voter_list(std::size_t count) {
    AuthorityList list;
    for (std::size_t i = 0; i < count; ++i) {
        list.push_back({voter_id(i), 1});
    }
    return list;
}
/// Block n of fork f; forks part at the numbers the test chooses.
inline BlockRef block(BlockNumber number, std::uint8_t fork = 0) {
    BlockRef ref{{}, number};
    ref.hash.bytes = {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8),
                      fork};
    ref.hash.bytes[31] = 1;
    return ref;
}

class World {
 public:
    struct Node {
        std::unique_ptr<Voter> voter;
        bool online = true;
        std::vector<BlockRef> finalized;
        std::vector<Finalize> proofs;
        std::vector<Equivocation> equivocations;
        std::vector<PeerFault> faults;
        MemoryStore store;
    };

    World(std::size_t voters, std::size_t observers = 0) : voters_(voters) {
        for (std::size_t i = 0; i < voters + observers; ++i) {
            VoterConfig config;
            if (i < voters) {
                config.keys = {voter_id(i)};
            }
            auto& node = nodes.emplace_back();
            node.voter = std::make_unique<Voter>(config, AuthoritySetId(0),
                                                 *VoterSet::create(voter_list(voters)), block(0),
                                                 Seed{i + 1});
        }
    }
    void start() {
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            VoterEffects effects;
            CHECK(nodes[i].voter->start(now, nodes[i].store, effects).has_value());
            take(i, effects);
        }
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            for (std::size_t j = 0; j < nodes.size(); ++j) {
                if (i != j) {
                    VoterEffects effects;
                    nodes[i].voter->on_peer_connected(now, PeerKey(j), PeerRole::authority,
                                                      effects);
                    take(i, effects);
                }
            }
        }
        deliver();
    }
    /// Every node imports blocks first..last of a fork whose parent is on fork `below`, and takes
    /// the last for its best.
    void grow(BlockNumber first, BlockNumber last, std::uint8_t fork = 0, std::uint8_t below = 0) {
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            grow_on(i, first, last, fork, below);
        }
        deliver();
    }
    void grow_on(std::size_t i, BlockNumber first, BlockNumber last, std::uint8_t fork = 0,
                 std::uint8_t below = 0) {
        VoterEffects effects;
        for (BlockNumber n = first; n <= last; ++n) {
            const BlockRef parent = block(n - 1, n == first ? below : fork);
            nodes[i].voter->on_block_imported(now, block(n, fork), parent.hash, effects);
        }
        nodes[i].voter->on_best_block(now, block(last, fork), std::nullopt, effects);
        take(i, effects);
    }
    void run_for(Duration span) {
        const Instant end = now + span;
        for (int turns = 0; turns < 100'000; ++turns) {
            std::optional<Instant> next;
            for (const Node& node : nodes) {
                if (const auto at = node.voter->wake_at(); at && node.online) {
                    next = next ? std::min(*next, *at) : *at;
                }
            }
            if (!next || *next > end) {
                break;
            }
            now = std::max(now, *next);  // who was away may have missed its time
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                if (nodes[i].online && nodes[i].voter->wake_at() <= std::optional(now)) {
                    VoterEffects effects;
                    nodes[i].voter->on_wake(now, effects);
                    take(i, effects);
                }
            }
            deliver();
        }
        now = end;
    }
    void send(std::size_t from, std::size_t to, const GossipMessage& message) {
        wire_.push_back({from, to, message});
        deliver();
    }
    void deliver() {
        while (!wire_.empty()) {
            const Letter letter = wire_.front();
            wire_.pop_front();
            if (!nodes[letter.from].online || !nodes[letter.to].online) {
                continue;
            }
            VoterEffects effects;
            nodes[letter.to].voter->on_message(now, PeerKey(letter.from), letter.message, effects);
            take(letter.to, effects);
        }
    }

    Instant now;
    std::deque<Node> nodes;
    /// Signatures that do not hold.
    std::set<crypto::Ed25519Signature> forged;

 private:
    struct Letter {
        std::size_t from;
        std::size_t to;
        GossipMessage message;
    };

    void take(std::size_t i, VoterEffects& effects) {
        Node& node = nodes[i];
        // Answers may give more effects, which come after these.
        for (std::size_t at = 0; at < effects.size(); ++at) {
            const VoterEffect effect = effects[at];
            if (const auto* send = std::get_if<SendMessage>(&effect)) {
                for (const PeerKey to : send->to) {
                    const Bytes wire = scale::encode(send->message);
                    CHECK(decode_gossip(wire) == send->message);
                    wire_.push_back({i, to.value, send->message});
                }
            } else if (const auto* verify = std::get_if<VerifyClaims>(&effect)) {
                std::vector<bool> verdicts;
                for (const VoteClaim& claim : verify->claims) {
                    verdicts.push_back(!forged.contains(claim.signature));
                }
                node.voter->on_job_done(now, verify->job, verdicts, effects);
            } else if (const auto* sign = std::get_if<SignVote>(&effect)) {
                if (node.online) {
                    node.voter->on_signed(now, {sign->vote, {}, sign->key, sign->round, sign->set},
                                          effects);
                }
            } else if (const auto* final_block = std::get_if<Finalize>(&effect)) {
                node.finalized.push_back(final_block->block);
                node.proofs.push_back(*final_block);
                node.voter->on_finalized(now, final_block->block, effects);
            } else if (const auto* report = std::get_if<ReportEquivocation>(&effect)) {
                node.equivocations.push_back(report->equivocation);
            } else if (const auto* fault = std::get_if<ReportPeer>(&effect)) {
                node.faults.push_back(fault->fault);
            } else if (const auto* rows = std::get_if<StoreRows>(&effect)) {
                CHECK(node.store.commit(rows->rows, Durability::buffered).has_value());
            }
        }
    }

    std::size_t voters_;
    std::deque<Letter> wire_;
};

}  // namespace stipple::grandpa::testing
