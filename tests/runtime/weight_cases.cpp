#include "tests/runtime/weight_cases.hpp"

#include "crypto/hash.hpp"
#include "crypto/suri.hpp"
#include "kit/address.hpp"
#include "pallets/multisig/multisig.hpp"
#include "pallets/proxy/proxy.hpp"
#include "pallets/scheduler/scheduler.hpp"
#include "pallets/staking/types.hpp"
#include "pallets/system/system.hpp"

namespace stipple::bench {

using runtime::AccountId;
using runtime::Balance;
using runtime::Compact;
using runtime::Hash;
using runtime::MultiAddress;
using runtime::Nonce;
using runtime::Origin;
using runtime::RuntimeCall;
using runtime::Unit;
using runtime::Weight;

namespace {
constexpr Balance kUnit = runtime::config::kUnit;
constexpr Balance kSome = kUnit;
constexpr std::uint8_t kAnyProxy = 0;
/// The first extrinsic of a block sets the time.
constexpr std::uint32_t kInherents = 1;

MultiAddress address(std::uint32_t i) {
    return MultiAddress::of(account(i));
}
MultiAddress alice_address() {
    return MultiAddress::of(alice());
}
Sent by_each(std::uint32_t i, const RuntimeCall& call) {
    return {account(i), call};
}

// ---- calls that several cases begin with ----
constexpr std::uint32_t kFewTimes = 50;

std::array<std::uint8_t, 193> session_keys(std::uint32_t i) {
    std::array<std::uint8_t, 193> keys{};
    for (std::size_t at = 0; at < keys.size(); at += 32) {
        std::ranges::copy(scale::encode(i + 1), keys.begin() + static_cast<long>(at));
    }
    return keys;
}
Sent set_keys(std::uint32_t i) {
    return by_each(i, RuntimeCall::make(8, 0, session_keys(i), Bytes{}));
}
Sent bond(std::uint32_t i) {
    runtime::RewardDestination to;
    to.value.emplace<1>();
    return by_each(i, RuntimeCall::make(6, 0, Compact<Balance>{100 * kUnit}, to));
}
Sent unbond(std::uint32_t i) {
    return by_each(i, RuntimeCall::make(6, 2, Compact<Balance>{50 * kUnit}));
}
Sent validate(std::uint32_t i) {
    return by_each(i, RuntimeCall::make(6, 4, runtime::ValidatorPrefs{}));
}
/// The stash of the development chain's only validator.
MultiAddress validator() {
    return MultiAddress::of(
        AccountId(crypto::sr25519_from_suri("//Alice//stash")->public_key.bytes));
}
Bytes image(std::uint32_t i) {
    Bytes bytes(1024, 7);
    std::ranges::copy(scale::encode(i), bytes.begin());
    return bytes;
}
Hash image_hash(std::uint32_t i) {
    return Hash(crypto::blake2b_256(image(i)).bytes);
}
Sent note_image(std::uint32_t i) {
    return by_each(i, RuntimeCall::make(32, 0, image(i)));
}
Sent request_image(std::uint32_t i) {
    return by_sudo(RuntimeCall::make(32, 2, image_hash(i)));
}
constexpr BlockNumber kLater = 1000;
Sent schedule(std::uint32_t i) {
    return by_sudo(
        RuntimeCall::make(29, 0, kLater + i, std::optional<Unit>{}, std::uint8_t{0}, remark(4)));
}
runtime::Scheduler::Name task_name(std::uint32_t i) {
    runtime::Scheduler::Name name{};
    std::ranges::copy(scale::encode(i + 1), name.begin());
    return name;
}
Sent schedule_named(std::uint32_t i) {
    return by_sudo(RuntimeCall::make(29, 2, task_name(i), kLater + i, std::optional<Unit>{},
                                     std::uint8_t{0}, remark(4)));
}
Sent set_retry(std::uint32_t i) {
    return by_sudo(RuntimeCall::make(29, 6, std::tuple(kLater + i, std::uint32_t{0}),
                                     std::uint8_t{3}, BlockNumber{2}));
}
Sent set_retry_named(std::uint32_t i) {
    return by_sudo(RuntimeCall::make(29, 7, task_name(i), std::uint8_t{3}, BlockNumber{2}));
}
/// account(i) lets Alice act for it.
Sent let_alice(std::uint32_t i) {
    return by_each(i, RuntimeCall::make(30, 1, alice_address(), kAnyProxy, BlockNumber{0}));
}
Sent be_delegate_of_alice(std::uint32_t i) {
    // A few at most: an account has 32 delegates.
    return by_alice(RuntimeCall::make(30, 1, address(i), kAnyProxy, BlockNumber{0}));
}
Sent announce(std::uint32_t i) {
    return by_each(i, RuntimeCall::make(30, 6, alice_address(),
                                        Hash(crypto::blake2b_256(remark(4).encoded()).bytes)));
}
/// Alice and account(i) own an account together; the first approval, by Alice.
Sent open_multisig(std::uint32_t i) {
    return by_alice(RuntimeCall::make(31, 1, std::uint16_t{2}, std::vector<AccountId>{account(i)},
                                      std::optional<Unit>{}, remark(4), Weight{1'000'000, 0}));
}
/// Where open_multisig(i) stood in the prepared block, behind the endowments.
runtime::Multisig::Timepoint opened(std::uint32_t i) {
    return {1, kInherents + kFewTimes + i};
}
std::array<std::uint8_t, 32> remark_hash() {
    return crypto::blake2b_256(remark(4).encoded()).bytes;
}
std::vector<RuntimeCall> ten_remarks() {
    return std::vector<RuntimeCall>(10, remark(4));
}

constexpr WeightCase kAccounts[] = {
    {"System.remark_of_100KB", 20, [](std::uint32_t) { return by_alice(remark(100'000)); }},
    {"System.remark_with_event", 200,
     [](std::uint32_t i) { return by_alice(RuntimeCall::make(0, 7, scale::encode(i))); }},
    {"Sudo.sudo(System.set_storage)", 200,
     [](std::uint32_t i) {
         const std::vector<std::tuple<Bytes, Bytes>> items{{scale::encode(i), Bytes(32)}};
         return by_sudo(RuntimeCall::make(0, 4, items));
     }},
    {"Sudo.sudo(System.kill_storage)", 200,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(0, 5, std::vector<Bytes>{scale::encode(i)}));
     }},
    {"Sudo.sudo(System.kill_prefix)", kFewTimes,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(0, 6, Bytes(8, static_cast<std::uint8_t>(i)), 1U));
     }},
    {"Sudo.sudo(System.set_heap_pages)", kFewTimes,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(0, 1, std::uint64_t{2048})); }},
    {"Sudo.sudo(System.authorize_upgrade)", kFewTimes,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(0, 9, Hash{})); }},
    {"Balances.transfer_allow_death", 200,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(4, 0, address(i), Compact<Balance>{kSome}));
     }},
    {"Balances.transfer_keep_alive", 200,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(4, 3, address(i), Compact<Balance>{kSome}));
     }},
    {"Sudo.sudo(Balances.force_transfer)", 200,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(4, 2, validator(), address(i), Compact<Balance>{kSome}));
     }},
    {"Balances.transfer_all",
     kFewTimes,
     [](std::uint32_t i) { return by_each(i, RuntimeCall::make(4, 4, validator(), false)); },
     {[](std::uint32_t) { return by_alice(remark(1)); }}},
    {"Sudo.sudo(Balances.force_unreserve)",
     kFewTimes,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(4, 5, address(i), Balance{kUnit / 100}));
     },
     {let_alice}},
    {"Sudo.sudo(Balances.force_set_balance)", 200,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(4, 8, address(i), Compact<Balance>{kSome}));
     }},
    {"Sudo.sudo(Balances.force_adjust_total_issuance)", kFewTimes,
     [](std::uint32_t) {
         return by_sudo(RuntimeCall::make(4, 9, std::uint8_t{0}, Compact<Balance>{1}));
     }},
    {"Balances.upgrade_accounts", kFewTimes,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(4, 6, std::vector<AccountId>{account(i)}));
     }},
    {"Balances.burn", kFewTimes,
     [](std::uint32_t) { return by_alice(RuntimeCall::make(4, 10, Compact<Balance>{1}, true)); }},
    {"Session.set_keys", kFewTimes,
     [](std::uint32_t i) { return by_alice(RuntimeCall::make(8, 0, session_keys(i), Bytes{})); }},
    {"Session.purge_keys",
     kFewTimes,
     [](std::uint32_t i) { return by_each(i, RuntimeCall::make(8, 1)); },
     {set_keys}},
    {"Preimage.note_preimage_1KB", 100,
     [](std::uint32_t i) { return by_alice(RuntimeCall::make(32, 0, image(i))); }},
    {"Preimage.unnote_preimage",
     kFewTimes,
     [](std::uint32_t i) { return by_each(i, RuntimeCall::make(32, 1, image_hash(i))); },
     {note_image}},
    {"Sudo.sudo(Preimage.request_preimage)", kFewTimes, request_image, {note_image}},
    {"Sudo.sudo(Preimage.unrequest_preimage)",
     kFewTimes,
     [](std::uint32_t i) { return by_sudo(RuntimeCall::make(32, 3, image_hash(i))); },
     {note_image, request_image}},
};

