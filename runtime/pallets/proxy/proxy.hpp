// Proxy: accounts that act for other accounts.
//
// An account lists the delegates that may make calls in its name; each is bound to a kind of call
// (ProxyType) and perhaps to a delay. A delayed delegate announces the hash of its call first and
// may make it when the delay has passed, so that the owner can reject it in between. The bound
// holds for calls within calls too: it travels with the origin. A pure account has no key at all:
// it is made by its first delegate and lives by its delegates alone. Lists are paid for by deposits
// that follow their length.
#pragma once

#include "kit/address.hpp"
#include "kit/pallet.hpp"
#include "pallets/proxy/proxy_type.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

struct Proxy : Pallet<Proxy> {
    static constexpr std::string_view kName = "Proxy";

    struct Definition {
        AccountId delegate;
        ProxyType proxy_type{};
        BlockNumber delay = 0;
        friend auto operator<=>(const Definition&, const Definition&) = default;
        static auto fields(auto& self) {
            return std::tie(self.delegate, self.proxy_type, self.delay);
        }
        static constexpr TypeName kType{"pallet_proxy::ProxyDefinition",
                                        {"delegate", "proxy_type", "delay"}};
    };
    struct Announcement {
        AccountId real;
        Hash call_hash;
        BlockNumber height = 0;
        friend bool operator==(const Announcement&, const Announcement&) = default;
        static auto fields(auto& self) { return std::tie(self.real, self.call_hash, self.height); }
        static constexpr TypeName kType{"pallet_proxy::Announcement",
                                        {"real", "call_hash", "height"}};
    };
    using Definitions = BoundedVec<Definition, config::kMaxProxies>;  ///< sorted
    using Announcements = BoundedVec<Announcement, config::kMaxPendingAnnouncements>;

    // ---- storage: lists with their deposits ----
    static constexpr StorageMap<Twox64Concat<AccountId>, std::tuple<Definitions, Balance>> proxies{
        kName, "Proxies", "The delegates of an account, and its deposit for them."};
    static constexpr StorageMap<Twox64Concat<AccountId>, std::tuple<Announcements, Balance>>
        announcements{kName, "Announcements",
                      "What a delegate has announced, and its deposit for that."};
    static constexpr auto storage = list(proxies, announcements);

    // ---- events ----
    static constexpr Event<ScaleResult<void, DispatchError>> kProxyExecuted{
        0, "ProxyExecuted", {"result"}, "A delegate made a call."};
    static constexpr Event<AccountId, AccountId, ProxyType, std::uint16_t> kPureCreated{
        1,
        "PureCreated",
        {"pure", "who", "proxy_type", "disambiguation_index"},
        "An account without a key was made."};
    static constexpr Event<AccountId, AccountId, Hash> kAnnounced{
        2, "Announced", {"real", "proxy", "call_hash"}, "A delegate announced a call."};
    static constexpr Event<AccountId, AccountId, ProxyType, BlockNumber> kProxyAdded{
        3,
        "ProxyAdded",
        {"delegator", "delegatee", "proxy_type", "delay"},
        "An account got a delegate."};
    static constexpr Event<AccountId, AccountId, ProxyType, BlockNumber> kProxyRemoved{
        4,
        "ProxyRemoved",
        {"delegator", "delegatee", "proxy_type", "delay"},
        "An account removed a delegate."};
    static constexpr auto events =
        list(kProxyExecuted, kPureCreated, kAnnounced, kProxyAdded, kProxyRemoved);

    // ---- errors ----
    static constexpr ModuleErrorInfo kTooMany{0, "TooMany",
                                              "Too many delegates, or announcements pending."};
    static constexpr ModuleErrorInfo kNotFound{1, "NotFound",
                                               "There is no such delegate or announcement."};
    static constexpr ModuleErrorInfo kNotProxy{2, "NotProxy",
                                               "The sender is no delegate of the account."};
    static constexpr ModuleErrorInfo kUnproxyable{3, "Unproxyable",
                                                  "No delegate may make this call."};
    static constexpr ModuleErrorInfo kDuplicate{4, "Duplicate",
                                                "The delegate or the account is there already."};
    static constexpr ModuleErrorInfo kNoPermission{5, "NoPermission",
                                                   "The sender may not make this call."};
    static constexpr ModuleErrorInfo kUnannounced{
        6, "Unannounced", "The call was not announced, or too short a time ago."};
    static constexpr ModuleErrorInfo kNoSelfProxy{7, "NoSelfProxy",
                                                  "An account is not its own delegate."};
    static constexpr auto errors = list(kTooMany, kNotFound, kNotProxy, kUnproxyable, kDuplicate,
                                        kNoPermission, kUnannounced, kNoSelfProxy);

