#include "pallets/mmr/mmr.hpp"

#include "pallets/beefy/beefy.hpp"
#include "pallets/mmr_leaf/ethereum.hpp"
#include "pallets/mmr_leaf/mmr_leaf.hpp"
#include "pallets/testing.hpp"
#include "primitives/block.hpp"
#include "relay/apis.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

using testing::read_file;

Hash hash_of(std::uint64_t number) {
    return host::blake2_256(scale::encode(number));
}
/// Begins block `number` on a parent whose hash is made from its number, with its leaf.
void begin(BlockNumber number) {
    Header header;
    header.number = number;
    header.parent_hash = BlockHash(hash_of(number - 1).bytes);
    System::reset_events();
    System::start_block(header);
    Mmr::on_initialize(number);
}
Bytes hex(std::string_view text) {
    return from_hex(text).value();
}
/// A hash over everything an outside implementation and this one should agree on.
struct Transcript {
    Bytes all;
    void add(const Hash& hash) { append(all, hash.view()); }
    void add(std::uint64_t number) { append_le(all, number); }
    std::string digest() const { return to_hex(host::keccak_256(all)); }
};

TEST(MmrPallet, has_the_roots_of_a_rust_node_s_chain) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const Bytes file = read_file(path);
    scale::Decoder in(ByteView(file).subspan(8));
    TestBlock fresh;
    const BeefyValidatorSet alice{
        {crypto::EcdsaPublic::copy(
            hex("0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"))},
        0};
    MmrLeaf::on_new_validator_set(alice, {alice.validators, 1});
    std::size_t blocks = 0;
    while (in.remaining() > 0 && in.ok()) {
        SignedBlock block;
        decode_from(in, block);
        ASSERT_TRUE(in.ok());
        const Header& header = block.block.header;
        ++blocks;
        std::optional<Hash> expected;
        for (const DigestItem& item : header.digest) {
            const auto* log = std::get_if<ConsensusDigest>(&item);
            if (log == nullptr || log->engine != kBeefyEngine) {
                continue;
            }
            const ByteView body = ByteView(log->data).subspan(1);
            if (log->data[0] == 1) {
                const auto now = scale::decode<BeefyValidatorSet>(body).value();
                MmrLeaf::on_new_validator_set(now, {now.validators, now.id + 1});
            } else if (log->data[0] == 3) {
                expected = Hash::copy(body);
            }
        }
        Header start;
        start.number = header.number;
        start.parent_hash = header.parent_hash;
        System::start_block(start);
        Mmr::on_initialize(header.number);
        ASSERT_TRUE(expected) << "block " << header.number;
        ASSERT_EQ(Mmr::root_hash.get(), *expected) << "block " << header.number;
    }
    EXPECT_EQ(blocks, 102U);
}
TEST(MmrPallet, keeps_the_peaks_in_the_state_and_all_nodes_offchain) {
    TestBlock fresh;
    for (BlockNumber number = 1; number <= 11; ++number) {
        begin(number);
    }
    std::vector<std::uint64_t> kept;
    Mmr::nodes.for_each([&](const auto& keys, const Hash&) {
        kept.push_back(std::get<0>(keys));
        return true;
    });
    EXPECT_EQ(kept, (std::vector<std::uint64_t>{14, 17, 18}));
    EXPECT_EQ(native_host::offchain_index().size(), 19U);
    // Compact length of "mmr", the node, the parent of the block it came with (the third).
    Bytes key = hex("0x0c6d6d720300000000000000");
    append(key, hash_of(2).view());
    ASSERT_TRUE(native_host::offchain_index().contains(key));
    const Bytes& leaf = native_host::offchain_index().at(key);
    EXPECT_EQ(leaf.size(), 1U + 2 + 1 + 4 + 32 + 8 + 4 + 32 + 32);
    EXPECT_EQ(leaf[0], 0);
    EXPECT_EQ(System::digest.get().logs.size(), 1U);
}
TEST(MmrPallet, proves_leaves_at_present_and_in_the_past) {
    TestBlock fresh;
    std::vector<Hash> roots(1);
    for (BlockNumber number = 1; number <= 20; ++number) {
        begin(number);
        roots.push_back(Mmr::root_hash.get());
    }
    for (BlockNumber best = 1; best <= 20; ++best) {
        for (BlockNumber block = 1; block <= best; ++block) {
            const auto blocks = block == best ? std::vector{block} : std::vector{block, best};
            const auto proved = Mmr::generate_proof(blocks, best);
            ASSERT_TRUE(proved);
            const auto& [leaves, proof] = *proved;
            EXPECT_TRUE(Mmr::verify_leaves(leaves, proof));
            EXPECT_TRUE(Mmr::verify_leaves(roots[best], leaves, proof));
            EXPECT_FALSE(Mmr::verify_leaves(roots[best == 7 ? 8 : 7], leaves, proof));
            auto other = leaves;
            other[0].encoded.back() ^= 1;
            EXPECT_FALSE(Mmr::verify_leaves(roots[best], other, proof));
            auto longer = proof;
            longer.items.push_back(roots[best]);
            EXPECT_FALSE(Mmr::verify_leaves(roots[best], leaves, longer));
        }
    }
    EXPECT_EQ(Mmr::generate_proof({0}, {}).error(), MmrError::invalid_numeric_op);
    EXPECT_EQ(Mmr::generate_proof({21}, {}).error(), MmrError::leaf_not_found);
    EXPECT_EQ(Mmr::generate_proof({20}, 19).error(), MmrError::generate_proof);
    EXPECT_EQ(Mmr::generate_proof({}, {}).error(), MmrError::generate_proof);
}
TEST(MmrPallet, refuses_proofs_of_impossible_shape) {
    const Hash root{};
    EXPECT_FALSE(Mmr::verify_leaves(root, {}, {}));
    EXPECT_FALSE(Mmr::verify_leaves(root, {{}}, LeafProof{{UINT64_MAX}, UINT64_MAX, {}}));
    EXPECT_FALSE(Mmr::verify_leaves(root, {{}}, LeafProof{{0}, UINT64_MAX, {}}));
    EXPECT_FALSE(Mmr::verify_leaves(root, {{}, {}}, LeafProof{{0}, 1, {}}));
    EXPECT_FALSE(Mmr::verify_ancestry(root, {}));
    EXPECT_FALSE(Mmr::verify_ancestry(root, {{root}, UINT64_MAX, UINT64_MAX, {}}));
    EXPECT_FALSE(Mmr::verify_ancestry(root, {{root}, 0, 4, {}}));
    EXPECT_FALSE(Mmr::verify_ancestry(root, {{root}, 1, UINT64_MAX, {}}));
}
TEST(MmrPallet, proves_that_a_range_grew_into_another) {
    TestBlock fresh;
    std::vector<Hash> roots(1);
    for (BlockNumber number = 1; number <= 20; ++number) {
        begin(number);
        roots.push_back(Mmr::root_hash.get());
    }
    for (BlockNumber best = 1; best <= 20; ++best) {
        for (BlockNumber previous = 1; previous <= best; ++previous) {
            const auto proof = Mmr::generate_ancestry_proof(previous, best);
            ASSERT_TRUE(proof);
            EXPECT_EQ(Mmr::verify_ancestry(roots[best], *proof), roots[previous]);
            auto other = *proof;
            other.prev_peaks[0].bytes[0] ^= 1;
            EXPECT_EQ(Mmr::verify_ancestry(roots[best], other), std::nullopt);
        }
    }
    EXPECT_FALSE(Mmr::generate_ancestry_proof(20, 19));
}
TEST(MmrPallet, shapes_proofs_as_the_reference_implementation_does) {
    // Leaf i is keccak-256 of i as eight bytes; up to 40 leaves, proofs of every pair of leaves and
    // of every smaller range; positions and hashes in order, in one hash.
    std::map<mountain::Position, Hash> nodes;
    Transcript transcript;
    const auto add_items = [&](const mountain::Layout& layout, std::uint64_t leaves) {
        const auto peaks = mountain::peaks_of(leaves);
        for (std::size_t i = 0; i < layout.positions.size(); ++i) {
            Hash item = nodes.at(layout.positions[i]);
            if (layout.bagged > 0 && i + 1 == layout.positions.size()) {
                std::vector<Hash> run;
                for (std::size_t j = peaks.size() - layout.bagged; j < peaks.size(); ++j) {
                    run.push_back(nodes.at(peaks[j]));
                }
                item = mountain::bag(run);
            }
            transcript.add(item);
        }
    };
    for (std::uint64_t leaves = 1; leaves <= 40; ++leaves) {
        Bytes leaf;
        append_le(leaf, leaves - 1);
        mountain::Position at = mountain::position_of_leaf(leaves - 1);
        nodes[at] = host::keccak_256(leaf);
        for (++at; at < mountain::size_of(leaves); ++at) {
            const std::uint32_t height = mountain::height_of(at);
            nodes[at] =
                mountain::merge(nodes.at(at - (std::uint64_t{1} << height)), nodes.at(at - 1));
        }
        std::vector<Hash> peaks;
        for (const auto peak : mountain::peaks_of(leaves)) {
            peaks.push_back(nodes.at(peak));
        }
        transcript.add(mountain::bag(peaks));
        for (std::uint64_t a = 0; a < leaves; ++a) {
            for (std::uint64_t b = a; b < leaves; ++b) {
                add_items(
                    *mountain::layout_of(
                        {mountain::position_of_leaf(a), mountain::position_of_leaf(b)}, leaves),
                    leaves);
            }
        }
        for (std::uint64_t previous = 1; leaves > 1 && previous <= leaves; ++previous) {
            auto layout = mountain::layout_of(mountain::peaks_of(previous), leaves).value();
            std::sort(layout.positions.begin(), layout.positions.end());
            add_items(layout, leaves);
            for (const auto position : layout.positions) {
                transcript.add(position);
            }
        }
    }
    EXPECT_EQ(transcript.digest(),
              "a7d702c524f4755ba24658d2f737ab87e5d0eab259d355af2e00f69baca89504");
}
TEST(MmrPallet, names_the_leaf_that_brought_each_node) {
    std::vector<std::uint64_t> leaves;
    for (mountain::Position node = 0; node < 19; ++node) {
        leaves.push_back(mountain::leaf_that_added(node));
    }
    EXPECT_EQ(leaves, (std::vector<std::uint64_t>{0, 1, 1, 2, 3, 3, 3, 4, 5, 5, 6, 7, 7, 7, 7, 8, 9,
                                                  9, 10}));
}

