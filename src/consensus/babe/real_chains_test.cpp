// Headers that the networks accepted verify; with any field touched they do not.
#include "base/memory_store.hpp"
#include "consensus/babe/epoch_tree.hpp"
#include "crypto/suri.hpp"
#include "tests/support/real_chain.hpp"

#include <gtest/gtest.h>

namespace stipple::babe {
namespace {

using testing::genesis_value;
using testing::read_blocks_file;
using testing::read_westend_headers;

// Storage keys: twox_128("Babe") ++ twox_128(item).
constexpr std::string_view kAuthoritiesKey =
    "0x1cb6f36e027abb2091cfb5110ab5087f5e0621c4869aa60c02be9adcc98a0d1d";
constexpr std::string_view kEpochConfigKey =
    "0x1cb6f36e027abb2091cfb5110ab5087fdc6b171b77304263c292cc3ea5ed31ef";

struct RealChain {
    Configuration config;
    std::vector<Header> headers;
};

RealChain rococo(const std::filesystem::path& spec, const std::filesystem::path& blocks) {
    RealChain chain;
    chain.config.slot_duration_ms = 6000;
    chain.config.epoch_length_slots = 10;
    chain.config.authorities = *scale::decode<AuthorityList>(genesis_value(spec, kAuthoritiesKey));
    const auto config = *scale::decode<EpochConfig>(genesis_value(spec, kEpochConfigKey));
    chain.config.c = config.c;
    chain.config.allowed_slots = config.allowed_slots;
    for (SignedBlock& block : read_blocks_file(blocks)) {
        chain.headers.push_back(std::move(block.block.header));
    }
    return chain;
}

// Verifies and inserts all headers; the epochs they ran through.
void expect_all_verify(const RealChain& chain, std::uint64_t epochs_at_least) {
    EpochTree tree(chain.config, chain.headers.front().parent_hash);
    MemoryStore store;
    ASSERT_TRUE(store.commit(tree.genesis_rows(), Durability::buffered));
    std::uint64_t announced = 0;
    for (const Header& header : chain.headers) {
        const auto context = tree.context(header);
        ASSERT_TRUE(context) << header.number;
        const Slot slot = slot_of(*find_pre_digest(header));
        const auto verified = verify_header(header, *context, slot);
        ASSERT_TRUE(verified) << header.number << ": " << describe(verified.error());
        announced += verified->next_epoch() != nullptr ? 1u : 0u;
        auto rows = tree.insert(*verified);
        ASSERT_TRUE(rows);
        ASSERT_TRUE(store.commit(*rows, Durability::buffered));
        if (header.number % 16 == 0) {  // as finality comes, and as a node restarts
            const BlockHash finalized = header.hash();
            ASSERT_TRUE(store.commit(tree.on_finalized(finalized), Durability::buffered));
            EXPECT_EQ(tree.size(), 1u);
            auto loaded = EpochTree::load(store);
            ASSERT_TRUE(loaded && *loaded);
            tree = std::move(**loaded);
        }
    }
    EXPECT_GE(announced, epochs_at_least);
}

TEST(BabeRealChains, every_header_of_westends_first_blocks_verifies) {
    STIPPLE_SHARED_DATA_OR_SKIP(spec, "chain-specs/westend.json");
    STIPPLE_SHARED_DATA_OR_SKIP(blocks, "westend-blocks/westend_blocks.yaml");
    RealChain chain;
    chain.config.slot_duration_ms = 6000;
    chain.config.epoch_length_slots = 600;
    chain.config.authorities = *scale::decode<AuthorityList>(genesis_value(spec, kAuthoritiesKey));
    chain.config.allowed_slots = AllowedSlots::primary_and_secondary_plain;
    chain.headers = read_westend_headers(blocks, "blocks_1_to_128");
    for (Header& header : read_westend_headers(blocks, "blocks_129_to_256")) {
        chain.headers.push_back(std::move(header));
    }
    ASSERT_EQ(chain.headers.size(), 256u);
    expect_all_verify(chain, 1);
}

TEST(BabeRealChains, every_header_of_a_rococo_development_chain_verifies) {
    STIPPLE_SHARED_DATA_OR_SKIP(spec, "chain-specs/rococo-dev-1.14.json");
    STIPPLE_SHARED_DATA_OR_SKIP(blocks, "rococo-dev-chain/blocks.bin");
    expect_all_verify(rococo(spec, blocks), 10);
}

TEST(BabeRealChains, every_header_of_a_chain_of_four_validators_verifies) {
    STIPPLE_SHARED_DATA_OR_SKIP(spec, "chain-specs/rococo-local-bulk-1.15.json");
    STIPPLE_SHARED_DATA_OR_SKIP(blocks, "rococo-local-chain/blocks.bin");
    expect_all_verify(rococo(spec, blocks), 10);
}

// ---- mutations, on the chain with VRF slots of both kinds ----

class Mutations : public ::testing::Test {
 protected:
    void SetUp() override {
        STIPPLE_SHARED_DATA_OR_SKIP(spec, "chain-specs/rococo-local-bulk-1.15.json");
        STIPPLE_SHARED_DATA_OR_SKIP(blocks, "rococo-local-chain/blocks.bin");
        chain_ = rococo(spec, blocks);
        tree_.emplace(chain_.config, chain_.headers.front().parent_hash);
        for (const Header& header : chain_.headers) {
            const auto context = tree_->context(header);
            ASSERT_TRUE(context);
            const auto verified =
                verify_header(header, *context, slot_of(*find_pre_digest(header)));
            ASSERT_TRUE(verified);
            contexts_.push_back(*context);
            ASSERT_TRUE(tree_->insert(*verified));
        }
    }