    // ---- calls ----
    using ForcedType = std::optional<ProxyType>;
    static DispatchResult proxy(const Origin& origin, const MultiAddress& real,
                                const ForcedType& force_type, const RuntimeCall& call);
    static DispatchResult add_proxy(const Origin& origin, const MultiAddress& delegate,
                                    ProxyType type, BlockNumber delay);
    static DispatchResult remove_proxy(const Origin& origin, const MultiAddress& delegate,
                                       ProxyType type, BlockNumber delay);
    static DispatchResult remove_proxies(const Origin& origin);
    static DispatchResult create_pure(const Origin& origin, ProxyType type, BlockNumber delay,
                                      std::uint16_t index);
    static DispatchResult kill_pure(const Origin& origin, const MultiAddress& spawner,
                                    ProxyType type, std::uint16_t index,
                                    Compact<BlockNumber> height, Compact<std::uint32_t> ext_index);
    static DispatchResult announce(const Origin& origin, const MultiAddress& real,
                                   const Hash& call_hash);
    static DispatchResult remove_announcement(const Origin& origin, const MultiAddress& real,
                                              const Hash& call_hash);
    static DispatchResult reject_announcement(const Origin& origin, const MultiAddress& delegate,
                                              const Hash& call_hash);
    static DispatchResult proxy_announced(const Origin& origin, const MultiAddress& delegate,
                                          const MultiAddress& real, const ForcedType& force_type,
                                          const RuntimeCall& call);

    static DispatchInfo cost_around(const RuntimeCall& call, Weight own);
    static constexpr auto calls = list(
        call<0>(
            "proxy", &proxy, {"real", "force_proxy_type", "call"},
            +[](const MultiAddress&, const ForcedType&, const RuntimeCall& call) {
                return cost_around(call, work(15, 1, 0));
            },
            "Make a call as `real`, whose delegate the sender is without delay."),
        call<1>("add_proxy", &add_proxy, {"delegate", "proxy_type", "delay"}, work(25, 1, 1),
                "Add a delegate of the sender."),
        call<2>("remove_proxy", &remove_proxy, {"delegate", "proxy_type", "delay"}, work(15, 3, 1),
                "Remove a delegate of the sender."),
        call<3>("remove_proxies", &remove_proxies, {}, work(15, 3, 1),
                "Remove all delegates of the sender."),
        call<4>("create_pure", &create_pure, {"proxy_type", "delay", "index"}, work(28, 1, 1),
                "Make an account without a key, whose only delegate is the sender."),
        call<5>("kill_pure", &kill_pure, {"spawner", "proxy_type", "index", "height", "ext_index"},
                work(25, 1, 1),
                "Remove the delegates of the sender, a pure account: nobody can use it again."),
        call<6>("announce", &announce, {"real", "call_hash"}, work(35, 3, 2),
                "Announce a call that the sender will make as `real`."),
        call<7>("remove_announcement", &remove_announcement, {"real", "call_hash"}, work(25, 2, 2),
                "Take back an announcement of the sender."),
        call<8>("reject_announcement", &reject_announcement, {"delegate", "call_hash"},
                work(25, 4, 2), "Reject what a delegate of the sender has announced."),
        call<9>(
            "proxy_announced", &proxy_announced, {"delegate", "real", "force_proxy_type", "call"},
            +[](const MultiAddress&, const MultiAddress&, const ForcedType&,
                const RuntimeCall& call) { return cost_around(call, work(38, 3, 2)); },
            "Make a call as `real` that its delegate has announced long enough ago."));

    // ---- constants ----
    static constexpr auto constants = list(
        constant(
            "ProxyDepositBase", [] { return config::kProxyDepositBase; },
            "What having delegates reserves."),
        constant(
            "ProxyDepositFactor", [] { return config::kProxyDepositFactor; },
            "What each delegate reserves besides."),
        constant(
            "MaxProxies", [] { return config::kMaxProxies; }, "Delegates of an account, at most."),
        constant(
            "MaxPending", [] { return config::kMaxPendingAnnouncements; },
            "Announcements of a delegate, at most."),
        constant(
            "AnnouncementDepositBase", [] { return config::kAnnouncementDepositBase; },
            "What having announcements reserves."),
        constant(
            "AnnouncementDepositFactor", [] { return config::kAnnouncementDepositFactor; },
            "What each announcement reserves besides."));

    /// The account that `who` makes, or made, at this place of the chain.
    static AccountId pure_account(const AccountId& who, ProxyType type, std::uint16_t index,
                                  BlockNumber height, std::uint32_t extrinsic_index);
};

}  // namespace stipple::runtime
