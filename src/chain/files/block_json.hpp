// A signed block as JSON, the way `export-blocks` of the Rust node writes it:
//
//     {"block":{"header":{"parentHash":"0x…","number":"0x1","stateRoot":"0x…",
//      "extrinsicsRoot":"0x…","digest":{"logs":["0x06…"]}},"extrinsics":["0x28…"]},
//      "justifications":[[[70,82,78,75],[1,0,…]]]}
//
// Extrinsics carry their length prefix; engine and justification are arrays of numbers;
// justifications are null when there are none. Spec: defn-block-body, defn-justification.
#pragma once

#include "primitives/block.hpp"

#include <boost/json/value.hpp>

#include <expected>
#include <string>

namespace stipple::chain {

/// One line without spaces.
std::string signed_block_json(const SignedBlock& block);
/// The error is the place and what is wrong there.
std::expected<SignedBlock, std::string> signed_block_of_json(const boost::json::value& value);

}  // namespace stipple::chain
