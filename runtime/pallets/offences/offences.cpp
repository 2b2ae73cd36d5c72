#include "pallets/offences/offences.hpp"

namespace stipple::runtime {

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
    wiring::on_offence(offence.offender, offence.session);
    return true;
}

}  // namespace stipple::runtime
