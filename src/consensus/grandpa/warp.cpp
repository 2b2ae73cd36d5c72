#include "consensus/grandpa/warp.hpp"

#include "consensus/grandpa/authority_set.hpp"

namespace stipple::grandpa {

const char* describe(WarpError error) {
    switch (error) {
        case WarpError::unusable_set:
            return "authorities that form no set";
        case WarpError::not_above:
            return "a block that is not above the one before it";
        case WarpError::bad_justification:
            return "a justification that does not hold";
        case WarpError::no_next_set:
            return "a block that names no next set";
    }
    return "unknown";
}

std::expected<WarpSet, WarpError> verify_fragment(const WarpSet& set, const Header& header,
                                                  const GrandpaJustification& justification,
                                                  bool may_end) {
    if (header.number <= set.after) {
        return std::unexpected(WarpError::not_above);
    }
    auto change = find_change(header);
    ScheduledChange* next = change ? std::get_if<ScheduledChange>(&*change) : nullptr;
    if (next == nullptr && !may_end) {
        return std::unexpected(WarpError::no_next_set);
    }
    const auto voters = VoterSet::create(set.authorities);
    if (!voters || (next != nullptr && !is_valid(next->next_authorities))) {
        return std::unexpected(WarpError::unusable_set);
    }
    if (!verify_justification(justification, set.id, *voters, header.ref())) {
        return std::unexpected(WarpError::bad_justification);
    }
    if (next == nullptr) {
        return WarpSet{set.id, set.authorities, header.number};
    }
    return WarpSet{AuthoritySetId(set.id.value + 1), std::move(next->next_authorities),
                   header.number};
}

}  // namespace stipple::grandpa
