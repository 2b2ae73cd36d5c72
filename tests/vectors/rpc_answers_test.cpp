// Two chains made by the Rust node: its answers to some two thousand requests, asked again of the
// JSON-RPC service over the same blocks. Whatever differs is listed with its reason.
#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "crypto/hash.hpp"
#include "rpc/subscriptions/service.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <fstream>

namespace stipple::rpc {
namespace {

namespace json = boost::json;
using chain::testing::exported_blocks;
using chain::testing::shared_executor;
using chain::testing::spec_at;
using chain::testing::to_import;

/// Methods whose answers are not compared, or not as they are.
enum class Treatment : std::uint8_t { not_served, shape_only };
struct Deviation {
    std::string_view method;
    Treatment treatment;
    std::string_view reason;
};
constexpr Deviation kDeviations[] = {
    {"state_traceBlock", Treatment::shape_only,
     "executions are numbered at random; the test below compares all but that"},
    {"grandpa_proveFinality", Treatment::not_served,
     "a port of the finality gadget, which this test has not"},
    {"rpc_methods", Treatment::shape_only, "lists what this node serves"},
};

/// A pool that takes nothing: what comes before the pool is what is compared.
class EmptyPool final : public PoolPort {
 public:
    RpcResult<ExtrinsicHash> submit(Extrinsic /*extrinsic*/) override {
        return std::unexpected(RpcError{
            1002,
            "Verification Error: Runtime error: Execution failed: Execution aborted due to "
            "trap: wasm trap: wasm `unreachable` instruction executed"});
    }
    RpcResult<std::uint64_t> submit_and_watch(Extrinsic /*extrinsic*/,
                                              Watcher /*watcher*/) override {
        return std::unexpected(internal_error());
    }
    void unwatch(std::uint64_t /*watch*/) override {}
    std::vector<Extrinsic> ready() const override { return {}; }
    bool provides(ByteView /*tag*/) const override { return false; }
    std::vector<ExtrinsicHash> remove(std::span<const ExtrinsicHash> /*hashes*/) override {
        return {};
    }
};

/// Offchain storage that nothing was written to, as on a node that only imported.
class EmptyOffchain final : public executor::OffchainStoragePort {
 public:
    std::optional<Bytes> get(ByteView /*key*/) const override { return std::nullopt; }
    void set(ByteView /*key*/, std::optional<Bytes> /*value*/) override {}
    bool compare_and_set(ByteView /*key*/, const std::optional<Bytes>& /*expected*/,
                         Bytes /*value*/) override {
        return false;
    }
};

/// Compact text with sorted keys.
void append_sorted(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        std::map<std::string_view, const json::value*> members;
        for (const auto& member : *object) {
            members[std::string_view(member.key())] = &member.value();
        }
        out.push_back('{');
        for (const auto& [key, member] : members) {
            out.append(out.back() == '{' ? "" : ",");
            append_json_string(out, key);
            out.push_back(':');
            append_sorted(out, *member);
        }
        out.push_back('}');
    } else if (const auto* array = value.if_array()) {
        out.push_back('[');
        for (const json::value& item : *array) {
            out.append(&item == array->data() ? "" : ",");
            append_sorted(out, item);
        }
        out.push_back(']');
    } else {
        out.append(json::serialize(value));
    }
}

std::string sorted_text(const json::value& value) {
    std::string out;
    append_sorted(out, value);
    return out;
}

/// Errors compare by code and by the first lines of their texts: behind them are Wasm frames.
json::value without_frames(const json::value& error) {
    json::value out = error;
    for (auto& member : out.as_object()) {
        if (auto* text = member.value().if_string()) {
            const std::size_t frames = std::string_view(*text).find("\nWASM backtrace");
            if (frames != std::string_view::npos) {
                text->resize(frames);
            }
        }
    }
    // Of a pool that has validated, only the text of the error is recorded alike.
    out.as_object().erase("data");
    return out;
}

/// Proofs are sets of nodes.
json::value with_sorted_proof(json::value value) {
    json::array& nodes = value.as_object().at("proof").as_array();
    std::vector<json::value> sorted(nodes.begin(), nodes.end());
    std::ranges::sort(sorted, {}, [](const json::value& node) {
        return std::string(std::string_view(node.as_string()));
    });
    nodes = json::array(sorted.begin(), sorted.end());
    return value;
}

struct Replay {
    std::size_t compared = 0;
    std::map<std::string, std::size_t> deviating;
};

std::string shortened(std::string text) {
    return text.size() > 300 ? text.substr(0, 300) + "…" : text;
}

/// True when our answer is the recorded one.
bool same_answer(const json::object& recorded, const json::object& ours) {
    if (const auto* error = recorded.if_contains("error")) {
        const auto* mine = ours.if_contains("error");
        if (mine == nullptr) {
            return false;
        }
        const bool has_frames = json::serialize(*error).find("WASM backtrace") != std::string::npos;
        return has_frames ? without_frames(*mine) == without_frames(*error) : *mine == *error;
    }
    const auto* mine = ours.if_contains("result");
    if (mine == nullptr) {
        return false;
    }
    const bool proof = recorded.at("method") == "state_getReadProof";
    const json::value result = proof ? with_sorted_proof(*mine) : *mine;
    if (const auto* digest = recorded.if_contains("result_sha256")) {
        return to_hex(crypto::sha2_256(as_bytes(sorted_text(result)))) ==
               std::string_view(digest->as_string());
    }
    const json::value& expected = recorded.at("result");
    return result == (proof ? with_sorted_proof(expected) : expected);
}

/// The params as they were sent, white space included: error positions count it.
std::string_view raw_params(std::string_view line) {
    constexpr std::string_view kName = "\"params\": ";
    JsonScanner scanner(line.substr(line.find(kName) + kName.size()));
    return scanner.value().value_or("[]");
}

void replay_file(const RpcService& service, const std::filesystem::path& path, Replay& replay) {
    std::ifstream file(path);
    std::string line;
    std::map<std::string, std::size_t> failures;
    while (std::getline(file, line)) {
        const json::object recorded = json::parse(line).as_object();
        const std::string method(recorded.at("method").as_string());
        const auto* deviation = std::ranges::find(kDeviations, method, &Deviation::method);
        if (deviation != std::end(kDeviations)) {
            ++replay.deviating[method];
            continue;
        }
        const std::string request = R"({"jsonrpc":"2.0","id":1,"method":")" + method +
                                    R"(","params":)" + std::string(raw_params(line)) + "}";
        bool malformed = false;
        const std::string answer = service.answer(request, true, malformed);
        ++replay.compared;
        if (!same_answer(recorded, json::parse(answer).as_object()) && ++failures[method] <= 3) {
            ADD_FAILURE() << shortened(request) << "\n  ours:     " << shortened(answer)
                          << "\n  recorded: " << shortened(line.substr(line.find("status")));
        }
    }
    for (const auto& [method, count] : failures) {
        ADD_FAILURE() << method << ": " << count << " different answers";
    }
}

