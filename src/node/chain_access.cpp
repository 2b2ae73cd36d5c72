#include "node/chain_access.hpp"

#include "node/dev_spec.hpp"

#include <charconv>
#include <system_error>
#include <unistd.h>

namespace stipple::node {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::make() {
    std::string pattern = (fs::temp_directory_path() / "stipple-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        return fail("--tmp: cannot make a folder in " + fs::temp_directory_path().string());
    }
    TemporaryFolder folder;
    folder.path_ = pattern;
    return folder;
}

TemporaryFolder::~TemporaryFolder() {
    if (!path_.empty()) {
        std::error_code ignored;  // nothing can be done about a leftover temporary folder
        fs::remove_all(path_, ignored);
    }
}

Result<std::unique_ptr<chain::ChainSpec>> load_spec(const SharedConfig& shared) {
    const std::string name = shared.chain.empty() && shared.dev ? "dev" : shared.chain;
    if (name.empty()) {
        return fail(
            "no chain: give a chain specification with --chain FILE, or the built-in `dev` or "
            "`local`");
    }
    if (auto builtin = builtin_spec(name)) {
        return std::make_unique<chain::ChainSpec>(*std::move(builtin));
    }
    auto spec = chain::load_chain_spec(shared.chain);
    if (!spec) {
        return fail("chain specification: " + spec.error().message());
    }
    return std::make_unique<chain::ChainSpec>(*std::move(spec));
}

namespace {

Result<state::store::Pruning> state_pruning(const std::string& text) {
    using Mode = state::store::Pruning::Mode;
    if (text == "archive") {
        return state::store::Pruning{Mode::archive, 0};
    }
    if (text == "archive-canonical") {
        return state::store::Pruning{Mode::archive_canonical, 0};
    }
    std::uint32_t blocks = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), blocks);
    if (error != std::errc() || end != text.data() + text.size()) {
        return fail("--state-pruning `" + text +
                    "`: expected a number of blocks, archive or archive-canonical");
    }
    return state::store::Pruning{Mode::keep_recent, blocks};
}

Result<std::optional<std::uint32_t>> body_pruning(const std::string& text) {
    if (text == "archive" || text == "archive-canonical") {
        return std::nullopt;
    }
    std::uint32_t blocks = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), blocks);
    if (error != std::errc() || end != text.data() + text.size()) {
        return fail("--blocks-pruning `" + text +
                    "`: expected a number of blocks, archive or archive-canonical");
    }
    return blocks;
}

}  // namespace

Result<ChainAccess> open_chain(const SharedConfig& shared, const DatabaseConfig& database,
                               bool create, std::uint32_t runtime_instances) {
    ChainAccess access;
    TRY_ASSIGN(access.spec, load_spec(shared));
    SharedConfig where = shared;
    if (shared.tmp || (shared.dev && shared.base_path.empty())) {
        TRY_ASSIGN(access.temporary, TemporaryFolder::make());
        where.base_path = access.temporary.path();
    }
    access.folder = chain_path(where, access.spec->id);
    std::error_code error;
    if (create) {
        fs::create_directories(access.folder, error);
    }
    if (error || !fs::exists(access.folder)) {
        return fail(
            "no chain data at " + access.folder.string() +
            (error ? ": " + error.message() : std::string(": check --base-path and --chain")));
    }
    chain::ChainConfig config;
    TRY_ASSIGN(config.state.pruning, state_pruning(database.state_pruning));
    TRY_ASSIGN(config.body_pruning, body_pruning(database.blocks_pruning));
    config.state.cache_bytes = database.trie_cache_bytes;

    io::DatabaseOptions options;
    options.cache_bytes = database.db_cache_mib * 1024 * 1024;
    options.create = create;
    auto opened = io::open_database(access.folder / "db", options);
    if (!opened) {
        return fail(opened.error().message);
    }
    access.database = *std::move(opened);

    executor::ExecutorConfig execution;
    execution.cache_dir = access.folder / "code";
    execution.instances_max = runtime_instances + 4;
    TRY_ASSIGN(access.executor, executor::Executor::create(execution));
    TRY_ASSIGN(access.chain,
               chain::Chain::open(*access.database, *access.spec, *access.executor, config));
    return access;
}

Result<BlockRef> find_block(const chain::Chain& chain, const std::string& text) {
    if (text.empty()) {
        return chain.heads().best;
    }
    if (const auto hash = BlockHash::from_hex(text); hash && text.size() >= 64) {
        TRY_ASSIGN(const auto number, chain.number(*hash));
        if (!number) {
            return fail("block " + text + " is not in the database");
        }
        return BlockRef{*hash, *number};
    }
    BlockNumber number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return fail("`" + text + "` is neither a block hash nor a number");
    }
    TRY_ASSIGN(const auto hash, chain.canonical_hash(number));
    if (!hash) {
        return fail("there is no block #" + text + "; the best one is #" +
                    std::to_string(chain.heads().best.number));
    }
    return BlockRef{*hash, number};
}

}  // namespace stipple::node
