// The chain begins anew at a block whose state was downloaded: epochs from that state, the GRANDPA
// set from what proved the block, all in the batch that puts the state in its place.
//
// Spec: sect-sync-warp. As the field does: BabeApi_current_epoch and BabeApi_next_epoch of the
// block's own state are the epochs that its children may be in.
#include "node/block_pipeline.hpp"

namespace stipple::node {
namespace {

Result<babe::Epoch> ask_epoch(const executor::Runtime& runtime, const state::Reader& state,
                              std::string_view method) {
    state::Overlay overlay(state);
    const auto answer = runtime.call(method, {}, overlay, executor::CallContext{});
    if (!answer) {
        return fail(std::string(method) + ": " + answer.error().message);
    }
    auto epoch = scale::decode<babe::Epoch>(*answer);
    if (!epoch || epoch->duration_slots == 0 || epoch->authorities.empty()) {
        return fail(std::string(method) + ": an unusable epoch");
    }
    return *std::move(epoch);
}

}  // namespace

Result<> BlockPipeline::begin_at(Beginning beginning, state::store::StateDownload& download) {
    const Header header = beginning.block.header;
    const BlockRef block = header.ref();
    TRY_ASSIGN(const auto state, download.reader());
    const auto runtime = chain_.runtime_of(block, *state);
    if (!runtime) {
        return fail("runtime code of the downloaded state: " + runtime.error().message);
    }
    const auto digest = babe::find_pre_digest(header);
    if (!digest) {
        return fail("the block to begin at has no BABE slot");
    }
    TRY_ASSIGN(auto current, ask_epoch(**runtime, *state, "BabeApi_current_epoch"));
    TRY_ASSIGN(auto next, ask_epoch(**runtime, *state, "BabeApi_next_epoch"));
    // On copies: nothing has happened until the batch is committed.
    babe::EpochTree epochs = epochs_;
    grandpa::AuthoritySet set = set_;
    WriteBatch rows = std::move(beginning.rows);
    rows.append(epochs.reset(block, babe::slot_of(*digest), std::move(current), std::move(next)));
    rows.append(beginning.set ? set.reset(std::move(beginning.set->authorities), beginning.set->id,
                                          std::move(beginning.past))
                              : set.forget_above(block.number));
    TRY(chain_.begin_at({.block = std::move(beginning.block),
                         .justification = std::move(beginning.justification),
                         .consensus_rows = std::move(rows)},
                        download));
    verified_.reset();  // by other epochs
    epochs_ = std::move(epochs);
    set_ = std::move(set);
    tree_ = {};
    tree_.insert(block, header.parent_hash);
    hold_finality(false);
    return {};
}

}  // namespace stipple::node
