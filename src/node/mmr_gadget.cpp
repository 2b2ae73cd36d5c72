#include "node/mmr_gadget.hpp"

#include "base/log.hpp"
#include "node/block_pipeline.hpp"

namespace stipple::node {
namespace {

constexpr std::string_view kProgressKey = "mmr/canonical";

}  // namespace

std::optional<BlockNumber> MmrGadget::first_block(const BlockRef& at) const {
    const auto runtime = chain_.runtime(at.hash);
    if (!runtime || !(*runtime)->version().api_version("MmrApi")) {
        return std::nullopt;
    }
    // Result<u64, Error>
    const auto answer = call_runtime(chain_, at.hash, "MmrApi_mmr_leaf_count", {});
    if (!answer || answer->empty() || answer->front() != 0) {
        return std::nullopt;
    }
    const auto leaves = scale::decode<std::uint64_t>(ByteView(*answer).subspan(1));
    if (!leaves || *leaves == 0 || *leaves > at.number) {
        return std::nullopt;
    }
    return static_cast<BlockNumber>(at.number - *leaves + 1);
}

void MmrGadget::load(BlockNumber first) {
    const auto row = database_.get(Column::offchain, as_bytes(kProgressKey));
    const auto stored = row && *row ? scale::decode<Progress>(**row)
                                    : std::unexpected(scale::DecodeError::end_of_input);
    progress_ = stored && stored->first == first ? *stored : Progress{first, first - 1};
}

void MmrGadget::canonicalize(BlockNumber number) {
    const auto hash = chain_.canonical_hash(number);
    const auto header = hash && *hash ? chain_.header(**hash) : std::nullopt;
    if (header && *header) {
        chain::offchain::canonicalize_mmr_nodes(storage_, number - progress_->first,
                                                (*header)->parent_hash);
    }
    progress_->done = number;
}

void MmrGadget::on_finalized(const chain::FinalityOutcome& outcome) {
    const auto first = first_block(outcome.finalized);
    if (!first) {
        return;
    }
    if (!progress_) {
        load(*first);
    } else if (progress_->first != *first) {
        log(LogLevel::info, "mmr", "the mountain range begins anew at #{}", *first);
        progress_ = Progress{*first, *first - 1};
    }
    const Progress before = *progress_;
    for (BlockNumber at = progress_->done + 1; at <= outcome.finalized.number; ++at) {
        canonicalize(at);
    }
    for (std::size_t i = 0; i < outcome.dropped.size(); ++i) {
        const BlockNumber number = outcome.dropped[i].number;
        if (number >= progress_->first) {
            chain::offchain::prune_mmr_nodes(storage_, number - progress_->first,
                                             outcome.dropped_parents[i]);
        }
    }
    if (*progress_ == before) {
        return;
    }
    WriteBatch rows;
    rows.put(Column::offchain, to_bytes(kProgressKey), scale::encode(*progress_));
    if (const auto stored = database_.commit(rows, Durability::buffered); !stored) {
        log(LogLevel::error, "mmr", "keeping the progress: {}", stored.error().message());
    }
}

}  // namespace stipple::node
