// Host functions called from Wasm: what they read, write, answer and refuse.
#include "crypto/hash.hpp"
#include "executor/real_runtimes.hpp"
#include "executor/signature_claim.hpp"
#include "executor/small_module.hpp"
#include "state/trie/trie.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stipple::executor {
namespace {

using namespace testing;  // NOLINT: the byte codes
using ::testing::HasSubstr;

constexpr std::uint32_t kData = 1024;

Bytes concat(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) {
        append(out, part);
    }
    return out;
}
Bytes push_i32(std::uint32_t value) {
    Bytes out{kI32Const};
    append_leb(out, static_cast<std::int32_t>(value));
    return out;
}
Bytes text(std::string_view value) {
    return to_bytes(value);
}

/// One call of one host function; its result comes back as the result of the runtime call.
struct OneCall {
    std::string name;
    FunctionType type;
    Bytes data;       ///< at kData
    Bytes arguments;  ///< instructions
};

class HostFunctions : public ::testing::Test {
 protected:
    std::expected<Bytes, CallError> run(const OneCall& one) {
        Bytes code = concat({one.arguments, {kCall, 0}});
        if (one.type.results.empty()) {
            append(code, push_slice(0, 0));
        } else if (one.type.results == "i") {
            append(code, Bytes{0xad});  // i64.extend_i32_u: an address or number with length 0
        }
        const Bytes wasm = SmallModule()
                               .import(one.name, one.type.params, one.type.results)
                               .data(one.data)
                               .code(code)
                               .wasm();
        const auto runtime = shared_executor().runtime(wasm, 16);
        if (!runtime) {
            return std::unexpected(
                CallError{CallErrorKind::environment, runtime.error().message, {}});
        }
        return (*runtime)->call("run", {}, overlay_, context_);
    }
    /// For functions that answer 0 or 1: an address beyond the memory is a bad result, so the
    /// number is turned into a length.
    bool truth(OneCall one) {
        const Bytes code = concat({one.arguments, {kCall, 0, 0xad, kI64Const, 32, 0x86}});
        const auto runtime =
            shared_executor().runtime(SmallModule()
                                          .import(one.name, one.type.params, one.type.results)
                                          .data(one.data)
                                          .code(code)
                                          .wasm(),
                                      16);
        CHECK(runtime.has_value());
        const auto answer = (*runtime)->call("run", {}, overlay_, context_);
        CHECK(answer.has_value());
        return answer->size() == 1;
    }

    state::MemoryState below_{
        {{text("a1"), text("one")}, {text("a2"), text("two")}, {text("b"), text("three")}},
        {},
        state::StateVersion::v0};
    state::Overlay overlay_{below_};
    CallContext context_;
};

