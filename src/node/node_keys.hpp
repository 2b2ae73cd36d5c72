// The secret behind this node's identity on the network: 64 hex digits or 32 raw bytes in a file of
// mode 0600.
#pragma once

#include "base/result.hpp"
#include "crypto/secret.hpp"

#include <filesystem>
#include <string>

namespace stipple::node {

/// Hex digits or raw bytes; `source` is named in the error.
Result<crypto::Secret<32>> parse_node_key(const std::string& source, std::string text);
Result<crypto::Secret<32>> read_node_key(const std::string& path);
/// As hex digits; the folder is made when absent.
Result<> write_node_key(const std::filesystem::path& path, const crypto::Secret<32>& secret);

}  // namespace stipple::node
