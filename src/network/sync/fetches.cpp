#include "network/sync/fetches.hpp"

#include <algorithm>

namespace stipple::network::sync {

bool Fetches::want(Instant now, const BlockRef& target, PeerKey peer, bool parent_known) {
    const bool failed_before = std::ranges::any_of(failed_, [&](const Failure& failure) {
        return failure.target == target.hash && failure.peer == peer && failure.until > now;
    });
    if (failed_before) {
        return false;
    }
    if (Fetch* known = find(target.hash)) {
        if (known->peers.size() < kPeersPerFetchMax) {
            known->peers.insert(peer);
        }
        return true;
    }
    const auto of_peer = std::ranges::count_if(
        fetches_, [&](const auto& entry) { return entry.second.peers.contains(peer); });
    if (fetches_.size() >= kFetchesMax || static_cast<std::size_t>(of_peer) >= kFetchesPerPeerMax) {
        return false;
    }
    fetches_.emplace(target.hash,
                     Fetch{.target = target, .peers = {peer}, .parent_known = parent_known});
    return true;
}

Fetch* Fetches::find(const BlockHash& target) {
    const auto found = fetches_.find(target);
    return found == fetches_.end() ? nullptr : &found->second;
}

void Fetches::erase(const BlockHash& target) {
    const auto found = fetches_.find(target);
    if (found == fetches_.end()) {
        return;
    }
    for (const auto& block : found->second.blocks) {
        bytes_ -= block.bytes;
    }
    fetches_.erase(found);
}

void Fetches::fail(Instant now, const BlockHash& target, PeerKey peer) {
    failed_.push_back({target, peer, now + kFailedFetchPause});
    if (failed_.size() > kFailedFetchesMax) {
        failed_.pop_front();
    }
    if (Fetch* fetch = find(target)) {
        fetch->peers.erase(peer);
        if (fetch->peers.empty()) {
            erase(target);
        }
    }
}

void Fetches::release(RequestId request) {
    for (auto& [hash, fetch] : fetches_) {
        fetch.requests.erase(request);
    }
}

void Fetches::remove_peer(PeerKey peer) {
    std::vector<BlockHash> ended;
    for (auto& [hash, fetch] : fetches_) {
        fetch.peers.erase(peer);
        if (fetch.peers.empty()) {
            ended.push_back(hash);
        }
    }
    for (const auto& hash : ended) {
        erase(hash);
    }
    std::erase_if(failed_, [&](const Failure& failure) { return failure.peer == peer; });
}

bool Fetches::add_blocks(Fetch& fetch, std::vector<DownloadedBlock> blocks) {
    for (auto& block : blocks) {
        bytes_ += block.bytes;
        fetch.blocks.push_back(std::move(block));
    }
    return fetch.blocks.size() <= kFetchBlocksMax && bytes_ <= kFetchBytesMax;
}

void Fetches::clear() {
    fetches_.clear();
    failed_.clear();
    bytes_ = 0;
}

bool Fetches::contains(const BlockHash& target) const {
    return fetches_.contains(target);
}

}  // namespace stipple::network::sync
