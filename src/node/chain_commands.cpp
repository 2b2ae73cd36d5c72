// import-blocks, export-blocks, check-block, export-state, revert, purge-chain, chain-info.
#include "base/log.hpp"
#include "chain/files/export.hpp"
#include "io/clock.hpp"
#include "node/block_pipeline.hpp"
#include "node/chain_access.hpp"
#include "node/commands.hpp"
#include "node/logging.hpp"
#include "node/signature_cache.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <unistd.h>

namespace stipple::node {
namespace {

chain::BlockFileFormat format_of(bool binary) {
    return binary ? chain::BlockFileFormat::binary : chain::BlockFileFormat::json;
}

/// A line that is written over on a terminal, and now and then as a log line elsewhere.
class Progress {
 public:
    void show(std::uint64_t done, std::optional<std::uint64_t> expected, bool last = false) {
        const Instant now = io::now();
        const Duration gap = terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(10);
        if (!last && shown_ && now - *shown_ < gap) {
            return;
        }
        const double seconds = std::chrono::duration<double>(now - began_).count();
        const std::string line =
            fmt::format("{} of {} blocks, {:.1f} blocks/s", done,
                        expected ? std::to_string(*expected) : std::string("?"),
                        seconds > 0 ? static_cast<double>(done) / seconds : 0.0);
        if (terminal_) {
            fmt::print(stderr, "\r\x1b[K{}{}", line, last ? "\n" : "");
        } else if (shown_ || last) {
            log(LogLevel::info, "import", "{}", line);
        }
        shown_ = now;
    }

