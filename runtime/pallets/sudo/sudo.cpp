#include "pallets/sudo/sudo.hpp"

namespace stipple::runtime {

namespace {
DispatchResult ensure_sudo(const Origin& origin) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    return Sudo::key.get() == who ? DispatchResult() : Sudo::fail(Sudo::kRequireSudo);
}
constexpr PostDispatchInfo kFree{std::nullopt, Pays::no};
}  // namespace

PostDispatchResult Sudo::sudo(const Origin& origin, const RuntimeCall& call) {
    TRY(ensure_sudo(origin));
    deposit(kSudid, CallOutcome{without_post_info(call.dispatch(Origin::root()))});
    return kFree;
}

PostDispatchResult Sudo::sudo_unchecked_weight(const Origin& origin, const RuntimeCall& call,
                                               Weight) {
    return sudo(origin, call);
}

PostDispatchResult Sudo::set_key(const Origin& origin, const MultiAddress& new_key) {
    TRY(ensure_sudo(origin));
    TRY_ASSIGN(const AccountId who, lookup(new_key));
    deposit(kKeyChanged, key.get(), who);
    key.set(who);
    return kFree;
}

PostDispatchResult Sudo::sudo_as(const Origin& origin, const MultiAddress& who,
                                 const RuntimeCall& call) {
    TRY(ensure_sudo(origin));
    TRY_ASSIGN(const AccountId account, lookup(who));
    deposit(kSudoAsDone, CallOutcome{without_post_info(call.dispatch(Origin::signed_by(account)))});
    return kFree;
}

PostDispatchResult Sudo::remove_key(const Origin& origin) {
    TRY(ensure_sudo(origin));
    key.clear();
    deposit(kKeyRemoved);
    return kFree;
}

void Sudo::genesis(GenesisReader& config) {
    if (const GenesisReader given = config.field("key"); given.present()) {
        key.set(given.account());
    }
}

}  // namespace stipple::runtime