    // A header of a kind, its context fixed to the unmutated one.
    std::size_t find(bool primary, bool opens_epoch) const {
        for (std::size_t i = 2; i < chain_.headers.size(); ++i) {
            if (is_primary(*find_pre_digest(chain_.headers[i])) == primary &&
                contexts_[i].first_in_epoch == opens_epoch) {
                return i;
            }
        }
        ADD_FAILURE() << "no such header";
        return 0;
    }
    std::optional<HeaderError> error_of(const Header& header, std::size_t i,
                                        std::uint64_t slots_late = 0) const {
        const Slot now = slot_of(*find_pre_digest(chain_.headers[i])) + slots_late;
        const auto verified = verify_header(header, contexts_[i], now);
        return verified ? std::nullopt : std::optional(verified.error());
    }
    static PreRuntimeDigest& pre_digest_item_of(Header& header) {
        for (DigestItem& item : header.digest) {
            auto* pre = std::get_if<PreRuntimeDigest>(&item);
            if (pre != nullptr && pre->engine == kBabeEngine) {
                return *pre;
            }
        }
        CHECK(false);
        return std::get<PreRuntimeDigest>(header.digest.front());
    }
    static Header with_pre_digest(Header header, const PreDigest& digest) {
        pre_digest_item_of(header).data = scale::encode(digest);
        return header;
    }

