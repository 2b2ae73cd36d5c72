// Keys on disk: `key insert` and node identities.
#include "io/key_files.hpp"

#include "chain/signing/keystore.hpp"
#include "crypto/entropy.hpp"
#include "libp2p/multiformats/peer_id.hpp"
#include "node/chain_access.hpp"
#include "node/node_keys.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace stipple::node {
Result<crypto::Secret<32>> parse_node_key(const std::string& source, std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
        text.pop_back();
    }
    Bytes raw = text.size() == 32 ? to_bytes(text) : from_hex(text).value_or(Bytes{});
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (raw.size() != 32) {
        return fail("node key " + source + ": expected 32 raw bytes or 64 hex digits");
    }
    crypto::Secret<32> secret;
    std::copy(raw.begin(), raw.end(), secret.writable().begin());
    crypto::wipe(raw);
    return secret;
}

Result<crypto::Secret<32>> read_node_key(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return fail("node key " + path + ": cannot be read");
    }
    return parse_node_key(path, std::string(std::istreambuf_iterator<char>(file), {}));
}

Result<> write_node_key(const std::filesystem::path& path, const crypto::Secret<32>& secret) {
    TRY_ASSIGN(auto files,
               io::KeyFiles::open(path.has_parent_path() ? path.parent_path().string() : "."));
    return files.replace(path.filename().string(), as_bytes(to_hex(secret.view())));
}

Result<> node_key_command(const KeyConfig& config) {
    if (config.action == "inspect-node-key") {
        TRY_ASSIGN(const auto secret, read_node_key(config.file));
        fmt::print("{}\n", libp2p::to_text(libp2p::peer_id_of(
                               crypto::Ed25519Keypair::from_seed(secret).public_key)));
        return {};
    }
    TRY_ASSIGN(const auto secret, crypto::fresh_seed());
    const auto pair = crypto::Ed25519Keypair::from_seed(secret);
    if (config.file.empty()) {
        fmt::print("{}\n", to_hex(secret.view()));
    } else {
        TRY(write_node_key(config.file, secret));
    }
    fmt::print(stderr, "{}\n", libp2p::to_text(libp2p::peer_id_of(pair.public_key)));
    return {};
}

Result<> insert_key_file(const KeyConfig& config) {
    if (config.key_type.size() != 4) {
        return fail("--key-type `" + config.key_type +
                    "`: expected four characters, as babe or gran");
    }
    std::string suri = config.suri;
    if (suri.empty()) {
        std::getline(std::cin, suri);
    }
    std::filesystem::path folder = config.keystore_path;
    if (folder.empty()) {
        TRY_ASSIGN(const auto spec, load_spec(config.shared));
        folder = chain_path(config.shared, spec->id) / "keystore";
    }
    chain::Keystore probe;
    const auto type = chain::KeyType::copy(as_bytes(config.key_type));
    const auto scheme = config.scheme == "ed25519" ? chain::KeyScheme::ed25519
                        : config.scheme == "ecdsa" ? chain::KeyScheme::ecdsa
                                                   : chain::KeyScheme::sr25519;
    const std::string full = config.password.empty() ? suri : suri + "///" + config.password;
    const auto public_key = probe.insert_in_memory(type, scheme, full);
    if (!public_key) {
        return fail(std::string("secret URI: ") + crypto::describe(public_key.error()));
    }
    TRY_ASSIGN(auto files, io::KeyFiles::open(folder.string()));
    TRY_ASSIGN(const auto keystore, chain::Keystore::open(files, config.password));
    TRY_ASSIGN(const auto inserted, keystore->insert(type, suri, *public_key));
    if (!inserted) {
        return fail(std::string("key insert: ") + chain::describe(inserted.error()));
    }
    fmt::print("{}\n", to_hex0x(*public_key));
    return {};
}

}  // namespace stipple::node
