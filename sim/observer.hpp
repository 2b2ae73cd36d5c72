// What a run shows of itself while it goes: to checkers, the digest and the log.
#pragma once

#include "node/core_events.hpp"
#include "sim/network.hpp"

namespace stipple::sim {

class Node;

/// All calls come in the order of the run. References hold for the call only.
class Observer {
 public:
    virtual ~Observer() = default;
    /// A node has opened its disk and begins (again).
    virtual void on_start(NodeIndex /*node*/, const chain::Chain& /*chain*/) {}
    virtual void on_crash(NodeIndex /*node*/) {}
    virtual void on_import(NodeIndex /*node*/, const chain::Chain& /*chain*/,
                           const node::AnnounceImport& /*import*/) {}
    virtual void on_finality(NodeIndex /*node*/, const chain::FinalityOutcome& /*outcome*/) {}
    /// Before the network gets it.
    virtual void on_sent(NodeIndex /*node*/, const node::SendNotification& /*message*/) {}
    /// A node says that this key sealed or voted twice.
    virtual void on_reported(NodeIndex /*node*/, ByteView /*key*/) {}
    /// The core is between two events.
    virtual void on_step(NodeIndex /*node*/, const Node& /*state*/) {}
};

}  // namespace stipple::sim
