#include "kit/genesis_build.hpp"
#include "kit/native_host.hpp"
#include "pallets/balances/balances.hpp"
#include "pallets/session/session.hpp"
#include "pallets/testing.hpp"
#include "relay/presets.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

/// Why a configuration is refused.
std::string refusal(std::string_view document) {
    native_host::reset();
    const auto built = build_genesis(document);
    return built ? std::string("none") : built.error();
}
std::string account(char digit) {
    return "\"0x" + std::string(64, digit) + "\"";
}
std::string balances(const std::string& entries) {
    return R"({"balances":{"balances":[)" + entries + "]}}";
}
/// The development preset with one text in the place of another.
std::string changed(std::string_view from, std::string_view to) {
    std::string document = *preset(std::string("development"));
    const std::size_t at = document.find(from);
    return at == std::string::npos ? std::string("no such text")
                                   : document.replace(at, from.size(), to);
}

TEST(Genesis, of_the_presets_is_whole) {
    for (const std::string& name : preset_names()) {
        EXPECT_EQ(refusal(*preset(name)), "none");
        EXPECT_EQ(Balances::total_issuance.get(), TestBlock::sum_of_accounts());
    }
    EXPECT_EQ(refusal(*preset(std::string("local_testnet_5"))), "none");
    EXPECT_EQ(Session::validators.get().size(), 5U);
    EXPECT_EQ(preset_names().size(), 6U);
    for (const char* unknown :
         {"mainnet", "local_testnet_", "local_testnet_2", "local_testnet_7"}) {
        EXPECT_FALSE(preset(std::string(unknown))) << unknown;
    }
}
TEST(Genesis, tells_the_path_of_a_field_that_nobody_knows) {
    EXPECT_EQ(refusal(changed(R"("sudo":{)", R"("sudo":{"kye":null,)")), "sudo.kye: unknown field");
    EXPECT_EQ(refusal(changed(R"("sudo":{)", R"("pseudo":{},"sudo":{)")), "pseudo: unknown field");
    EXPECT_EQ(refusal(changed(R"("grandpa":)", R"("spare":0,"grandpa":)")),
              "session.keys[0][2].spare: unknown field");
}
TEST(Genesis, refuses_an_account_that_is_there_twice) {
    const std::string entry = "[" + account('1') + ",1000000000000]";
    EXPECT_EQ(refusal(balances(entry + ",[" + account('2') + ",1000000000000]," + entry)),
              "balances.balances[2][0]: the account is there twice");
}
TEST(Genesis, refuses_an_issuance_that_overflows) {
    EXPECT_EQ(refusal(balances("[" + account('1') + ",340282366920938463463374607431768211455],[" +
                               account('2') + ",1000000000000]")),
              "balances.balances[1][1]: the total issuance overflows");
}
TEST(Genesis, refuses_a_chain_without_authorities) {
    EXPECT_EQ(refusal("{}"), "session.keys: no authorities");
    EXPECT_EQ(refusal(R"({"session":{"keys":[]}})"), "session.keys: no authorities");
}
TEST(Genesis, refuses_values_of_another_kind_with_their_path) {
    EXPECT_TRUE(refusal("{").starts_with("not JSON: "));
    EXPECT_TRUE(
        refusal(balances("[\"Alice\",1000000000000]")).starts_with("balances.balances[0][0]: "));
    EXPECT_TRUE(refusal(balances("[" + account('1') + ",\"much\"]"))
                    .starts_with("balances.balances[0][1]: "));
    EXPECT_EQ(refusal(balances("[" + account('1') + ",1]")),
              "balances.balances[0][1]: below the existential deposit");
}

}  // namespace
}  // namespace stipple::runtime
