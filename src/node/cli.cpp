#include "node/cli.hpp"

#include "node/cli_run.hpp"
#include "node/commands.hpp"
#include "node/logging.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <memory>

namespace stipple::node {
namespace {

/// The command chosen while parsing; run afterwards so that parse errors come first.
using Action = std::function<Result<>()>;

template <class Config>
std::shared_ptr<Config> command(CLI::App& app, Action& action, Result<> (*run)(const Config&)) {
    auto config = std::make_shared<Config>();
    app.callback([&action, config, run] { action = [config, run] { return run(*config); }; });
    return config;
}

void add_block_commands(CLI::App& app, Action& action) {
    auto* import_app = app.add_subcommand("import-blocks", "Import blocks from a file");
    auto importing = command<ImportBlocksConfig>(*import_app, action, import_blocks);
    add_shared_flags(*import_app, importing->shared);
    add_database_flags(*import_app, importing->database);
    import_app->add_option("INPUT", importing->input, "File, or standard input when absent");
    import_app->add_flag("--binary", importing->binary, "The file is in binary form");

    auto* export_app = app.add_subcommand("export-blocks", "Export blocks to a file");
    auto exporting = command<ExportBlocksConfig>(*export_app, action, export_blocks);
    add_shared_flags(*export_app, exporting->shared);
    add_database_flags(*export_app, exporting->database);
    export_app->add_option("OUTPUT", exporting->output, "File, or standard output when absent");
    export_app->add_option("--from", exporting->from, "First block")->default_val(1);
    export_app->add_option("--to", exporting->to, "Last block; the best one when absent");
    export_app->add_flag("--binary", exporting->binary, "Write the binary form");

    for (const auto& [name, what, run] :
         {std::tuple{"check-block", "Execute a block again and compare its state root",
                     &check_block},
          std::tuple{"export-state", "Write the state after a block as a raw chain specification",
                     &export_state}}) {
        auto* block_app = app.add_subcommand(name, what);
        auto config = command<BlockCommandConfig>(*block_app, action, run);
        add_shared_flags(*block_app, config->shared);
        add_database_flags(*block_app, config->database);
        block_app->add_option("BLOCK", config->block, "Hash or number; the best block when absent");
    }

    auto* revert_app = app.add_subcommand("revert", "Take back the newest blocks");
    auto reverting = command<RevertConfig>(*revert_app, action, revert);
    add_shared_flags(*revert_app, reverting->shared);
    add_database_flags(*revert_app, reverting->database);
    revert_app->add_option("NUM", reverting->count, "How many")->default_val(256);

    auto* purge_app = app.add_subcommand("purge-chain", "Remove the database of a chain");
    auto purging = command<PurgeConfig>(*purge_app, action, purge_chain);
    add_shared_flags(*purge_app, purging->shared);
    purge_app->add_flag("-y", purging->yes, "Do not ask");

    auto* info_app = app.add_subcommand("chain-info", "Print what the database holds");
    auto info = command<ChainInfoConfig>(*info_app, action, chain_info);
    add_shared_flags(*info_app, info->shared);
    add_database_flags(*info_app, info->database);
}

void add_chain_spec_commands(CLI::App& app, Action& action) {
    auto* spec_app = app.add_subcommand("chain-spec", "Build and check chain specifications");
    spec_app->require_subcommand(1);
    const auto sub = [&](const char* name, const char* what) {
        auto* sub_app = spec_app->add_subcommand(name, what);
        auto config = command<ChainSpecConfig>(*sub_app, action, chain_spec_command);
        config->action = name;
        return std::pair(sub_app, config);
    };
    auto [build, building] = sub("build", "A specification from runtime code and a preset");
    build->add_option("--runtime,-r", building->runtime, "Runtime code (Wasm)")->required();
    build->add_option("--preset,-p", building->preset, "Named preset of the runtime");
    build->add_option("--chain-name,-n", building->name, "Name")->default_val("Development");
    build->add_option("--chain-id,-i", building->id, "Identifier")->default_val("dev");
    build->add_option("--chain-type,-t", building->chain_type, "Live, Development or Local")
        ->default_val("Development");
    build->add_flag("--raw-storage,-s,--raw", building->raw, "Write the genesis state itself");
    for (const auto& [name, what] :
         {std::pair{"convert-to-raw", "Turn the genesis configuration into genesis state"},
          std::pair{"verify", "Read a specification and build its genesis"}}) {
        auto [spec, config] = sub(name, what);
        spec->add_option("SPEC", config->input, "Specification file")->required();
    }
    auto [list, listing] = sub("list-presets", "Names of the presets a runtime brings");
    list->add_option("--runtime,-r", listing->runtime, "Runtime code (Wasm)")->required();
    auto [display, displaying] = sub("display-preset", "Print one preset");
    display->add_option("--runtime,-r", displaying->runtime, "Runtime code (Wasm)")->required();
    display->add_option("--preset,-p", displaying->preset, "Its name; the default one when absent");
    auto [update, updating] = sub("update-code", "Put other runtime code into a specification");
    update->add_option("SPEC", updating->input, "Specification file")->required();
    update->add_option("RUNTIME", updating->runtime, "Runtime code (Wasm)")->required();
}

void add_journal_commands(CLI::App& key_app, Action& action) {
    auto* app = key_app.add_subcommand(
        "journal",
        "What this node has signed: before a validator moves, export it and import it "
        "on the new machine");
    app->require_subcommand(1);
    const auto sub = [&](const char* name, const char* what) {
        auto* sub_app = app->add_subcommand(name, what);
        auto config = command<JournalConfig>(*sub_app, action, journal_command);
        config->action = name;
        add_shared_flags(*sub_app, config->shared);
        return std::pair(sub_app, config);
    };
    sub("show", "Print the newest signature of each key");
    auto [exporter, exporting] = sub("export", "Write it as a text for another machine");
    exporter->add_option("--file", exporting->file, "Where to; standard output when absent");
    auto [importer, importing] = sub("import", "Take over another machine's; never lowers ours");
    importer->add_option("--file", importing->file, "Where from; standard input when absent");
    sub("resume", "Sign again after another machine had signed with the same keys");
}

void add_key_commands(CLI::App& app, Action& action) {
    auto* key_app = app.add_subcommand("key", "Make and look at keys");
    key_app->require_subcommand(1);
    add_journal_commands(*key_app, action);
    const auto sub = [&](const char* name, const char* what) {
        auto* sub_app = key_app->add_subcommand(name, what);
        auto config = command<KeyConfig>(*sub_app, action, key_command);
        config->action = name;
        return std::pair(sub_app, config);
    };
    const auto scheme = [](CLI::App* a, KeyConfig& c) {
        a->add_option("--scheme", c.scheme, "sr25519, ed25519 or ecdsa")
            ->check(CLI::IsMember({"sr25519", "ed25519", "ecdsa"}, CLI::ignore_case));
        a->add_option("--password", c.password, "Password of the secret");
    };
    auto [generate, generating] = sub("generate", "A fresh account");
    scheme(generate, *generating);
    generate->add_option("--words,-w", generating->words, "12, 15, 18, 21 or 24 words");
    generate->add_option("--network,-n", generating->network, "Address format");
    generate->add_option("--output-type", generating->output_type, "text or json");
    auto [inspect, inspecting] = sub("inspect", "Public key and address of a secret or address");
    inspect->add_option("URI", inspecting->suri, "Secret URI, public key or address");
    scheme(inspect, *inspecting);
    inspect->add_option("--network,-n", inspecting->network, "Address format");
    inspect->add_option("--output-type", inspecting->output_type, "text or json");
    auto [insert, inserting] = sub("insert", "Put a key into a node's keystore");
    add_shared_flags(*insert, inserting->shared);
    insert->add_option("--keystore-path", inserting->keystore_path, "Keystore folder");
    insert->add_option("--suri", inserting->suri,
                       "Secret URI; read from standard input when absent");
    insert->add_option("--key-type", inserting->key_type, "Four characters: babe, gran, …")
        ->required();
    scheme(insert, *inserting);
    auto [sign, signing] = sub("sign", "Sign a message");
    sign->add_option("--suri", signing->suri, "Secret URI")->required();
    sign->add_option("--message", signing->message, "Text; standard input when absent");
    sign->add_flag("--hex", signing->hex, "The message is hex");
    scheme(sign, *signing);
    auto [verify, verifying] = sub("verify", "Check a signature");
    verify->add_option("SIGNATURE", verifying->signature, "Hex")->required();
    verify->add_option("URI", verifying->public_key, "Public key, address or secret URI")
        ->required();
    verify->add_option("--message", verifying->message, "Text; standard input when absent");
    verify->add_flag("--hex", verifying->hex, "The message is hex");
    scheme(verify, *verifying);
    auto [node_key, node_keying] = sub("generate-node-key", "A fresh node identity");
    node_key->add_option("--file", node_keying->file,
                         "Where the secret goes; standard output if absent");
    auto [inspect_node, inspecting_node] = sub("inspect-node-key", "Peer id of a node identity");
    inspect_node->add_option("--file", inspecting_node->file, "File with the secret")->required();
}

}  // namespace

int run_command_line(int argc, char** argv) {
    CLI::App app("Stipple: a Polkadot Host. Without a command it runs the node.", "stipple");
    app.set_version_flag("--version,-V", std::string("stipple ") + STIPPLE_VERSION);
    app.require_subcommand(0, 1);
    Action action;
    auto run = std::make_shared<RunConfig>();
    add_run_flags(app, *run);
    action = [run] { return run_node(*run); };
    auto* run_app = app.add_subcommand("run", "Run the node (the default)");
    auto explicit_run = command<RunConfig>(*run_app, action, run_node);
    add_run_flags(*run_app, *explicit_run);
    auto* dev_app = app.add_subcommand("dev", "Run a development chain on the built-in runtime");
    auto dev = command<RunConfig>(*dev_app, action, run_dev);
    add_dev_flags(*dev_app, *dev);
    add_block_commands(app, action);
    auto* replay_app = app.add_subcommand("replay", "Repeat a run that --record wrote down");
    auto replaying = command<ReplayConfig>(*replay_app, action, replay_recording);
    replay_app->add_option("FILE", replaying->file, "The recording")->required();
    replay_app->add_flag("--trace", replaying->trace, "Print each event and what came of it");
    add_chain_spec_commands(app, action);
    add_key_commands(app, action);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : 2;
    }
    const Result<> done = action();
    if (!done) {
        fmt::print(stderr, "Error: {}\n", done.error().message());
        return 1;
    }
    return 0;
}

}  // namespace stipple::node
