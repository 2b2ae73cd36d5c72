// What a call costs, who calls, and how it ends: weights, origins, errors, results.
//
// Spec: sect-weights. A weight has two dimensions: picoseconds of reference time and bytes of
// proof. A dispatchable returns DispatchResult (nothing, or why it failed) or PostDispatchResult
// when it knows its weight only afterwards or changes who pays. Failing undoes everything the call
// wrote.
#pragma once

#include "base/result.hpp"
#include "kit/type_info.hpp"

namespace stipple::runtime::inline kit {

struct Weight {
    std::uint64_t ref_time_ps = 0;
    std::uint64_t proof_bytes = 0;

    constexpr Weight operator+(Weight other) const {
        return {saturating_add(ref_time_ps, other.ref_time_ps),
                saturating_add(proof_bytes, other.proof_bytes)};
    }
    constexpr Weight operator*(std::uint64_t times) const {
        return {saturating_mul(ref_time_ps, times), saturating_mul(proof_bytes, times)};
    }
    constexpr Weight& operator+=(Weight other) { return *this = *this + other; }
    constexpr Weight saturating_sub(Weight other) const {
        return {kit::saturating_sub(ref_time_ps, other.ref_time_ps),
                kit::saturating_sub(proof_bytes, other.proof_bytes)};
    }
    /// Above `limit` in at least one dimension.
    constexpr bool any_above(Weight limit) const {
        return ref_time_ps > limit.ref_time_ps || proof_bytes > limit.proof_bytes;
    }
    constexpr Weight min(Weight other) const {
        return {std::min(ref_time_ps, other.ref_time_ps), std::min(proof_bytes, other.proof_bytes)};
    }
    friend constexpr bool operator==(const Weight&, const Weight&) = default;
};
void encode_to(Bytes& out, const Weight& weight);
void decode_from(scale::Decoder& in, Weight& weight);
template <>
struct TypeInfo<Weight> {
    static Bytes describe(Registry& types);
};

inline constexpr std::uint64_t kPicosecondsPerMicro = 1'000'000;
inline constexpr std::uint64_t kDbReadPs = 25 * kPicosecondsPerMicro;
inline constexpr std::uint64_t kDbWritePs = 100 * kPicosecondsPerMicro;
/// Work of `micros` microseconds that reads and writes so many storage items of small values.
constexpr Weight work(std::uint64_t micros, std::uint64_t reads, std::uint64_t writes) {
    return {micros * kPicosecondsPerMicro + reads * kDbReadPs + writes * kDbWritePs, reads * 3600};
}

enum class DispatchClass : std::uint8_t { normal, operational, mandatory };
constexpr EnumNames describe(DispatchClass) {
    return {"frame_support::dispatch::DispatchClass", {"Normal", "Operational", "Mandatory"}};
}
enum class Pays : std::uint8_t { yes, no };
constexpr EnumNames describe(Pays) {
    return {"frame_support::dispatch::Pays", {"Yes", "No"}};
}

template <class T>
struct PerClass {
    T normal{};
    T operational{};
    T mandatory{};
    constexpr T& of(DispatchClass kind) {
        return kind == DispatchClass::normal        ? normal
               : kind == DispatchClass::operational ? operational
                                                    : mandatory;
    }
    constexpr const T& of(DispatchClass kind) const {
        return const_cast<PerClass*>(this)->of(kind);
    }
    friend bool operator==(const PerClass&, const PerClass&) = default;
    static auto fields(auto& self) {
        return std::tie(self.normal, self.operational, self.mandatory);
    }
};
template <class T>
struct TypeInfo<PerClass<T>> {
    static Bytes describe(Registry& types) {
        const TypeId of = types.id<T>();
        return Registry::composite(
            "frame_support::dispatch::PerDispatchClass",
            {{"normal", of, "T"}, {"operational", of, "T"}, {"mandatory", of, "T"}}, {{"T", of}});
    }
};

/// What is known of a call before it runs.
struct DispatchInfo {
    Weight weight;
    DispatchClass kind = DispatchClass::normal;
    Pays pays_fee = Pays::yes;
    friend bool operator==(const DispatchInfo&, const DispatchInfo&) = default;
    static auto fields(auto& self) { return std::tie(self.weight, self.kind, self.pays_fee); }
    static constexpr TypeName kType{"frame_support::dispatch::DispatchInfo",
                                    {"weight", "class", "pays_fee"}};
};
constexpr DispatchInfo operational(Weight weight, Pays pays = Pays::yes) {
    return {weight, DispatchClass::operational, pays};
}
constexpr DispatchInfo mandatory(Weight weight) {
    return {weight, DispatchClass::mandatory, Pays::yes};
}
/// What is known after: the real weight when it was less, and whether a fee is due after all.
struct PostDispatchInfo {
    std::optional<Weight> actual_weight;
    Pays pays_fee = Pays::yes;
};

enum class TokenError : std::uint8_t {
    funds_unavailable,
    only_provider,
    below_minimum,
    cannot_create,
    unknown_asset,
    frozen,
    unsupported,
    cannot_create_hold,
    not_expendable,
    blocked,
};
constexpr EnumNames describe(TokenError) {
    return {"sp_runtime::TokenError",
            {"FundsUnavailable", "OnlyProvider", "BelowMinimum", "CannotCreate", "UnknownAsset",
             "Frozen", "Unsupported", "CannotCreateHold", "NotExpendable", "Blocked"}};
}
enum class ArithmeticError : std::uint8_t { underflow, overflow, division_by_zero };
constexpr EnumNames describe(ArithmeticError) {
    return {"sp_arithmetic::ArithmeticError", {"Underflow", "Overflow", "DivisionByZero"}};
}
enum class TransactionalError : std::uint8_t { limit_reached, no_layer };
constexpr EnumNames describe(TransactionalError) {
    return {"sp_runtime::TransactionalError", {"LimitReached", "NoLayer"}};
}
/// An error of a pallet: the pallet's index and the error's.
struct ModuleError {
    std::uint8_t index = 0;
    std::array<std::uint8_t, 4> error{};
    friend bool operator==(const ModuleError&, const ModuleError&) = default;
    static auto fields(auto& self) { return std::tie(self.index, self.error); }
    static constexpr TypeName kType{"sp_runtime::ModuleError", {"index", "error"}};
};

/// Why a call failed.
struct DispatchError {
    std::variant<Unit, Unit, Unit, ModuleError, Unit, Unit, Unit, TokenError, ArithmeticError,
                 TransactionalError, Unit, Unit, Unit, Unit>
        value;
    static constexpr VariantNames kVariant{
        "sp_runtime::DispatchError",
        {"Other", "CannotLookup", "BadOrigin", "Module", "ConsumerRemaining", "NoProviders",
         "TooManyConsumers", "Token", "Arithmetic", "Transactional", "Exhausted", "Corruption",
         "Unavailable", "RootNotAllowed"}};