TEST(MmrLeafPallet, knows_ethereum_addresses_of_keys) {
    // Alice and Bob of the well-known accounts, as Ethereum's tools derive them.
    const auto address = [](std::string_view key) {
        return to_hex(ethereum_address(crypto::EcdsaPublic::copy(hex(key))));
    };
    EXPECT_EQ(address("0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"),
              "e04cc55ebee1cbce552f250e85c57b70b2e2625b");
    EXPECT_EQ(address("0x0390084fdbf27d2b79d26a4f13f0ccd982cb755a661969143c37cbc49ef5b91f27"),
              "25451a4de12dccc2d166922fa938e900fcc4ed24");
    // No point has this coordinate; no coordinate is above the prime; no such prefix.
    EXPECT_EQ(address("0x020000000000000000000000000000000000000000000000000000000000000005"), "");
    EXPECT_EQ(address("0x02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"), "");
    EXPECT_EQ(address("0x040a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"), "");
}
TEST(MmrLeafPallet, commits_to_the_sets_of_this_session_and_the_next) {
    TestBlock block;
    const auto key = [](std::string_view text) { return crypto::EcdsaPublic::copy(hex(text)); };
    const BeefyValidatorSet both{
        {key("0x020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1"),
         key("0x0390084fdbf27d2b79d26a4f13f0ccd982cb755a661969143c37cbc49ef5b91f27")},
        5};
    MmrLeaf::on_new_validator_set({{both.validators[0]}, 4}, both);
    const BeefyAuthoritySet next = BeefyMmrApi::next_authority_set_proof();
    // The set of the genesis of the relay chain's local test network, Alice and Bob.
    EXPECT_EQ(to_hex(next.keyset_commitment),
              "697ea2a8fe5b03468548a7a413424a6292ab44a82a6f5cc594c3fa7dda7ce402");
    EXPECT_EQ(next.len, 2U);
    MmrLeaf::on_new_validator_set(both, {{both.validators[1]}, 6});
    EXPECT_EQ(BeefyMmrApi::authority_set_proof(), next);
    EXPECT_EQ(MmrLeaf::leaf().beefy_next_authority_set.id, 6U);
    EXPECT_EQ(binary_merkle_root({}), Hash{});
}

}  // namespace
}  // namespace stipple::runtime
