// The metadata of the runtime: everything a client needs to read and write this chain.
//
// Spec: sect-rte-metadata. V14, V15 and V16 come from the same declarations; V15 adds the runtime
// APIs, the outer enums and the documentation of pallets, V16 the versions of APIs and extensions
// and what is deprecated.
//
// Native builds make it from the declarations; the Wasm build carries what the native one has made
// (relay/metadata_main.cpp, kit/metadata_pack.hpp) and has no code for it.
#pragma once

#include "kit/api.hpp"
#include "kit/metadata_versions.hpp"
#include "kit/runtime.hpp"

namespace stipple::runtime::inline kit {

/// One transaction extension: its name, what it adds to a transaction and to what is signed.
struct ExtensionMetadata {
    std::string_view name;
    TypeId explicit_type;
    TypeId implicit_type;
};
struct ExtrinsicMetadata {
    TypeId address;
    TypeId call;
    TypeId signature;
    TypeId extra;  ///< all explicit parts, as a tuple
    std::vector<ExtensionMetadata> extensions;
};
/// Defined by each runtime, which knows its extensions (kit/extensions.hpp writes it).
ExtrinsicMetadata describe_extrinsic(Registry& types);

/// The prefixed metadata ("meta", version, content); absent for another version than these.
std::optional<Bytes> metadata(std::uint32_t version);

}  // namespace stipple::runtime::inline kit