    DispatchError() = default;
    DispatchError(TokenError error) : value(std::in_place_index<7>, error) {}
    DispatchError(ArithmeticError error) : value(std::in_place_index<8>, error) {}
    DispatchError(TransactionalError error) : value(std::in_place_index<9>, error) {}
    DispatchError(ModuleError error) : value(std::in_place_index<3>, error) {}
    static DispatchError other() { return make<0>(); }
    static DispatchError cannot_lookup() { return make<1>(); }
    static DispatchError bad_origin() { return make<2>(); }
    static DispatchError consumer_remaining() { return make<4>(); }
    static DispatchError no_providers() { return make<5>(); }
    static DispatchError too_many_consumers() { return make<6>(); }
    static DispatchError exhausted() { return make<10>(); }
    static DispatchError corruption() { return make<11>(); }
    static DispatchError unavailable() { return make<12>(); }
    static DispatchError root_not_allowed() { return make<13>(); }
    friend bool operator==(const DispatchError&, const DispatchError&) = default;

 private:
    template <std::size_t I>
    static DispatchError make() {
        DispatchError error;
        error.value.template emplace<I>();
        return error;
    }
};

/// A value, or why the call failed; `Outcome<>` without a value.
template <class T = void>
using Outcome = std::expected<T, DispatchError>;
using DispatchResult = Outcome<>;

/// A failure that still knows its weight.
struct DispatchErrorWithPostInfo {
    PostDispatchInfo post;
    DispatchError error;
    DispatchErrorWithPostInfo() = default;
    DispatchErrorWithPostInfo(DispatchError why) : error(std::move(why)) {}
    DispatchErrorWithPostInfo(PostDispatchInfo info, DispatchError why)
        : post(info), error(std::move(why)) {}
};
using PostDispatchResult = std::expected<PostDispatchInfo, DispatchErrorWithPostInfo>;

/// Any error of the lists above, as the failed result of a dispatchable.
inline std::unexpected<DispatchError> fail(DispatchError error) {
    return std::unexpected(std::move(error));
}
/// Of a DispatchResult or a PostDispatchResult. (A template, so that neither converts.)
template <class R>
PostDispatchResult with_post_info(R result) {
    if constexpr (std::is_same_v<R, PostDispatchResult>) {
        return result;
    } else {
        return result ? PostDispatchResult(PostDispatchInfo{})
                      : std::unexpected(DispatchErrorWithPostInfo(result.error()));
    }
}
inline DispatchResult without_post_info(const PostDispatchResult& result) {
    return result ? DispatchResult() : std::unexpected(result.error().error);
}

class RuntimeCall;
/// What the calls of an origin are bound to besides the runtime's filter, calls within calls too:
/// asked for each with `context`, a number that the asking pallet knows. Never encoded.
struct CallLimit {
    bool (*allows)(std::uint8_t context, const RuntimeCall& call) = nullptr;
    std::uint8_t context = 0;
    bool passes(const RuntimeCall& call) const {
        return allows == nullptr || allows(context, call);
    }
    friend bool operator==(const CallLimit&, const CallLimit&) = default;
};

/// Who calls. Signed carries the account; Root is the chain itself; None is an inherent or an
/// unsigned transaction that its pallet has validated.
struct RawOrigin {
    std::variant<Unit, AccountId, Unit> value;
    static constexpr VariantNames kVariant{"frame_support::dispatch::RawOrigin",
                                           {"Root", "Signed", "None"}};
    friend bool operator==(const RawOrigin&, const RawOrigin&) = default;
};
struct Origin {
    std::variant<RawOrigin> value;
    static constexpr VariantNames kVariant{"stipple_runtime::OriginCaller", {"system"}};

    CallLimit limit{};

    Origin() : value(RawOrigin{decltype(RawOrigin::value)(std::in_place_index<2>)}) {}
    static Origin root() { return Origin(std::in_place_index<0>); }
    static Origin none() { return Origin(); }
    static Origin signed_by(const AccountId& who) { return Origin(std::in_place_index<1>, who); }

    /// The same caller, bound to `bounds` instead.
    Origin limited_by(CallLimit bounds) const {
        Origin bound = *this;
        bound.limit = bounds;
        return bound;
    }

    const RawOrigin& raw() const { return *std::get_if<0>(&value); }
    bool is_root() const { return raw().value.index() == 0; }
    bool is_none() const { return raw().value.index() == 2; }
    const AccountId* signer() const { return std::get_if<1>(&raw().value); }
    friend bool operator==(const Origin&, const Origin&) = default;

 private:
    template <std::size_t I>
    explicit Origin(std::in_place_index_t<I> which, const auto&... who)
        : value(RawOrigin{decltype(RawOrigin::value)(which, who...)}) {}
};
Outcome<AccountId> ensure_signed(const Origin& origin);
DispatchResult ensure_root(const Origin& origin);
DispatchResult ensure_none(const Origin& origin);

}  // namespace stipple::runtime::inline kit