constexpr WeightCase kStaking[] = {
    {"Staking.bond", kFewTimes, bond, {[](std::uint32_t) { return by_alice(remark(1)); }}},
    {"Staking.bond_extra",
     kFewTimes,
     [](std::uint32_t i) { return by_each(i, RuntimeCall::make(6, 1, Compact<Balance>{kUnit})); },
     {bond, validate}},
    {"Staking.unbond", kFewTimes, unbond, {bond}},
    {"Staking.withdraw_unbonded",
     kFewTimes,
     [](std::uint32_t i) { return by_each(i, RuntimeCall::make(6, 3, std::uint32_t{0})); },
     {bond, unbond}},
    {"Staking.rebond",
     kFewTimes,
     [](std::uint32_t i) {
         return by_each(i, RuntimeCall::make(6, 19, Compact<Balance>{20 * kUnit}));
     },
     {bond, unbond}},
    {"Staking.validate", kFewTimes, validate, {bond}},
    {"Staking.nominate",
     kFewTimes,
     [](std::uint32_t i) {
         return by_each(i, RuntimeCall::make(6, 5, std::vector<MultiAddress>{validator()}));
     },
     {bond}},
    {"Staking.chill",
     kFewTimes,
     [](std::uint32_t i) { return by_each(i, RuntimeCall::make(6, 6)); },
     {bond, validate}},
    {"Staking.set_payee",
     kFewTimes,
     [](std::uint32_t i) {
         return by_each(i, RuntimeCall::make(6, 7, runtime::RewardDestination{}));
     },
     {bond}},
    {"Sudo.sudo(Staking.set_validator_count)", kFewTimes,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(6, 9, Compact<std::uint32_t>{3})); }},
    {"Sudo.sudo(Staking.force_new_era)", kFewTimes,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(6, 13)); }},
    {"Sudo.sudo(Staking.force_no_eras)", kFewTimes,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(6, 12)); }},
    {"Sudo.sudo(Staking.force_new_era_always)", kFewTimes,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(6, 16)); }},
    {"Sudo.sudo(Staking.set_invulnerables)", kFewTimes,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(6, 14, std::vector<AccountId>{account(i)}));
     }},
};

