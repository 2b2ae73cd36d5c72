#include "node/network/events.hpp"

namespace stipple {
template struct CompiledOnce<node::AnyNetworkEvent>;
template struct CompiledOnce<node::AnyNetworkCommand>;
}  // namespace stipple
