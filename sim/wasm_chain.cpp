#include "sim/wasm_chain.hpp"

#include "base/check.hpp"
#include "chain/signing/keystore.hpp"
#include "crypto/hash.hpp"
#include "node/dev_spec.hpp"

#include <fmt/format.h>

namespace stipple::sim {

std::string wasm_suri(NodeIndex node) {
    return to_hex0x(crypto::blake2b_256(as_bytes(fmt::format("wasm validator {}", node))));
}

chain::ChainSpec wasm_chain_spec(const std::vector<std::string>& suris) {
    std::string keys;
    for (const std::string& suri : suris) {
        chain::Keystore made;
        const auto key = [&](chain::KeyScheme scheme) {
            const auto bytes = made.insert_in_memory(chain::kBabeKey, scheme, suri);
            CHECK(bytes.has_value());
            return to_hex0x(*bytes);
        };
        const std::string sr25519 = key(chain::KeyScheme::sr25519);
        keys +=
            fmt::format(R"({}["{}","{}",{{"grandpa":"{}","babe":"{}","para_validator":"{}",)"
                        R"("para_assignment":"{}","authority_discovery":"{}","beefy":"{}"}}])",
                        keys.empty() ? "" : ",", sr25519, sr25519, key(chain::KeyScheme::ed25519),
                        sr25519, sr25519, sr25519, sr25519, key(chain::KeyScheme::ecdsa));
    }
    chain::ChainSpec spec = *node::builtin_spec("local");
    auto& genesis = std::get<chain::RuntimeGenesis>(spec.genesis);
    genesis.kind = chain::RuntimeGenesis::Kind::patch;
    genesis.preset.clear();
    genesis.json = fmt::format(R"({{"session":{{"keys":[{}]}}}})", keys);
    return spec;
}

toy::Rules wasm_rules(std::vector<toy::Validator> validators) {
    toy::Rules rules;
    rules.validators = std::move(validators);
    rules.share = {1, 4};
    rules.rotate = false;
    rules.change_config = false;
    return rules;
}

}  // namespace stipple::sim
