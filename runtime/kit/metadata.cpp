#include "kit/metadata.hpp"

#include "pallets/system/types.hpp"

namespace stipple::runtime::inline kit {

namespace detail {
void put_storage_entry(Bytes& out, const ItemBase& item, bool optional,
                       const std::vector<HasherKind>& hashers, std::optional<TypeId> key,
                       TypeId value, const Bytes& fallback) {
    scale::encode_byte_string(out, as_bytes(item.item));
    out.push_back(optional ? 0 : 1);
    out.push_back(key ? 1 : 0);
    if (key) {
        scale::encode_compact(out, hashers.size());
        for (const HasherKind hasher : hashers) {
            out.push_back(static_cast<std::uint8_t>(hasher));
        }
        scale::encode_compact(out, *key);
    }
    scale::encode_compact(out, value);
    scale::encode_byte_string(out, fallback);
    scale::encode_to(out, std::vector<std::string>{std::string(item.doc)});
}

void put_constant(Bytes& out, std::string_view name, TypeId type, const Bytes& value,
                  std::string_view doc) {
    scale::encode_byte_string(out, as_bytes(name));
    scale::encode_compact(out, type);
    scale::encode_byte_string(out, value);
    scale::encode_to(out, std::vector<std::string>{std::string(doc)});
}

Bytes storage_section(std::string_view prefix, std::uint32_t entries, const Bytes& encoded) {
    Bytes out{1};
    scale::encode_byte_string(out, as_bytes(prefix));
    scale::encode_compact(out, entries);
    append(out, encoded);
    return out;
}
}  // namespace detail

namespace {
/// Stands for the runtime itself, which clients expect to have a type.
struct RuntimeMarker {
    static auto fields(auto&) { return std::tuple<>(); }
    static constexpr TypeName kType{"stipple_runtime::Runtime"};
};
struct RuntimeErrorMarker {};
}  // namespace

template <>
struct TypeInfo<RuntimeErrorMarker> {
    static Bytes describe(Registry& types) {
        return outer_enum(types, "stipple_runtime::RuntimeError", &PalletTypes::errors);
    }
};

namespace {
void put_optional_type(Bytes& out, std::optional<TypeId> type) {
    out.push_back(type ? 1 : 0);
    if (type) {
        scale::encode_compact(out, *type);
    }
}

Bytes describe_pallets(Registry& types, std::uint32_t version) {
    Bytes out;
    scale::encode_compact(out, runtime_pallets().size());
    for (const PalletEntry& entry : runtime_pallets()) {
        const PalletMetadata pallet = entry.describe(types);
        scale::encode_byte_string(out, as_bytes(entry.name));
        append(out, pallet.storage);
        put_optional_type(out, entry.types.calls(types));
        put_optional_type(out, entry.types.events(types));
        append(out, pallet.constants);
        put_optional_type(out, entry.types.errors(types));
        out.push_back(entry.index);
        if (version >= 15) {
            std::vector<std::string> docs;
            if (!pallet.doc.empty()) {
                docs.emplace_back(pallet.doc);
            }
            scale::encode_to(out, docs);
        }
    }
    return out;
}

void put_extensions(Bytes& out, const ExtrinsicMetadata& extrinsic) {
    scale::encode_compact(out, extrinsic.extensions.size());
    for (const ExtensionMetadata& extension : extrinsic.extensions) {
        scale::encode_byte_string(out, as_bytes(extension.name));
        scale::encode_compact(out, extension.explicit_type);
        scale::encode_compact(out, extension.implicit_type);
    }
}

/// The transaction format that tools may count on; version 5 is accepted as well.
constexpr std::uint8_t kExtrinsicVersion = 4;

Bytes describe_v14(Registry& types) {
    Bytes out = describe_pallets(types, 14);
    const ExtrinsicMetadata extrinsic = describe_extrinsic(types);
    const TypeId type = types.reserve(&kExtrinsicVersion);
    types.fill(type, Registry::composite("sp_runtime::generic::unchecked_extrinsic::"
                                         "UncheckedExtrinsic",
                                         {{"", types.id<Bytes>()}},
                                         {{"Address", extrinsic.address},
                                          {"Call", extrinsic.call},
                                          {"Signature", extrinsic.signature},
                                          {"Extra", extrinsic.extra}}));
    scale::encode_compact(out, type);
    out.push_back(kExtrinsicVersion);
    put_extensions(out, extrinsic);
    scale::encode_compact(out, types.id<RuntimeMarker>());
    return out;
}

Bytes describe_v15(Registry& types) {
    Bytes out = describe_pallets(types, 15);
    const ExtrinsicMetadata extrinsic = describe_extrinsic(types);
    out.push_back(kExtrinsicVersion);
    for (const TypeId type :
         {extrinsic.address, extrinsic.call, extrinsic.signature, extrinsic.extra}) {
        scale::encode_compact(out, type);
    }
    put_extensions(out, extrinsic);
    scale::encode_compact(out, types.id<RuntimeMarker>());
    scale::encode_compact(out, runtime_apis().size());
    for (const ApiEntry& entry : runtime_apis()) {
        scale::encode_byte_string(out, as_bytes(entry.name));
        append(out, entry.describe(types));
        scale::encode_to(out, std::vector<std::string>{});
    }
    scale::encode_compact(out, extrinsic.call);
    scale::encode_compact(out, types.id<RuntimeEvent>());
    scale::encode_compact(out, types.id<RuntimeErrorMarker>());
    out.push_back(0);  // no custom entries
    return out;
}
}  // namespace

std::optional<Bytes> metadata(std::uint32_t version) {
    if (version != 14 && version != 15) {
        return std::nullopt;
    }
    Registry types;
    // The account first, as tools and people are used to.
    types.id<AccountId>();
    const Bytes content = version == 14 ? describe_v14(types) : describe_v15(types);
    Bytes out = to_bytes("meta");
    out.push_back(static_cast<std::uint8_t>(version));
    append(out, types.encode());
    append(out, content);
    return out;
}

}  // namespace stipple::runtime::inline kit
