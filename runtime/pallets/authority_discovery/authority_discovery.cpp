#include "pallets/authority_discovery/authority_discovery.hpp"

#include "kit/sorting.hpp"

#include <algorithm>

namespace stipple::runtime {

std::vector<crypto::Sr25519Public> AuthorityDiscovery::authorities() {
    auto all = keys.get().items;
    const auto next = next_keys.get().items;
    all.insert(all.end(), next.begin(), next.end());
    kit::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}  // namespace stipple::runtime
