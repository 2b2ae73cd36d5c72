// The core: one thread's worth of protocol, without threads.
//
// Owns the transaction pool, the slot clock, the GRANDPA voter and the BEEFY voter. Events come in
// one at a time with the time they came at; what has to be done leaves as effects
// (core_events.hpp), which the node runs on workers and whose results come back as events. Machines
// never call each other: the core hands the effects of one to the others. The same events give the
// same effects.
//
//   RPC ─ TransactionSubmitted ─▶ pool ─ Validate ─▶ worker ─ TransactionValidated ─▶ pool
//   clock ─ Woken ─▶ slot clock ─ AuthorSlot ─▶ chain thread ─ BlockImported ─▶ pool, voter
//   voter ─ SignVote ─▶ signer ─ VoteSigned ─▶ voter ─ Finalize ─▶ chain thread ─ BlocksFinalized
#pragma once

#include "consensus/beefy/voter.hpp"
#include "consensus/grandpa/voter.hpp"
#include "node/config.hpp"
#include "node/peering.hpp"

#include <deque>

namespace stipple::node {

/// Blocks ordered and not made yet; further orders are refused.
inline constexpr std::size_t kSealOrdersMax = 1024;
/// For filling a block made on order.
inline constexpr std::chrono::seconds kSealTime{2};

struct CoreConfig {
    chain::pool::PoolConfig pool;
    bool author = false;  ///< claim slots
    std::uint64_t slot_duration_ms = 6000;
    SealingFlags sealing;
    /// Author although there are no peers, or while far behind them.
    bool force_authoring = false;
    /// Neither author nor vote for so long, and while far behind after it: listen for signatures of
    /// our keys that somebody else makes.
    Duration signing_wait{};
    bool vote = true;  ///< false with --no-grandpa: votes of others are not followed either
    grandpa::VoterConfig voter;  ///< but for its keys, which come with each SetView
    bool beefy = false;          ///< false with --no-beefy
    PeeringConfig peering;
};

class Core {
 public:
    /// `blocks`: unfinalised ones, parents first.
    Core(const CoreConfig& config, const chain::Heads& heads, SetView set,
         const std::vector<std::pair<BlockRef, BlockHash>>& blocks, Seed seed);

    /// Once, before the first event: unfinalised blocks, parents first, and where the voter left
    /// off.
    Result<> start(Instant now, UnixMillis wall, const StoreReader& store,
                   const std::vector<std::pair<BlockRef, BlockHash>>& unfinalized,
                   std::optional<BlockNumber> vote_ceiling, EffectList& effects);
    /// After start(): blocks that change the authorities and wait for their justification
    /// (ChainJobs::unjustified); the sync machine forgets such wishes with a restart.
    void want_justifications(Instant now, const std::vector<BlockRef>& blocks, EffectList& effects);
    /// Where BEEFY is at the start; later news come with finality.
    void on_beefy_news(Instant now, const std::optional<BeefyNews>& news, EffectList& effects);
    void handle(Instant now, UnixMillis wall, Event event, EffectList& effects);
    /// When a Woken is due.
    std::optional<Instant> wake_at() const;

    const chain::pool::Pool& pool() const { return pool_; }
    const grandpa::Voter* voter() const { return voter_ ? &*voter_ : nullptr; }
    const beefy::Voter* beefy() const { return beefy_ ? &*beefy_ : nullptr; }
    const Peering& peering() const { return peering_; }
    /// The slot last handed out for authoring.
    Slot last_slot() const { return last_slot_; }

