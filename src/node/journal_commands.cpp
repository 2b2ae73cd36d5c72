// stipple key journal …: look at, carry over and release the signing journal of a stopped node.
#include "chain/signing/journal_exchange.hpp"
#include "io/key_files.hpp"
#include "node/chain_access.hpp"
#include "node/commands.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace stipple::node {
namespace {

struct OpenJournal {
    std::unique_ptr<io::KeyFiles> files;
    std::unique_ptr<chain::SigningJournal> journal;
    std::string chain_id;
};

Result<OpenJournal> open_journal(const JournalConfig& config) {
    TRY_ASSIGN(const auto spec, load_spec(config.shared));
    const auto folder = chain_path(config.shared, spec->id) / "signing";
    const bool makes = config.action == "import";  // a new machine has none yet
    if (!makes && !std::filesystem::exists(folder)) {
        return fail(folder.string() + ": there is no signing journal here");
    }
    OpenJournal open;
    TRY_ASSIGN(auto files, io::KeyFiles::open(folder.string()));
    TRY(files.lock());
    open.files = std::make_unique<io::KeyFiles>(std::move(files));
    TRY_ASSIGN(open.journal, chain::SigningJournal::open(*open.files, "journal"));
    open.chain_id = spec->id;
    return open;
}

Result<> write_text(const std::string& file, const std::string& text) {
    if (file.empty()) {
        fmt::print("{}", text);
        return {};
    }
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out ? Result<>{} : fail(file + ": cannot be written");
}

Result<std::string> read_text(const std::string& file) {
    if (file.empty()) {
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return fail(file + ": cannot be read");
    }
    return std::string(std::istreambuf_iterator<char>(in), {});
}

void show(const chain::SigningJournal& journal) {
    for (const auto& intent : journal.newest()) {
        fmt::print("{} key {} set {} number {} for {}\n", chain::name_of(intent.kind),
                   to_hex0x(intent.key.view()), intent.set.value, intent.number,
                   to_hex0x(intent.target.view()));
    }
    const auto stopped = journal.stopped();
    fmt::print("{}\n", stopped.empty() ? "signing is on" : "signing is off: " + stopped);
}

Result<> import(OpenJournal& open, const JournalConfig& config) {
    TRY_ASSIGN(const std::string text, read_text(config.file));
    auto intents = chain::parse_journal(text, open.chain_id);
    if (!intents) {
        return fail_in("the journal to import", std::move(intents));
    }
    TRY_ASSIGN(const auto merged, open.journal->merge(*intents));
    fmt::print("{} raised, {} were as new or newer here\n", merged.raised, merged.kept);
    if (merged.conflicts > 0) {
        return fail(fmt::format(
            "{} positions were signed on both machines for different blocks or votes; what is here "
            "was kept. These keys have equivocated: replace them",
            merged.conflicts));
    }
    return {};
}

}  // namespace

Result<> journal_command(const JournalConfig& config) {
    TRY_ASSIGN(auto open, open_journal(config));
    if (config.action == "export") {
        TRY(write_text(config.file, chain::export_journal(open.journal->newest(), open.chain_id)));
        fmt::print(stderr, "exported {} entries; do not start this node again with these keys\n",
                   open.journal->newest().size());
        return {};
    }
    if (config.action == "import") {
        return import(open, config);
    }
    if (config.action == "resume") {
        TRY(open.journal->resume());
        fmt::print("signing is on\n");
        return {};
    }
    show(*open.journal);
    return {};
}

}  // namespace stipple::node
