#include "chain/spec/genesis.hpp"

#include "chain/spec/json_text.hpp"
#include "chain/spec/limits.hpp"
#include "crypto/hash.hpp"

#include <fmt/format.h>

namespace stipple::chain {
namespace {

template <class T>
using Built = std::expected<T, SpecError>;

std::unexpected<SpecError> wrong(std::string where, std::string problem) {
    return std::unexpected(SpecError{std::move(where), std::move(problem)});
}

Built<std::shared_ptr<const executor::Runtime>> runtime_of(const RawGenesis& genesis,
                                                           executor::Executor& executor) {
    const auto code = genesis.top.find(as_bytes(state::kCodeKey));
    if (code == genesis.top.end()) {
        return wrong("genesis.raw.top[:code]", "missing: the chain has no runtime");
    }
    std::optional<std::uint64_t> heap_pages;
    const auto pages = genesis.top.find(as_bytes(state::kHeapPagesKey));
    if (pages != genesis.top.end() && pages->second.size() == sizeof(std::uint64_t)) {
        heap_pages = load_le<std::uint64_t>(pages->second);
    }
    auto runtime = executor.runtime(code->second, heap_pages);
    if (!runtime) {
        return wrong("genesis.raw.top[:code]", runtime.error().message);
    }
    return *std::move(runtime);
}

/// A runtime that is asked to build a genesis, over no state at all.
class Builder {
 public:
    static Built<Builder> create(ByteView code, executor::Executor& executor) {
        auto runtime = executor.runtime(code, std::nullopt);
        if (!runtime) {
            return wrong("genesis.runtimeGenesis.code", runtime.error().message);
        }
        return Builder(*std::move(runtime));
    }

    Built<Bytes> call(std::string_view method, ByteView arguments) {
        if (!runtime_->has_export(method)) {
            return wrong("genesis", fmt::format("the runtime {} lacks {}: use a raw specification",
                                                runtime_->version().spec_name, method));
        }
        auto answer = runtime_->call(method, arguments, overlay_, {});
        if (!answer) {
            return wrong("genesis", fmt::format("{}: {}", method, answer.error().message));
        }
        return *std::move(answer);
    }

    Built<std::string> preset(const std::optional<std::string>& name) {
        TRY_ASSIGN(const Bytes answer, call("GenesisBuilder_get_preset", scale::encode(name)));
        const auto json = scale::decode<std::optional<Bytes>>(answer);
        if (!json.has_value()) {
            return wrong("genesis", "the answer of GenesisBuilder_get_preset does not decode");
        }
        const std::optional<Bytes>& text = *json;
        if (!text.has_value()) {
            return wrong("genesis", fmt::format("the runtime has no preset \"{}\"",
                                                name.value_or("(default)")));
        }
        if (text->size() > kPresetBytesMax || !is_json(as_text(*text))) {
            return wrong("genesis", "the runtime's preset is not JSON");
        }
        return std::string(as_text(*text));
    }

    Built<state::Difference> build(const std::string& config) {
        TRY_ASSIGN(const Bytes answer, call("GenesisBuilder_build_state", scale::encode(config)));
        scale::Decoder in(answer);
        const std::uint8_t failed = in.u8();
        std::string reason;
        if (failed == 1) {
            scale::decode_from(in, reason);
        }
        if (!in.finish() || failed > 1) {
            return wrong("genesis", "the answer of GenesisBuilder_build_state does not decode");
        }
        if (failed == 1) {
            return wrong("genesis.runtimeGenesis", reason);
        }
        auto difference = overlay_.difference(state::StateVersion::v0);  // only values are used
        if (!difference) {
            return wrong("genesis", difference.error().message());
        }
        return *std::move(difference);
    }

