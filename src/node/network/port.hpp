// The network as the core thread's runner sees it: somewhere to hand commands to.
#pragma once

#include "node/network/events.hpp"

namespace stipple::node {

class NetworkPort {
 public:
    virtual ~NetworkPort() = default;
    /// Any thread; never blocks. Commands about peers that are gone do nothing.
    virtual void perform(NetworkCommand command) = 0;
};

}  // namespace stipple::node
