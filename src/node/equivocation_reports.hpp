// How a validator that sealed or voted twice is brought before the chain: the runtime proves that
// the offender owned its key in that session, then makes a transaction of the proof and submits it.
//
// Spec: sect-babe-equivocation, sect-grandpa, sect-grandpa-beefy. Calls of the runtime over present
// states, on any thread; OffchainService makes them on threads of its own, the simulator as jobs.
// What the runtime submits goes to the OffchainPort of the caller. Keeps nothing.
#pragma once

#include "chain/import/chain.hpp"
#include "consensus/babe/equivocation.hpp"
#include "consensus/beefy/justification.hpp"
#include "consensus/grandpa/round.hpp"

namespace stipple::node {

class EquivocationReports {
 public:
    /// `context` is that of the call that submits. References in both outlive this.
    EquivocationReports(const chain::Chain& chain, executor::CallContext context)
        : chain_(chain), context_(std::move(context)) {}

    /// Each is true when the runtime has submitted the report.
    bool report(const babe::EquivocationProof& proof) const;
    bool report(const grandpa::Equivocation& equivocation, AuthoritySetId set) const;
    bool report(const beefy::DoubleVotingProof& proof) const;

 private:
    /// Ownership of the offender's key, as the runtime proves it over the state of `at`.
    std::optional<Bytes> key_owner_proof(const char* method, const BlockHash& at,
                                         const Bytes& arguments) const;
    bool submit(const char* method, const BlockHash& at, Bytes proof,
                ByteView key_owner_proof) const;

    const chain::Chain& chain_;
    const executor::CallContext context_;
};

}  // namespace stipple::node