 private:
    void on_event(Instant now, TransactionSubmitted& event, EffectList& effects);
    void on_event(Instant now, TransactionUnwatched& event, EffectList& effects);
    void on_event(Instant now, TransactionsToRemove& event, EffectList& effects);
    void on_event(Instant now, CoreQuestion& event, EffectList& effects);
    void on_event(Instant now, TransactionValidated& event, EffectList& effects);
    void on_event(Instant now, BlockImported& event, EffectList& effects);
    void on_event(Instant now, SlotPassed& event, EffectList& effects);
    void on_event(Instant now, BlocksFinalized& event, EffectList& effects);
    void on_event(Instant now, VotesVerified& event, EffectList& effects);
    void on_event(Instant now, VoteSigned& event, EffectList& effects);
    void on_event(Instant now, BeefyVerified& event, EffectList& effects);
    void on_event(Instant now, BeefySigned& event, EffectList& effects);
    void on_event(Instant now, BeefyNotSigned& event, EffectList& effects);
    void on_event(Instant now, VoteSignedBefore& event, EffectList& effects);
    void on_event(Instant now, NetworkEvent& event, EffectList& effects);
    void on_event(Instant now, SyncAnswer& event, EffectList& effects);
    void on_event(Instant now, DiscoveryAnswer& event, EffectList& effects);
    void on_event(Instant now, ChainBegun& event, EffectList& effects);
    void on_event(Instant now, RequestJobDone& event, EffectList& effects);
    void on_event(Instant now, SealRequested& event, EffectList& effects);
    void on_event(Instant now, FinalizeRequested& event, EffectList& effects);
    void on_event(Instant now, RewindRequested& event, EffectList& effects);
    void on_event(Instant now, ChainRewound& event, EffectList& effects);
    void on_event(Instant now, Woken& event, EffectList& effects);
    void on_grandpa(Instant now, const NetworkEvent& event, EffectList& effects);
    void on_beefy(Instant now, const NetworkEvent& event, EffectList& effects);
    void on_beefy_import(Instant now, const Imported& imported, EffectList& effects);
    /// BEEFY is silent while the node is far behind, and has deadlines of its own.
    void follow_beefy(Instant now, EffectList& effects);

    /// Transactions between the pool and the peers.
    void spread(Instant now, EffectList& effects);
    void drop_refused(Instant now, const std::vector<ExtrinsicHash>& refused, EffectList& effects);
    /// Keys vote as soon as the chain is one that is executed; until then they are held.
    std::vector<grandpa::AuthorityId> keys_now(std::vector<grandpa::AuthorityId> keys);
    void give_keys();
    void claim_slot(Instant now, UnixMillis wall, EffectList& effects);
    /// Development chains: blocks on order, one at a time.
    void seal_on_order(Instant now, EffectList& effects);
    void seal(Instant now, SealOrder order, EffectList& effects);
    void note_finality(Instant now, const chain::FinalityOutcome& outcome, bool set_changed,
                       const SetView& set, EffectList& effects);
    /// Ends the wait before the first signature when it is time.
    void look_at_wait(Instant now);
    void enter_set(Instant now, const SetView& set, const BlockRef& base, EffectList& effects);
    void take(chain::pool::PoolEffects&& effects, EffectList& out);
    void take(Instant now, grandpa::VoterEffects&& effects, EffectList& out);
    void take(beefy::VoterEffects&& effects, EffectList& out);

    CoreConfig config_;
    chain::pool::Pool pool_;
    std::optional<grandpa::Voter> voter_;
    std::optional<beefy::Voter> beefy_;
    Peering peering_;
    UnixMillis wall_;  ///< as of the present event
    BlockRef finalized_;
    std::vector<grandpa::AuthorityId> held_keys_;  ///< while a state is still to come
    Slot last_slot_;
    std::optional<Instant> next_slot_at_;
    std::optional<Instant> silent_until_;  ///< while waiting before the first signature
    std::uint64_t next_peer_request_ = 0;
    std::deque<SealOrder> orders_;         ///< kSealOrdersMax
    bool seal_ready_ = false;              ///< instant: something may be ready
    std::optional<Instant> next_seal_at_;  ///< with a block time
    bool authoring_ = false;               ///< a slot is being worked on
};

}  // namespace stipple::node
