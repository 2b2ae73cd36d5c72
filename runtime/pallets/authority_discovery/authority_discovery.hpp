// AuthorityDiscovery: the keys under which authorities publish their addresses.
#pragma once

#include "kit/pallet.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

struct AuthorityDiscovery : Pallet<AuthorityDiscovery> {
    static constexpr std::string_view kName = "AuthorityDiscovery";
    using Keys = WeakBoundedVec<crypto::Sr25519Public, config::kMaxAuthorities>;
    static constexpr StorageValue<Keys> keys{kName, "Keys", "Keys of the current authority set."};
    static constexpr StorageValue<Keys> next_keys{kName, "NextKeys",
                                                  "Keys of the next authority set."};
    static constexpr auto storage = list(keys, next_keys);

    /// Of this session and the next, each once, in order.
    static std::vector<crypto::Sr25519Public> authorities();
};

}  // namespace stipple::runtime
