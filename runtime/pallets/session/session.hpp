// Session: who validates, with which keys, and for how long.
//
// A session ends when `wiring::should_end_session` says so (with BABE: an epoch). Keys set now are
// queued at the next rotation and used from the one after, so everybody knows a set one session
// before it acts. `wiring::next_validators` may give another set; without one the present set
// stays.
#pragma once

#include "pallets/session/session_keys.hpp"
#include "pallets/system/system.hpp"

namespace stipple::runtime {

using ValidatorKeys = std::vector<std::tuple<AccountId, SessionKeys>>;

namespace wiring {
bool should_end_session(BlockNumber now);
/// The validators of a session, when they are to be another set (or the same, chosen anew).
std::optional<std::vector<AccountId>> next_validators(SessionIndex session);
void on_session_ending(SessionIndex session);
void on_session_started(SessionIndex session);
void on_genesis_session(const ValidatorKeys& validators);
/// `changed`: these validators are another set (or have other keys) than those before.
void on_new_session(bool changed, const ValidatorKeys& validators, const ValidatorKeys& queued);
void on_validator_disabled(std::uint32_t index);
}  // namespace wiring

struct Session : Pallet<Session> {
    static constexpr std::string_view kName = "Session";

    static constexpr StorageValue<std::vector<AccountId>> validators{
        kName, "Validators", "The current set of validators."};
    static constexpr StorageValue<SessionIndex> current_index{kName, "CurrentIndex",
                                                              "Current index of the session."};
    static constexpr StorageValue<bool> queued_changed{
        kName, "QueuedChanged", "True if the queued set or its keys are another."};
    static constexpr StorageValue<ValidatorKeys> queued_keys{
        kName, "QueuedKeys", "The validators of the next session and their keys."};
    static constexpr StorageValue<std::vector<std::uint32_t>> disabled_validators{
        kName, "DisabledValidators", "Indices of disabled validators, sorted."};
    static constexpr StorageMap<Twox64Concat<AccountId>, Optional<SessionKeys>> next_keys{
        kName, "NextKeys", "The next session keys for a validator."};
    static constexpr StorageMap<Twox64Concat<std::tuple<KeyTypeId, Bytes>>, Optional<AccountId>>
        key_owner{kName, "KeyOwner", "The owner of a key, by the key's type and its bytes."};
    static constexpr auto storage = list(validators, current_index, queued_changed, queued_keys,
                                         disabled_validators, next_keys, key_owner);

    static constexpr Event<SessionIndex> kNewSession{
        0, "NewSession", {"session_index"}, "New session has happened."};
    static constexpr auto events = list(kNewSession);

    static constexpr ModuleErrorInfo kInvalidProof{0, "InvalidProof", "Invalid ownership proof."};
    static constexpr ModuleErrorInfo kNoAssociatedValidatorId{
        1, "NoAssociatedValidatorId", "No associated validator ID for account."};
    static constexpr ModuleErrorInfo kDuplicatedKey{2, "DuplicatedKey",
                                                    "Registered duplicate key."};
    static constexpr ModuleErrorInfo kNoKeys{3, "NoKeys",
                                             "No keys are associated with this account."};
    static constexpr ModuleErrorInfo kNoAccount{
        4, "NoAccount", "Key setting account is not live, so it's impossible to associate keys."};
    static constexpr auto errors =
        list(kInvalidProof, kNoAssociatedValidatorId, kDuplicatedKey, kNoKeys, kNoAccount);

    static DispatchResult set_keys(const Origin& origin, const SessionKeys& keys,
                                   const Bytes& proof);
    static DispatchResult purge_keys(const Origin& origin);
    static constexpr auto calls =
        list(call<0>("set_keys", &set_keys, {"keys", "proof"}, work(60, 7, 7),
                     "Sets the session key(s) of the function caller to `keys`."),
             call<1>("purge_keys", &purge_keys, {}, work(40, 2, 7),
                     "Removes any session key(s) of the function caller."));

    static Weight on_initialize(BlockNumber number);
    static void genesis(GenesisReader& config);

    // ---- for other pallets ----
    static bool is_disabled(std::uint32_t validator);
    /// Until the set changes; false when it was disabled already.
    static bool disable(std::uint32_t validator);
    static void rotate();

 private:
    static DispatchResult put_keys(const AccountId& who, const SessionKeys& keys);
};

}  // namespace stipple::runtime
