#include "node/dev_spec.hpp"

#include <boost/json.hpp>

// builtin_runtime.S puts the file between these.
extern "C" const std::uint8_t stipple_runtime_begin[];
extern "C" const std::uint8_t stipple_runtime_end[];

namespace stipple::node {

ByteView builtin_runtime() {
    return {stipple_runtime_begin,
            static_cast<std::size_t>(stipple_runtime_end - stipple_runtime_begin)};
}

std::optional<chain::ChainSpec> builtin_spec(std::string_view name) {
    const bool is_dev = name == "dev";
    if (!is_dev && name != "local") {
        return std::nullopt;
    }
    chain::ChainSpec spec;
    spec.name = is_dev ? "Stipple Development" : "Stipple Local Testnet";
    spec.id = is_dev ? "stipple_dev" : "stipple_local";
    spec.chain_type = is_dev ? "Development" : "Local";
    spec.protocol_id = is_dev ? "stpd" : "stpl";
    spec.properties =
        boost::json::object{{"tokenSymbol", "UNIT"}, {"tokenDecimals", 12}, {"ss58Format", 42}};
    chain::RuntimeGenesis genesis;
    genesis.code = to_bytes(builtin_runtime());
    genesis.kind = chain::RuntimeGenesis::Kind::preset;
    genesis.preset = is_dev ? "development" : "local_testnet";
    spec.genesis = std::move(genesis);
    return spec;
}

}  // namespace stipple::node
