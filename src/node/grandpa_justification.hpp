// The justification of one engine among those of a block, and the newest GRANDPA one there
// is, which is kept whether or not its block has to have one: proofs of finality end with it.
#pragma once

#include "base/key_value_store.hpp"
#include "primitives/block.hpp"

#include <algorithm>

namespace stipple::node {

/// Null when there is none; points into `justifications`.
inline const Justification* justification_of(const std::optional<Justifications>& justifications,
                                             const EngineId& engine) {
    if (!justifications) {
        return nullptr;
    }
    const auto found = std::ranges::find(*justifications, engine, &Justification::engine);
    return found == justifications->end() ? nullptr : &*found;
}
inline const Justification* grandpa_justification(
    const std::optional<Justifications>& justifications) {
    return justification_of(justifications, kGrandpaEngine);
}

struct NewestJustification {
    BlockRef block;
    Bytes justification;  ///< encoded
    static auto fields(auto& self) { return std::tie(self.block, self.justification); }
};
inline constexpr std::string_view kNewestJustificationKey = "grandpa/newest";

inline void put_newest_justification(WriteBatch& rows, const NewestJustification& newest) {
    rows.put(Column::consensus, to_bytes(kNewestJustificationKey), scale::encode(newest));
}

inline Result<std::optional<NewestJustification>> find_newest_justification(
    const StoreReader& store) {
    TRY_ASSIGN(const auto row, store.get(Column::consensus, as_bytes(kNewestJustificationKey)));
    if (!row) {
        return std::nullopt;
    }
    auto newest = scale::decode<NewestJustification>(*row);
    if (!newest) {
        return fail("column consensus: damaged row grandpa/newest");
    }
    return std::optional<NewestJustification>(*std::move(newest));
}

}  // namespace stipple::node
