#include "consensus/grandpa/completed_round.hpp"

namespace stipple::grandpa {
namespace {

constexpr std::string_view kRoundKey = "grandpa/round";
constexpr std::string_view kVotesKey = "grandpa/votes";

struct RoundRow {
    AuthoritySetId set;
    RoundNumber round;
    BlockRef base;
    std::optional<BlockRef> prevote_ghost;
    std::optional<BlockRef> finalized;
    std::optional<BlockRef> estimate;
    static auto fields(auto& self) {
        return std::tie(self.set, self.round, self.base, self.prevote_ghost, self.finalized,
                        self.estimate);
    }
};

struct VotesRow {
    AuthoritySetId set;
    RoundNumber round;
    std::vector<SignedTarget> prevotes;
    std::vector<SignedTarget> precommits;
    static auto fields(auto& self) {
        return std::tie(self.set, self.round, self.prevotes, self.precommits);
    }
};

template <class Row>
Result<std::optional<Row>> read(const StoreReader& store, std::string_view key) {
    TRY_ASSIGN(const auto bytes, store.get(Column::consensus, as_bytes(key)));
    if (!bytes) {
        return std::nullopt;
    }
    auto row = scale::decode<Row>(*bytes);
    if (!row) {
        return fail("column consensus: damaged row " + std::string(key));
    }
    return *std::move(row);
}

}  // namespace

WriteBatch rows_of(const CompletedRound& completed) {
    WriteBatch rows;
    const RoundState& state = completed.state;
    rows.put(Column::consensus, to_bytes(kRoundKey),
             scale::encode(RoundRow{completed.set, completed.number, completed.base,
                                    state.prevote_ghost, state.finalized, state.estimate}));
    rows.put(Column::consensus, to_bytes(kVotesKey),
             scale::encode(VotesRow{completed.set, completed.number, completed.prevotes,
                                    completed.precommits}));
    return rows;
}

Result<std::optional<CompletedRound>> load_completed_round(const StoreReader& store) {
    TRY_ASSIGN(auto row, read<RoundRow>(store, kRoundKey));
    TRY_ASSIGN(auto votes, read<VotesRow>(store, kVotesKey));
    if (!row) {
        return std::nullopt;
    }
    CompletedRound completed{row->set,  row->round,
                             row->base, {row->prevote_ghost, row->finalized, row->estimate, true},
                             {},        {}};
    if (votes && votes->set == row->set && votes->round == row->round) {
        completed.prevotes = std::move(votes->prevotes);
        completed.precommits = std::move(votes->precommits);
    }
    return completed;
}

}  // namespace stipple::grandpa
