// The executive: what happens to a block and to a transaction, over all pallets.
//
// Spec: sect-rte-core, sect-rte-block-builder. A block goes through
//
//     initialize_block ─▶ apply_extrinsic (inherents, then transactions) ─▶ finalize_block
//
// by an author, and through execute_block, which does the same and compares the header, by everyone
// else. The runtime's "runtime_extensions.hpp" names its transaction extensions
// (config::Extensions).
#pragma once

#include "kit/extrinsic.hpp"
#include "kit/hooks.hpp"
#include "primitives/block.hpp"

namespace stipple::runtime::inline kit::executive {

using ApplyResult = ScaleResult<ScaleResult<void, DispatchError>, TransactionValidityError>;

void initialize_block(const Header& header);
/// The encoded extrinsic without its length prefix.
ApplyResult apply_extrinsic(const Bytes& extrinsic);
Header finalize_block();
/// Panics when the block is not what its header says.
void execute_block(const Block& block);

TransactionValidity validate_transaction(TransactionSource source, const Bytes& extrinsic,
                                         const Hash& at);
std::vector<Extrinsic> inherent_extrinsics(const InherentData& data);
struct CheckInherentsResult {
    bool okay = true;
    bool fatal_error = false;
    InherentData errors;
    static auto fields(auto& self) { return std::tie(self.okay, self.fatal_error, self.errors); }
    static constexpr TypeName kType{"sp_inherents::CheckInherentsResult",
                                    {"okay", "fatal_error", "errors"}};
};
CheckInherentsResult check_inherents(const Block& block, const InherentData& data);
void offchain_worker(const Header& header);

/// What a call inside of `extrinsic` would cost, for the fee APIs; absent when it does not decode.
std::optional<DispatchInfo> dispatch_info_of(const Bytes& extrinsic);

}  // namespace stipple::runtime::inline kit::executive
