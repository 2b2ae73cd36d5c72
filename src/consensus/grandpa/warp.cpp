#include "consensus/grandpa/warp.hpp"

#include "base/result.hpp"
#include "consensus/grandpa/authority_set.hpp"
#include "consensus/grandpa/limits.hpp"

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

std::expected<void, WarpError> WarpWalk::add(const Header& header,
                                             const GrandpaJustification& justification,
                                             bool may_end) {
    const bool first = std::exchange(empty_, false);
    at_begin_ =
        first && header.number != 0 && header.number == set_.after && header.hash() == begin_;
    if (at_begin_) {
        return {};
    }
    if (header.number <= set_.after) {
        return std::unexpected(WarpError::not_above);
    }
    auto change = find_change(header);
    ScheduledChange* next = change ? std::get_if<ScheduledChange>(&*change) : nullptr;
    if (next == nullptr && !may_end) {
        return std::unexpected(WarpError::no_next_set);
    }
    const auto voters = VoterSet::create(set_.authorities);
    if (!voters || (next != nullptr && !is_valid(next->next_authorities))) {
        return std::unexpected(WarpError::unusable_set);
    }
    if (!verify_unsigned(justification, *voters, header.ref())) {
        return std::unexpected(WarpError::bad_justification);
    }
    signatures_.add(justification, set_.id);
    if (signatures_.size() >= kSignaturesPerBatchMax) {
        TRY(finish());
    }
    set_.after = header.number;
    if (next != nullptr) {
        set_.id = AuthoritySetId(set_.id.value + 1);
        set_.authorities = std::move(next->next_authorities);
    }
    return {};
}

std::expected<void, WarpError> WarpWalk::finish() {
    const bool hold = signatures_.hold();
    signatures_.clear();
    return hold ? std::expected<void, WarpError>{} : std::unexpected(WarpError::bad_justification);
}

}  // namespace stipple::grandpa
