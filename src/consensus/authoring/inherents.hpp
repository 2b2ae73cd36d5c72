// What a relay-chain author puts into the inherent data.
//
// Spec: defn-inherent-data; protocols.md sections 5 and 12. The parachains inherent starts with
// empty bitfields, candidates and disputes: a block is valid without any.
#pragma once

#include "base/time.hpp"
#include "primitives/header.hpp"
#include "primitives/inherents.hpp"

namespace stipple::authoring {

struct InherentInputs {
    UnixMillis now;
    Slot slot;
    Header parent;  ///< as in the database, seal included
    BlockNumber finalized = 0;
    /// `parachn0` as the provisioner made it; absent: empty contents over `parent`.
    std::optional<Bytes> parachains;
};

/// `timstap0`, `babeslot`, `parachn0`, and for the runtimes of 2020 `finalnum` and `newheads`
/// (others pass over ids they do not know).
InherentData inherent_data(const InherentInputs& inputs);

}  // namespace stipple::authoring
