// `stipple dev`: a chain to develop against, with nothing to prepare.
#include "crypto/ss58.hpp"
#include "crypto/suri.hpp"
#include "node/commands.hpp"

#include <fmt/format.h>

namespace stipple::node {
namespace {

constexpr std::uint16_t kGenericFormat = 42;

void print_accounts(const RunConfig& config) {
    fmt::print("Accounts with funds (secret, address, public key):\n");
    for (const char* person : {"Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"}) {
        const std::string secret = fmt::format("//{}", person);
        const auto pair = crypto::sr25519_from_suri(secret);
        CHECK(pair.has_value());
        fmt::print("  {:10} {} {}\n", secret, crypto::ss58_encode(pair->public_key, kGenericFormat),
                   pair->public_key.hex());
    }
    fmt::print("  //Alice is the authority and has sudo.\n");
    fmt::print("JSON-RPC: ws://127.0.0.1:{0} and http://127.0.0.1:{0}\n", config.rpc.port);
    if (config.sealing.mode == SealingFlags::Mode::instant) {
        fmt::print("Blocks: one when a transaction is ready.\n");
    } else if (config.sealing.block_time_ms) {
        fmt::print("Blocks: one every {} ms.\n", *config.sealing.block_time_ms);
    } else if (config.sealing.mode == SealingFlags::Mode::manual) {
        fmt::print("Blocks: when engine_createBlock or dev_newBlock asks.\n");
    } else {
        fmt::print("Blocks: one in every slot of six seconds.\n");
    }
    std::fflush(stdout);
}

}  // namespace

Result<> run_dev(const RunConfig& given) {
    RunConfig config = given;
    config.shared.dev = true;
    print_accounts(config);
    return run_node(config);
}

}  // namespace stipple::node
