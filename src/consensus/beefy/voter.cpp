#include "consensus/beefy/voter.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace stipple::beefy {
namespace {

constexpr std::string_view kStateKey = "beefy/voter";
constexpr std::uint8_t kStateVersion = 1;

}  // namespace

Result<std::optional<VoterState>> load_state(const StoreReader& store) {
    TRY_ASSIGN(const auto row, store.get(Column::consensus, as_bytes(kStateKey)));
    if (!row || row->empty() || row->front() != kStateVersion) {
        return std::nullopt;
    }
    auto state = scale::decode<VoterState>(ByteView(*row).subspan(1));
    if (!state) {
        return fail("column consensus: damaged row beefy/voter");
    }
    return *std::move(state);
}

void Voter::store(VoterEffects& effects) const {
    const VoterState state{pallet_genesis_, oracle_->best_beefy(), best_voted_, oracle_->sessions(),
                           own_vote_};
    Bytes row{kStateVersion};
    scale::encode_to(row, state);
    StoreRows rows;
    rows.rows.put(Column::consensus, to_bytes(kStateKey), std::move(row));
    effects.emplace_back(std::move(rows));
}

// ---- the chain ----

bool Voter::begin(Instant now, const VoterState& state, BlockNumber best_grandpa,
                  VoterEffects& effects) {
    auto oracle = VotingOracle::create(state.sessions, best_grandpa, state.best_beefy,
                                       config_.min_block_delta);
    if (!oracle) {
        return false;
    }
    oracle_ = std::move(oracle);
    pallet_genesis_ = state.pallet_genesis;
    best_voted_ = state.best_voted;
    own_vote_ = state.own_vote;
    last_proof_.reset();
    signing_.reset();
    unverified_.clear();
    early_.clear();
    handled_.clear();
    jobs_.clear();
    votes_job_open_ = false;
    rebroadcast_at_ = now + kRebroadcastInterval;
    store(effects);
    if (own_vote_ && own_vote_->commitment.set == oracle_->active().set()->id &&
        oracle_->reach_of(own_vote_->commitment.block) == Reach::now) {
        relay(*own_vote_, effects);
        import_vote(*own_vote_, effects);
    }
    act(now, effects);
    return true;
}

void Voter::on_finalized(Instant now, BlockNumber block, const std::vector<Session>& sessions,
                         VoterEffects& effects) {
    if (!oracle_) {
        return;
    }
    oracle_->set_best_grandpa(block);
    bool added = false;
    for (const Session& session : sessions) {
        if (!oracle_->can_add(session.start) || session.set.validators.empty()) {
            continue;
        }
        counts_.lagging_sessions += oracle_->mandatory_pending() ? 1U : 0U;
        counts_.sessions_without_key += config_.is_validator && config_.keys.empty() ? 1U : 0U;
        oracle_->add_session(session);
        added = true;
    }
    if (added) {
        store(effects);
    }
    act(now, effects);
}

void Voter::on_imported_proof(Instant now, FinalityProof proof, VoterEffects& effects) {
    ++counts_.good_imports;
    triage(std::move(proof), effects);
    if (oracle_) {
        act(now, effects);
    }
}

void Voter::set_major_syncing(Instant now, bool syncing, VoterEffects& effects) {
    const bool ended = syncing_ && !syncing;
    syncing_ = syncing;
    if (ended && oracle_) {
        act(now, effects);
    }
}

// ---- state ----

void Voter::act(Instant now, VoterEffects& effects) {
    take_buffered(effects);
    take_early(effects);
    if (syncing_) {
        return;
    }
    vote(effects);
    if (const auto mandatory = oracle_->mandatory_pending()) {
        counts_.fetch_no_peer += fetch_.want(now, *mandatory, gossip_, effects) ? 0U : 1U;
    } else {
        fetch_.rest();
    }
}

