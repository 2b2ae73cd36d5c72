#include "chain/signing/keystore.hpp"

#include "base/memory_files.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {

namespace {

const std::string kAliceBabeFile =
    "62616265d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const std::string kAliceGrandpaFile =
    "6772616e88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee";

using Keys = std::vector<Bytes>;

crypto::Sr25519Public alice_sr() {
    return crypto::sr25519_from_suri("//Alice")->public_key;
}
crypto::Ed25519Public alice_ed() {
    return crypto::ed25519_from_suri("//Alice")->public_key;
}

TEST(Keystore, reads_the_files_of_the_rust_node) {
    MemoryFiles files;
    ASSERT_TRUE(files.replace(kAliceBabeFile, as_bytes("\"//Alice\"")));
    ASSERT_TRUE(files.replace(kAliceGrandpaFile, as_bytes("\"//Alice\"")));
    ASSERT_TRUE(files.replace("README", as_bytes("not a key")));
    const auto store = Keystore::open(files, "");
    ASSERT_TRUE(store);
    EXPECT_TRUE((*store)->problems().empty());
    EXPECT_EQ((*store)->public_keys(kBabeKey, KeyScheme::sr25519),
              Keys{to_bytes(alice_sr().view())});
    EXPECT_TRUE((*store)->public_keys(kBabeKey, KeyScheme::ed25519).empty());
    EXPECT_TRUE((*store)->has_key(kGrandpaKey, alice_ed()));
    EXPECT_FALSE((*store)->has_key(kParachainKey, alice_sr()));
    const Bytes message = to_bytes("message");
    const auto signature = (*store)->sign_ed25519(kGrandpaKey, alice_ed(), message);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(crypto::ed25519_verify(*signature, message, alice_ed()));
    EXPECT_FALSE((*store)->sign_ed25519(kBabeKey, alice_ed(), message));
}

TEST(Keystore, inserts_write_the_same_file_and_survive_reopening) {
    MemoryFiles files;
    {
        const auto store = Keystore::open(files, "");
        const auto done = (*store)->insert(kBabeKey, "//Alice", alice_sr());
        ASSERT_TRUE(done && *done);
        const auto other = (*store)->insert(kBabeKey, "//Bob", alice_sr());
        ASSERT_TRUE(other);
        EXPECT_EQ(other->error(), KeyProblem::other_key);
        EXPECT_EQ((*store)->insert(kBabeKey, "no words", alice_sr())->error(),
                  KeyProblem::bad_suri);
    }
    EXPECT_EQ(*files.list(), std::vector{kAliceBabeFile});
    EXPECT_EQ(as_text(*files.read(kAliceBabeFile, 100).value()), "\"//Alice\"");
    const auto store = Keystore::open(files, "");
    EXPECT_TRUE((*store)->sign_sr25519(kBabeKey, alice_sr(), as_bytes("m")));
}

TEST(Keystore, says_which_files_it_cannot_use_and_why) {
    MemoryFiles files;
    const auto name = [](char digit) { return "62616265" + std::string(64, digit); };
    ASSERT_TRUE(files.replace(name('1'), Bytes(kKeyFileBytesMax + 1, ' ')));
    ASSERT_TRUE(files.replace(name('2'), as_bytes("//Alice")));
    ASSERT_TRUE(files.replace(name('3'), as_bytes("\"three wrong words\"")));
    ASSERT_TRUE(files.replace(name('4'), as_bytes("\"//Alice\"")));
    ASSERT_TRUE(files.replace(kAliceBabeFile, as_bytes("\"//Alice\"")));
    const auto store = Keystore::open(files, "");
    ASSERT_TRUE(store);
    ASSERT_EQ((*store)->problems().size(), 4u);
    EXPECT_EQ((*store)->problems()[0].problem, KeyProblem::unreadable);
    EXPECT_EQ((*store)->problems()[1].problem, KeyProblem::not_a_string);
    EXPECT_EQ((*store)->problems()[2].problem, KeyProblem::bad_suri);
    EXPECT_EQ((*store)->problems()[3].problem, KeyProblem::other_key);
    EXPECT_TRUE((*store)->has_key(kBabeKey, alice_sr())) << "the good one works all the same";
}

TEST(Keystore, the_password_is_applied_on_top) {
    MemoryFiles files;
    const auto locked = crypto::sr25519_from_suri("//Alice", "secret")->public_key;
    {
        const auto store = Keystore::open(files, "secret");
        ASSERT_TRUE((*store)->insert(kBabeKey, "//Alice", locked)->has_value());
    }
    EXPECT_TRUE(Keystore::open(files, "secret")->get()->has_key(kBabeKey, locked));
    const auto wrong = Keystore::open(files, "wrong");
    EXPECT_FALSE((*wrong)->has_key(kBabeKey, locked));
    ASSERT_EQ((*wrong)->problems().size(), 1u);
    EXPECT_EQ((*wrong)->problems()[0].problem, KeyProblem::other_key);
}

TEST(Keystore, generates_keys_that_are_there_after_reopening) {
    MemoryFiles files;
    Bytes made[3];
    {
        const auto store = Keystore::open(files, "pw");
        made[0] = *(*store)->generate(kBabeKey, KeyScheme::sr25519);
        made[1] = *(*store)->generate(kGrandpaKey, KeyScheme::ed25519);
        made[2] = *(*store)->generate(kBeefyKey, KeyScheme::ecdsa);
    }
    const auto store = Keystore::open(files, "pw");
    EXPECT_TRUE((*store)->problems().empty());
    EXPECT_EQ((*store)->public_keys(kBabeKey, KeyScheme::sr25519), Keys{made[0]});
    EXPECT_EQ((*store)->public_keys(kGrandpaKey, KeyScheme::ed25519), Keys{made[1]});
    EXPECT_EQ((*store)->public_keys(kBeefyKey, KeyScheme::ecdsa), Keys{made[2]});
    EXPECT_TRUE((*store)->sign_ecdsa(kBeefyKey, crypto::EcdsaPublic::copy(made[2]), as_bytes("m")));
}

TEST(Keystore, keys_in_memory_leave_no_file) {
    MemoryFiles files;
    const auto store = Keystore::open(files, "pw");
    ASSERT_TRUE((*store)->insert_in_memory(kBabeKey, KeyScheme::sr25519, "//Alice"));
    EXPECT_TRUE((*store)->has_key(kBabeKey, alice_sr())) << "the password is not for these";
    EXPECT_TRUE(files.list()->empty());
    EXPECT_EQ((*store)->insert_in_memory(kGrandpaKey, KeyScheme::ed25519, "//A/soft").error(),
              crypto::SuriError::soft_not_supported);
}

TEST(Keystore, a_failed_write_keeps_no_key) {
    MemoryFiles files;
    const auto store = Keystore::open(files, "");
    files.fail_after(0);
    EXPECT_FALSE((*store)->insert(kBabeKey, "//Alice", alice_sr()));
    EXPECT_FALSE((*store)->generate(kBabeKey, KeyScheme::sr25519));
    EXPECT_TRUE((*store)->public_keys(kBabeKey, KeyScheme::sr25519).empty());
}

TEST(Keystore, seals_and_votes_with_a_permit) {
    MemoryFiles files;
    Keystore store;
    ASSERT_TRUE(store.insert_in_memory(kBabeKey, KeyScheme::sr25519, "//Alice"));
    ASSERT_TRUE(store.insert_in_memory(kGrandpaKey, KeyScheme::ed25519, "//Alice"));
    const auto journal = SigningJournal::open(files, "journal");
    BlockHash header;
    header.bytes.fill(7);
    const auto block = (*journal)->allow(SigningIntent::block(alice_sr(), Slot(5), header));
    ASSERT_TRUE(block);
    const auto seal = store.seal(*block);
    ASSERT_TRUE(seal);
    EXPECT_TRUE(crypto::sr25519_verify(*seal, header, alice_sr()));
    const auto vote = (*journal)->allow(SigningIntent::vote(
        SigningKind::grandpa_prevote, alice_ed(), AuthoritySetId(1), RoundNumber(2), {header, 9}));
    const Bytes payload = to_bytes("payload");
    const auto signature = store.sign_vote(*vote, payload);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(crypto::ed25519_verify(*signature, payload, alice_ed()));
    const auto beefy =
        crypto::EcdsaPublic::copy(*store.insert_in_memory(kBeefyKey, KeyScheme::ecdsa, "//Alice"));
    crypto::Hash256 digest;
    digest.bytes.fill(9);
    const auto permit = (*journal)->allow(SigningIntent::beefy(beefy, 3, 40, digest));
    ASSERT_TRUE(permit);
    EXPECT_TRUE(crypto::ecdsa_verify_prehashed(*store.sign_beefy(*permit, beefy), digest, beefy));
}

}  // namespace

}  // namespace stipple::chain
