#include "consensus/beefy/proof_fetch.hpp"

namespace stipple::beefy {

bool ProofFetch::want(Instant now, BlockNumber block, const Gossip& gossip, VoterEffects& effects) {
    if (busy_ || (again_at_ && now < *again_at_ && block == block_)) {
        return true;
    }
    block_ = block;
    again_at_.reset();
    const auto peers = gossip.further_than(block);
    left_.assign(peers.begin(), peers.end());
    if (!left_.empty()) {
        next(now, gossip, effects);
    }
    return busy_;
}

void ProofFetch::next(Instant now, const Gossip& gossip, VoterEffects& effects) {
    busy_ = false;
    open_.reset();
    while (!left_.empty()) {
        peer_ = left_.front();
        left_.pop_front();
        if (!gossip.is_connected(peer_)) {
            continue;
        }
        busy_ = true;
        open_ = FetchId(next_id_++);
        effects.emplace_back(FetchProof{*open_, peer_, block_});
        return;
    }
    again_at_ = now + kFetchAgainAfter;
}

std::optional<PeerKey> ProofFetch::on_answer(FetchId fetch) {
    if (open_ != fetch) {
        return std::nullopt;
    }
    open_.reset();
    return peer_;
}

void ProofFetch::done(BlockNumber block) {
    if (block_ <= block) {
        busy_ = false;
        open_.reset();
        left_.clear();
        again_at_.reset();
    }
}

}  // namespace stipple::beefy