 private:
    const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
    const Instant began_ = io::now();
    std::optional<Instant> shown_;
};

Result<> import_all(ChainAccess& access, std::istream& input, chain::BlockFileFormat format) {
    if (access.chain->is_stateless()) {
        return fail("a fast sync is under way: run the node until it is done, or purge-chain");
    }
    TRY_ASSIGN(const auto pipeline, BlockPipeline::open(*access.database, *access.chain));
    SignatureCache signatures;
    chain::BlockFileReader reader(input, format);
    Progress progress;
    std::uint64_t known = 0;
    for (;;) {
        TRY_ASSIGN(const auto block, reader.next());
        if (!block) {
            break;
        }
        if (block->block.header.number == 0) {
            continue;  // files of other nodes may begin with genesis
        }
        const auto imported = pipeline->import(*block, io::unix_now(), &signatures);
        if (!imported) {
            if (imported.error().kind != PipelineErrorKind::already_known) {
                return fail("import-blocks: " + imported.error().message);
            }
            ++known;
        } else if (imported->bad_justification) {
            return fail("import-blocks: " + *imported->bad_justification);
        }
        progress.show(reader.blocks_read(), reader.expected());
    }
    progress.show(reader.blocks_read(), reader.expected(), true);
    TRY(access.database->sync());
    const auto heads = access.chain->heads();
    log(LogLevel::info, "import",
        "imported {} blocks ({} known before); best #{} ({}), finalized #{}",
        reader.blocks_read() - known, known, heads.best.number, heads.best.hash.hex(),
        heads.finalized.number);
    return {};
}

}  // namespace

Result<> import_blocks(const ImportBlocksConfig& config) {
    TRY(start_logging(config.shared.log, config.shared.detailed_log_output));
    TRY_ASSIGN(auto access, open_chain(config.shared, config.database, true));
    if (config.input.empty() || config.input == "-") {
        return import_all(access, std::cin, format_of(config.binary));
    }
    std::ifstream file(config.input, std::ios::binary);
    if (!file) {
        return fail("import-blocks: cannot read " + config.input);
    }
    return import_all(access, file, format_of(config.binary));
}

Result<> export_blocks(const ExportBlocksConfig& config) {
    TRY(start_logging(config.shared.log, config.shared.detailed_log_output));
    TRY_ASSIGN(auto access, open_chain(config.shared, config.database, false));
    std::ofstream file;
    const bool to_file = !config.output.empty() && config.output != "-";
    if (to_file) {
        file.open(config.output, std::ios::binary);
        if (!file) {
            return fail("export-blocks: cannot write " + config.output);
        }
    }
    std::ostream& out = to_file ? file : std::cout;
    TRY_ASSIGN(const auto count, chain::export_blocks(*access.chain, out, format_of(config.binary),
                                                      config.from, config.to));
    out.flush();
    if (!out) {
        return fail("export-blocks: writing failed: is the disk full?");
    }
    log(LogLevel::info, "export", "exported {} blocks", count);
    return {};
}

Result<> check_block(const BlockCommandConfig& config) {
    TRY(start_logging(config.shared.log, config.shared.detailed_log_output));
    TRY_ASSIGN(auto access, open_chain(config.shared, config.database, false));
    TRY_ASSIGN(const auto ref, find_block(*access.chain, config.block));
    TRY_ASSIGN(const auto block, chain::signed_block(*access.chain, ref.hash));
    if (!block || ref.number == 0) {
        return fail(fmt::format("check-block: block #{} has no body here", ref.number));
    }
    const BlockHash& parent = block->block.header.parent_hash;
    TRY_ASSIGN(const auto state, access.chain->state(parent));
    const auto runtime = access.chain->runtime(parent);
    if (!runtime) {
        return fail("check-block: " + runtime.error().message);
    }
    const Instant began = io::now();
    const auto difference = chain::execute_block(block->block, *state, **runtime, nullptr);
    if (!difference) {
        return fail("check-block: " + difference.error().message);
    }
    fmt::print("block #{} ({}) is right: {} extrinsics, {:.1f} ms\n", ref.number, ref.hash.hex(),
               block->block.body.size(),
               std::chrono::duration<double, std::milli>(io::now() - began).count());
    return {};
}

Result<> export_state(const BlockCommandConfig& config) {
    TRY(start_logging(config.shared.log, config.shared.detailed_log_output));
    TRY_ASSIGN(auto access, open_chain(config.shared, config.database, false));
    TRY_ASSIGN(const auto ref, find_block(*access.chain, config.block));
    TRY_ASSIGN(const auto text, chain::export_state(*access.chain, ref.hash));
    std::cout << text << '\n';
    return {};
}

Result<> revert(const RevertConfig& config) {
    TRY(start_logging(config.shared.log, config.shared.detailed_log_output));
    TRY_ASSIGN(auto access, open_chain(config.shared, config.database, false));
    const BlockRef before = access.chain->heads().best;
    TRY_ASSIGN(const auto best, access.chain->revert(config.count, false));
    // The consensus state follows: epochs and sets of blocks taken back are dropped when it opens.
    TRY(BlockPipeline::open(*access.database, *access.chain));
    TRY(access.database->sync());
    fmt::print("reverted {} blocks; the best block is now #{} ({})\n", before.number - best.number,
               best.number, best.hash.hex());
    return {};
}

Result<> purge_chain(const PurgeConfig& config) {
    TRY_ASSIGN(const auto spec, load_spec(config.shared));
    const auto folder = chain_path(config.shared, spec->id) / "db";
    if (!std::filesystem::exists(folder)) {
        fmt::print("{} did not exist.\n", folder.string());
        return {};
    }
    if (!config.yes) {
        fmt::print("Are you sure to remove {}? [y/N]: ", folder.string());
        std::string answer;
        std::getline(std::cin, answer);
        if (answer != "y" && answer != "Y") {
            fmt::print("Aborted.\n");
            return {};
        }
    }
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error) {
        return fail("purge-chain: " + folder.string() + ": " + error.message());
    }
    fmt::print("{} removed.\n", folder.string());
    return {};
}

Result<> chain_info(const ChainInfoConfig& config) {
    TRY(start_logging(config.shared.log, config.shared.detailed_log_output));
    TRY_ASSIGN(auto access, open_chain(config.shared, config.database, false));
    const auto heads = access.chain->heads();
    fmt::print(
        "chain:      {} ({})\ngenesis:    {}\nbest:       #{} {}\nfinalized:  #{} {}\nleaves:     "
        "{}\n",
        access.spec->name, access.spec->id, heads.genesis.hex(), heads.best.number,
        heads.best.hash.hex(), heads.finalized.number, heads.finalized.hash.hex(),
        access.chain->leaf_count());
    return {};
}

}  // namespace stipple::node
