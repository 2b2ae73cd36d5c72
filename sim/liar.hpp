// A byzantine validator: a real core, and between it and the network somebody with its keys who
// lies.
//
//     core ── command ──▶ say ──▶ network    votes and blocks doubled, blocks held back, answers
//                                            with forged justifications
//     core ◀── event ─── hear ◀── network    takes notes; answers for blocks that it made up
//                        act, every few slots: forged commits, old forks, floods
//
// In what it tells it keeps to the encodings and knows sets, rounds and votes, so that its lies are
// looked at closely. Which tricks it is at changes with its mood, which the seed draws. What it
// keeps is bounded by kNotesMax each.
#pragma once

#include "chain/import/chain.hpp"
#include "network/messages/block_request.hpp"
#include "primitives/beefy.hpp"
#include "primitives/grandpa.hpp"
#include "sim/checkers/checker.hpp"
#include "sim/network.hpp"

#include <deque>

namespace stipple::sim {

enum class Trick : std::uint8_t {
    double_votes,          ///< another vote to half of the peers
    double_blocks,         ///< another block of the same slot to half of the peers
    bad_blocks,            ///< the same with a seal or a state root that does not hold
    hold_blocks,           ///< announces nothing and answers nothing, then all at once
    forge_commits,         ///< commits whose votes are missing, copied, doubled or made up
    forge_justifications,  ///< the same in answers to requests for blocks
    old_forks,             ///< blocks of its own at heights that are long final
    hermit,                ///< hears nothing for long, builds alone, then shows its fork
    double_commitments,    ///< another BEEFY payload to half of the peers
    flood,                 ///< views, votes, garbage, transactions, headers without parents
    forge_proofs,          ///< BEEFY proofs of payloads that only liars have signed
};
/// What is wrong with a variant of a block.
enum class Flaw : std::uint8_t { none, seal, state_root };
inline constexpr Trick kTricks[] = {
    Trick::double_votes, Trick::double_blocks, Trick::bad_blocks,
    Trick::hold_blocks,  Trick::forge_commits, Trick::forge_justifications,
    Trick::old_forks,    Trick::hermit,        Trick::double_commitments,
    Trick::flood,        Trick::forge_proofs};

/// References outlive the liar.
struct LiarParts {
    NodeIndex index = 0;
    std::string suri;
    std::vector<std::string> fellows;  ///< of all byzantine validators: they share their keys
    Schedule& schedule;
    Network& network;
    const Population& population;
    Duration slot;
    bool beefy = false;
};

class Liar {
 public:
    static constexpr std::size_t kNotesMax = 128;

    Liar(const LiarParts& parts, Seed seed);

    /// From now on it acts by itself.
    void start();
    /// The node is down: its connections are gone.
    void forget() { peers_.clear(); }
    /// What the core wants to say.
    void say(node::NetworkCommand command, const chain::Chain& chain);
    /// False: the core does not get to see it.
    bool hear(const node::NetworkEvent& event);

 private:
    /// A block the liar made up, or made itself.
    struct Made {
        Header header;
        network::BlockData data;
    };

    bool is_at(Trick trick) const { return moods_[static_cast<std::size_t>(trick)]; }
    bool is_alone() const { return alone_until_ > parts_.schedule.now(); }
    void seclude();
    void change_mood();
    void act();
    void send(std::vector<PeerKey> to, network::Protocol protocol, Bytes message);
    std::vector<PeerKey> all() const { return {peers_.begin(), peers_.end()}; }

    // liar.cpp: what passes through
    bool say_vote(const node::SendNotification& command);
    bool say_commitment(const node::SendNotification& command);
    /// Some get the first, some the second, some both.
    void send_both(const std::vector<PeerKey>& to, network::Protocol protocol, const Bytes& first,
                   const Bytes& second);
    bool say_block(const node::SendNotification& command, const chain::Chain& chain);
    void say_answer(node::AnswerRequest command);
    void note_message(const node::NotificationReceived& event);
    void note_header(const Header& header);
    bool answer_for_made(const node::RequestReceived& event);
    bool answer_with_proof(const node::RequestReceived& event);
    void release_held();

    // liar_forgery.cpp: what it makes up
    grandpa::VoteMessage vote_for(grandpa::VoteKind kind, const BlockRef& target, RoundNumber round,
                                  AuthoritySetId set) const;
    std::optional<BlockRef> other_block(const BlockRef& than);
    BlockRef any_block();
    grandpa::Commit forged_commit(const BlockRef& target, RoundNumber round, AuthoritySetId set);
    Bytes forged_justification(const BlockRef& target);
    /// Another block of the same slot: the runtime takes no notice of the mark in its header.
    const Made& make_variant(const Made& of, Flaw flaw);
    void announce(const Made& block, std::vector<PeerKey> to);
    void forge_commits();
    std::optional<beefy::FinalityProof> forged_proof(BlockNumber block);
    void forge_proofs();
    void revive_old();
    void flood();

    const LiarParts parts_;
    Prng prng_;
    std::optional<crypto::Sr25519Keypair> babe_;
    std::optional<crypto::Ed25519Keypair> grandpa_;
    std::optional<crypto::EcdsaKeypair> beefy_;
    std::map<beefy::AuthorityId, crypto::EcdsaKeypair> fellows_;  ///< their BEEFY keys and its own
    std::array<bool, std::size(kTricks)> moods_{};
    std::set<PeerKey> peers_;
    std::deque<grandpa::VoteMessage> votes_;  ///< heard, of anybody
    std::deque<BlockRef> blocks_;             ///< announced, by anybody
    std::deque<Made> own_;                    ///< the core's blocks
    std::map<BlockHash, Made> made_;          ///< its variants, which only it can give
    std::deque<BlockHash> made_order_;
    std::set<node::RequestToken> asked_for_blocks_;
    std::vector<node::SendNotification> held_;
    Instant hold_until_;
    Instant alone_until_;
    RoundNumber round_;
    AuthoritySetId set_;
    beefy::ValidatorSet beefy_set_;               ///< the newest that a header named
    std::deque<beefy::VoteMessage> beefy_votes_;  ///< heard or passed on, of anybody
};

}  // namespace stipple::sim
