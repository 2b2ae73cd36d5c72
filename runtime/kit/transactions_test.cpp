// Transactions through the executive: what they pay, what they are refused for, what fits.
#include "crypto/ed25519.hpp"
#include "kit/genesis_build.hpp"
#include "pallets/authorship/authorship.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/sudo/sudo.hpp"
#include "pallets/testing.hpp"
#include "pallets/timestamp/timestamp.hpp"
#include "pallets/utility/utility.hpp"
#include "relay/presets.hpp"
#include "spec_version.hpp"
#include "walk/signed.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

constexpr Balance kUnit = config::kUnit;
constexpr Balance kRich = 1000 * kUnit;

crypto::Ed25519Keypair keypair(std::uint8_t seed) {
    std::array<std::uint8_t, 32> raw{};
    raw.fill(seed);
    return crypto::Ed25519Keypair::from_seed(crypto::Secret<32>(raw));
}
template <Reason kReason>
TransactionValidityError why() {
    return invalid<kReason>().error();
}

/// The development chain in its first block, with a rich account that is not in the preset.
struct Transactions : ::testing::Test {
    crypto::Ed25519Keypair pair = keypair(1);
    AccountId who{pair.public_key.bytes};
    config::Extensions extensions;  ///< of what is signed next
    CheckNonce& nonce = std::get<CheckNonce>(extensions);
    CheckMortality& mortality = std::get<CheckMortality>(extensions);
    ChargeTransactionPayment& charge = std::get<ChargeTransactionPayment>(extensions);

    Transactions() {
        native_host::reset();
        EXPECT_TRUE(build_genesis(*preset(std::string("development"))));
        EXPECT_TRUE(Balances::mint_into(who, kRich));
        constexpr Slot kSlot(1'000'000);
        Header header;
        header.number = 1;
        header.digest = {babe::pre_digest_item(babe::SecondaryPlainPreDigest{0, kSlot})};
        executive::initialize_block(header);
        EXPECT_TRUE(apply(bare(RuntimeCall::make(
            Timestamp::index(), 0, Compact<Moment>{kSlot.value * config::kSlotDurationMs}))));
    }
    static Bytes bare(const RuntimeCall& call, std::uint8_t version = 4) {
        Bytes out{version};
        append(out, call.encoded());
        return out;
    }
    Bytes sign(const RuntimeCall& call) const {
        return walk::signed_extrinsic(pair, call, extensions);
    }
    static std::expected<DispatchResult, TransactionValidityError> apply(const Bytes& extrinsic) {
        const auto result = executive::apply_extrinsic(extrinsic).value;
        if (!result) {
            return std::unexpected(result.error());
        }
        return result->value;
    }
    static TransactionValidityError refusal(const Bytes& extrinsic) {
        const auto result = apply(extrinsic);
        EXPECT_FALSE(result);
        return result ? TransactionValidityError{} : result.error();
    }
    static TransactionValidity validate(const Bytes& extrinsic) {
        return executive::validate_transaction(TransactionSource::external, extrinsic,
                                               System::block_hash.get(0));
    }
    static RuntimeCall remark(std::size_t bytes = 4) {
        return RuntimeCall::make(System::index(), 0, Bytes(bytes, 1));
    }
    RuntimeCall pay(Balance amount) const {
        return RuntimeCall::make(Balances::index(), 0, MultiAddress::of(test_account(9)),
                                 Compact<Balance>{amount});
    }
    static std::uint32_t length_of(const Bytes& extrinsic) {
        Bytes prefix;
        scale::encode_compact(prefix, extrinsic.size());
        return static_cast<std::uint32_t>(prefix.size() + extrinsic.size());
    }
};

