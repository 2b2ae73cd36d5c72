// Wire types of BEEFY against the known answers, real blocks and damage.
#include "primitives/beefy.hpp"

#include "primitives/block.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace stipple::beefy {
namespace {

Bytes hex(std::string_view text) {
    auto bytes = from_hex(text);
    CHECK(bytes.has_value());
    return *std::move(bytes);
}

Commitment commitment_of_hello() {
    return {{{{kMmrRootPayload, to_bytes(as_bytes("Hello World!"))}}}, 5, ValidatorSetId(0)};
}

TEST(BeefyCommitment, encodes_as_the_primitives_of_the_rust_node_do) {
    // sp-consensus-beefy's own example, with a block number of 32 bits instead of 128.
    EXPECT_EQ(scale::encode(commitment_of_hello()),
              hex("0x046d683048656c6c6f20576f726c6421050000000000000000000000"));
}

TEST(BeefySignedCommitment, packs_signatures_with_the_first_validator_in_the_highest_bit) {
    Signature first;
    first.bytes[0] = 0xaa;
    Signature second;
    second.bytes[64] = 0xbb;
    const FinalityProof proof{{commitment_of_hello(), {{}, {}, first, second}}};
    Bytes expected{1};
    append(expected, scale::encode(commitment_of_hello()));
    append(expected, hex("0x0430"
                         "04000000"
                         "08"));
    append(expected, first);
    append(expected, second);
    EXPECT_EQ(scale::encode(proof), expected);
    EXPECT_EQ(decode_finality_proof(expected), proof);
    EXPECT_EQ(proof.signed_commitment.signature_count(), 2u);
}

TEST(BeefySignedCommitment, keeps_an_empty_byte_when_the_set_fills_the_last_one) {
    for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 16U, 1000U}) {
        SignedCommitment value{commitment_of_hello(), {}};
        value.signatures.resize(count);
        for (std::size_t i = 0; i < count; i += 3) {
            value.signatures[i].emplace();
        }
        const Bytes encoded = scale::encode(FinalityProof{value});
        EXPECT_EQ(decode_finality_proof(encoded), FinalityProof{value});
        const std::size_t head = 1 + scale::encode(value.commitment).size();
        EXPECT_EQ(scale::Decoder(ByteView(encoded).subspan(head)).byte_string().size(),
                  count / 8 + 1);
    }
}