void Voter::triage(FinalityProof proof, VoterEffects& effects) {
    const BlockNumber block = proof.commitment().block;
    const Reach reach = oracle_ ? oracle_->reach_of(block) : Reach::later;
    if (reach == Reach::past) {
        ++counts_.stale_proofs;
        return;
    }
    if (reach == Reach::now && proof.commitment().set == oracle_->active().set()->id) {
        ++counts_.imported_proofs;
        conclude(proof, effects);
        return;
    }
    const std::size_t signatures = proof.signed_commitment.signatures.size();
    if (buffered_.contains(block)) {
        return;
    }
    if (buffered_.size() >= kProofsBufferedMax ||
        buffered_signatures_ + signatures > kSignaturesBufferedMax) {
        ++counts_.buffered_dropped;
        return;
    }
    buffered_signatures_ += signatures;
    buffered_.emplace(block, std::move(proof));
}

void Voter::take_buffered(VoterEffects& effects) {
    while (!buffered_.empty()) {
        const auto entry = buffered_.begin();
        const Reach reach = oracle_->reach_of(entry->first);
        if (reach == Reach::later) {
            return;
        }
        FinalityProof held = std::move(entry->second);
        buffered_signatures_ -= held.signed_commitment.signatures.size();
        buffered_.erase(entry);
        if (reach == Reach::now && held.commitment().set == oracle_->active().set()->id) {
            triage(std::move(held), effects);
        } else {
            ++counts_.stale_proofs;
        }
    }
}

std::optional<AuthorityId> Voter::own_key() const {
    const auto mine = std::ranges::find_if(
        config_.keys, [this](const AuthorityId& key) { return oracle_->active().is_member(key); });
    return mine == config_.keys.end() ? std::nullopt : std::optional(*mine);
}

void Voter::vote(VoterEffects& effects) {
    const auto target = oracle_->target();
    if (signing_ || !target || *target <= best_voted_) {
        return;
    }
    if (const auto key = own_key()) {
        signing_ = *target;
        effects.emplace_back(SignVote{*key, *target, oracle_->active().set()->id});
    }
}

void Voter::on_signed(Instant now, const VoteMessage& vote, VoterEffects& effects) {
    if (!oracle_ || signing_ != vote.commitment.block) {
        return;
    }
    signing_.reset();
    best_voted_ = std::max(best_voted_, vote.commitment.block);
    own_vote_ = vote;
    store(effects);
    if (vote.commitment.set == oracle_->active().set()->id &&
        oracle_->reach_of(vote.commitment.block) == Reach::now) {
        ++counts_.votes_sent;
        relay(vote, effects);
        import_vote(vote, effects);
    }
    act(now, effects);
}

void Voter::on_not_signed(BlockNumber block) {
    if (signing_ == block) {
        signing_.reset();
    }
}

void Voter::import_vote(const VoteMessage& vote, VoterEffects& effects) {
    switch (oracle_->reach_of(vote.commitment.block)) {
        case Reach::past:
            ++counts_.stale_votes;
            return;
        case Reach::later:
            return;
        case Reach::now:
            break;
    }
    Rounds::Imported imported = oracle_->active().add(vote);
    switch (imported.verdict) {
        case VoteVerdict::counted:
            ++counts_.good_votes;
            break;
        case VoteVerdict::concluded:
            ++counts_.good_votes;
            conclude(*imported.proof, effects);
            relay(*std::move(imported.proof), effects);
            break;
        case VoteVerdict::double_voted:
            ++counts_.equivocations;
            // Reporting ourselves would only add to the damage.
            if (imported.equivocation &&
                std::ranges::find(config_.keys, vote.id) == config_.keys.end()) {
                effects.emplace_back(ReportDoubleVoting{*std::move(imported.equivocation)});
            }
            break;
        case VoteVerdict::stale:
            ++counts_.stale_votes;
            break;
        case VoteVerdict::invalid:
        case VoteVerdict::too_many:
            ++counts_.invalid_votes;
            break;
    }
}

void Voter::conclude(const FinalityProof& proof, VoterEffects& effects) {
    const BlockNumber block = proof.commitment().block;
    if (block <= oracle_->best_beefy() && oracle_->active().mandatory_done()) {
        return;
    }
    oracle_->conclude(block);
    last_proof_ = proof;
    fetch_.done(block);
    store(effects);
    effects.emplace_back(Conclude{block, proof});
}

Voter::Voter(VoterConfig config) : config_(std::move(config)) {}

void Voter::on_peer_disconnected(PeerKey peer) {
    gossip_.disconnect(peer);
}

}  // namespace stipple::beefy