TEST_F(HostFunctions, storage_get_answers_an_option) {
    const auto get = [&](std::string_view key) {
        return *run({"ext_storage_get_version_1",
                     {"I", "I"},
                     text(key),
                     push_slice(kData, static_cast<std::uint32_t>(key.size()))});
    };
    EXPECT_EQ(get("a1"), concat({{1, 12}, text("one")}));
    EXPECT_EQ(get("zz"), Bytes{0});
    overlay_.set(state::TrieId::main(), as_bytes("e"), Bytes{});
    EXPECT_EQ(get("e"), (Bytes{1, 0}));
    for (const std::size_t length : {63U, 64U, 16383U, 16384U}) {
        const Bytes value(length, 5);
        overlay_.set(state::TrieId::main(), as_bytes("long"), value);
        EXPECT_EQ(get("long"), scale::encode(std::optional(value))) << length;
    }
}
TEST_F(HostFunctions, storage_read_answers_what_is_left_after_the_offset) {
    const auto read = [&](std::uint32_t offset) {
        return *run({"ext_storage_read_version_1",
                     {"IIi", "I"},
                     text("b"),
                     concat({push_slice(kData, 1), push_slice(2048, 2), push_i32(offset)})});
    };
    EXPECT_EQ(read(0), (Bytes{1, 5, 0, 0, 0}));
    EXPECT_EQ(read(4), (Bytes{1, 1, 0, 0, 0}));
    EXPECT_EQ(read(99), (Bytes{1, 0, 0, 0, 0}));
}
TEST_F(HostFunctions, clear_prefix_counts_and_spares_child_roots) {
    const auto clear = [&](std::string_view prefix, Bytes limit) {
        const auto size = static_cast<std::uint32_t>(prefix.size());
        return *run({"ext_storage_clear_prefix_version_2",
                     {"II", "I"},
                     concat({text(prefix), limit}),
                     concat({push_slice(kData, size),
                             push_slice(kData + size, static_cast<std::uint32_t>(limit.size()))})});
    };
    EXPECT_EQ(clear("", {0}), (Bytes{0, 0, 0, 0, 0}));
    EXPECT_EQ(clear(":chi", {0}), (Bytes{0, 0, 0, 0, 0}));
    EXPECT_TRUE(*overlay_.exists(state::TrieId::main(), as_bytes("a1")));
    EXPECT_EQ(clear("a", {1, 1, 0, 0, 0}), (Bytes{1, 1, 0, 0, 0}));
    EXPECT_EQ(clear("a", {0}), (Bytes{0, 2, 0, 0, 0}));
    EXPECT_FALSE(*overlay_.exists(state::TrieId::main(), as_bytes("a2")));
}
TEST_F(HostFunctions, next_key_walks_on) {
    const auto next = [&](std::string_view key) {
        return *run({"ext_storage_next_key_version_1",
                     {"I", "I"},
                     text(key),
                     push_slice(kData, static_cast<std::uint32_t>(key.size()))});
    };
    EXPECT_EQ(next("a1"), concat({{1, 8}, text("a2")}));
    EXPECT_EQ(next("a3"), concat({{1, 4}, text("b")}));
    EXPECT_EQ(next("b"), Bytes{0});
}
TEST_F(HostFunctions, storage_root_takes_versions_zero_and_one) {
    const auto root = [&](std::uint32_t version) {
        return run({"ext_storage_root_version_2", {"i", "I"}, {}, push_i32(version)});
    };
    EXPECT_EQ(*root(0), to_bytes(*below_.root(state::TrieId::main())));
    EXPECT_TRUE(root(1));
    EXPECT_THAT(root(2).error().message, HasSubstr("unknown state version"));
}
TEST_F(HostFunctions, child_tries_are_written_beside_the_main_trie) {
    const OneCall set{
        "ext_default_child_storage_set_version_1",
        {"III", ""},
        text("ckv"),
        concat({push_slice(kData, 1), push_slice(kData + 1, 1), push_slice(kData + 2, 1)})};
    ASSERT_TRUE(run(set));
    EXPECT_EQ(*overlay_.get(state::TrieId{text("c")}, as_bytes("k")), text("v"));
    EXPECT_FALSE(*overlay_.exists(state::TrieId::main(), as_bytes("k")));
    OneCall nameless = set;
    nameless.arguments =
        concat({push_slice(kData, 0), push_slice(kData + 1, 1), push_slice(kData + 2, 1)});
    EXPECT_THAT(run(nameless).error().message, HasSubstr("empty child trie key"));
}
TEST_F(HostFunctions, hashes_answer_on_the_heap) {
    const Bytes code = concat({push_slice(kData, 3),
                               {kCall, 0, 0xad, kI64Const},
                               [] {
                                   Bytes size;
                                   append_leb(size, std::int64_t{32} << 32);
                                   return size;
                               }(),
                               {0x84}});
    const auto runtime =
        shared_executor().runtime(SmallModule()
                                      .import("ext_hashing_blake2_256_version_1", "I", "i")
                                      .data(text("abc"))
                                      .code(code)
                                      .wasm(),
                                  16);
    ASSERT_TRUE(runtime);
    EXPECT_EQ(*(*runtime)->call("run", {}, overlay_, context_),
              to_bytes(crypto::blake2b_256(as_bytes("abc"))));
}

/// Remembers verdicts and says what it was asked.
class OneVerdict final : public SignatureCachePort {
 public:
    std::optional<bool> find(const crypto::Hash256& claim) const override {
        return claim == known ? std::optional(true) : std::nullopt;
    }
    void insert(const crypto::Hash256& claim, bool valid) override {
        inserted = claim;
        verdict = valid;
    }
    crypto::Hash256 known;
    crypto::Hash256 inserted;
    std::optional<bool> verdict;
};
TEST_F(HostFunctions, signature_verdicts_are_looked_up_and_kept) {
    OneVerdict cache;
    context_.signatures = &cache;
    const Bytes signature(64, 1);
    const Bytes key(32, 2);
    const OneCall verify{
        "ext_crypto_sr25519_verify_version_2",
        {"iIi", "i"},
        concat({signature, key, text("msg")}),
        concat({push_i32(kData), push_slice(kData + 96, 3), push_i32(kData + 64)})};
    EXPECT_FALSE(truth(verify));
    EXPECT_EQ(cache.verdict, false);
    EXPECT_EQ(cache.inserted,
              signature_claim(SignatureScheme::sr25519, key, signature, as_bytes("msg")));
    cache.known = cache.inserted;  // a cache is believed: its verdicts come from the same rules
    EXPECT_TRUE(truth(verify));
}
TEST_F(HostFunctions, recovering_from_a_bad_signature_says_which_part_is_bad) {
    Bytes signature(65, 1);
    signature[64] = 9;  // no recovery id
    EXPECT_EQ(*run({"ext_crypto_secp256k1_ecdsa_recover_compressed_version_2",
                    {"ii", "I"},
                    concat({signature, Bytes(32, 3)}),
                    concat({push_i32(kData), push_i32(kData + 65)})}),
              (Bytes{1, 1}));
}
TEST_F(HostFunctions, keys_need_a_keystore) {
    EXPECT_THAT(
        run({"ext_crypto_sr25519_public_keys_version_1", {"i", "I"}, text("babe"), push_i32(kData)})
            .error()
            .message,
        HasSubstr("no keystore"));
}
}  // namespace
}  // namespace stipple::executor
