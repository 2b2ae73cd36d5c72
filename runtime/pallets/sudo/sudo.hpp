// Sudo: one account that may call anything as Root. For development and test networks.
#pragma once

#include "kit/address.hpp"
#include "kit/pallet.hpp"

namespace stipple::runtime {

using CallOutcome = ScaleResult<void, DispatchError>;

struct Sudo : Pallet<Sudo> {
    static constexpr std::string_view kName = "Sudo";

    static constexpr StorageValue<Optional<AccountId>> key{kName, "Key",
                                                           "The `AccountId` of the sudo key."};
    static constexpr auto storage = list(key);

    static constexpr Event<CallOutcome> kSudid{
        0, "Sudid", {"sudo_result"}, "A sudo call just took place."};
    static constexpr Event<std::optional<AccountId>, AccountId> kKeyChanged{
        1, "KeyChanged", {"old", "new"}, "The sudo key has been updated."};
    static constexpr Event<> kKeyRemoved{2, "KeyRemoved", {}, "The key was permanently removed."};
    static constexpr Event<CallOutcome> kSudoAsDone{
        3, "SudoAsDone", {"sudo_result"}, "A `sudo_as` call just took place."};
    static constexpr auto events = list(kSudid, kKeyChanged, kKeyRemoved, kSudoAsDone);

    static constexpr ModuleErrorInfo kRequireSudo{0, "RequireSudo",
                                                  "Sender must be the Sudo account."};
    static constexpr auto errors = list(kRequireSudo);

    static PostDispatchResult sudo(const Origin& origin, const RuntimeCall& call);
    static PostDispatchResult sudo_unchecked_weight(const Origin& origin, const RuntimeCall& call,
                                                    Weight weight);
    static PostDispatchResult set_key(const Origin& origin, const MultiAddress& new_key);
    static PostDispatchResult sudo_as(const Origin& origin, const MultiAddress& who,
                                      const RuntimeCall& call);
    static PostDispatchResult remove_key(const Origin& origin);
    static constexpr auto calls = list(
        call<0>(
            "sudo", &sudo, {"call"},
            +[](const RuntimeCall& call) {
                const DispatchInfo inner = call.info();
                return DispatchInfo{inner.weight + work(4, 1, 0), inner.kind, Pays::yes};
            },
            "Authenticates the sudo key and dispatches a function call with `Root` origin."),
        call<1>(
            "sudo_unchecked_weight", &sudo_unchecked_weight, {"call", "weight"},
            +[](const RuntimeCall& call, const Weight& weight) {
                return DispatchInfo{weight, call.info().kind, Pays::yes};
            },
            "As `sudo`, with a weight that the caller names."),
        call<2>("set_key", &set_key, {"new"}, work(8, 1, 1),
                "Authenticates the current sudo key and sets the given account as the new one."),
        call<3>(
            "sudo_as", &sudo_as, {"who", "call"},
            +[](const MultiAddress&, const RuntimeCall& call) {
                const DispatchInfo inner = call.info();
                return DispatchInfo{inner.weight + work(4, 1, 0), inner.kind, Pays::yes};
            },
            "Authenticates the sudo key and dispatches a call as a given account."),
        call<4>("remove_key", &remove_key, {}, work(8, 1, 1), "Permanently removes the sudo key."));

    static void genesis(GenesisReader& config);
};

}  // namespace stipple::runtime
