// Building a block: the dialogue with the runtime from initialize to finalize.
//
// Spec: algo-build-block, sect-rte-core-initialize-block, sect-rte-apply-extrinsic,
// sect-rte-finalize-block. All calls run over one overlay of the parent's state; an extrinsic the
// runtime refuses leaves no trace in it. The result is an unsealed header, the body and the
// difference, so that the own block is imported without executing it again.
//
//   begin ──▶ apply_inherents ──▶ apply, as long as fill policy says ──▶ finish ──▶ seal
//
// Not thread-safe; a build is one job. The reader, the runtime and what the context points to
// outlive the builder.
#pragma once

#include "base/time.hpp"
#include "consensus/authoring/limits.hpp"
#include "executor/executor.hpp"
#include "primitives/block.hpp"
#include "primitives/inherents.hpp"

#include <expected>

namespace stipple::authoring {

enum class BuildErrorKind : std::uint8_t {
    call_failed,         ///< a runtime call trapped or the environment failed
    undecodable,         ///< the runtime's answer is not of its type
    too_many_inherents,  ///< kInherentsMax
    inherent_refused,    ///< the runtime refuses an inherent of its own
    root_differs,        ///< the runtime's state root is not that of the overlay
};
struct BuildError {
    BuildErrorKind kind;
    std::string message;
};

enum class Applied : std::uint8_t {
    included,
    exhausts_resources,  ///< does not fit into this block, maybe into the next
    invalid,             ///< the pool should drop it
    failed,              ///< the call trapped: treat as invalid
    no_transactions,     ///< the runtime wants inherents only in this block
};

struct BuiltBlock {
    Header header;  ///< without seal
    Body body;
    std::shared_ptr<const state::Difference> difference;
};

class BlockBuilder {
 public:
    /// Core_initialize_block for a child of `parent`. `digest`: the pre-runtime items.
    static std::expected<BlockBuilder, BuildError> begin(const BlockRef& parent,
                                                         std::vector<DigestItem> digest,
                                                         const state::Reader& parent_state,
                                                         const executor::Runtime& runtime,
                                                         const executor::CallContext& context);

    std::expected<void, BuildError> apply_inherents(const InherentData& data);
    Applied apply(const Extrinsic& extrinsic);
    /// Puts a value into the block's state from outside (development chains): such a block cannot
    /// be executed again elsewhere.
    void set_storage(ByteView key, std::optional<Bytes> value);
    /// Encoded size so far: header, body, no seal.
    std::size_t size_bytes() const { return size_bytes_; }
    std::size_t extrinsic_count() const { return body_.size(); }
    /// Ends the build; the builder is used up.
    std::expected<BuiltBlock, BuildError> finish() &&;

 private:
    BlockBuilder(const state::Reader& parent_state, const executor::Runtime& runtime,
                 const executor::CallContext& context)
        : runtime_(&runtime), calls_(runtime), context_(&context), overlay_(parent_state) {}
    std::expected<Bytes, BuildError> call(std::string_view method, ByteView arguments);

    const executor::Runtime* runtime_;
    executor::CallSeries calls_;  ///< one instance, as when the block is executed
    const executor::CallContext* context_;
    state::Overlay overlay_;
    Body body_;
    std::size_t size_bytes_ = 0;
    bool only_inherents_ = false;
};

/// Decides how long to go on offering transactions: until the deadline; once one did not fit, for
/// kSkippedMax more, or until half of the time has passed.
class FillPolicy {
 public:
    FillPolicy(Instant start, Instant deadline)
        : deadline_(deadline), soft_deadline_(start + (deadline - start) / 2) {}
    /// False: enough. Ask before each offer.
    bool go_on(Instant now) const { return now < deadline_ && !full_; }
    /// Offers one transaction: size first, then the runtime.
    Applied offer(Instant now, BlockBuilder& builder, const Extrinsic& extrinsic);

 private:
    Instant deadline_;
    Instant soft_deadline_;
    std::size_t skipped_ = 0;
    bool full_ = false;
};

}  // namespace stipple::authoring
