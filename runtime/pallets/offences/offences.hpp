// Offences: what validators did against the rules, each once.
//
// A report names the kind of the offence, the time it happened at in the kind's own terms (a slot,
// a round of a set) and the offender. Reports are kept; what follows from one is `wiring`.
#pragma once

#include "pallets/offences/types.hpp"
#include "pallets/system/system.hpp"

namespace stipple::runtime {

using OffenceKind = std::array<std::uint8_t, 16>;

namespace wiring {
/// A new offence. The fraction of their stakes is what all that did the same at the same time,
/// the offender among them, are to lose: the more they are, the more.
void on_offence(const AccountId& offender, const std::vector<AccountId>& at_once,
                SessionIndex session, Perbill fraction);
}  // namespace wiring

struct Offences : Pallet<Offences> {
    static constexpr std::string_view kName = "Offences";

    /// A validator and what is known of it besides its account: nothing.
    using Offender = std::tuple<AccountId, Unit>;
    struct Details {
        Offender offender;
        std::vector<AccountId> reporters;
        static auto fields(auto& self) { return std::tie(self.offender, self.reporters); }
        static constexpr TypeName kType{"sp_staking::offence::OffenceDetails",
                                        {"offender", "reporters"}};
    };

    static constexpr StorageMap<Twox64Concat<Hash>, Optional<Details>> reports{
        kName, "Reports", "All reports, by the hash of kind, time and offender."};
    static constexpr StorageDoubleMap<Twox64Concat<OffenceKind>, Twox64Concat<Bytes>,
                                      std::vector<Hash>>
        concurrent_reports{kName, "ConcurrentReportsIndex",
                           "The reports of a kind that happened at one time."};
    static constexpr auto storage = list(reports, concurrent_reports);

    static constexpr Event<OffenceKind, Bytes> kOffence{
        0, "Offence", {"kind", "timeslot"}, "An offence was reported for the first time."};
    static constexpr auto events = list(kOffence);

    /// What happened, when, who did it and in which session.
    struct Offence {
        OffenceKind kind;
        Bytes time;
        AccountId offender;
        SessionIndex session = 0;
        std::uint32_t validator_count = 1;  ///< of that session
    };
    static bool is_known(const Offence& offence);
    /// False when it is known already. Nobody is the reporter of an unsigned report.
    static bool report(const Offence& offence, const std::optional<AccountId>& reporter);

 private:
    static Hash id_of(const Offence& offence);
};

}  // namespace stipple::runtime
