// BEEFY voters with real signatures over a network the test commands: what tests and fuzzers drive.
//
// Messages travel in the order they were sent, requests are answered from what the asked one has
// concluded, votes are for one root per block unless the test says otherwise; time moves only by
// run_for.
#pragma once

#include "base/check.hpp"
#include "base/memory_store.hpp"
#include "consensus/beefy/history.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/suri.hpp"

#include <deque>

namespace stipple::beefy::testing {

inline const crypto::EcdsaKeypair& key_of(std::size_t index) {
    static std::deque<crypto::EcdsaKeypair> keys;
    while (keys.size() <= index) {
        auto key = crypto::ecdsa_from_suri("//Validator" + std::to_string(keys.size()));
        CHECK(key.has_value());
        keys.push_back(*std::move(key));
    }
    return keys[index];
}
inline AuthorityId id_of(std::size_t index) {
    return key_of(index).public_key;
}
inline ValidatorSet set_of(std::size_t count, std::uint64_t id, std::size_t first = 0) {
    ValidatorSet set{{}, ValidatorSetId(id)};
    for (std::size_t i = 0; i < count; ++i) {
        set.validators.push_back(id_of(first + i));
    }
    return set;
}
inline Payload root_of(BlockNumber block, std::uint8_t fork = 0) {
    MmrRoot root;
    root.bytes[0] = static_cast<std::uint8_t>(block);
    root.bytes[1] = static_cast<std::uint8_t>(block >> 8);
    root.bytes[2] = fork;
    return Payload::of(root);
}
inline VoteMessage vote_of(std::size_t voter, BlockNumber block, std::uint64_t set,
                           std::uint8_t fork = 0) {
    const Commitment commitment{root_of(block, fork), block, ValidatorSetId(set)};
    return {commitment, id_of(voter), key_of(voter).sign_prehashed(signed_digest(commitment))};
}
inline FinalityProof proof_of(const ValidatorSet& set, BlockNumber block, std::size_t signers,
                              std::size_t first = 0) {
    FinalityProof proof{{{root_of(block), block, set.id}, {}}};
    for (std::size_t i = 0; i < set.validators.size(); ++i) {
        proof.signed_commitment.signatures.push_back(
            i < signers
                ? std::optional(key_of(first + i).sign_prehashed(signed_digest(proof.commitment())))
                : std::nullopt);
    }
    return proof;
}

class World {
 public:
    struct Node {
        std::unique_ptr<Voter> voter;
        std::optional<std::size_t> key;
        bool online = true;
        bool signs = true;
        BlockNumber finalized = 0;
        std::map<BlockNumber, FinalityProof> proofs;
        std::vector<DoubleVotingProof> equivocations;
        std::vector<PeerFault> faults;
        std::size_t fetches = 0;
        MemoryStore store;
        BlockNumber best() const { return proofs.empty() ? 0 : proofs.rbegin()->first; }
    };