    RealChain chain_;
    std::optional<EpochTree> tree_;
    std::vector<ParentContext> contexts_;
};

TEST_F(Mutations, of_hashed_fields_break_the_seal) {
    const std::size_t i = find(true, false);
    ASSERT_EQ(error_of(chain_.headers[i], i), std::nullopt);
    Header header = chain_.headers[i];
    header.state_root.bytes[0] ^= 1;
    EXPECT_EQ(error_of(header, i), HeaderError::bad_signature);
    header = chain_.headers[i];
    header.extrinsics_root.bytes[31] ^= 1;
    EXPECT_EQ(error_of(header, i), HeaderError::bad_signature);
    header = chain_.headers[i];
    header.digest.insert(header.digest.begin(), OtherDigest{{1}});
    EXPECT_EQ(error_of(header, i), HeaderError::bad_signature);
    header = chain_.headers[i];
    std::get<SealDigest>(header.digest.back()).data[5] ^= 1;
    EXPECT_EQ(error_of(header, i), HeaderError::bad_signature);
}

TEST_F(Mutations, of_the_place_in_the_chain_are_refused) {
    const std::size_t i = find(true, false);
    Header header = chain_.headers[i];
    header.parent_hash.bytes[0] ^= 1;
    EXPECT_EQ(error_of(header, i), HeaderError::wrong_parent);
    header = chain_.headers[i];
    header.number += 1;
    EXPECT_EQ(error_of(header, i), HeaderError::wrong_parent);
    header.number = 0;
    EXPECT_EQ(error_of(header, i), HeaderError::wrong_parent);
}

TEST_F(Mutations, of_seals_and_pre_digests_are_refused) {
    const std::size_t i = find(true, false);
    Header header = chain_.headers[i];
    header.digest.pop_back();
    EXPECT_EQ(error_of(header, i), HeaderError::unsealed);
    header = chain_.headers[i];
    std::get<SealDigest>(header.digest.back()).engine = kGrandpaEngine;
    EXPECT_EQ(error_of(header, i), HeaderError::bad_seal);
    header = chain_.headers[i];
    std::get<SealDigest>(header.digest.back()).data.resize(63);
    EXPECT_EQ(error_of(header, i), HeaderError::bad_seal);
    header = chain_.headers[i];
    header.digest.insert(header.digest.begin(), header.digest.front());
    EXPECT_EQ(error_of(header, i), HeaderError::several_pre_digests);
    header = chain_.headers[i];
    pre_digest_item_of(header).engine = kGrandpaEngine;
    EXPECT_EQ(error_of(header, i), HeaderError::no_pre_digest);
    header = chain_.headers[i];
    pre_digest_item_of(header).data.resize(20);
    EXPECT_EQ(error_of(header, i), HeaderError::no_pre_digest);
}

TEST_F(Mutations, of_slots_are_refused) {
    const std::size_t i = find(true, false);
    auto digest = std::get<PrimaryPreDigest>(*find_pre_digest(chain_.headers[i]));
    const Slot slot = digest.slot;
    digest.slot = contexts_[i].parent_slot;
    EXPECT_EQ(error_of(with_pre_digest(chain_.headers[i], digest), i),
              HeaderError::slot_not_increasing);
    digest.slot = slot + 2;
    EXPECT_EQ(error_of(with_pre_digest(chain_.headers[i], digest), i), HeaderError::in_future);
    digest.slot = slot + 1;
    EXPECT_EQ(error_of(with_pre_digest(chain_.headers[i], digest), i), HeaderError::bad_signature);
    digest.slot = slot;
    digest.authority_index = 5;
    EXPECT_EQ(error_of(with_pre_digest(chain_.headers[i], digest), i), HeaderError::unknown_author);
    const SecondaryPlainPreDigest plain{0, slot};
    EXPECT_EQ(error_of(with_pre_digest(chain_.headers[i], plain), i),
              HeaderError::slot_kind_not_allowed);
}

// What the seal would hide is reached by sealing the changed header with the author's own key.
class ResealedMutations : public Mutations {
 protected:
    Header reseal(Header header) const {
        for (const char* name : {"//Alice", "//Bob", "//Charlie", "//Dave"}) {
            const auto pair = *crypto::sr25519_from_suri(name);
            const auto& authorities = contexts_[header.number - 1].epoch.data->authorities;
            const AuthorityIndex index = authority_index_of(*find_pre_digest(header));
            if (authorities[index].id == pair.public_key) {
                header.digest.pop_back();
                header.digest.push_back(seal_item(pair.sign(header.hash())));
                return header;
            }
        }
        ADD_FAILURE() << "unknown author";
        return header;
    }
};

TEST_F(ResealedMutations, of_the_vrf_are_refused) {
    const std::size_t i = find(true, false);
    auto digest = std::get<PrimaryPreDigest>(*find_pre_digest(chain_.headers[i]));
    ASSERT_EQ(error_of(reseal(chain_.headers[i]), i), std::nullopt);
    auto changed = digest;
    changed.vrf.proof.bytes[3] ^= 1;
    EXPECT_EQ(error_of(reseal(with_pre_digest(chain_.headers[i], changed)), i),
              HeaderError::bad_vrf);
    changed = digest;
    changed.slot = digest.slot + 1;
    EXPECT_EQ(error_of(reseal(with_pre_digest(chain_.headers[i], changed)), i, 1),
              HeaderError::bad_vrf);
}

TEST_F(ResealedMutations, of_the_claim_are_refused) {
    const std::size_t secondary = find(false, false);
    const auto digest = *find_pre_digest(chain_.headers[secondary]);
    // The same VRF offered as a primary claim: it lost the lottery, or it would have been one.
    const PrimaryPreDigest as_primary{authority_index_of(digest), slot_of(digest), *vrf_of(digest)};
    EXPECT_EQ(error_of(reseal(with_pre_digest(chain_.headers[secondary], as_primary)), secondary),
              HeaderError::over_threshold);
    // A primary winner that is not the appointed secondary author claims the fallback.
    for (std::size_t i = 2; i < chain_.headers.size(); ++i) {
        const auto primary = *find_pre_digest(chain_.headers[i]);
        const Epoch& epoch = *contexts_[i].epoch.data;
        const auto appointed =
            secondary_author(epoch.randomness, slot_of(primary), epoch.authorities.size());
        if (is_primary(primary) && *appointed != authority_index_of(primary)) {
            const SecondaryVrfPreDigest claim{authority_index_of(primary), slot_of(primary),
                                              *vrf_of(primary)};
            EXPECT_EQ(error_of(reseal(with_pre_digest(chain_.headers[i], claim)), i),
                      HeaderError::not_the_appointed_author);
            return;
        }
    }
    FAIL() << "no primary author beside the appointed one";
}

TEST_F(ResealedMutations, of_announcements_are_refused) {
    const auto log = [](const ConsensusLog& value) {
        return ConsensusDigest{kBabeEngine, scale::encode(value)};
    };
    const auto insert = [](Header header, DigestItem item) {
        header.digest.insert(header.digest.end() - 1, std::move(item));
        return header;
    };
    const std::size_t inside = find(true, false);
    EXPECT_EQ(error_of(reseal(insert(chain_.headers[inside], log(NextEpochData{}))), inside),
              HeaderError::unexpected_epoch_data);
    EXPECT_EQ(error_of(reseal(insert(chain_.headers[inside], log(NextConfigData{}))), inside),
              HeaderError::unexpected_config_data);
    std::size_t opening = find(true, true);
    EXPECT_EQ(error_of(reseal(insert(chain_.headers[opening], log(NextEpochData{}))), opening),
              HeaderError::several_epoch_data);
    Header bare = chain_.headers[opening];
    std::erase_if(bare.digest, [](const DigestItem& item) {
        const auto* consensus = std::get_if<ConsensusDigest>(&item);
        return consensus != nullptr && consensus->engine == kBabeEngine;
    });
    EXPECT_EQ(error_of(reseal(bare), opening), HeaderError::missing_epoch_data);
    const Header twice =
        insert(insert(chain_.headers[opening], log(NextConfigData{})), log(NextConfigData{}));
    EXPECT_EQ(error_of(reseal(twice), opening), HeaderError::several_config_data);
}

}  // namespace
}  // namespace stipple::babe
