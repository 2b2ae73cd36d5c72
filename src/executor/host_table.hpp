// The table of every host function the node offers: what is registered with the engine, what the
// import check accepts, and what docs/host-functions.md is written from.
//
// Spec: chap-host-api.
#pragma once

#include "executor/host_function.hpp"
#include "executor/module.hpp"

#include <string>

namespace stipple::executor {

// One table per module of the host API, each in its own file.
std::span<const HostFunction> storage_functions();
std::span<const HostFunction> child_storage_functions();
std::span<const HostFunction> crypto_functions();
std::span<const HostFunction> keystore_functions();
std::span<const HostFunction> hashing_functions();
std::span<const HostFunction> trie_functions();
std::span<const HostFunction> misc_functions();
std::span<const HostFunction> offchain_functions();
std::span<const HostFunction> http_functions();
std::span<const HostFunction> obsolete_functions();
std::span<const HostFunction> experimental_functions();

/// All of them, in the order above.
const std::vector<const HostFunction*>& host_functions();
/// By its import name; null when there is none.
const HostFunction* find_host_function(std::string_view name);
FunctionType wasm_type(const HostFunction& function);

/// Every import of the module that no row answers by name and type.
std::vector<std::string> unknown_imports(const std::vector<ModuleItem>& items);

/// docs/host-functions.md.
std::string host_functions_document();

}  // namespace stipple::executor
