// What a run shows of itself while it goes: to checkers, the digest and the log.
#pragma once

#include "node/core_events.hpp"
#include "sim/network.hpp"

#include <memory>
#include <span>

namespace stipple::sim {

class Node;
using Nodes = std::span<const std::unique_ptr<Node>>;

/// What is wrong with a validator, as a node's core has found out.
struct Offence {
    ByteView key;  ///< of the validator
    /// Where the toy chain keeps the report; empty when there is nothing that could be reported.
    Bytes place;
};

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
    /// A vote of its own has come back to the voter from the signer.
    virtual void on_signed(NodeIndex /*node*/, const grandpa::VoteClaim& /*vote*/) {}
    /// A node says that a validator sealed or voted twice.
    virtual void on_reported(NodeIndex /*node*/, const Offence& /*offence*/) {}
    /// A job that writes the chain begins; true: it is cut short, and nobody hears of it.
    virtual bool on_job(NodeIndex /*node*/) { return false; }
    /// The core is between two events.
    virtual void on_step(NodeIndex /*node*/, const Node& /*state*/) {}
    /// A slot has passed, a calm one or one of a storm.
    virtual void on_slot(bool /*calm*/, Nodes /*nodes*/) {}
};

}  // namespace stipple::sim
