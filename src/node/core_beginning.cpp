#include "node/core_beginning.hpp"

#include "node/chain_jobs.hpp"

namespace stipple::node {
namespace {

/// Notes the rows that are there; the voters look for single rows only.
class NotingReader final : public StoreReader {
 public:
    NotingReader(const StoreReader& store, std::vector<PutOp>& rows) : store_(store), rows_(rows) {}

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        TRY_ASSIGN(auto value, store_.get(column, key));
        if (value) {
            rows_.push_back({column, to_bytes(key), *value});
        }
        return value;
    }
    std::unique_ptr<StoreIterator> iterate(Column /*column*/, ByteView /*lower*/,
                                           ByteView /*upper*/) const override {
        CHECK(false);  // a walk would not be in the recording
        return nullptr;
    }

 private:
    const StoreReader& store_;
    std::vector<PutOp>& rows_;
};

}  // namespace

CoreBeginning CoreBeginning::of(const CoreConfig& config, const chain::Heads& heads,
                                const ChainJobs& jobs, Seed seed) {
    return {.config = config,
            .heads = heads,
            .set = jobs.set_view(),
            .unfinalized = jobs.unfinalized(),
            .seed = seed,
            .now = {},
            .wall = {},
            .vote_ceiling = jobs.vote_ceiling(),
            .unjustified = jobs.unjustified(),
            .beefy = jobs.beefy_beginning(),
            .rows = {}};
}

Result<EffectList> start_core(Core& core, CoreBeginning& beginning, const StoreReader& store) {
    EffectList effects;
    std::vector<PutOp> rows;
    const NotingReader noting(store, rows);
    TRY(core.start(beginning.now, beginning.wall, noting, beginning.unfinalized,
                   beginning.vote_ceiling, effects));
    core.want_justifications(beginning.now, beginning.unjustified, effects);
    core.on_beefy_news(beginning.now, beginning.beefy, effects);
    beginning.rows = std::move(rows);
    return effects;
}

}  // namespace stipple::node