TEST_F(Transactions, pay_for_length_and_weight_and_tip_the_author) {
    charge.tip.value = kUnit;
    const auto author = wiring::find_author();
    ASSERT_TRUE(author);
    const Balance authors_before = Balances::free_balance(*author);
    const Balance issued = Balances::total_issuance.get();
    const Bytes extrinsic = sign(remark());
    const auto applied = apply(extrinsic);
    ASSERT_TRUE(applied && *applied);
    const Balance fee =
        TransactionPayment::fee_details(length_of(extrinsic), remark().info(), kUnit).final_fee();
    EXPECT_GT(fee, kUnit + config::kBaseExtrinsicFee);
    EXPECT_EQ(Balances::free_balance(who), kRich - fee);
    EXPECT_EQ(Balances::free_balance(*author), authors_before + kUnit);
    EXPECT_EQ(Balances::total_issuance.get(), issued - (fee - kUnit)) << "fees are burned";
    EXPECT_EQ(System::account.get(who).nonce, 1U);
}
TEST_F(Transactions, are_given_back_what_the_call_did_not_use) {
    const Weight before = System::block_weight.get().normal;
    const auto batch = RuntimeCall::make(Utility::index(), 0,
                                         Utility::Calls{pay(kRich * 2), pay(kUnit), pay(kUnit)});
    const Bytes extrinsic = sign(batch);
    ASSERT_TRUE(apply(extrinsic));
    const Balance declared =
        TransactionPayment::fee_details(length_of(extrinsic), batch.info(), 0).final_fee();
    const Balance paid = kRich - Balances::free_balance(who);
    EXPECT_LT(paid, declared);
    // Two of the three were not made: neither the fee nor the block counts them.
    const Weight counted = System::block_weight.get().normal.saturating_sub(before);
    EXPECT_EQ(paid, TransactionPayment::actual_fee(
                        length_of(extrinsic), batch.info(),
                        counted.saturating_sub(config::kBaseExtrinsicWeight), Pays::yes, 0));
    EXPECT_FALSE(counted.any_above(batch.info().weight));
}
TEST_F(Transactions, that_fail_pay_and_leave_nothing_else) {
    const auto result = apply(sign(pay(2 * kRich)));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error(), DispatchError(TokenError::funds_unavailable));
    EXPECT_LT(Balances::free_balance(who), kRich);
    EXPECT_EQ(System::account.get(who).nonce, 1U);
    EXPECT_FALSE(System::account.contains(test_account(9)));
}
TEST_F(Transactions, are_refused_with_the_reason) {
    nonce.nonce.value = 1;
    EXPECT_EQ(refusal(sign(remark())), why<Reason::future>());
    nonce.nonce.value = 0;
    ASSERT_TRUE(apply(sign(remark())));
    EXPECT_EQ(refusal(sign(remark())), why<Reason::stale>());
    nonce.nonce.value = 1;
    Bytes forged = sign(remark());
    forged.back() ^= 1;
    EXPECT_EQ(refusal(forged), why<Reason::bad_proof>());
    Bytes unknown = sign(remark());
    unknown[unknown.size() - remark().encoded().size()] = 200;
    EXPECT_EQ(refusal(unknown), why<Reason::call>());
    EXPECT_EQ(refusal({}), why<Reason::call>());
    charge.tip.value = kRich;
    EXPECT_EQ(refusal(sign(remark())), why<Reason::payment>());
    pair = keypair(2);
    charge.tip.value = 0;
    nonce.nonce.value = 0;
    EXPECT_EQ(refusal(sign(remark())), why<Reason::payment>()) << "nobody has this account";
    EXPECT_EQ(System::account.get(who).nonce, 1U);
}
TEST_F(Transactions, die_with_their_era) {
    mortality.era = {4, 0};
    System::number.set(4);
    System::block_hash.insert(4, Hash{});
    const Bytes mortal = sign(remark());
    const auto valid = validate(mortal);  // for block 5
    ASSERT_TRUE(valid);
    EXPECT_EQ(valid->longevity_blocks, 3U);
    // Its period begins again with a block that nobody knows.
    System::number.set(8);
    EXPECT_EQ(refusal(mortal), why<Reason::ancient_birth_block>());
}
TEST_F(Transactions, tell_the_pool_what_they_need_and_provide) {
    nonce.nonce.value = 2;
    const auto valid = validate(sign(remark()));
    ASSERT_TRUE(valid);
    EXPECT_EQ(valid->provides, (std::vector<Bytes>{scale::encode(std::tuple(who, Nonce{2}))}));
    EXPECT_EQ(valid->requires_tags, (std::vector<Bytes>{scale::encode(std::tuple(who, Nonce{1}))}));
    EXPECT_TRUE(valid->propagate);
    charge.tip.value = kUnit;
    EXPECT_GT(validate(sign(remark()))->priority, valid->priority);
}
TEST_F(Transactions, of_other_formats_are_read_and_judged) {
    // Bare ones of both versions are inherents' and reports', not the pool's.
    for (const std::uint8_t version : {std::uint8_t{4}, std::uint8_t{5}}) {
        EXPECT_EQ(validate(bare(remark(), version)).error(), no_unsigned_validator().error());
    }
    const auto time = RuntimeCall::make(Timestamp::index(), 0, Compact<Moment>{1});
    EXPECT_EQ(validate(bare(time)).error(), why<Reason::mandatory_validation>());
    // The plain extensions of a general one do not say who sent it.
    const Bytes plain = sign(remark());
    constexpr std::size_t kSenderBytes = 1 + 33 + 65;  // format, address, signature
    Bytes general{0x45, kExtensionsVersion};
    append(general, ByteView(plain).subspan(kSenderBytes));
    EXPECT_EQ(validate(general).error(), why<Reason::unknown_origin>());
    EXPECT_EQ(refusal(general), why<Reason::unknown_origin>());
    general[1] = kVerifyingExtensionsVersion + 1;
    EXPECT_EQ(refusal(general), why<Reason::call>());
    Bytes later = plain;
    later[0] = 0x86;
    EXPECT_EQ(refusal(later), why<Reason::call>());
}
/// By the definitions of the field, in literal bytes: what a general one is and what it signs.
TEST_F(Transactions, that_are_general_are_laid_out_and_signed_as_in_the_field) {
    nonce.nonce.value = 0;
    const Hash genesis = System::block_hash.get(0);
    const Bytes extensions_sent{0x00, 0x00, 0x00, 0x00};  // immortal, nonce 0, no tip, no hash
    Bytes payload{0x01};                                  // the version of the extensions
    append(payload, remark().encoded());
    append(payload, extensions_sent);
    append_le(payload, config::kSpecVersion);
    append_le(payload, config::kTransactionVersion);
    append(payload, genesis);
    append(payload, genesis);  // where an immortal era begins
    payload.push_back(0x00);   // no hash of the metadata
    const auto signature = pair.sign(host::blake2_256(payload).view());
    Bytes general{0x45, 0x01, 0x00, 0x00};  // general, version, Signed, Ed25519
    append(general, signature.view());
    append(general, who);
    append(general, extensions_sent);
    append(general, remark().encoded());
    EXPECT_TRUE(validate(general));
    const auto applied = apply(general);
    ASSERT_TRUE(applied && *applied);
    EXPECT_EQ(System::account.get(who).nonce, 1U);
    EXPECT_LT(Balances::free_balance(who), kRich);
    EXPECT_EQ(refusal(general), why<Reason::stale>());
}
TEST_F(Transactions, that_are_general_are_refused_with_the_reason) {
    const Bytes good = walk::general_extrinsic(pair, pay(kUnit), extensions);
    constexpr std::size_t kVersion = 1;
    constexpr std::size_t kAuthority = 2;
    constexpr std::size_t kSignature = 4;
    constexpr std::size_t kAccount = kSignature + 64;
    const auto changed = [&](std::size_t place, std::uint8_t by) {
        Bytes bytes = good;
        bytes[place] ^= by;
        return bytes;
    };
    for (const std::size_t place : {kSignature, kAccount, good.size() - 1}) {
        EXPECT_EQ(refusal(changed(place, 1)), why<Reason::bad_proof>()) << place;
    }
    EXPECT_EQ(refusal(changed(kVersion, 2)), why<Reason::call>());
    EXPECT_EQ(refusal(changed(kAuthority, 2)), why<Reason::call>());
    // The signature of format 4 is over other bytes.
    Bytes borrowed = good;
    const Bytes plain = walk::signed_extrinsic(pair, pay(kUnit), extensions);
    std::copy_n(plain.begin() + 35, 64, borrowed.begin() + kSignature);
    EXPECT_EQ(refusal(borrowed), why<Reason::bad_proof>());
    // Without a signature nobody sends it.
    Bytes disabled{0x45, kVerifyingExtensionsVersion, 1};
    append(disabled, ByteView(good).subspan(kAccount + AccountId::kSize));
    EXPECT_EQ(validate(disabled).error(), why<Reason::unknown_origin>());
    EXPECT_EQ(refusal(disabled), why<Reason::unknown_origin>());
    EXPECT_TRUE(apply(good));
}
TEST_F(Transactions, of_a_class_have_their_share_of_a_block) {
    const BlockWeights limits = System::block_weights();
    Sudo::key.set(who);
    const auto operational = RuntimeCall::make(
        Sudo::index(), 0, RuntimeCall::make(System::index(), 1, std::uint64_t{64}));
    ASSERT_EQ(operational.info().kind, DispatchClass::operational);
    const auto fill = [&](auto&& change) {
        PerClass<Weight> spent;
        change(spent);
        System::block_weight.set(spent);
    };
    // Normal ones stop at three quarters, where operational ones go on.
    fill([&](auto& spent) { spent.normal = *limits.per_class.normal.max_total; });
    EXPECT_EQ(refusal(sign(remark())), why<Reason::exhausts_resources>());
    EXPECT_TRUE(apply(sign(operational)));
    nonce.nonce.value = 1;
    // Above a full block they have a reserve of their own, and no more than that.
    fill([&](auto& spent) { spent.mandatory = limits.max_block; });
    EXPECT_EQ(refusal(sign(remark())), why<Reason::exhausts_resources>());
    EXPECT_TRUE(apply(sign(operational)));
    nonce.nonce.value = 2;
    fill([&](auto& spent) {
        spent.mandatory = limits.max_block;
        spent.operational = *limits.per_class.operational.reserved;
    });
    EXPECT_EQ(refusal(sign(operational)), why<Reason::exhausts_resources>());
    // The second dimension counts as the first does.
    fill([&](auto& spent) {
        spent.normal.proof_bytes = limits.per_class.normal.max_total->proof_bytes;
    });
    EXPECT_EQ(refusal(sign(pay(kUnit))), why<Reason::exhausts_resources>());
}
TEST_F(Transactions, of_more_bytes_than_their_share_are_refused) {
    const std::uint32_t most = System::block_length().max.normal;
    EXPECT_EQ(validate(sign(remark(most))).error(), why<Reason::exhausts_resources>());
    System::all_extrinsics_len.set(most - 100);
    EXPECT_EQ(refusal(sign(remark())), why<Reason::exhausts_resources>());
}

TEST(FeeMultiplier, rises_with_full_blocks_and_falls_to_its_floor_with_empty_ones) {
    TestBlock block;
    const auto now = [] { return TransactionPayment::next_fee_multiplier.get(); };
    EXPECT_EQ(now(), FixedU128::one());
    PerClass<Weight> full;
    full.normal = *System::block_weights().per_class.normal.max_total;
    System::block_weight.set(full);
    TransactionPayment::on_finalize(1);
    EXPECT_GT(now(), FixedU128::one());
    System::block_weight.set({});
    TransactionPayment::on_finalize(2);
    TransactionPayment::on_finalize(3);
    TransactionPayment::on_finalize(4);
    const FixedU128 lower = now();
    EXPECT_LT(lower, FixedU128::one());
    TransactionPayment::next_fee_multiplier.set({FixedU128::kOne / 10});
    TransactionPayment::on_finalize(5);
    EXPECT_EQ(now().inner, FixedU128::kOne / 10);
}

}  // namespace
}  // namespace stipple::runtime
