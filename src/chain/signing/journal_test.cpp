#include "chain/signing/journal.hpp"

#include "base/memory_files.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {

namespace {

const std::string kName = "signing-journal";

template <class Fixed>
Fixed filled(std::uint8_t byte) {
    Fixed value;
    value.bytes.fill(byte);
    return value;
}

SigningIntent block(std::uint64_t slot, std::uint8_t target, std::uint8_t key = 1) {
    return SigningIntent::block(filled<crypto::Sr25519Public>(key), Slot(slot),
                                filled<BlockHash>(target));
}

SigningIntent vote(SigningKind kind, std::uint64_t set, std::uint64_t round, std::uint8_t target) {
    return SigningIntent::vote(kind, filled<crypto::Ed25519Public>(2), AuthoritySetId(set),
                               RoundNumber(round),
                               {filled<BlockHash>(target), static_cast<BlockNumber>(100 + round)});
}

std::unique_ptr<SigningJournal> open(MemoryFiles& files) {
    auto journal = SigningJournal::open(files, kName);
    EXPECT_TRUE(journal) << journal.error().message();
    return std::move(*journal);
}

TEST(SigningJournal, refuses_another_block_in_the_same_slot_also_after_a_restart) {
    MemoryFiles files;
    {
        const auto journal = open(files);
        EXPECT_TRUE(journal->allow(block(10, 1)));
        EXPECT_TRUE(journal->allow(block(10, 1))) << "the very same may be signed again";
        EXPECT_EQ(journal->allow(block(10, 2)).error(), JournalError::conflict);
    }
    const auto journal = open(files);
    EXPECT_EQ(journal->allow(block(10, 2)).error(), JournalError::conflict);
    EXPECT_EQ(journal->allow(block(9, 2)).error(), JournalError::superseded);
    EXPECT_TRUE(journal->allow(block(10, 1)));
    EXPECT_TRUE(journal->allow(block(11, 2)));
    EXPECT_TRUE(journal->allow(block(10, 2, 7))) << "another key";
}

TEST(SigningJournal, orders_beefy_votes_by_set_then_block_also_after_a_restart) {
    MemoryFiles files;
    const auto beefy = [](std::uint64_t set, BlockNumber block, std::uint8_t digest,
                          std::uint8_t key = 3) {
        return SigningIntent::beefy(filled<crypto::EcdsaPublic>(key), set, block,
                                    filled<crypto::Hash256>(digest));
    };
    EXPECT_TRUE(open(files)->allow(beefy(5, 100, 1)));
    const auto journal = open(files);
    EXPECT_TRUE(journal->allow(beefy(5, 100, 1)));
    EXPECT_EQ(journal->allow(beefy(5, 100, 2)).error(), JournalError::conflict);
    EXPECT_EQ(journal->allow(beefy(5, 99, 1)).error(), JournalError::superseded);
    EXPECT_TRUE(journal->allow(beefy(5, 99, 2, 4))) << "another key";
    EXPECT_TRUE(journal->allow(beefy(6, 90, 3)));
    EXPECT_EQ(journal->newest().size(), 2u);
}

TEST(SigningJournal, keeps_the_kinds_of_votes_apart_and_orders_them_by_set_then_round) {
    MemoryFiles files;
    const auto journal = open(files);
    EXPECT_TRUE(journal->allow(vote(SigningKind::grandpa_prevote, 5, 9, 1)));
    EXPECT_TRUE(journal->allow(vote(SigningKind::grandpa_precommit, 5, 9, 2)));
    EXPECT_TRUE(journal->allow(vote(SigningKind::grandpa_primary, 5, 9, 3)));
    EXPECT_EQ(journal->allow(vote(SigningKind::grandpa_prevote, 5, 9, 4)).error(),
              JournalError::conflict);
    EXPECT_TRUE(journal->allow(vote(SigningKind::grandpa_prevote, 6, 1, 4))) << "rounds restart";
    EXPECT_EQ(journal->allow(vote(SigningKind::grandpa_prevote, 5, 10, 4)).error(),
              JournalError::superseded);
    EXPECT_EQ(journal->newest().size(), 3u);
}

TEST(SigningJournal, keeps_the_number_of_the_block_that_a_vote_is_for) {
    MemoryFiles files;
    EXPECT_TRUE(open(files)->allow(vote(SigningKind::grandpa_prevote, 5, 9, 1)));
    const auto kept = open(files)->newest();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept[0].height, 109u);
    EXPECT_EQ(kept[0].kind, SigningKind::grandpa_prevote);
}

