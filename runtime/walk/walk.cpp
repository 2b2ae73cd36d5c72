#include "walk/walk.hpp"

#include "base/check.hpp"
#include "kit/executive.hpp"
#include "kit/genesis_build.hpp"
#include "kit/native_host.hpp"
#include "kit/runtime.hpp"
#include "primitives/babe.hpp"
#include "relay/presets.hpp"
#include "walk/draw.hpp"
#include "walk/pallets.hpp"
#include "walk/signed.hpp"

#include <algorithm>

namespace stipple::runtime::walk {

namespace {
constexpr std::uint64_t kStepsInBlockMax = 40;
constexpr std::size_t kPairs = 4;
constexpr std::size_t kRawBytesMax = 96;

/// Calls that exist to set aside what a walk is about: storage and code by force, and the issuance.
bool is_forbidden(std::string_view pallet, std::string_view call) {
    constexpr std::array kForbidden = {
        std::pair{"System", "set_code"},    std::pair{"System", "set_code_without_checks"},
        std::pair{"System", "set_storage"}, std::pair{"System", "kill_storage"},
        std::pair{"System", "kill_prefix"}, std::pair{"System", "apply_authorized_upgrade"},
        std::pair{"Timestamp", "set"},      std::pair{"Balances", "force_adjust_total_issuance"},
    };
    return std::ranges::any_of(
        kForbidden, [&](const auto& one) { return one.first == pallet && one.second == call; });
}

struct Maker {
    Bytes (*arguments)(Drawer&);
    std::uint8_t pallet;
    std::uint8_t call;
};
template <class P, std::size_t I>
Bytes draw_arguments(Drawer& from) {
    typename std::remove_cvref_t<decltype(std::get<I>(P::calls))>::Arguments arguments{};
    draw(from, arguments);
    return scale::encode(arguments);
}
std::vector<Maker> all_makers() {
    std::vector<Maker> all;
    for_each_pallet([&]<class P>(std::type_identity<P>) {
        if constexpr (requires { P::calls; }) {
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                ((is_forbidden(P::kName, std::get<I>(P::calls).name)
                      ? void()
                      : all.push_back(
                            {&draw_arguments<P, I>, P::index(), std::get<I>(P::calls).kIndex})),
                 ...);
            }(std::make_index_sequence<std::tuple_size_v<decltype(P::calls)>>());
        }
    });
    return all;
}

RuntimeCall make(std::uint8_t pallet, std::uint8_t call, const Bytes& arguments) {
    Bytes encoded{pallet, call};
    append(encoded, arguments);
    const auto made = scale::decode<RuntimeCall>(encoded);
    return made ? *made : RuntimeCall{};
}

bool was_killed(const AccountId& who) {
    const auto log = host::get(System::events_log.key());
    const Bytes event = System::encode_event(System::kKilledAccount, who);
    return log && std::search(log->begin(), log->end(), event.begin(), event.end()) != log->end();
}
}  // namespace

RuntimeCall draw_call(Drawer& from) {
    static const std::vector<Maker> kMakers = all_makers();
    if (from.depth >= kCallsDeep) {
        return {};
    }
    ++from.depth;
    const Maker& maker = kMakers[from.below(kMakers.size())];
    RuntimeCall made = make(maker.pallet, maker.call, maker.arguments(from));
    --from.depth;
    return made;
}

Walk::Walk(Seed seed) : seed_(seed.value), prng_(seed), slot_(1'000'000) {
    CHECK(std::tuple_size_v<AllPallets> == runtime_pallets().size());
    native_host::reset();
    const auto built = build_genesis(*preset("local_testnet"));
    CHECK(built.has_value());
    System::account.for_each([&](const auto& keys, const AccountInfo&) {
        actors_.push_back(std::get<0>(keys));
        return true;
    });
    std::ranges::sort(actors_);
    for (std::size_t i = 0; i < kPairs; ++i) {
        const Bytes secret = prng_.bytes(32);
        std::array<std::uint8_t, 32> raw{};
        std::copy(secret.begin(), secret.end(), raw.begin());
        pairs_.push_back(crypto::Ed25519Keypair::from_seed(crypto::Secret<32>(raw)));
        actors_.push_back(AccountId(pairs_.back().public_key.bytes));
    }
    parent_.state_root = HeaderStateRoot::copy(host::storage_root());
}