    /// A chain with BEEFY from block 1 on; `extra` nodes have no key.
    explicit World(std::size_t voters, std::size_t extra = 0) {
        sessions.emplace(1, set_of(voters, 0));
        for (std::size_t i = 0; i < voters + extra; ++i) {
            Node& node = nodes.emplace_back();
            if (i < voters) {
                node.key = i;
            }
            make(i);
        }
    }
    /// Everybody has block 1 final and sees everybody.
    void start() {
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            begin(i, 1);
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
    void make(std::size_t i) {
        VoterConfig config;
        if (nodes[i].key) {
            config.keys = {id_of(*nodes[i].key)};
        }
        nodes[i].voter = std::make_unique<Voter>(config);
    }
    void begin(std::size_t i, BlockNumber finalized) {
        nodes[i].finalized = finalized;
        const auto stored = load_state(nodes[i].store);
        CHECK(stored.has_value());
        const auto state = find_beginning(view_of(i), *stored, 1, finalized);
        CHECK(state.has_value() && state->has_value());
        VoterEffects effects;
        CHECK(nodes[i].voter->begin(now, **state, finalized, effects));
        take(i, effects);
    }
    /// Gone and back, with what its database has.
    void restart(std::size_t i) {
        for (std::size_t j = 0; j < nodes.size(); ++j) {
            if (j != i) {
                nodes[j].voter->on_peer_disconnected(PeerKey(i));
            }
        }
        std::erase_if(wire_,
                      [i](const Letter& letter) { return letter.from == i || letter.to == i; });
        make(i);
        begin(i, nodes[i].finalized);
        for (std::size_t j = 0; j < nodes.size(); ++j) {
            if (j != i) {
                connect(i, j);
                connect(j, i);
            }
        }
        deliver();
    }
    void connect(std::size_t i, std::size_t peer) {
        VoterEffects effects;
        nodes[i].voter->on_peer_connected(now, PeerKey(peer), effects);
        take(i, effects);
    }
    void finalize(BlockNumber block) {
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].online) {
                finalize_on(i, block);
            }
        }
        deliver();
    }
    void finalize_on(std::size_t i, BlockNumber block) {
        Node& node = nodes[i];
        if (block <= node.finalized) {
            return;
        }
        std::vector<Session> fresh;
        for (auto it = sessions.upper_bound(node.finalized);
             it != sessions.end() && it->first <= block; ++it) {
            fresh.push_back({it->first, it->second, false, {}});
        }
        node.finalized = block;
        VoterEffects effects;
        node.voter->on_finalized(now, block, fresh, effects);
        take(i, effects);
    }
    void send(std::size_t from, std::size_t to, const GossipMessage& message) {
        wire_.push_back({from, to, message});
        deliver();
    }
    void deliver() {
        while (!wire_.empty()) {
            const Letter letter = std::move(wire_.front());
            wire_.pop_front();
            Node& node = nodes[letter.to];
            if (!nodes[letter.from].online || !node.online) {
                continue;
            }
            VoterEffects effects;
            if (const auto* fetch = std::get_if<FetchProof>(&letter.what)) {
                const auto proof = node.proofs.find(fetch->block);
                ++node.fetches;
                if (proof == node.proofs.end()) {
                    answer(letter.from, fetch->fetch, std::unexpected(FetchFailure::refused));
                } else {
                    answer(letter.from, fetch->fetch, scale::encode(proof->second));
                }
            } else {
                node.voter->on_message(now, PeerKey(letter.from),
                                       std::get<GossipMessage>(letter.what), effects);
                take(letter.to, effects);
            }
        }
    }
    void answer(std::size_t i, FetchId fetch, const std::expected<Bytes, FetchFailure>& proof) {
        VoterEffects effects;
        nodes[i].voter->on_fetched(now, fetch, proof, effects);
        take(i, effects);
    }
    void run_for(Duration span) {
        const Instant end = now + span;
        for (int turns = 0; turns < 10'000; ++turns) {
            std::optional<Instant> next;
            for (const Node& node : nodes) {
                if (const auto at = node.voter->wake_at(); at && node.online) {
                    next = next ? std::min(*next, *at) : *at;
                }
            }
            if (!next || *next > end) {
                break;
            }
            now = std::max(now, *next);
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
    void take(std::size_t i, VoterEffects& effects) {
        Node& node = nodes[i];
        // Answers may give more effects, which come after these.
        for (std::size_t at = 0; at < effects.size(); ++at) {
            const VoterEffect effect = effects[at];
            if (const auto* send = std::get_if<SendMessage>(&effect)) {
                const Bytes wire = scale::encode(send->message);
                CHECK(decode_gossip(wire) == send->message);
                for (const PeerKey to : send->to) {
                    wire_.push_back({i, to.value, send->message});
                }
            } else if (const auto* votes = std::get_if<VerifyVotes>(&effect)) {
                node.voter->on_verified(now, votes->job, verify_votes(votes->votes), effects);
            } else if (const auto* proof = std::get_if<VerifyProof>(&effect)) {
                node.voter->on_verified(now, proof->job, proof->verdict(), effects);
            } else if (const auto* sign = std::get_if<SignVote>(&effect)) {
                CHECK(sign->key == id_of(*node.key) && sign->block <= node.finalized);
                if (node.signs) {
                    node.voter->on_signed(now, vote_of(*node.key, sign->block, sign->set.value),
                                          effects);
                } else {
                    node.voter->on_not_signed(sign->block);
                }
            } else if (const auto* done = std::get_if<Conclude>(&effect)) {
                CHECK(done->block <= node.finalized);
                node.proofs.emplace(done->block, done->proof);
            } else if (const auto* fetch = std::get_if<FetchProof>(&effect)) {
                if (nodes[fetch->peer.value].online) {
                    wire_.push_back({i, fetch->peer.value, *fetch});
                } else {
                    node.voter->on_fetched(now, fetch->fetch, std::unexpected(FetchFailure::failed),
                                           effects);
                }
            } else if (const auto* report = std::get_if<ReportDoubleVoting>(&effect)) {
                node.equivocations.push_back(report->proof);
            } else if (const auto* fault = std::get_if<ReportPeer>(&effect)) {
                node.faults.push_back(fault->fault);
            } else if (const auto* rows = std::get_if<StoreRows>(&effect)) {
                CHECK(node.store.commit(rows->rows, Durability::buffered).has_value());
            }
        }
    }
    FinalizedChain view_of(std::size_t i) {
        return {
            .header = [this](BlockNumber number) -> Result<std::optional<Header>> {
                Header header;
                header.number = number;
                if (const auto set = sessions.find(number); set != sessions.end() && number > 1) {
                    header.digest.emplace_back(ConsensusDigest{
                        kBeefyEngine, scale::encode(ConsensusLog(AuthoritiesChange{set->second}))});
                }
                return header;
            },
            .has_proof = [this, i](BlockNumber number) -> Result<bool> {
                return nodes[i].proofs.contains(number);
            },
            .validator_set = [this](BlockNumber number) -> std::optional<ValidatorSet> {
                if (number < oldest_state) {
                    return std::nullopt;
                }
                return std::prev(sessions.upper_bound(number))->second;
            }};
    }

    Instant now;
    std::deque<Node> nodes;
    std::map<BlockNumber, ValidatorSet> sessions;  ///< by first block
    BlockNumber oldest_state = 0;

 private:
    struct Letter {
        std::size_t from;
        std::size_t to;
        std::variant<GossipMessage, FetchProof> what;
    };
    std::deque<Letter> wire_;
};

}  // namespace stipple::beefy::testing
