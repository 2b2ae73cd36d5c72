// A chain for benchmarks: its genesis state in memory, its runtime, signed transactions for it.
#pragma once

#include "chain/spec/genesis.hpp"
#include "consensus/authoring/block_builder.hpp"
#include "consensus/authoring/inherents.hpp"
#include "crypto/suri.hpp"
#include "executor/real_runtimes.hpp"
#include "kit/call.hpp"
#include "kit/extrinsic.hpp"

#include <ctime>
#include <map>

namespace stipple::bench {

using runtime::AccountId;

/// Of this process alone: what else the machine does does not count.
inline double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Every signature is good and known already, as it is in a node whose pool has seen it; or only
/// so many of those that are asked for next, while the others are verified.
class KnownSignatures : public executor::SignatureCachePort {
 public:
    static constexpr std::uint32_t kAll = UINT32_MAX;
    mutable std::uint32_t known_left = kAll;
    std::optional<bool> find(const crypto::Hash256&) const override {
        if (known_left == 0) {
            return std::nullopt;
        }
        known_left -= known_left == kAll ? 0 : 1;
        return true;
    }
    void insert(const crypto::Hash256&, bool) override {}
};

struct BenchChain {
    /// Of the first block.
    static constexpr std::uint64_t kFirstSlot = 300'000'000;

    BenchChain(const chain::ChainSpec& spec, executor::Executor& executor)
        : state([&] {
              auto raw = chain::genesis_storage(spec, executor);
              CHECK(raw.has_value());
              return state::MemoryState(std::move(raw->top), std::move(raw->children),
                                        state::StateVersion::v1);
          }()) {
        auto made = executor.runtime_of(state);
        CHECK(made.has_value());
        runtime = *std::move(made);
        auto genesis = chain::build_genesis(spec, executor);
        CHECK(genesis.has_value());
        header = genesis->header;
    }

    /// A block above genesis that has its inherents. `reader` is the state below or one over it.
    authoring::BlockBuilder begin_block(const state::Reader& reader) const {
        return begin_block(reader, {header.hash(), 0});
    }
    /// Above another block, of which only its number and hash are looked at.
    authoring::BlockBuilder begin_block(const state::Reader& reader, const BlockRef& parent) const {
        auto builder = begin_without_inherents(reader, parent);
        apply_inherents(builder, parent.number);
        return builder;
    }
    authoring::BlockBuilder begin_without_inherents(const state::Reader& reader,
                                                    const BlockRef& parent) const {
        constexpr std::uint8_t kSecondaryPlain = 2;
        Bytes pre_digest{kSecondaryPlain};
        scale::encode_to(pre_digest, std::tuple(std::uint32_t{0}, slot_above(parent.number)));
        auto builder = authoring::BlockBuilder::begin(
            parent, {PreRuntimeDigest{kBabeEngine, pre_digest}}, reader, *runtime, context);
        CHECK(builder.has_value());
        return *std::move(builder);
    }
    void apply_inherents(authoring::BlockBuilder& builder, BlockNumber parent) const {
        constexpr std::uint64_t kSlotMs = 6000;
        const Slot slot = slot_above(parent);
        const auto inherents = builder.apply_inherents(authoring::inherent_data(
            {UnixMillis{slot.value * kSlotMs}, slot, header, 0, std::nullopt}));
        CHECK(inherents.has_value());
    }
    static Slot slot_above(BlockNumber parent) { return Slot(kFirstSlot + parent); }

    Extrinsic signed_by_alice(ByteView call, std::uint32_t nonce) const {
        return signed_by(alice, call, nonce);
    }
    /// With a signature that nobody looks at; the extensions are those that Rococo 1.15 and our
    /// runtime share.
    static Extrinsic signed_by(const AccountId& who, ByteView call, std::uint32_t nonce) {
        constexpr std::uint8_t kSignedV4 = 0x84;
        constexpr std::uint8_t kSr25519 = 1;
        Bytes out{kSignedV4, 0};
        append(out, who.view());
        out.push_back(kSr25519);
        out.resize(out.size() + 64, 1);
        out.push_back(0);  // immortal
        scale::encode_compact(out, nonce);
        out.push_back(0);  // no tip
        out.push_back(0);  // no hash of the metadata
        append(out, call);
        return {std::move(out)};
    }

    state::MemoryState state;
    std::shared_ptr<const executor::Runtime> runtime;
    Header header;
    KnownSignatures signatures;
    executor::CallContext context = [this] {
        executor::CallContext known;
        known.signatures = &signatures;
        return known;
    }();
    AccountId alice = AccountId(crypto::sr25519_from_suri("//Alice")->public_key.bytes);
};

inline Bytes our_code() {
    return testing::read_file(STIPPLE_RUNTIME_PATH);
}
inline chain::ChainSpec our_spec() {
    chain::ChainSpec spec;
    chain::RuntimeGenesis genesis;
    genesis.code = our_code();
    genesis.kind = chain::RuntimeGenesis::Kind::preset;
    genesis.preset = "development";
    spec.genesis = std::move(genesis);
    return spec;
}
inline const BenchChain& our_chain() {
    static const BenchChain chain(our_spec(), executor::testing::shared_executor());
    return chain;
}

}  // namespace stipple::bench
