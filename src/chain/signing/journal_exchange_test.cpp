#include "chain/signing/journal_exchange.hpp"

#include "base/memory_files.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

crypto::Ed25519Public voter(std::uint8_t n) {
    crypto::Ed25519Public key;
    key.bytes[0] = n;
    return key;
}
SigningIntent vote(std::uint64_t set, std::uint64_t round, std::uint8_t target,
                   std::uint8_t key = 1) {
    BlockHash hash;
    hash.bytes[0] = target;
    return SigningIntent::vote(SigningKind::grandpa_prevote, voter(key), AuthoritySetId(set),
                               RoundNumber(round), {hash, 0});
}
SigningIntent block_in(std::uint64_t slot, std::uint8_t target) {
    BlockHash hash;
    hash.bytes[0] = target;
    return SigningIntent::block(crypto::Sr25519Public{}, Slot(slot), hash);
}

std::unique_ptr<SigningJournal> open(MemoryFiles& files) {
    auto journal = SigningJournal::open(files, "journal");
    CHECK(journal.has_value());
    return *std::move(journal);
}

TEST(JournalExchange, takes_a_journal_to_another_machine) {
    MemoryFiles here;
    MemoryFiles there;
    const auto old_home = open(here);
    ASSERT_TRUE(old_home->allow(vote(3, 17, 5)));
    ASSERT_TRUE(old_home->allow(block_in(1000, 6)));
    const std::string text = export_journal(old_home->newest(), "westend2");

    const auto new_home = open(there);
    const auto intents = parse_journal(text, "westend2");
    ASSERT_TRUE(intents);
    EXPECT_EQ(*intents, old_home->newest());
    const auto merged = new_home->merge(*intents);
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->raised, 2u);
    EXPECT_EQ(new_home->allow(vote(3, 17, 9)).error(), JournalError::conflict);
    EXPECT_EQ(new_home->allow(vote(3, 16, 5)).error(), JournalError::superseded);
    EXPECT_EQ(new_home->allow(block_in(999, 1)).error(), JournalError::superseded);
    EXPECT_TRUE(new_home->allow(vote(3, 18, 9)));
    EXPECT_EQ(open(there)->newest(), new_home->newest()) << "after a restart, too";
}

TEST(JournalExchange, raises_and_never_lowers) {
    MemoryFiles files;
    const auto journal = open(files);
    ASSERT_TRUE(journal->allow(vote(3, 17, 5)));
    ASSERT_TRUE(journal->allow(vote(9, 1, 5, 2)));
    ASSERT_TRUE(journal->allow(vote(1, 1, 5, 3)));
    const std::vector<SigningIntent> others{vote(3, 16, 5), vote(9, 1, 6, 2), vote(1, 2, 5, 3)};
    const auto merged = journal->merge(others);
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->raised, 1u);
    EXPECT_EQ(merged->kept, 1u);
    EXPECT_EQ(merged->conflicts, 1u);
    EXPECT_EQ(journal->newest(), (std::vector{vote(3, 17, 5), vote(9, 1, 5, 2), vote(1, 2, 5, 3)}));
    EXPECT_EQ(open(files)->newest(), journal->newest());
}

TEST(JournalExchange, a_merge_that_a_power_cut_ended_leaves_the_old_journal_or_the_new_one) {
    const std::vector<SigningIntent> others{vote(3, 30, 7), block_in(5, 5)};
    for (std::uint64_t seed = 1; seed < 40; ++seed) {
        MemoryFiles files(Seed{seed});
        const auto journal = open(files);
        ASSERT_TRUE(journal->allow(vote(3, 17, 5)));
        files.fail_after(seed % 2);
        const auto merged = journal->merge(others);
        files.crash();
        const auto found = open(files)->newest();
        if (merged) {
            EXPECT_EQ(found.size(), 2u);
        } else {
            EXPECT_TRUE(found == (std::vector{vote(3, 17, 5)}) || found.size() == 2u);
            EXPECT_EQ(journal->allow(vote(9, 9, 9)).error(), JournalError::not_durable);
        }
    }
}

TEST(JournalExchange, refuses_texts_that_were_cut_changed_or_are_of_another_chain) {
    const std::string text = export_journal({vote(3, 17, 5), block_in(8, 1)}, "westend2");
    EXPECT_TRUE(parse_journal(text, "westend2"));
    EXPECT_FALSE(parse_journal(text, "polkadot"));
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        EXPECT_FALSE(parse_journal(text.substr(0, cut), "westend2")) << cut;
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(parse_journal(changed, "westend2")) << at;
    }
    EXPECT_FALSE(parse_journal(text + "more\n", "westend2"));
}

TEST(SignedElsewhere, stops_everything_until_an_operator_says_so) {
    MemoryFiles files;
    auto journal = open(files);
    ASSERT_TRUE(journal->allow(vote(3, 17, 5)));
    EXPECT_TRUE(journal->note_seen(vote(3, 17, 5))) << "our own, come back";
    EXPECT_TRUE(journal->note_seen(vote(3, 16, 9))) << "older ones are not kept";
    EXPECT_EQ(journal->stopped(), "");
    EXPECT_FALSE(journal->note_seen(vote(3, 18, 5)));
    EXPECT_NE(journal->stopped().find("grandpa_prevote"), std::string::npos);
    EXPECT_EQ(journal->allow(vote(3, 19, 5)).error(), JournalError::stopped);
    EXPECT_EQ(journal->allow(block_in(1, 1)).error(), JournalError::stopped) << "other keys, too";

    journal = open(files);  // a restart changes nothing
    EXPECT_EQ(journal->allow(vote(3, 19, 5)).error(), JournalError::stopped);
    ASSERT_TRUE(journal->resume());
    EXPECT_TRUE(journal->allow(vote(3, 19, 5)));
    EXPECT_EQ(open(files)->stopped(), "");
}

TEST(SignedElsewhere, is_also_another_vote_in_the_round_we_voted_in_and_a_key_we_never_used) {
    MemoryFiles files;
    const auto journal = open(files);
    ASSERT_TRUE(journal->allow(vote(3, 17, 5)));
    EXPECT_FALSE(journal->note_seen(vote(3, 17, 6)));
    ASSERT_TRUE(journal->resume());
    EXPECT_FALSE(journal->note_seen(block_in(100, 1)));
}

}  // namespace
}  // namespace stipple::chain
