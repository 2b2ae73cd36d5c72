#include "node/keys.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace stipple::node {
namespace {

namespace fs = std::filesystem;

class NodeKeys : public ::testing::Test {
 protected:
    const stipple::testing::TemporaryFolder temporary;
    const fs::path folder = temporary.path();
};

executor::KeyType type_of(const chain::KeyType& type) {
    executor::KeyType same;
    std::copy(type.bytes.begin(), type.bytes.end(), same.bytes.begin());
    return same;
}

TEST_F(NodeKeys, of_alice_are_all_session_keys_and_stay_in_memory) {
    RunConfig config;
    config.well_known_key = "Alice";
    const auto keys = open_keys(config, folder);
    ASSERT_TRUE(keys);
    const auto babe = keys->keystore->public_keys(chain::kBabeKey, chain::KeyScheme::sr25519);
    ASSERT_EQ(babe.size(), 1u);
    EXPECT_EQ(to_hex0x(babe[0]),
              "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
    const auto grandpa = keys->keystore->public_keys(chain::kGrandpaKey, chain::KeyScheme::ed25519);
    ASSERT_EQ(grandpa.size(), 1u);
    EXPECT_EQ(to_hex0x(grandpa[0]),
              "0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee");
    for (const auto& type : {chain::kParachainKey, chain::kAssignmentKey, chain::kDiscoveryKey}) {
        EXPECT_EQ(keys->keystore->public_keys(type, chain::KeyScheme::sr25519), babe);
    }
    EXPECT_TRUE(fs::is_empty(folder / "keystore"));
}

TEST_F(NodeKeys, are_refused_with_the_name_of_a_malformed_file) {
    fs::create_directories(folder / "keystore");
    const std::string file = "62616265" + std::string(64, '0');
    std::ofstream(folder / "keystore" / file) << "not a JSON string";
    const auto keys = open_keys({}, folder);
    ASSERT_FALSE(keys);
    EXPECT_NE(keys.error().message().find(file), std::string::npos) << keys.error().message();
}

TEST_F(NodeKeys, serve_runtimes_by_type_and_outlive_a_restart) {
    crypto::Sr25519Public made;
    {
        const auto keys = open_keys({}, folder);
        ASSERT_TRUE(keys);
        const auto fresh = keys->for_runtimes->sr25519_generate(type_of(chain::kBabeKey), {});
        ASSERT_TRUE(fresh);
        made = *fresh;
    }
    const auto keys = open_keys({}, folder);
    ASSERT_TRUE(keys);
    KeystoreForRuntimes& runtimes = *keys->for_runtimes;
    EXPECT_EQ(runtimes.sr25519_keys(type_of(chain::kBabeKey)), std::vector{made});
    EXPECT_TRUE(runtimes.sr25519_keys(type_of(chain::kParachainKey)).empty());
    EXPECT_TRUE(runtimes.ed25519_keys(type_of(chain::kBabeKey)).empty());
    EXPECT_TRUE(runtimes.sr25519_sign(type_of(chain::kBabeKey), made, as_bytes("message")));
    EXPECT_FALSE(runtimes.sr25519_sign(type_of(chain::kParachainKey), made, as_bytes("message")));
}

TEST_F(NodeKeys, from_a_secret_uri_are_the_key_it_names) {
    const auto keys = open_keys({}, folder);
    ASSERT_TRUE(keys);
    const auto bob = keys->for_runtimes->ed25519_generate(type_of(chain::kGrandpaKey), "//Bob");
    ASSERT_TRUE(bob);
    EXPECT_EQ(bob->hex(), "0xd17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69");
    EXPECT_FALSE(keys->for_runtimes->ed25519_generate(type_of(chain::kGrandpaKey), "no words"));
}

}  // namespace
}  // namespace stipple::node
