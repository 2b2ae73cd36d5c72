#include "kit/extrinsic.hpp"
#include "kit/metadata.hpp"
#include "pallets/system/types.hpp"

#include <algorithm>

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

void put_enum(Bytes& out, const Registry& types, std::optional<TypeId> type) {
    put_optional_type(out, type);
    if (type) {
        types.put_not_deprecated(out);
    }
}

Bytes describe_pallets(Registry& types) {
    Bytes out;
    scale::encode_compact(out, runtime_pallets().size());
    for (const PalletEntry& entry : runtime_pallets()) {
        const PalletMetadata pallet = entry.describe(types);
        scale::encode_byte_string(out, as_bytes(entry.name));
        append(out, pallet.storage);
        put_enum(out, types, entry.types.calls(types));
        put_enum(out, types, entry.types.events(types));
        append(out, pallet.constants);
        put_enum(out, types, entry.types.errors(types));
        if (types.version() >= 16) {
            out.push_back(0);  // no associated types
            out.push_back(0);  // no view functions
        }
        out.push_back(entry.index);
        if (types.version() >= 15) {
            std::vector<std::string> docs;
            if (!pallet.doc.empty()) {
                docs.emplace_back(pallet.doc);
            }
            scale::encode_to(out, docs);
        }
        types.put_not_deprecated(out);
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
constexpr std::uint8_t kGeneralExtrinsicVersion = 5;

Bytes describe_v14(Registry& types) {
    Bytes out = describe_pallets(types);
    const ExtrinsicMetadata extrinsic = describe_extrinsic(types);
    scale::encode_compact(out, types.id<Extrinsic>());
    out.push_back(kExtrinsicVersion);
    put_extensions(out, extrinsic);
    scale::encode_compact(out, types.id<RuntimeMarker>());
    return out;
}

void put_apis(Bytes& out, Registry& types) {
    scale::encode_compact(out, runtime_apis().size());
    for (const ApiEntry& entry : runtime_apis()) {
        scale::encode_byte_string(out, as_bytes(entry.name));
        append(out, entry.describe(types));
        scale::encode_to(out, std::vector<std::string>{});
        if (types.version() >= 16) {
            scale::encode_compact(out, entry.version);
        }
        types.put_not_deprecated(out);
    }
}

void put_outer_enums(Bytes& out, Registry& types) {
    scale::encode_compact(out, types.id<RuntimeCall>());
    scale::encode_compact(out, types.id<RuntimeEvent>());
    scale::encode_compact(out, types.id<RuntimeErrorMarker>());
    out.push_back(0);  // no custom entries
}

Bytes describe_v15(Registry& types) {
    Bytes out = describe_pallets(types);
    const ExtrinsicMetadata extrinsic = describe_extrinsic(types);
    types.id<Extrinsic>();  // where V14 needs it, so that all versions share their ids
    out.push_back(kExtrinsicVersion);
    for (const TypeId type :
         {extrinsic.address, extrinsic.call, extrinsic.signature, extrinsic.extra}) {
        scale::encode_compact(out, type);
    }
    put_extensions(out, extrinsic);
    scale::encode_compact(out, types.id<RuntimeMarker>());
    put_apis(out, types);
    put_outer_enums(out, types);
    return out;
}

Bytes describe_v16(Registry& types) {
    Bytes out = describe_pallets(types);
    const ExtrinsicMetadata extrinsic = describe_extrinsic(types);
    types.id<Extrinsic>();
    scale::encode_to(out, std::vector<std::uint8_t>{kExtrinsicVersion, kGeneralExtrinsicVersion});
    for (const TypeId type : {extrinsic.address, extrinsic.call, extrinsic.signature}) {
        scale::encode_compact(out, type);
    }
    // One version of the extensions, 0, with all of them.
    scale::encode_compact(out, 1U);
    out.push_back(kExtensionsVersion);
    scale::encode_compact(out, extrinsic.extensions.size());
    for (std::size_t i = 0; i < extrinsic.extensions.size(); ++i) {
        scale::encode_compact(out, i);
    }
    put_extensions(out, extrinsic);
    put_apis(out, types);
    put_outer_enums(out, types);
    return out;
}
}  // namespace

Bytes TypeInfo<Extrinsic>::describe(Registry& types) {
    const ExtrinsicMetadata extrinsic = describe_extrinsic(types);
    return Registry::composite("sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic",
                               {{"", types.id<Bytes>()}},
                               {{"Address", extrinsic.address},
                                {"Call", extrinsic.call},
                                {"Signature", extrinsic.signature},
                                {"Extra", extrinsic.extra}});
}

std::optional<Bytes> metadata(std::uint32_t version) {
    if (std::ranges::find(kMetadataVersions, version) == std::end(kMetadataVersions)) {
        return std::nullopt;
    }
    Registry types(version);
    // The account first, as tools and people are used to.
    types.id<AccountId>();
    const Bytes content = version == 14   ? describe_v14(types)
                          : version == 15 ? describe_v15(types)
                                          : describe_v16(types);
    Bytes out = to_bytes("meta");
    out.push_back(static_cast<std::uint8_t>(version));
    append(out, types.encode());
    append(out, content);
    return out;
}

}  // namespace stipple::runtime::inline kit
