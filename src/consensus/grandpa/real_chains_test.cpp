// Finality as the networks proved it.
#include "base/memory_store.hpp"
#include "consensus/grandpa/authority_set.hpp"
#include "consensus/grandpa/justification.hpp"
#include "tests/support/real_chain.hpp"

#include <gtest/gtest.h>

#include <zlib.h>

namespace stipple::grandpa {
namespace {

// The first member of a zip archive (deflate).
Bytes read_zipped(const std::filesystem::path& path) {
    const Bytes zip = testing::read_file(path);
    const ByteView view(zip);
    // Sizes may follow the data; the central directory, found by its signature, has them surely.
    std::size_t central = zip.size() - 4;
    while (load_le<std::uint32_t>(view.subspan(central)) != 0x02014b50) {
        CHECK(central-- > 0);
    }
    const auto unpacked_size = load_le<std::uint32_t>(view.subspan(central + 24));
    const auto packed_size = load_le<std::uint32_t>(view.subspan(central + 20));
    const std::size_t local = load_le<std::uint32_t>(view.subspan(central + 42));
    const std::size_t data = local + 30 + load_le<std::uint16_t>(view.subspan(local + 26)) +
                             load_le<std::uint16_t>(view.subspan(local + 28));
    Bytes packed = to_bytes(view.subspan(data, packed_size));
    Bytes unpacked(unpacked_size);
    z_stream stream{};
    CHECK(inflateInit2(&stream, -15) == Z_OK);
    stream.next_in = packed.data();
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = unpacked.data();
    stream.avail_out = static_cast<uInt>(unpacked.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    inflateEnd(&stream);
    return unpacked;
}

TEST(GrandpaJustification, of_199_authorities_verifies_in_set_450_and_in_no_other) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "grandpa/data.3b1b0.zip");
    const auto proof = decode_justification(read_zipped(path));
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->commit.target.number, 4635975u);
    EXPECT_EQ(proof->commit.precommits.size(), 199u);
    AuthorityList authorities;
    for (const SignedTarget& precommit : proof->commit.precommits) {
        authorities.push_back({precommit.id, 1});
    }
    const auto voters = VoterSet::create(authorities);
    ASSERT_TRUE(voters);
    EXPECT_TRUE(verify_justification(*proof, AuthoritySetId(450), *voters));
    EXPECT_EQ(verify_justification(*proof, AuthoritySetId(451), *voters).error(),
              JustificationError::bad_signature);
    for (std::uint32_t i = 0; i < 101; ++i) {  // 199 of 300 are no supermajority
        AuthorityId absent;
        absent.bytes[0] = static_cast<std::uint8_t>(i);
        authorities.push_back({absent, 1});
    }
    EXPECT_EQ(
        verify_justification(*proof, AuthoritySetId(450), *VoterSet::create(authorities)).error(),
        JustificationError::not_supermajority);
}

// GrandpaApi's answer at genesis stands under this key: twox_128("Grandpa") ++
// twox_128("Authorities").
constexpr std::string_view kAuthoritiesKey =
    "0x5f9cc45b7a00c5899361e1c6099678dc5e0621c4869aa60c02be9adcc98a0d1d";

struct Followed {
    int justified = 0;
    int changes = 0;
};