TEST(BeefySignedCommitment, refuses_bits_and_signatures_that_do_not_match) {
    SignedCommitment value{commitment_of_hello(), {Signature{}, std::nullopt, Signature{}}};
    const Bytes good = scale::encode(value);
    const std::size_t bits = scale::encode(value.commitment).size() + 1;
    const auto verdict = [&](std::uint8_t byte) {
        Bytes changed = good;
        changed[bits] = byte;
        return scale::decode<SignedCommitment>(changed);
    };
    EXPECT_TRUE(verdict(0b1010'0000));
    EXPECT_EQ(verdict(0b1000'0000).error(), scale::DecodeError::invalid_value);
    EXPECT_EQ(verdict(0b1110'0000).error(), scale::DecodeError::invalid_value);
    EXPECT_EQ(verdict(0b1001'0000).error(), scale::DecodeError::invalid_value);
    Bytes longer = good;
    longer[bits + 1] = 8;  // a set of eight needs two bytes
    EXPECT_EQ(scale::decode<SignedCommitment>(longer).error(), scale::DecodeError::invalid_value);
    longer[bits + 3] = 0xff;
    EXPECT_EQ(scale::decode<SignedCommitment>(longer).error(), scale::DecodeError::invalid_value);
    EXPECT_FALSE(scale::decode<SignedCommitment>(ByteView(good).first(good.size() - 1)));
}

TEST(BeefyMessages, survive_encoding_and_refuse_what_is_not_one) {
    const VoteMessage vote{commitment_of_hello(), {}, {}};
    const std::vector<GossipMessage> messages = {
        vote, FinalityProof{{commitment_of_hello(), {Signature{}, std::nullopt}}}};
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Bytes encoded = scale::encode(messages[i]);
        EXPECT_EQ(encoded[0], i);
        EXPECT_EQ(decode_gossip(encoded), messages[i]);
        EXPECT_FALSE(decode_gossip(ByteView(encoded).first(encoded.size() - 1)));
    }
    EXPECT_EQ(decode_gossip(Bytes{2}).error(), scale::DecodeError::bad_variant);
    EXPECT_EQ(decode_gossip(Bytes{1, 2}).error(), scale::DecodeError::bad_variant);
    EXPECT_EQ(decode_gossip(Bytes(kGossipBytesMax + 1)).error(),
              scale::DecodeError::length_over_limit);
    const DoubleVotingProof doubled{vote, vote};
    EXPECT_EQ(scale::decode<DoubleVotingProof>(scale::encode(doubled)), doubled);
    const ForkVotingProof forked{vote, {1, 2}, {}};
    EXPECT_EQ(scale::decode<ForkVotingProof>(scale::encode(forked)), forked);
    const FutureBlockVotingProof future{vote};
    EXPECT_EQ(scale::decode<FutureBlockVotingProof>(scale::encode(future)), future);
}

TEST(BeefyLogs, are_found_past_those_that_cannot_be_read) {
    const ValidatorSet set{{AuthorityId{}}, ValidatorSetId(3)};
    Header header;
    EXPECT_FALSE(find_authorities_change(header));
    header.digest = {ConsensusDigest{kBeefyEngine, {0}}, ConsensusDigest{kBeefyEngine, {1, 4}},
                     ConsensusDigest{kBeefyEngine, scale::encode(ConsensusLog(OnDisabled{1}))},
                     ConsensusDigest{kBabeEngine, scale::encode(ConsensusLog(MmrRootLog{}))}};
    EXPECT_FALSE(find_authorities_change(header));
    EXPECT_FALSE(find_mmr_root(header));
    MmrRoot root;
    root.bytes[31] = 9;
    for (const ConsensusLog& log :
         {ConsensusLog(AuthoritiesChange{set}), ConsensusLog(MmrRootLog{root})}) {
        EXPECT_EQ(scale::decode<ConsensusLog>(scale::encode(log)), log);
        header.digest.push_back(ConsensusDigest{kBeefyEngine, scale::encode(log)});
    }
    EXPECT_EQ(find_authorities_change(header), set);
    EXPECT_EQ(find_mmr_root(header), root);
}

TEST(BeefyLogs, of_a_real_chain_name_its_sets_and_a_root_in_every_block) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-local-chain/blocks.bin");
    std::vector<ValidatorSet> sets;
    std::size_t roots = 0;
    std::size_t proofs = 0;
    const Bytes file = testing::read_file(path);
    scale::Decoder in(file);
    const std::uint64_t count = in.u64();
    for (std::uint64_t i = 0; i < count; ++i) {
        SignedBlock block;
        scale::decode_from(in, block);
        ASSERT_TRUE(in.ok());
        const Header& header = block.block.header;
        roots += find_mmr_root(header) ? 1U : 0U;
        if (auto set = find_authorities_change(header)) {
            sets.push_back(*std::move(set));
        }
        if (!block.justifications) {
            continue;
        }
        for (const auto& justification : *block.justifications) {
            if (justification.engine != kBeefyEngine) {
                continue;
            }
            const auto proof = decode_finality_proof(justification.data);
            ASSERT_TRUE(proof);
            EXPECT_EQ(scale::encode(*proof), justification.data);
            EXPECT_EQ(proof->commitment().block, header.number);
            ++proofs;
        }
    }
    EXPECT_EQ(roots, count);
    EXPECT_EQ(proofs, 21u);
    ASSERT_EQ(sets.size(), 10u);  // one of five validators leaves after the first
    for (std::size_t i = 0; i < sets.size(); ++i) {
        EXPECT_EQ(sets[i].id.value, i + 1);
        EXPECT_EQ(sets[i].validators.size(), i == 0 ? 5u : 4u);
    }
}

}  // namespace
}  // namespace stipple::beefy
