// Voters over a perfect, obedient network: what tests and fuzzers drive.
//
// Signatures are all zero and every job says yes unless the test says otherwise; messages travel in
// the order they were sent; time moves only by run_for. Each node has a signing journal of its own
// and a store: both outlive a restart. With change_set_at the authority set changes as the chain's
// does: nobody votes beyond the block, and who has it final enters the next set.
#pragma once

#include "base/memory_store.hpp"
#include "consensus/grandpa/voter.hpp"

#include <deque>
#include <functional>
#include <map>
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
    /// The newest vote signed by a key in a phase: (set, round) and the block.
    using Journal = std::map<std::pair<VoteKind, AuthorityId>,
                             std::pair<std::pair<AuthoritySetId, RoundNumber>, BlockRef>>;
    struct Node {
        std::unique_ptr<Voter> voter;
        VoterConfig config;
        bool online = true;
        std::vector<BlockRef> finalized;
        std::vector<Finalize> proofs;
        std::vector<Equivocation> equivocations;
        std::vector<PeerFault> faults;
        std::vector<WantBlock> wanted;
        std::vector<SignVote> signed_votes;
        std::vector<VoteClaim> own_seen;  ///< votes of its keys that peers brought
        std::size_t refused = 0;          ///< votes the journal refused
        MemoryStore store;
        Journal journal;
        std::vector<std::pair<BlockRef, BlockHash>> blocks;  ///< all imported, with their parents
        BlockRef best = block(0);
        AuthoritySetId set;
    };
    struct Change {
        BlockNumber at = 0;
        AuthorityList voters;
    };

    World(std::size_t voters, std::size_t observers = 0) : sets_{{0, voter_list(voters)}} {
        for (std::size_t i = 0; i < voters + observers; ++i) {
            auto& node = nodes.emplace_back();
            if (i < voters) {
                node.config.keys = {voter_id(i)};
            }
            node.voter = make_voter(i);
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
                    connect(i, j);
                }
            }
        }
        deliver();
    }
    /// `i` hears of a connection to `j`.
    void connect(std::size_t i, std::size_t j) {
        VoterEffects effects;
        nodes[i].voter->on_peer_connected(now, PeerKey(j), PeerRole::authority, effects);
        take(i, effects);
    }
    /// The process ends: its connections do, and what is on the wire to and from it is lost.
    void kill(std::size_t i) {
        nodes[i].online = false;
        std::erase_if(wire_,
                      [&](const Letter& letter) { return letter.from == i || letter.to == i; });
        for (std::size_t j = 0; j < nodes.size(); ++j) {
            if (i != j) {
                nodes[j].voter->on_peer_disconnected(PeerKey(i));
            }
        }
    }
    /// A new process over the same store, journal and chain; everybody online connects.
    void restart(std::size_t i) {
        if (nodes[i].online) {
            kill(i);
        }
        Node& node = nodes[i];
        node.online = true;
        node.voter = make_voter(i);
        VoterEffects effects;
        for (const auto& [imported, parent] : node.blocks) {
            if (imported.number > node.voter->finalized().number) {
                node.voter->on_block_imported(now, imported, parent, effects);
            }
        }
        CHECK(node.voter->start(now, node.store, effects).has_value());
        node.voter->on_best_block(now, node.best, ceiling(i), effects);
        take(i, effects);
        for (std::size_t j = 0; j < nodes.size(); ++j) {
            if (i != j && nodes[j].online) {
                connect(i, j);
                connect(j, i);
            }
        }
        deliver();
    }
    /// The block at this number is the last of the present newest set.
    void change_set_at(BlockNumber at, AuthorityList next) {
        sets_.push_back({at, std::move(next)});
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
        Node& node = nodes[i];
        VoterEffects effects;
        for (BlockNumber n = first; n <= last; ++n) {
            const BlockRef parent = block(n - 1, n == first ? below : fork);
            node.blocks.emplace_back(block(n, fork), parent.hash);
            node.voter->on_block_imported(now, block(n, fork), parent.hash, effects);
        }
        node.best = block(last, fork);
        node.voter->on_best_block(now, node.best, ceiling(i), effects);
        take(i, effects);
    }
    /// The chain has the block final by a justification that came with it or was asked for.
    void justify(std::size_t i, const BlockRef& final_block) {
        VoterEffects effects;
        note_final(i, {final_block, {}, nodes[i].set, {}}, effects);
        take(i, effects);
        deliver();
    }
    /// A forced change took effect with the newest block: the next set votes from `base` on.
    void force_set(std::size_t i, const AuthorityList& voters, const BlockRef& base) {
        Node& node = nodes[i];
        if (sets_.size() == node.set.value + 1) {
            sets_.push_back({base.number, voters});
        }
        VoterEffects effects;
        ++node.set;
        node.finalized.push_back(base);
        node.voter->on_new_set(now, node.set, *VoterSet::create(voters), base, effects);
        node.voter->on_best_block(now, node.best, std::nullopt, effects);
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
            if (!nodes[letter.from].online || !nodes[letter.to].online ||
                (lost && lost(letter.from, letter.to, letter.message))) {
                continue;
            }
            VoterEffects effects;
            nodes[letter.to].voter->on_message(now, PeerKey(letter.from), letter.message, effects);
            take(letter.to, effects);
        }
    }

    Instant now;
    std::deque<Node> nodes;
    /// Messages that get lost, if anybody says so.
    std::function<bool(std::size_t from, std::size_t to, const GossipMessage&)> lost;
    /// Signatures that do not hold.
    std::set<crypto::Ed25519Signature> forged;

 private:
    struct Letter {
        std::size_t from;
        std::size_t to;
        GossipMessage message;
    };

    std::unique_ptr<Voter> make_voter(std::size_t i) const {
        const Node& node = nodes[i];
        const BlockRef finalized = node.finalized.empty() ? block(0) : node.finalized.back();
        return std::make_unique<Voter>(node.config, node.set,
                                       *VoterSet::create(sets_[node.set.value].voters), finalized,
                                       Seed{i + 1});
    }
    std::optional<BlockNumber> ceiling(std::size_t i) const {
        const std::size_t next = nodes[i].set.value + 1;
        if (next < sets_.size() && sets_[next].at <= nodes[i].best.number) {
            return sets_[next].at;
        }
        return std::nullopt;
    }
    void note_final(std::size_t i, const Finalize& effect, VoterEffects& effects) {
        Node& node = nodes[i];
        node.finalized.push_back(effect.block);
        node.proofs.push_back(effect);
        node.voter->on_finalized(now, effect.block, effects);
        const std::size_t next = node.set.value + 1;
        if (next < sets_.size() && sets_[next].at <= effect.block.number) {
            ++node.set;
            node.voter->on_new_set(now, node.set, *VoterSet::create(sets_[next].voters),
                                   effect.block, effects);
            node.voter->on_best_block(now, node.best, ceiling(i), effects);
        }
    }
    void sign(std::size_t i, const SignVote& vote, VoterEffects& effects) {
        Node& node = nodes[i];
        const std::pair position(vote.set, vote.round);
        const auto known = node.journal.find({vote.vote.kind, vote.key});
        if (known != node.journal.end() && known->second.first >= position) {
            if (known->second.first > position) {
                ++node.refused;
                return;
            }
            if (known->second.second != vote.vote.target) {
                ++node.refused;
                node.voter->on_signed_before(
                    now, {vote.key, vote.vote.kind, vote.round, vote.set, known->second.second},
                    effects);
                return;
            }
        }
        node.journal[{vote.vote.kind, vote.key}] = {position, vote.vote.target};
        node.signed_votes.push_back(vote);
        node.voter->on_signed(now, {vote.vote, {}, vote.key, vote.round, vote.set}, effects);
    }

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
            } else if (const auto* vote = std::get_if<SignVote>(&effect)) {
                if (node.online) {
                    sign(i, *vote, effects);
                }
            } else if (const auto* final_block = std::get_if<Finalize>(&effect)) {
                note_final(i, *final_block, effects);
            } else if (const auto* report = std::get_if<ReportEquivocation>(&effect)) {
                node.equivocations.push_back(report->equivocation);
            } else if (const auto* fault = std::get_if<ReportPeer>(&effect)) {
                node.faults.push_back(fault->fault);
            } else if (const auto* seen = std::get_if<OwnVoteSeen>(&effect)) {
                node.own_seen.push_back(seen->vote);
            } else if (const auto* want = std::get_if<WantBlock>(&effect)) {
                node.wanted.push_back(*want);
            } else if (const auto* rows = std::get_if<StoreRows>(&effect)) {
                CHECK(node.store.commit(rows->rows, Durability::buffered).has_value());
            }
        }
    }

    std::vector<Change> sets_;
    std::deque<Letter> wire_;
};

}  // namespace stipple::grandpa::testing