 private:
    explicit Builder(std::shared_ptr<const executor::Runtime> runtime)
        : runtime_(std::move(runtime)), overlay_(nothing()) {}
    static const state::Reader& nothing() {
        static const state::MemoryState empty;
        return empty;
    }
    std::shared_ptr<const executor::Runtime> runtime_;
    state::Overlay overlay_;
};

RawGenesis storage_of(const state::Difference& built) {
    RawGenesis genesis;
    for (const auto& [trie, changes] : built.tries) {
        auto& pairs = trie.is_main() ? genesis.top : genesis.children[trie];
        for (const auto& [key, value] : changes.values) {
            const bool is_child_root =
                trie.is_main() && starts_with(key, as_bytes(state::kChildStoragePrefix));
            if (value && !is_child_root) {
                pairs.emplace(to_bytes(key), to_bytes(value->bytes));
            }
        }
    }
    std::erase_if(genesis.children, [](const auto& child) { return child.second.empty(); });
    return genesis;
}

Built<RawGenesis> build_storage(const RuntimeGenesis& plan, executor::Executor& executor) {
    TRY_ASSIGN(Builder builder, Builder::create(plan.code, executor));
    std::string config = plan.json;
    if (plan.kind != RuntimeGenesis::Kind::full) {
        TRY_ASSIGN(config, builder.preset(std::nullopt));
        if (plan.kind == RuntimeGenesis::Kind::preset) {
            TRY_ASSIGN(const std::string preset, builder.preset(plan.preset));
            config = json_merge(config, preset);
        }
        if (!plan.json.empty()) {
            config = json_merge(config, plan.json);
        }
    }
    TRY_ASSIGN(const state::Difference built, builder.build(config));
    RawGenesis genesis = storage_of(built);
    genesis.top.insert_or_assign(to_bytes(state::kCodeKey), plan.code);
    return genesis;
}

}  // namespace

std::expected<RawGenesis, SpecError> genesis_storage(const ChainSpec& spec,
                                                     executor::Executor& executor) {
    if (const auto* raw = std::get_if<RawGenesis>(&spec.genesis)) {
        return *raw;
    }
    if (const auto* plan = std::get_if<RuntimeGenesis>(&spec.genesis)) {
        return build_storage(*plan, executor);
    }
    return wrong("genesis",
                 "a light specification has only the state root: a full node needs the "
                 "genesis state (\"raw\")");
}

std::expected<Genesis, SpecError> build_genesis(const ChainSpec& spec,
                                                executor::Executor& executor) {
    TRY_ASSIGN(RawGenesis storage, genesis_storage(spec, executor));
    Genesis genesis;
    TRY_ASSIGN(genesis.runtime, runtime_of(storage, executor));
    const auto version =
        genesis.runtime->version().state_v1() ? state::StateVersion::v1 : state::StateVersion::v0;
    const state::MemoryState whole(std::move(storage.top), std::move(storage.children), version);
    genesis.state = whole.as_difference();
    genesis.header.state_root = HeaderStateRoot(genesis.state.root.bytes);
    genesis.header.extrinsics_root = ExtrinsicsRoot(state::empty_trie_root().bytes);
    genesis.hash = genesis.header.hash();
    return genesis;
}

std::expected<std::vector<std::string>, SpecError> preset_names(ByteView code,
                                                                executor::Executor& executor) {
    TRY_ASSIGN(Builder builder, Builder::create(code, executor));
    TRY_ASSIGN(const Bytes answer, builder.call("GenesisBuilder_preset_names", {}));
    auto names = scale::decode<std::vector<std::string>>(answer);
    if (!names) {
        return wrong("genesis", "the answer of GenesisBuilder_preset_names does not decode");
    }
    return *std::move(names);
}

std::expected<std::string, SpecError> genesis_preset(ByteView code,
                                                     const std::optional<std::string>& name,
                                                     executor::Executor& executor) {
    TRY_ASSIGN(Builder builder, Builder::create(code, executor));
    return builder.preset(name);
}

crypto::Hash256 genesis_fingerprint(const ChainSpec& spec) {
    Bytes text;
    text.push_back(static_cast<std::uint8_t>(spec.genesis.index()));
    if (const auto* raw = std::get_if<RawGenesis>(&spec.genesis)) {
        scale::encode_to(text, raw->top);
        scale::encode_compact(text, raw->children.size());
        for (const auto& [trie, pairs] : raw->children) {
            scale::encode_to(text, trie.child_key);
            scale::encode_to(text, pairs);
        }
    } else if (const auto* plan = std::get_if<RuntimeGenesis>(&spec.genesis)) {
        text.push_back(static_cast<std::uint8_t>(plan->kind));
        scale::encode_to(text, plan->code);
        scale::encode_to(text, plan->json);
        scale::encode_to(text, plan->preset);
    } else {
        append(text, std::get<RootOnlyGenesis>(spec.genesis).root);
    }
    return crypto::blake2b_256(text);
}

}  // namespace stipple::chain
