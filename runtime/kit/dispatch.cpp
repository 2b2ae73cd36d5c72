#include "kit/dispatch.hpp"

namespace stipple::runtime::inline kit {

void encode_to(Bytes& out, const Weight& weight) {
    scale::encode_compact(out, weight.ref_time_ps);
    scale::encode_compact(out, weight.proof_bytes);
}

void decode_from(scale::Decoder& in, Weight& weight) {
    weight.ref_time_ps = in.compact64();
    weight.proof_bytes = in.compact64();
}

Bytes TypeInfo<Weight>::describe(Registry& types) {
    const TypeId number = types.id<Compact<std::uint64_t>>();
    return Registry::composite("sp_weights::weight_v2::Weight",
                               {{"ref_time", number, "u64"}, {"proof_size", number, "u64"}});
}

Outcome<AccountId> ensure_signed(const Origin& origin) {
    if (const AccountId* who = origin.signer()) {
        return *who;
    }
    return fail(DispatchError::bad_origin());
}

DispatchResult ensure_root(const Origin& origin) {
    return origin.is_root() ? DispatchResult() : fail(DispatchError::bad_origin());
}

DispatchResult ensure_none(const Origin& origin) {
    return origin.is_none() ? DispatchResult() : fail(DispatchError::bad_origin());
}

}  // namespace stipple::runtime::inline kit
