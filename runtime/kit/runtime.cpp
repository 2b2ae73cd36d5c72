#include "kit/runtime.hpp"

#include "kit/hold_reason.hpp"

namespace stipple::runtime::inline kit {

const PalletEntry* find_pallet(std::uint8_t index) {
    for (const PalletEntry& entry : runtime_pallets()) {
        if (entry.index == index) {
            return &entry;
        }
    }
    return nullptr;
}

Bytes outer_enum(Registry& types, std::string_view path,
                 std::optional<TypeId> (*PalletTypes::*kind)(Registry&)) {
    std::vector<CaseInfo> cases;
    for (const PalletEntry& entry : runtime_pallets()) {
        if (const auto type = (entry.types.*kind)(types)) {
            cases.push_back({entry.name, entry.index, {{"", *type}}});
        }
    }
    return Registry::variant(path, cases);
}

Bytes TypeInfo<RuntimeCall>::describe(Registry& types) {
    return outer_enum(types, "stipple_runtime::RuntimeCall", &PalletTypes::calls);
}

Bytes TypeInfo<RuntimeHoldReason>::describe(Registry& types) {
    return outer_enum(types, "stipple_runtime::RuntimeHoldReason", &PalletTypes::hold_reasons);
}

Bytes TypeInfo<RuntimeFreezeReason>::describe(Registry& types) {
    return outer_enum(types, "stipple_runtime::RuntimeFreezeReason", &PalletTypes::freeze_reasons);
}

std::uint8_t pallet_index(std::string_view name) {
    for (const PalletEntry& entry : runtime_pallets()) {
        if (entry.name == name) {
            return entry.index;
        }
    }
    host::panic("a pallet that is not in this runtime was asked for its index");
}

namespace {
const CallEntry* find_call(std::uint8_t pallet, std::uint8_t call) {
    if (const PalletEntry* entry = find_pallet(pallet)) {
        for (const CallEntry& one : entry->calls) {
            if (one.index == call) {
                return &one;
            }
        }
    }
    return nullptr;
}
}  // namespace

const CallEntry& RuntimeCall::entry() const {
    const CallEntry* found = find_call(pallet(), call());
    if (found == nullptr) {
        host::panic("a call that this runtime does not have");
    }
    return *found;
}

Hash RuntimeCall::hash() const {
    return host::blake2_256(encoded_);
}

DispatchInfo RuntimeCall::info() const {
    const CallEntry& found = entry();
    return found.fixed_price != nullptr ? *found.fixed_price : found.price(arguments());
}

PostDispatchResult RuntimeCall::dispatch(const Origin& origin) const {
    if (!origin.is_root() && !(call_is_allowed(*this) && origin.limit.passes(*this))) {
        constexpr std::uint8_t kCallFiltered = 5;  // System.CallFiltered
        return std::unexpected(DispatchErrorWithPostInfo(
            DispatchError(ModuleError{pallet_index("System"), {kCallFiltered, 0, 0, 0}})));
    }
    return with_storage_layer([&] {
        scale::Decoder in(arguments());
        return entry().run(in, &origin);
    });
}

void encode_to(Bytes& out, const RuntimeCall& call) {
    append(out, call.encoded_);
}

void decode_from(scale::Decoder& in, RuntimeCall& call) {
    const scale::Decoder::Nested guard(in);
    const ByteView start = in.rest();
    const std::uint8_t pallet = in.u8();
    const std::uint8_t index = in.u8();
    if (!in.ok()) {
        return;
    }
    const CallEntry* found = find_call(pallet, index);
    if (found == nullptr) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    (void)found->run(in, nullptr);
    if (in.ok()) {
        call.encoded_ = to_bytes(start.first(start.size() - in.remaining()));
    }
}

}  // namespace stipple::runtime::inline kit