std::optional<std::string> Walk::next_block() {
    Header header;
    header.number = parent_.number + 1;
    header.parent_hash = BlockHash(host::blake2_256(scale::encode(parent_)).bytes);
    slot_ = slot_ + (prng_.chance(1, 30) ? prng_.below(30) : 0) + 1;
    const auto authorities = Babe::authorities.get().items.size();
    header.digest = {babe::pre_digest_item(babe::SecondaryPlainPreDigest{
        static_cast<std::uint32_t>(prng_.below(std::max<std::size_t>(authorities, 1))), slot_})};
    executive::initialize_block(header);
    const auto time = RuntimeCall::make(Timestamp::index(), 0,
                                        Compact<Moment>{slot_.value * config::kSlotDurationMs});
    Bytes inherent{0x04};
    append(inherent, time.encoded());
    CHECK(executive::apply_extrinsic(inherent).value.has_value());
    for (std::uint64_t left = prng_.below(kStepsInBlockMax) + 1; left > 0; --left) {
        step();
    }
    parent_ = executive::finalize_block();

    auto broken = find_broken_invariant();
    for (const auto& [who, before] : nonces_) {
        if (System::account.get(who).nonce < before && !was_killed(who)) {
            broken = "the nonce fell of " + to_hex(who);
        }
    }
    nonces_.clear();
    System::account.for_each([&](const auto& keys, const AccountInfo& info) {
        nonces_.emplace(std::get<0>(keys), info.nonce);
        return true;
    });
    if (broken) {
        *broken = "seed " + decimal(seed_) + ", block " + decimal(parent_.number) + ": " + *broken;
    }
    return broken;
}

void Walk::step() {
    ++steps_;
    if (prng_.chance(1, 300)) {
        return report_somebody();
    }
    switch (prng_.below(16)) {
        case 0:
            return apply_some_bytes();
        case 1:
            return apply_signed();
        default:
            return dispatch_some_call();
    }
}

void Walk::dispatch_some_call() {
    Drawer from{prng_, actors_, parent_.number};
    const RuntimeCall call = draw_call(from);
    const std::uint64_t who = prng_.below(16);
    const Origin origin = who == 0   ? Origin::root()
                          : who == 1 ? Origin::none()
                                     : Origin::signed_by(from.account());
    const auto result = call.dispatch(origin);
    System::note_applied_extrinsic(result, call.info());
    successes_ += result ? 1U : 0U;
}

void Walk::report_somebody() {
    const auto validators = Session::validators.get();
    if (!validators.empty()) {
        const AccountId& who = validators[prng_.below(validators.size())];
        const SessionIndex now = Session::current_index.get();
        const auto ago = static_cast<SessionIndex>(prng_.below(12));
        wiring::on_offence(who, {who}, saturating_sub(now, ago),
                           Perbill::percent(static_cast<std::uint32_t>(prng_.below(101))));
    }
}

void Walk::apply_some_bytes() {
    Bytes raw = prng_.bytes(prng_.below(kRawBytesMax));
    constexpr std::array<std::uint8_t, 4> kFirst{0x04, 0x05, 0x84, 0x45};
    if (!raw.empty() && prng_.chance(3, 4)) {
        raw[0] = kFirst[prng_.below(kFirst.size())];
    }
    if (prng_.chance(1, 2)) {
        // A call that decodes, bare, with a byte of it changed.
        Drawer from{prng_, actors_, parent_.number};
        raw = {0x04};
        append(raw, draw_call(from).encoded());
        raw[prng_.below(raw.size())] ^= static_cast<std::uint8_t>(1U << prng_.below(8));
    }
    // An author who sets the time twice loses his block, as in the field: the answer is a panic.
    const bool sets_time = raw.size() > 1 && raw[0] < 0x40 && raw[1] == Timestamp::index();
    if (!sets_time) {
        (void)executive::apply_extrinsic(raw);
    }
}

void Walk::apply_signed() {
    const crypto::Ed25519Keypair& pair = pairs_[prng_.below(pairs_.size())];
    const AccountId who(pair.public_key.bytes);
    Drawer from{prng_, actors_, parent_.number};
    const RuntimeCall call = draw_call(from);
    config::Extensions extensions;
    auto& nonce = std::get<CheckNonce>(extensions).nonce.value;
    nonce = System::account.get(who).nonce;
    if (prng_.chance(1, 8)) {
        nonce += static_cast<Nonce>(prng_.below(3)) - 1;
    }
    const bool general = prng_.chance(1, 3);
    const auto answer =
        executive::apply_extrinsic(general ? general_extrinsic(pair, call, extensions)
                                           : signed_extrinsic(pair, call, extensions));
    successes_ += answer.value && answer.value->value ? 1U : 0U;
}

}  // namespace stipple::runtime::walk
