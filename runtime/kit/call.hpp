// Any call of the runtime, as a value.
//
// A RuntimeCall is the encoded call (pallet index, call index, arguments) whose arguments are known
// to decode: batch, sudo, proxy and the scheduler carry calls without knowing them. Calls nest at
// most scale::kNestingMax deep.
#pragma once

#include "kit/dispatch.hpp"

namespace stipple::runtime::inline kit {

struct CallEntry;

class RuntimeCall {
 public:
    RuntimeCall() = default;  ///< System.remark of nothing in most runtimes; decode over it
    /// A call from its parts; the arguments are encoded in their order.
    template <class... Args>
    static RuntimeCall make(std::uint8_t pallet, std::uint8_t call, const Args&... arguments) {
        using scale::encode_to;
        RuntimeCall made;
        made.encoded_ = {pallet, call};
        (encode_to(made.encoded_, arguments), ...);
        return made;
    }

    const Bytes& encoded() const { return encoded_; }
    std::uint8_t pallet() const { return encoded_[0]; }
    std::uint8_t call() const { return encoded_[1]; }
    ByteView arguments() const { return ByteView(encoded_).subspan(2); }
    bool is(std::uint8_t pallet, std::uint8_t call) const {
        return encoded_[0] == pallet && encoded_[1] == call;
    }
    Hash hash() const;

    /// Class, weight and fee duty.
    DispatchInfo info() const;
    /// Runs the call in a storage layer of its own, after the runtime's call filter has passed it
    /// (Root passes always).
    PostDispatchResult dispatch(const Origin& origin) const;

    friend bool operator==(const RuntimeCall&, const RuntimeCall&) = default;
    friend void encode_to(Bytes& out, const RuntimeCall& call);
    friend void decode_from(scale::Decoder& in, RuntimeCall& call);

 private:
    const CallEntry& entry() const;
    Bytes encoded_{0, 0, 0};
};
template <>
struct TypeInfo<RuntimeCall> {
    static Bytes describe(Registry& types);
};

/// Whether the runtime lets an account make this call. Defined once by each runtime.
bool call_is_allowed(const RuntimeCall& call);

}  // namespace stipple::runtime::inline kit
