#include "consensus/authoring/block_builder.hpp"

#include "base/check.hpp"
#include "base/result.hpp"

#include <fmt/format.h>

namespace stipple::authoring {
namespace {

constexpr std::uint32_t kCoreWithInclusionMode = 5;
constexpr std::uint8_t kOnlyInherents = 1;

// Result<outcome, TransactionValidityError>: Ok of either outcome is in the block.
Applied read_apply_result(ByteView answer) {
    constexpr std::uint8_t kOk = 0;
    constexpr std::uint8_t kInvalidTransaction = 0;
    constexpr std::uint8_t kExhaustsResources = 6;
    if (answer.empty()) {
        return Applied::failed;
    }
    if (answer[0] == kOk) {
        return Applied::included;
    }
    const bool exhausted =
        answer.size() >= 3 && answer[1] == kInvalidTransaction && answer[2] == kExhaustsResources;
    return exhausted ? Applied::exhausts_resources : Applied::invalid;
}

std::unexpected<BuildError> error(BuildErrorKind kind, std::string message) {
    return std::unexpected(BuildError{kind, std::move(message)});
}

}  // namespace

std::expected<Bytes, BuildError> BlockBuilder::call(std::string_view method, ByteView arguments) {
    auto answer = calls_.call(method, arguments, overlay_, *context_);
    if (!answer) {
        return error(BuildErrorKind::call_failed,
                     fmt::format("{}: {}", method, answer.error().message));
    }
    return *std::move(answer);
}

std::expected<BlockBuilder, BuildError> BlockBuilder::begin(const BlockRef& parent,
                                                            std::vector<DigestItem> digest,
                                                            const state::Reader& parent_state,
                                                            const executor::Runtime& runtime,
                                                            const executor::CallContext& context) {
    BlockBuilder builder(parent_state, runtime, context);
    Header header;
    header.parent_hash = parent.hash;
    header.number = parent.number + 1;
    header.digest = std::move(digest);
    const Bytes encoded = scale::encode(header);
    builder.size_bytes_ = encoded.size();
    TRY_ASSIGN(const Bytes answer, builder.call("Core_initialize_block", encoded));
    if (runtime.version().api_version("Core").value_or(0) >= kCoreWithInclusionMode) {
        if (answer.size() != 1) {
            return error(BuildErrorKind::undecodable, "Core_initialize_block: no inclusion mode");
        }
        builder.only_inherents_ = answer[0] == kOnlyInherents;
    }
    return builder;
}

std::expected<void, BuildError> BlockBuilder::apply_inherents(const InherentData& data) {
    // Runtimes try things out while they make inherents: what that wrote is no part of the block.
    overlay_.start_transaction();
    const auto made = call("BlockBuilder_inherent_extrinsics", scale::encode(data));
    CHECK(overlay_.rollback_transaction());
    calls_.start_anew();
    TRY_ASSIGN(const Bytes answer, made);
    const auto inherents = scale::decode<Body>(answer);
    if (!inherents) {
        return error(BuildErrorKind::undecodable, "BlockBuilder_inherent_extrinsics");
    }
    if (inherents->size() > kInherentsMax) {
        return error(BuildErrorKind::too_many_inherents,
                     fmt::format("{} inherents", inherents->size()));
    }
    const bool only_inherents = std::exchange(only_inherents_, false);
    for (const Extrinsic& inherent : *inherents) {
        const Applied applied = apply(inherent);
        // One that does not fit is left out; the runtime says at the end if it was mandatory.
        if (applied != Applied::included && applied != Applied::exhausts_resources) {
            return error(BuildErrorKind::inherent_refused,
                         fmt::format("inherent {} of {}", &inherent - inherents->data() + 1,
                                     inherents->size()));
        }
    }
    only_inherents_ = only_inherents;
    return {};
}

void BlockBuilder::set_storage(ByteView key, std::optional<Bytes> value) {
    overlay_.set(state::TrieId::main(), key, std::move(value));
    calls_.start_anew();
}

Applied BlockBuilder::apply(const Extrinsic& extrinsic) {
    if (only_inherents_) {
        return Applied::no_transactions;
    }
    const Bytes encoded = scale::encode(extrinsic);
    overlay_.start_transaction();
    const auto answer = calls_.call("BlockBuilder_apply_extrinsic", encoded, overlay_, *context_);
    const Applied applied = answer ? read_apply_result(*answer) : Applied::failed;
    if (applied == Applied::included) {
        CHECK(overlay_.commit_transaction());
        body_.push_back(extrinsic);
        size_bytes_ += encoded.size();
    } else {
        CHECK(overlay_.rollback_transaction());
        calls_.start_anew();
    }
    return applied;
}

std::expected<BuiltBlock, BuildError> BlockBuilder::finish() && {
    TRY_ASSIGN(const Bytes answer, call("BlockBuilder_finalize_block", {}));
    auto header = scale::decode<Header>(answer);
    if (!header) {
        return error(BuildErrorKind::undecodable, "BlockBuilder_finalize_block");
    }
    const auto version =
        runtime_->version().state_v1() ? state::StateVersion::v1 : state::StateVersion::v0;
    auto difference = overlay_.difference(version);
    if (!difference) {
        return error(BuildErrorKind::call_failed, difference.error().message());
    }
    if (!equal(difference->root, header->state_root)) {
        return error(BuildErrorKind::root_differs,
                     fmt::format("the header says {}, the overlay {}", header->state_root.hex(),
                                 difference->root.hex()));
    }
    return BuiltBlock{*std::move(header), std::move(body_),
                      std::make_shared<const state::Difference>(*std::move(difference))};
}

Applied FillPolicy::offer(Instant now, BlockBuilder& builder, const Extrinsic& extrinsic) {
    constexpr std::size_t kLengthPrefixMax = 5;
    const bool fits =
        builder.size_bytes() + extrinsic.data.size() + kLengthPrefixMax <= kBlockBytesMax;
    const Applied applied = fits ? builder.apply(extrinsic) : Applied::exhausts_resources;
    if (applied == Applied::no_transactions) {
        full_ = true;
    } else if (applied == Applied::exhausts_resources) {
        if (skipped_ < kSkippedMax) {
            ++skipped_;
        } else {
            full_ = now >= soft_deadline_;
        }
    }
    return applied;
}

}  // namespace stipple::authoring