TEST(SigningJournal, drops_a_torn_tail_and_goes_on) {
    for (const std::size_t cut : {1u, 50u, 111u}) {
        MemoryFiles files;
        {
            const auto journal = open(files);
            EXPECT_TRUE(journal->allow(block(1, 1)));
            EXPECT_TRUE(journal->allow(block(2, 1)));
        }
        const Bytes whole = files.read(kName, 1000)->value();
        EXPECT_TRUE(files.replace(kName, ByteView(whole).first(whole.size() - cut)));
        {
            const auto journal = open(files);
            EXPECT_TRUE(journal->allow(block(3, 1)));
        }
        const auto journal = open(files);
        EXPECT_EQ(journal->allow(block(3, 9)).error(), JournalError::conflict);
    }
}

TEST(SigningJournal, any_flipped_bit_stops_signing_and_the_message_says_what_to_do) {
    MemoryFiles files;
    {
        const auto journal = open(files);
        EXPECT_TRUE(journal->allow(block(1, 1)));
        EXPECT_TRUE(journal->allow(block(2, 1)));
    }
    const Bytes whole = files.read(kName, 1000)->value();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        Bytes changed = whole;
        changed[at] ^= 0x10;
        EXPECT_TRUE(files.replace(kName, changed));
        const auto journal = SigningJournal::open(files, kName);
        ASSERT_FALSE(journal) << "byte " << at;
        EXPECT_NE(journal.error().message().find("author_rotateKeys"), std::string::npos);
    }
}

TEST(SigningJournal, a_missing_or_repeated_record_in_the_middle_stops_signing) {
    MemoryFiles files;
    {
        const auto journal = open(files);
        for (std::uint64_t slot = 1; slot < 4; ++slot) {
            EXPECT_TRUE(journal->allow(block(slot, 1)));
        }
    }
    const Bytes whole = files.read(kName, 1000)->value();
    Bytes missing = whole;
    missing.erase(missing.begin() + 16, missing.begin() + 16 + 112);
    EXPECT_TRUE(files.replace(kName, missing));
    EXPECT_FALSE(SigningJournal::open(files, kName));
    Bytes repeated = whole;
    append(repeated, ByteView(whole).last(112));
    EXPECT_TRUE(files.replace(kName, repeated));
    EXPECT_FALSE(SigningJournal::open(files, kName));
}

TEST(SigningJournal, compaction_bounds_the_file_and_forgets_nothing_that_matters) {
    MemoryFiles files;
    const auto journal = open(files);
    const std::uint64_t last = 3 * kCompactAfterRecords;
    for (std::uint64_t slot = 1; slot <= last; ++slot) {
        ASSERT_TRUE(journal->allow(block(slot, 1)));
    }
    EXPECT_LT(files.read(kName, kJournalBytesMax)->value().size(),
              112 * (kCompactAfterRecords + 2));
    const auto again = open(files);
    EXPECT_EQ(again->allow(block(last, 2)).error(), JournalError::conflict);
    EXPECT_EQ(again->newest(), journal->newest());
}

TEST(SigningJournal, after_a_failed_write_it_signs_nothing_more) {
    MemoryFiles files;
    const auto journal = open(files);
    files.fail_after(0);
    EXPECT_EQ(journal->allow(block(1, 1)).error(), JournalError::not_durable);
    files.crash();
    EXPECT_EQ(journal->allow(block(2, 1)).error(), JournalError::not_durable);
    EXPECT_FALSE(journal->failure().empty());
}

TEST(SigningJournal, a_power_cut_at_any_operation_never_lets_two_permits_conflict) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        MemoryFiles files(Seed{seed});
        std::map<std::uint64_t, std::uint8_t> signed_slots;
        files.fail_after(seed % 30);
        for (std::uint8_t life = 1; life < 6; ++life) {
            auto journal = SigningJournal::open(files, kName);
            for (std::uint64_t slot = 1; journal && slot < 12; ++slot) {
                // Each life wants another block in each slot.
                if ((*journal)->allow(block(slot, life))) {
                    const auto [known, fresh] = signed_slots.try_emplace(slot, life);
                    ASSERT_TRUE(fresh || known->second == life) << "seed " << seed;
                }
            }
            files.crash();
            ASSERT_TRUE(SigningJournal::open(files, kName)) << "seed " << seed;
            files.fail_after((seed * 7 + life) % 20);
        }
        EXPECT_GE(signed_slots.size(), 1u) << "seed " << seed;
    }
}

}  // namespace

}  // namespace stipple::chain
