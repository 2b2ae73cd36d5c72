// A relay chain in a few hundred lines of C++: what pool, authoring, BABE, GRANDPA and import ask
// of a runtime, and nothing else.
//
// It keeps slots, epochs and sessions as `pallet-babe`, `pallet-session` and `pallet-grandpa` do
// together: the first block of an epoch opens a session, announces the authorities of the next
// epoch and, when the GRANDPA authorities change, schedules that. Transactions are (account, nonce,
// payload) without signatures, ordered by their tags. Who sealed or voted twice can be reported
// (offences.hpp); when finality stands still for good, governance (anybody, here) may say so and
// name who is gone: the next session forces its voters into office.
//
//   :code           magic word and rules
//   toy:head        Head: the chain's clockwork
//   toy:a ‖ u32     nonce of an account, u32
//   toy:o ‖ offence the block that reported it, u32
//   toy:draft       the block being made; gone when it is finished
//
// Spec: sect-runtime-entrypoints (the entry points it has keep their encodings).
#pragma once

#include "chain/import/chain.hpp"
#include "executor/executor.hpp"
#include "primitives/block.hpp"
#include "sim/toy/clockwork.hpp"

namespace stipple::sim::toy {

/// The transaction that says that finality stands still.
Extrinsic note_stalled(const Stall& stall);

class Runtime final : public executor::NativeRuntime {
 public:
    explicit Runtime(Rules rules);

    const RuntimeVersion& version() const override { return version_; }
    bool has_export(std::string_view method) const override;
    std::expected<Bytes, executor::CallError> call(
        std::string_view method, ByteView arguments, state::Overlay& overlay,
        const executor::CallContext& context) const override;

 private:
    Rules rules_;
    RuntimeVersion version_;
};

/// For ExecutorConfig::native.
std::shared_ptr<const executor::NativeRuntime> find_runtime(ByteView code);
chain::ChainSpec chain_spec(const Rules& rules);

/// The nonce of an account's next transaction over a chain's best block.
std::optional<std::uint32_t> next_nonce(const chain::Chain& chain, std::uint32_t account);
/// A transaction of an account; each account counts its own from zero.
Extrinsic transfer(std::uint32_t account, std::uint32_t nonce, ByteView payload);

}  // namespace stipple::sim::toy
