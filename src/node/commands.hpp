// One function per command. Each returns success or the line to print.
#pragma once

#include "base/result.hpp"
#include "node/config.hpp"

namespace stipple::node {

Result<> run_node(const RunConfig& config);
/// `stipple dev`: the built-in development chain, with Alice's keys and a base path of its own
/// unless one is given.
Result<> run_dev(const RunConfig& config);
Result<> import_blocks(const ImportBlocksConfig& config);
Result<> export_blocks(const ExportBlocksConfig& config);
Result<> check_block(const BlockCommandConfig& config);
Result<> export_state(const BlockCommandConfig& config);
Result<> revert(const RevertConfig& config);
Result<> purge_chain(const PurgeConfig& config);
Result<> chain_info(const ChainInfoConfig& config);
Result<> chain_spec_command(const ChainSpecConfig& config);
Result<> key_command(const KeyConfig& config);
Result<> journal_command(const JournalConfig& config);
Result<> replay_recording(const ReplayConfig& config);

}  // namespace stipple::node
