// The host of a native build: storage in a map, hashes and signatures by the node's own libraries.
//
// For unit tests, fuzzers and benchmarks. One host per thread; a test begins with `reset()`. A
// panic of the runtime ends the process with its message.
#pragma once

#include "kit/host.hpp"

#include <map>

namespace stipple::runtime::inline kit::native_host {

using Pairs = std::map<Bytes, Bytes, ByteLess>;

/// Empty storage, no open layers, nothing logged, written or submitted.
void reset();
Pairs& storage();
/// Lines the runtime logged: "target: message".
const std::vector<std::string>& log_lines();
/// Extrinsics that offchain code handed to the pool.
const std::vector<Bytes>& submitted();
/// What was written into the offchain database.
const Pairs& offchain_index();
/// What host::runtime_version answers for any code.
void set_runtime_version_answer(std::optional<Bytes> answer);
std::size_t open_layers();

}  // namespace stipple::runtime::inline kit::native_host