/// A chain of exported blocks in memory, with the service over it.
struct ReplayedChain {
    chain::ChainSpec spec;
    MemoryStore database;
    std::unique_ptr<chain::Chain> chain;
    EmptyPool pool;
    EmptyOffchain offchain;
    std::unique_ptr<RpcContext> context;
    std::unique_ptr<RpcService> service;

    ReplayedChain(std::string_view spec_file, const std::filesystem::path& blocks,
                  BlockNumber finalized)
        : spec(spec_at(spec_file)) {
        chain::ChainConfig config;
        config.state.pruning.mode = state::store::Pruning::Mode::archive;
        auto opened = chain::Chain::open(database, spec, shared_executor(), config);
        CHECK(opened.has_value());
        chain = *std::move(opened);
        for (const auto& block : exported_blocks(blocks)) {
            CHECK(chain->import_block(to_import(block, *chain)).has_value());
        }
        CHECK(chain->finalize(**chain->canonical_hash(finalized), std::nullopt).has_value());
        context = std::make_unique<RpcContext>(
            RpcContext{.chain = *chain, .node = {.name = "Parity Polkadot", .version = "1"}});
        context->pool = &pool;
        context->offchain_storage = &offchain;
        context->is_archive = true;
        service = std::make_unique<RpcService>(ServiceConfig{}, *context, Seed{1}, nullptr);
    }
};

TEST(RpcAnswers, are_those_of_the_rust_node_on_rococo_dev) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/answers.jsonl");
    const ReplayedChain replayed("rococo-dev-1.14.json", path.parent_path() / "blocks.bin", 95);
    Replay replay;
    replay_file(*replayed.service, path, replay);
    EXPECT_GE(replay.compared, 760U);
    EXPECT_LE(replay.deviating["grandpa_proveFinality"], 11U);
}

