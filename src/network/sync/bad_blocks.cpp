#include "network/sync/bad_blocks.hpp"

namespace stipple::network::sync {

bool BadBlocks::contains(const BlockHash& hash) const {
    return set_.contains(hash);
}

void BadBlocks::add(const BlockHash& hash) {
    if (!set_.insert(hash).second) {
        return;
    }
    order_.push_back(hash);
    if (order_.size() > kBadBlocksMax) {
        set_.erase(order_.front());
        order_.pop_front();
    }
}

}  // namespace stipple::network::sync
