// From a chain specification to block 0: its state, its header, its runtime.
//
// The genesis header has a zero parent, number 0, the state root, the root of no extrinsics (the
// empty trie) and no digest. The state version of the genesis trie is that of the runtime in it. A
// plain specification gives runtime code and a configuration; the runtime's GenesisBuilder API
// turns them into state:
//
//   default config = get_preset(None) ── merge patch ──▶ config ── build_state(config) ──▶ storage
//
// Spec: defn-block-header.
#pragma once

#include "chain/spec/chain_spec.hpp"
#include "executor/executor.hpp"
#include "primitives/header.hpp"

#include <memory>

namespace stipple::chain {

struct Genesis {
    Header header;
    BlockHash hash;
    state::Difference state;  ///< the whole state, against nothing
    std::shared_ptr<const executor::Runtime> runtime;
};

/// Errors: a light specification, code that is missing or does not compile, a configuration the
/// runtime refuses (its message is kept).
std::expected<Genesis, SpecError> build_genesis(const ChainSpec& spec,
                                                executor::Executor& executor);

/// The genesis storage: as written in a raw specification, or as the runtime builds it.
std::expected<RawGenesis, SpecError> genesis_storage(const ChainSpec& spec,
                                                     executor::Executor& executor);

/// Names of the genesis presets inside the runtime code.
std::expected<std::vector<std::string>, SpecError> preset_names(ByteView code,
                                                                executor::Executor& executor);
/// The configuration or patch of a preset as JSON text; without a name the whole default one.
std::expected<std::string, SpecError> genesis_preset(ByteView code,
                                                     const std::optional<std::string>& name,
                                                     executor::Executor& executor);

/// The same for equal specifications of genesis, else different: a cheap way to see that a database
/// was made from this specification, without building the genesis again.
crypto::Hash256 genesis_fingerprint(const ChainSpec& spec);

}  // namespace stipple::chain