/// The numbers of executions have four digits, the answer's size is recorded: nothing else can
/// differ in length.
TEST(RpcAnswers, trace_as_many_accesses_of_a_block_as_the_rust_node) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-local-chain/answers.jsonl");
    const ReplayedChain replayed("rococo-local-bulk-1.15.json", path.parent_path() / "blocks.bin",
                                 104);
    std::ifstream file(path);
    std::size_t found = 0;
    for (std::string line; std::getline(file, line);) {
        const json::object recorded = json::parse(line).as_object();
        if (recorded.at("method") != "state_traceBlock") {
            continue;
        }
        ++found;
        const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"state_traceBlock",)"
                                    R"("params":)" +
                                    std::string(raw_params(line)) + "}";
        bool malformed = false;
        const json::value answer = json::parse(replayed.service->answer(request, true, malformed));
        ASSERT_NE(answer.as_object().if_contains("result"), nullptr) << json::serialize(answer);
        EXPECT_EQ(sorted_text(answer.at("result")).size(),
                  recorded.at("result_bytes").to_number<std::size_t>());
        const std::string refused = replayed.service->answer(request, false, malformed);
        EXPECT_NE(refused.find("unsafe"), std::string::npos) << refused;
    }
    EXPECT_EQ(found, 1U);
}

TEST(RpcAnswers, are_those_of_the_rust_node_on_rococo_local) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-local-chain/answers.jsonl");
    const ReplayedChain replayed("rococo-local-bulk-1.15.json", path.parent_path() / "blocks.bin",
                                 104);
    Replay replay;
    replay_file(*replayed.service, path, replay);
    EXPECT_GE(replay.compared, 700U);
}

TEST(RpcAnswers, to_odd_bodies_are_those_of_the_rust_node) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/protocol.json");
    const ReplayedChain replayed("rococo-dev-1.14.json", path.parent_path() / "blocks.bin", 95);
    const json::value rows = testing::read_json(path);
    for (const json::value& row : rows.as_array()) {
        // Recorded as Latin-1: each character is a byte.
        std::string body;
        const std::string text(row.at("body").as_string());
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<std::uint8_t>(text[i]);
            if (byte < 0x80) {
                body.push_back(text[i]);
            } else {
                const auto next = static_cast<std::uint8_t>(text[++i]);
                body.push_back(static_cast<char>((byte & 3) << 6 | (next & 0x3f)));
            }
        }
        bool malformed = false;
        const std::string answer = replayed.service->answer(body, true, malformed);
        EXPECT_EQ(answer, std::string_view(row.at("answer").as_string())) << body;
        EXPECT_EQ(malformed ? 400 : 200, row.at("status").as_int64()) << body;
    }
}

TEST(RpcAnswers, refuse_unsafe_methods_and_unbounded_pages) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const ReplayedChain replayed("rococo-dev-1.14.json", path, 95);
    const auto ask = [&](std::string_view method, std::string_view params) {
        bool malformed = false;
        return replayed.service->answer("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" +
                                            std::string(method) +
                                            "\",\"params\":" + std::string(params) + "}",
                                        false, malformed);
    };
    const std::string denied = R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,)"
                               R"("message":"RPC call is unsafe to be called externally"}})";
    EXPECT_EQ(ask("state_getPairs", "[\"0x\"]"), denied);
    EXPECT_EQ(ask("system_dryRun", "[\"0x\"]"), denied);
    EXPECT_NE(ask("state_getKeysPaged", "[\"0x\",1000000]").find("4002"), std::string::npos);
    EXPECT_NE(ask("chain_getBlockHash", "[4294967296]").find("3001"), std::string::npos);
    EXPECT_EQ(ask("chain_getBlockHash", "[\"0x2\"]"), ask("chain_getBlockHash", "{\"hash\":2}"));
}

TEST(RpcAnswers, list_every_served_method_once_and_none_the_rust_node_has_not) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/answers.jsonl");
    const ReplayedChain replayed("rococo-dev-1.14.json", path.parent_path() / "blocks.bin", 95);
    const auto& names = replayed.service->registry().names();
    EXPECT_TRUE(std::ranges::is_sorted(names));
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        const json::object row = json::parse(line).as_object();
        if (row.at("method") != "rpc_methods") {
            continue;
        }
        std::set<std::string> theirs;
        for (const json::value& name : row.at("result").at("methods").as_array()) {
            theirs.emplace(name.as_string());
        }
        // The specification's name of what the Rust node calls storageDiff_stopStorageDiff.
        theirs.emplace("archive_v1_stopStorageDiff");
        for (const std::string_view name : names) {
            EXPECT_TRUE(theirs.contains(std::string(name))) << name;
        }
    }
}

}  // namespace
}  // namespace stipple::rpc
