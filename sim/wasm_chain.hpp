// The reference runtime, in Wasm, with as many authorities as there are nodes.
#pragma once

#include "chain/spec/chain_spec.hpp"
#include "sim/network.hpp"
#include "sim/toy/rules.hpp"

namespace stipple::sim {

/// Session keys of a node, as a secret URI.
std::string wasm_suri(NodeIndex node);
/// The genesis that makes validators of these.
chain::ChainSpec wasm_chain_spec(const std::vector<std::string>& suris);
/// What the reference runtime does, in the words of the toy chain: for times and checkers.
toy::Rules wasm_rules(std::vector<toy::Validator> validators);

}  // namespace stipple::sim
