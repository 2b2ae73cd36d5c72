#include "node/core_events.hpp"

namespace stipple {
template struct CompiledOnce<node::AnyEvent>;
template struct CompiledOnce<node::AnyEffect>;
}  // namespace stipple