constexpr WeightCase kCallsInCalls[] = {
    {"Utility.batch_of_ten_remarks", 100,
     [](std::uint32_t) { return by_alice(RuntimeCall::make(24, 0, ten_remarks())); }},
    {"Utility.batch_all_of_ten_remarks", 100,
     [](std::uint32_t) { return by_alice(RuntimeCall::make(24, 2, ten_remarks())); }},
    {"Utility.force_batch_of_ten_remarks", 100,
     [](std::uint32_t) { return by_alice(RuntimeCall::make(24, 4, ten_remarks())); }},
    {"Utility.as_derivative(remark)", 100,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(24, 1, static_cast<std::uint16_t>(i), remark(4)));
     }},
    {"Sudo.sudo(Utility.dispatch_as(remark))", 100,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(24, 3, Origin::signed_by(account(i)), remark(4)));
     }},
    {"Sudo.sudo(Utility.with_weight(remark))", 100,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(24, 5, remark(4), Weight{})); }},
    {"Sudo.sudo(remark)", 100, [](std::uint32_t) { return by_sudo(remark(4)); }},
    {"Sudo.sudo_unchecked_weight(remark)", 100,
     [](std::uint32_t) {
         return by_alice(RuntimeCall::make(255, 1, remark(4), Weight{1'000'000'000, 5000}));
     }},
    {"Sudo.remove_key", 1, [](std::uint32_t) { return by_alice(RuntimeCall::make(255, 4)); }},
    {"Sudo.sudo_as(remark)", 100,
     [](std::uint32_t i) { return by_alice(RuntimeCall::make(255, 3, address(i), remark(4))); }},
    {"Sudo.set_key", kFewTimes,
     [](std::uint32_t) { return by_alice(RuntimeCall::make(255, 2, alice_address())); }},
    {"Multisig.as_multi_threshold_1", 100,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(31, 0, std::vector<AccountId>{account(i)}, remark(4)));
     }},
    {"Multisig.as_multi_first", 100, open_multisig},
    {"Multisig.as_multi_last",
     kFewTimes,
     [](std::uint32_t i) {
         return by_each(
             i, RuntimeCall::make(31, 1, std::uint16_t{2}, std::vector<AccountId>{alice()},
                                  std::optional(opened(i)), remark(4), Weight{100'000'000, 0}));
     },
     {open_multisig}},
    {"Multisig.approve_as_multi", kFewTimes,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(31, 2, std::uint16_t{2},
                                           std::vector<AccountId>{account(i)},
                                           std::optional<Unit>{}, remark_hash(), Weight{}));
     }},
    {"Multisig.cancel_as_multi",
     kFewTimes,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(31, 3, std::uint16_t{2},
                                           std::vector<AccountId>{account(i)}, opened(i),
                                           remark_hash()));
     },
     {open_multisig}},
};

