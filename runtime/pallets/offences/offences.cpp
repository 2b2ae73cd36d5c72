#include "pallets/offences/offences.hpp"

namespace stipple::runtime {

namespace {
/// min((3 k / n)^2, 1): k that equivocate at once, of n validators.
Perbill fraction_of(std::uint64_t offenders, std::uint64_t validators) {
    constexpr std::uint64_t kOne = Perbill::kOne;
    const std::uint64_t triple = std::min(kOne, 3 * offenders * kOne / validators);
    return {static_cast<std::uint32_t>(triple * triple / kOne)};
}
}  // namespace

Hash Offences::id_of(const Offence& offence) {
    return host::blake2_256(scale::encode(std::tie(offence.kind, offence.time, offence.offender)));
}

bool Offences::is_known(const Offence& offence) {
    return reports.contains(id_of(offence));
}

bool Offences::report(const Offence& offence, const std::optional<AccountId>& reporter) {
    const Hash id = id_of(offence);
    if (reports.contains(id)) {
        return false;
    }
    Details details{{offence.offender, {}}, {}};
    if (reporter) {
        details.reporters.push_back(*reporter);
    }
    reports.insert(id, details);
    concurrent_reports.append(offence.kind, offence.time, id.view());
    deposit(kOffence, offence.kind, offence.time);
    std::vector<AccountId> at_once;
    for (const Hash& one : concurrent_reports.get(offence.kind, offence.time)) {
        if (const auto known = reports.get(one)) {
            at_once.push_back(std::get<0>(known->offender));
        }
    }
    wiring::on_offence(offence.offender, at_once, offence.session,
                       fraction_of(at_once.size(), offence.validator_count));
    return true;
}

}  // namespace stipple::runtime
