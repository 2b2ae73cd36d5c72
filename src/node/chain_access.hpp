// Opening a chain for a command or for the node: specification, database, executor, chain, in this
// order.
#pragma once

#include "chain/import/chain.hpp"
#include "io/database/database.hpp"
#include "node/config.hpp"

#include <filesystem>
#include <memory>
#include <utility>

namespace stipple::node {

/// A folder that is removed with what is in it when this goes (`--tmp`).
class TemporaryFolder {
 public:
    TemporaryFolder() = default;
    static Result<TemporaryFolder> make();
    TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    ~TemporaryFolder();
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

/// Members in the order they were opened; destroyed in the reverse one.
struct ChainAccess {
    TemporaryFolder temporary;
    std::filesystem::path folder;  ///< `<base>/chains/<id>`
    std::unique_ptr<chain::ChainSpec> spec;
    std::unique_ptr<io::Database> database;
    std::unique_ptr<executor::Executor> executor;
    std::unique_ptr<chain::Chain> chain;
};

Result<std::unique_ptr<chain::ChainSpec>> load_spec(const SharedConfig& shared);
/// `create` false: a missing database is an error that says which folder was looked at.
Result<ChainAccess> open_chain(const SharedConfig& shared, const DatabaseConfig& database,
                               bool create, std::uint32_t runtime_instances = 8);
/// A block by hash, by number on the best chain, or the best one when `text` is empty.
Result<BlockRef> find_block(const chain::Chain& chain, const std::string& text);

/// `key insert`, `key generate-node-key`, `key inspect-node-key`.
Result<> insert_key_file(const KeyConfig& config);
Result<> node_key_command(const KeyConfig& config);

}  // namespace stipple::node