constexpr WeightCase kScheduler[] = {
    {"Sudo.sudo(Scheduler.schedule)", 100, schedule},
    {"Sudo.sudo(Scheduler.schedule_after)", 100,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(29, 4, kLater + i, std::optional<Unit>{}, std::uint8_t{0},
                                          remark(4)));
     }},
    {"Sudo.sudo(Scheduler.schedule_named)", 100, schedule_named},
    {"Sudo.sudo(Scheduler.schedule_named_after)", 100,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(29, 5, task_name(i), kLater + i, std::optional<Unit>{},
                                          std::uint8_t{0}, remark(4)));
     }},
    {"Sudo.sudo(Scheduler.cancel)",
     kFewTimes,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(29, 1, kLater + i, std::uint32_t{0}));
     },
     {schedule, set_retry}},
    {"Sudo.sudo(Scheduler.cancel_named)",
     kFewTimes,
     [](std::uint32_t i) { return by_sudo(RuntimeCall::make(29, 3, task_name(i))); },
     {schedule_named, set_retry_named}},
    {"Sudo.sudo(Scheduler.set_retry)", kFewTimes, set_retry, {schedule}},
    {"Sudo.sudo(Scheduler.set_retry_named)", kFewTimes, set_retry_named, {schedule_named}},
    {"Sudo.sudo(Scheduler.cancel_retry)",
     kFewTimes,
     [](std::uint32_t i) {
         return by_sudo(RuntimeCall::make(29, 8, std::tuple(kLater + i, std::uint32_t{0})));
     },
     {schedule, set_retry}},
    {"Sudo.sudo(Scheduler.cancel_retry_named)",
     kFewTimes,
     [](std::uint32_t i) { return by_sudo(RuntimeCall::make(29, 9, task_name(i))); },
     {schedule_named, set_retry_named}},
};

