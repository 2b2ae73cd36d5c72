// What the methods answer from: the chain, and ports to what other parts of the node own.
//
// The node fills a RpcContext once and keeps everything it refers to alive while calls run. Every
// member is used from several threads at once. A port that is absent makes its methods unknown:
// they are not listed by rpc_methods either, so a client sees what is really served.
#pragma once

#include "base/time.hpp"
#include "chain/import/chain.hpp"
#include "rpc/codec/limits.hpp"
#include "rpc/codec/rpc_error.hpp"
#include "rpc/methods/network_port.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace stipple::rpc {

struct Health {
    std::uint64_t peers = 0;
    bool is_syncing = false;
    bool should_have_peers = false;
};
struct SyncState {
    BlockNumber starting_block = 0;
    BlockNumber current_block = 0;
    BlockNumber highest_block = 0;
};

/// What is fixed for the life of the process.
struct NodeInfo {
    std::string name;     ///< system_name: the implementation
    std::string version;  ///< system_version
    bool is_authority = false;
};

/// Questions about the network and the log; functions may be empty.
struct NodePorts {
    std::function<Health()> health;
    std::function<SyncState()> sync_state;
    std::function<std::string()> local_peer_id;
    std::function<std::vector<std::string>()> listen_addresses;
    std::function<std::vector<PeerInfo>()> peers;
    /// JSON, of no fixed shape.
    std::function<std::string()> network_state;
    std::function<std::vector<std::string>()> reserved_peers;
    std::function<std::expected<void, std::string>(std::string multiaddr)> add_reserved_peer;
    std::function<std::expected<void, std::string>(std::string peer_id)> remove_reserved_peer;
    std::function<std::expected<void, std::string>(std::string_view directives)> add_log_filter;
    std::function<std::expected<void, std::string>()> reset_log_filter;
};

/// How a watched transaction fares.
struct TransactionStatus {
    enum class Kind : std::uint8_t {
        future,
        ready,
        broadcast,  ///< to `peers`
        in_block,
        retracted,
        finality_timeout,
        finalized,
        usurped,  ///< by the transaction `other`
        dropped,
        invalid,
    };
    Kind kind = Kind::ready;
    BlockHash block{};      ///< in_block, retracted, finality_timeout, finalized
    ExtrinsicHash other{};  ///< usurped
    std::vector<std::string> peers{};
    bool is_last() const { return kind >= Kind::finality_timeout; }
};

/// The transaction pool. Errors come as clients read them.
class PoolPort {
 public:
    using Watcher = std::function<void(const TransactionStatus&)>;
    virtual ~PoolPort() = default;
    /// Validates and takes in. May take a runtime call's time.
    virtual RpcResult<ExtrinsicHash> submit(Extrinsic extrinsic) = 0;
    /// The same; `watcher` is called on any thread, in order, until a last status or `unwatch`.
    virtual RpcResult<std::uint64_t> submit_and_watch(Extrinsic extrinsic, Watcher watcher) = 0;
    virtual void unwatch(std::uint64_t watch) = 0;
    /// Ready transactions in the order they would be included.
    virtual std::vector<Extrinsic> ready() const = 0;
    /// Whether a ready transaction provides this tag first.
    virtual bool provides(ByteView tag) const = 0;
    /// Takes them out with what depends on them; gives those that were there.
    virtual std::vector<ExtrinsicHash> remove(std::span<const ExtrinsicHash> hashes) = 0;
};

/// Keys of this node. Functions may be empty.
struct KeyPorts {
    /// False: could not be stored.
    std::function<bool(executor::KeyType, std::string suri, ByteView public_key)> insert;
    std::function<bool(executor::KeyType, ByteView public_key)> has;
    /// What SessionKeys_generate_session_keys signs and stores with.
    executor::KeystorePort* keystore = nullptr;
};

/// One round of GRANDPA as grandpa_roundState tells it.
struct RoundReport {
    std::uint64_t round = 0;
    std::uint64_t total_weight = 0;
    std::uint64_t threshold_weight = 0;
    std::uint64_t prevote_weight = 0;
    std::vector<std::string> prevotes_missing;  ///< SS58 addresses, sorted
    std::uint64_t precommit_weight = 0;
    std::vector<std::string> precommits_missing;
};
struct RoundStateReport {
    std::uint64_t set_id = 0;
    RoundReport best;
    std::vector<RoundReport> background;
};
/// The slots of the present epoch that one of our keys may author in.
struct AuthorshipReport {
    std::string address;  ///< of the key, SS58
    std::vector<std::uint64_t> primary;
    std::vector<std::uint64_t> secondary;
    std::vector<std::uint64_t> secondary_vrf;
};
struct BabePorts {
    std::function<std::expected<std::vector<AuthorshipReport>, std::string>()> epoch_authorship;
};

struct BeefyPorts {
    /// The newest block with a BEEFY proof; absent while there is none. Empty: no BEEFY here.
    std::function<std::optional<BlockHash>()> finalized_head;
};

struct SyncStatePorts {
    /// The chain spec as JSON with the checkpoint of the finalised block in it. Empty: not served.
    std::function<std::expected<std::string, std::string>(bool raw)> gen_sync_spec;
};

struct GrandpaPorts {
    /// Encoded finality proof for a finalised block; absent when there is none.
    std::function<std::expected<std::optional<Bytes>, std::string>(BlockNumber)> prove_finality;
    std::function<std::optional<RoundStateReport>()> round_state;
};

/// A block on order (development chains).
struct DevBlock {
    bool create_empty = true;
    bool finalize = false;
    std::optional<BlockHash> parent{};
    std::optional<UnixMillis> not_before{};
    std::vector<std::pair<Bytes, std::optional<Bytes>>> storage{};
};
/// All wait until it is done. Empty: no development chain, the methods are not served.
struct DevPorts {
    std::function<std::expected<BlockHash, std::string>(DevBlock)> seal;
    std::function<std::expected<void, std::string>(BlockHash)> finalize;
    /// Takes the chain back to a block of it, final or not.
    std::function<std::expected<void, std::string>(BlockHash)> set_head;
};

struct RpcContext {
    const chain::Chain& chain;
    NodeInfo node;
    /// The time, for how long clients hold what they hold; empty: it stands still.
    std::function<Instant()> clock{};
    NodePorts ports{};
    PoolPort* pool = nullptr;
    KeyPorts keys{};
    BabePorts babe{};
    GrandpaPorts grandpa{};
    BeefyPorts beefy{};
    SyncStatePorts sync_state{};
    DevPorts dev{};
    executor::OffchainStoragePort* offchain_storage = nullptr;
    executor::SignatureCachePort* signatures = nullptr;
    bool is_archive = false;  ///< states and bodies of all blocks are kept: archive_v1_* is served
    std::size_t answer_bytes_max = kAnswerBytesMaxDefault;
};

}  // namespace stipple::rpc