// Follows a chain from genesis as a syncing node does; every justification is checked, and
// forgeries of it are refused.
void follow(const std::filesystem::path& spec, const std::filesystem::path& file,
            Followed& followed) {
    const auto blocks = testing::read_blocks_file(file);
    auto set = AuthoritySet::genesis(
        *scale::decode<AuthorityList>(testing::genesis_value(spec, kAuthoritiesKey)));
    ASSERT_TRUE(set);
    BlockTree tree;
    tree.finalize({blocks.front().block.header.parent_hash, 0});
    MemoryStore store;
    ASSERT_TRUE(store.commit(set->rows(), Durability::buffered));
    for (const SignedBlock& signed_block : blocks) {
        const Header& header = signed_block.block.header;
        const BlockRef block = header.ref();
        const auto imported = set->on_block_imported(block, header, tree);
        ASSERT_TRUE(imported) << header.number;
        ASSERT_TRUE(store.commit(imported->rows, Durability::buffered));
        ASSERT_TRUE(tree.insert(block, header.parent_hash));
        EXPECT_EQ(imported->needs_justification, set->needs_justification(block, tree));
        const Justification* proof = nullptr;
        static const Justifications kNone;
        for (const Justification& one :
             signed_block.justifications ? *signed_block.justifications : kNone) {
            if (one.engine == kGrandpaEngine) {
                proof = &one;
            }
        }
        if (imported->needs_justification && header.number < 100) {
            EXPECT_NE(proof, nullptr) << "#" << header.number;
        }
        if (proof == nullptr) {
            continue;
        }
        const auto voters = VoterSet::create(set->authorities());
        const auto verified = check_justification(proof->data, set->id(), *voters, block);
        ASSERT_TRUE(verified) << "#" << header.number << ": " << describe(verified.error());
        ++followed.justified;
        GrandpaJustification forged = *verified;
        forged.commit.precommits[0].signature.bytes[2] ^= 1;
        EXPECT_EQ(verify_justification(forged, set->id(), *voters).error(),
                  JustificationError::bad_signature);
        forged = *verified;
        ++forged.round;
        EXPECT_EQ(verify_justification(forged, set->id(), *voters).error(),
                  JustificationError::bad_signature);
        forged = *verified;
        forged.votes_ancestries.push_back(header);
        EXPECT_EQ(verify_justification(forged, set->id(), *voters).error(),
                  JustificationError::spare_ancestries);
        forged = *verified;
        forged.commit.precommits[0].id.bytes[0] ^= 1;
        EXPECT_EQ(verify_justification(forged, set->id(), *voters).error(),
                  JustificationError::unknown_voter);
        forged = *verified;
        forged.commit.precommits.resize(voters->threshold() - 1);
        EXPECT_FALSE(verify_justification(forged, set->id(), *voters));
        EXPECT_EQ(check_justification(proof->data, set->id(), *voters,
                                      BlockRef{block.hash, block.number + 1})
                      .error(),
                  JustificationError::wrong_target);
        EXPECT_EQ(verify_justification(*verified, set->id() + 1, *voters).error(),
                  JustificationError::bad_signature);

        const auto finalized = set->on_finalized(block, tree);
        EXPECT_EQ(finalized.set_changed, imported->needs_justification);
        followed.changes += finalized.set_changed ? 1 : 0;
        ASSERT_TRUE(store.commit(finalized.rows, Durability::buffered));
        tree.finalize(block);
        const auto loaded = AuthoritySet::load(store);
        ASSERT_TRUE(loaded && *loaded);
        EXPECT_EQ((**loaded).id(), set->id());
        EXPECT_EQ((**loaded).authorities(), set->authorities());
        EXPECT_EQ((**loaded).pending(), set->pending());
        EXPECT_EQ((**loaded).past_sets().size(), set->past_sets().size());
    }
}

TEST(GrandpaRealChains, every_justification_of_four_validators_verifies_over_set_changes) {
    STIPPLE_SHARED_DATA_OR_SKIP(spec, "chain-specs/rococo-local-bulk-1.15.json");
    STIPPLE_SHARED_DATA_OR_SKIP(blocks, "rococo-local-chain/blocks.bin");
    Followed followed;
    follow(spec, blocks, followed);
    EXPECT_GE(followed.justified, 7);
    EXPECT_GE(followed.changes, 7);
}

TEST(GrandpaRealChains, every_justification_of_one_validator_verifies) {
    STIPPLE_SHARED_DATA_OR_SKIP(spec, "chain-specs/rococo-dev-1.14.json");
    STIPPLE_SHARED_DATA_OR_SKIP(blocks, "rococo-dev-chain/blocks.bin");
    Followed followed;
    follow(spec, blocks, followed);
    EXPECT_GE(followed.justified, 5);
}

}  // namespace
}  // namespace stipple::grandpa