Sent create_pure(std::uint32_t i) {
    return by_alice(
        RuntimeCall::make(30, 4, kAnyProxy, BlockNumber{0}, static_cast<std::uint16_t>(i)));
}
/// What create_pure(i) has made in the prepared block.
MultiAddress pure_account(std::uint32_t i) {
    return MultiAddress::of(runtime::Proxy::pure_account(
        alice(), runtime::ProxyType::any, static_cast<std::uint16_t>(i), 1, opened(i).index));
}
constexpr std::uint32_t kDelegates = 30;
constexpr WeightCase kProxies[] = {
    {"Proxy.add_proxy", kDelegates, be_delegate_of_alice},
    {"Proxy.proxy(remark)",
     kFewTimes,
     [](std::uint32_t i) {
         return by_alice(
             RuntimeCall::make(30, 0, address(i), std::optional<std::uint8_t>{}, remark(4)));
     },
     {let_alice}},
    {"Proxy.remove_proxy",
     kFewTimes,
     [](std::uint32_t i) {
         return by_each(i, RuntimeCall::make(30, 2, alice_address(), kAnyProxy, BlockNumber{0}));
     },
     {let_alice}},
    {"Proxy.remove_proxies",
     kFewTimes,
     [](std::uint32_t i) { return by_each(i, RuntimeCall::make(30, 3)); },
     {let_alice}},
    {"Proxy.create_pure", kFewTimes, create_pure},
    {"Proxy.proxy(Proxy.kill_pure)",
     kFewTimes,
     [](std::uint32_t i) {
         const RuntimeCall kill =
             RuntimeCall::make(30, 5, alice_address(), kAnyProxy, static_cast<std::uint16_t>(i),
                               Compact<BlockNumber>{1}, Compact<std::uint32_t>{opened(i).index});
         return by_alice(
             RuntimeCall::make(30, 0, pure_account(i), std::optional<std::uint8_t>{}, kill));
     },
     {create_pure}},
    {"Proxy.announce", kDelegates, announce, {be_delegate_of_alice}},
    {"Proxy.remove_announcement",
     kDelegates,
     [](std::uint32_t i) {
         return by_each(i, RuntimeCall::make(30, 7, alice_address(), Hash(remark_hash())));
     },
     {be_delegate_of_alice, announce}},
    {"Proxy.reject_announcement",
     kDelegates,
     [](std::uint32_t i) {
         return by_alice(RuntimeCall::make(30, 8, address(i), Hash(remark_hash())));
     },
     {be_delegate_of_alice, announce}},
    {"Proxy.proxy_announced(remark)",
     kDelegates,
     [](std::uint32_t i) {
         return by_each(i, RuntimeCall::make(30, 9, address(i), alice_address(),
                                             std::optional<std::uint8_t>{}, remark(4)));
     },
     {be_delegate_of_alice, announce}},
};
}  // namespace

AccountId account(std::uint32_t i) {
    AccountId who;
    who.bytes.fill(0x55);
    std::ranges::copy(scale::encode(i), who.bytes.begin());
    return who;
}
Sent by_alice(const RuntimeCall& call) {
    return {alice(), call};
}
Sent by_sudo(const RuntimeCall& call) {
    return {alice(), RuntimeCall::make(255, 0, call)};
}
AccountId alice() {
    static const AccountId known(crypto::sr25519_from_suri("//Alice")->public_key.bytes);
    return known;
}
RuntimeCall remark(std::size_t bytes) {
    return RuntimeCall::make(0, 0, Bytes(bytes, 1));
}
RuntimeCall endowment(std::uint32_t i) {
    return RuntimeCall::make(4, 3, address(i), Compact<Balance>{1000 * kUnit});
}

std::span<const WeightCase> weight_cases() {
    static const std::vector<WeightCase> all = [] {
        std::vector<WeightCase> out;
        for (const std::span<const WeightCase> part :
             {std::span<const WeightCase>(kAccounts), std::span<const WeightCase>(kStaking),
              std::span<const WeightCase>(kCallsInCalls), std::span<const WeightCase>(kScheduler),
              std::span<const WeightCase>(kProxies), history_weight_cases(),
              report_weight_cases()}) {
            out.insert(out.end(), part.begin(), part.end());
        }
        return out;
    }();
    return all;
}

}  // namespace stipple::bench
