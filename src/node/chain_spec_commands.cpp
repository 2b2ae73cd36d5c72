// stipple chain-spec …: build, convert, verify and update chain specifications.
#include "chain/spec/genesis.hpp"
#include "node/chain_access.hpp"
#include "node/commands.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace stipple::node {
namespace {

/// Runtime code may take this much on disk; real ones stay below 2 MiB.
constexpr std::size_t kCodeFileBytesMax = 64 * 1024 * 1024;

Result<Bytes> read_code(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return fail("runtime code " + path + ": cannot be read");
    }
    Bytes bytes(std::istreambuf_iterator<char>(file), {});
    if (bytes.empty() || bytes.size() > kCodeFileBytesMax) {
        return fail("runtime code " + path + ": empty or above 64 MiB");
    }
    return bytes;
}

Result<std::unique_ptr<executor::Executor>> make_executor() {
    return executor::Executor::create(executor::ExecutorConfig{});
}

std::unexpected<Error> spec_failure(const chain::SpecError& error) {
    return fail(error.message());
}

Result<> print_raw(const chain::ChainSpec& spec, executor::Executor& executor) {
    const auto storage = chain::genesis_storage(spec, executor);
    if (!storage) {
        return spec_failure(storage.error());
    }
    fmt::print("{}\n", chain::raw_chain_spec_json(spec, *storage));
    return {};
}

Result<> build(const ChainSpecConfig& config) {
    TRY_ASSIGN(const Bytes code, read_code(config.runtime));
    TRY_ASSIGN(const auto executor, make_executor());
    chain::ChainSpec spec;
    spec.name = config.name;
    spec.id = config.id;
    spec.chain_type = config.chain_type;
    spec.properties = boost::json::object();
    chain::RuntimeGenesis genesis;
    genesis.code = code;
    if (!config.preset.empty()) {
        genesis.kind = chain::RuntimeGenesis::Kind::preset;
        genesis.preset = config.preset;
    } else {
        genesis.json = "{}";
    }
    spec.genesis = genesis;
    if (config.raw) {
        return print_raw(spec, *executor);
    }
    // The plain form keeps the patch, so that a person can edit it before converting.
    const auto preset = chain::genesis_preset(
        code, config.preset.empty() ? std::nullopt : std::optional(config.preset), *executor);
    if (!preset) {
        return spec_failure(preset.error());
    }
    boost::json::object root;
    root["name"] = spec.name;
    root["id"] = spec.id;
    root["chainType"] = spec.chain_type;
    root["bootNodes"] = boost::json::array();
    root["telemetryEndpoints"] = nullptr;
    root["protocolId"] = nullptr;
    root["properties"] = spec.properties;
    root["codeSubstitutes"] = boost::json::object();
    boost::json::object runtime;
    runtime["code"] = to_hex0x(code);
    runtime[config.preset.empty() ? "config" : "patch"] = boost::json::parse(*preset);
    root["genesis"] = {{"runtimeGenesis", runtime}};
    fmt::print("{}\n", boost::json::serialize(root));
    return {};
}

Result<> convert_or_verify(const ChainSpecConfig& config) {
    SharedConfig shared;
    shared.chain = config.input;
    TRY_ASSIGN(const auto spec, load_spec(shared));
    TRY_ASSIGN(const auto executor, make_executor());
    if (config.action == "convert-to-raw") {
        return print_raw(*spec, *executor);
    }
    const auto genesis = chain::build_genesis(*spec, *executor);
    if (!genesis) {
        return spec_failure(genesis.error());
    }
    fmt::print(
        "{} is valid.\n  id:            {}\n  runtime:       {} {}\n  state root:    {}\n  genesis "
        "hash:  {}\n",
        config.input, spec->id, genesis->runtime->version().spec_name,
        genesis->runtime->version().spec_version, genesis->header.state_root.hex(),
        genesis->hash.hex());
    return {};
}

Result<> presets(const ChainSpecConfig& config) {
    TRY_ASSIGN(const Bytes code, read_code(config.runtime));
    TRY_ASSIGN(const auto executor, make_executor());
    if (config.action == "list-presets") {
        const auto names = chain::preset_names(code, *executor);
        if (!names) {
            return spec_failure(names.error());
        }
        for (const auto& name : *names) {
            fmt::print("{}\n", name);
        }
        return {};
    }
    const auto preset = chain::genesis_preset(
        code, config.preset.empty() ? std::nullopt : std::optional(config.preset), *executor);
    if (!preset) {
        return spec_failure(preset.error());
    }
    fmt::print("{}\n", *preset);
    return {};
}

Result<> update_code(const ChainSpecConfig& config) {
    SharedConfig shared;
    shared.chain = config.input;
    TRY_ASSIGN(auto spec, load_spec(shared));
    TRY_ASSIGN(const Bytes code, read_code(config.runtime));
    auto* raw = std::get_if<chain::RawGenesis>(&spec->genesis);
    if (raw == nullptr) {
        return fail(config.input +
                    ": update-code works on raw specifications; run convert-to-raw first");
    }
    raw->top[to_bytes(state::kCodeKey)] = code;
    fmt::print("{}\n", chain::raw_chain_spec_json(*spec, *raw));
    return {};
}

}  // namespace

Result<> chain_spec_command(const ChainSpecConfig& config) {
    if (config.action == "build") {
        return build(config);
    }
    if (config.action == "update-code") {
        return update_code(config);
    }
    if (config.action == "list-presets" || config.action == "display-preset") {
        return presets(config);
    }
    return convert_or_verify(config);
}

}  // namespace stipple::node
