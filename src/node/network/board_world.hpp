// For tests: switchboards and hostile hosts on one wire in memory, with a clock by hand.
//
// Board n listens on 10.0.0.n (n from 1). A dial finds whoever listens there; bytes move in turns
// until nothing moves any more; time passes from deadline to deadline.
#pragma once

#include "node/network/switchboard.hpp"

#include <deque>
#include <list>

namespace stipple::node::testing {

using namespace std::chrono_literals;

inline const network::ChainNames kNames{
    .genesis = BlockHash::copy(Bytes(32, 7)), .fork_id = "", .protocol_id = "tst"};

inline crypto::Secret<32> secret_of(std::uint8_t number, std::uint8_t use = 0) {
    return crypto::Secret<32>({number, use});
}

/// Every protocol of a chain, as a host outside a switchboard speaks them.
inline libp2p::ProtocolTableConfig all_protocols(const network::ChainNames& chain = kNames) {
    using network::Protocol;
    libp2p::ProtocolTableConfig table;
    for (const Protocol each : {Protocol::sync, Protocol::state, Protocol::warp, Protocol::light}) {
        table.requests.push_back({.names = network::protocol_names(each, chain),
                                  .request_bytes_max = 1U << 20U,
                                  .response_bytes_max = 16U << 20U,
                                  .timeout = 20s,
                                  .inbound = true});
    }
    for (const Protocol each :
         {Protocol::block_announces, Protocol::transactions, Protocol::grandpa}) {
        table.notifications.push_back(
            {.names = network::protocol_names(each, chain), .message_bytes_max = 16U << 20U});
    }
    table.kademlia = network::protocol_names(Protocol::kademlia, chain);
    return table;
}

template <class E, class Event>
void gather(const Event& event, std::vector<E>& found) {
    std::visit(
        [&](const auto& what) {
            using What = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<What, E>) {
                found.push_back(what);
            } else if constexpr (std::is_same_v<What, DhtEvent>) {
                gather(what, found);
            }
        },
        event);
}

struct Pipe {
    Bytes bytes;
    bool ended = false;
};

/// One side of a connection: a board's or a hostile host's.
struct End {
    std::function<void(libp2p::ByteExchange&)> exchange;
    std::function<void()> closed;
    Pipe input;
    std::optional<Instant> wake;
    bool over = false;
    bool frozen = false;
};

class World {
 public:
    static constexpr std::size_t kPipeBytes = 256 * 1024;

    struct Board {
        std::uint8_t number = 0;
        crypto::Ed25519Keypair keys;
        std::unique_ptr<libp2p::noise::LocalIdentity> identity;
        Multiaddr address;
        std::unique_ptr<Switchboard> board;
        SwitchboardEffects effects;
        std::vector<NetworkEvent> events;
        std::map<ConnectionId, End*> ends;
        const PeerId& peer() const { return identity->peer(); }
        template <class E>
        std::vector<E> all() const {
            std::vector<E> found;
            for (const auto& event : events) {
                gather(event, found);
            }
            return found;
        }
    };
    /// A libp2p host under a test's hand, connected to one board.
    struct Villain {
        std::unique_ptr<libp2p::noise::LocalIdentity> identity;
        std::unique_ptr<libp2p::Host> host;
        std::vector<libp2p::HostEvent> events;
        End* end = nullptr;  ///< null once the connection is over
        bool is_gone() const { return end == nullptr || host->is_over(); }
        template <class E>
        std::vector<E> all() const {
            std::vector<E> found;
            for (const auto& event : events) {
                gather(event, found);
            }
            return found;
        }
    };

    Board& add(SwitchboardConfig config = {}) {
        Board& made = boards.emplace_back();
        made.number = static_cast<std::uint8_t>(boards.size());
        made.keys = crypto::Ed25519Keypair::from_seed(secret_of(made.number));
        made.identity =
            std::make_unique<libp2p::noise::LocalIdentity>(made.keys, secret_of(made.number, 1));
        made.address = Multiaddr::tcp(
            *libp2p::IpAddress::parse("10.0.0." + std::to_string(made.number)), 30333);
        config.names.protocol_id = kNames.protocol_id;
        if (config.names.genesis == BlockHash{}) {
            config.names.genesis = kNames.genesis;
        }
        config.local_addresses = true;
        config.agent = "world";
        made.board = std::make_unique<Switchboard>(
            config, *made.identity, made.keys.public_key, Seed{made.number}, [this] {
                return crypto::Secret<32>({static_cast<std::uint8_t>(++secrets_),
                                           static_cast<std::uint8_t>(secrets_ >> 8U), 77});
            });
        return made;
    }
    /// With those before as boot nodes.
    Board& join(SwitchboardConfig config = {}) {
        for (const Board& other : boards) {
            config.boot_nodes.push_back({other.peer(), other.address});
        }
        Board& made = add(std::move(config));
        start(made);
        return made;
    }
    void start(Board& board) {
        board.board->start(now, {board.address}, board.effects);
        run();
    }
    void perform(Board& board, NetworkCommand command) {
        board.board->perform(now, command, board.effects);
        run();
    }
    /// A host that speaks all of our protocols and dials the board.
    Villain& attack(Board& board, std::uint8_t number,
                    libp2p::ProtocolTableConfig table = all_protocols(),
                    const std::string& from = "10.9.9.9") {
        Villain& made = villains.emplace_back();
        const auto keys = crypto::Ed25519Keypair::from_seed(secret_of(number, 9));
        made.identity = std::make_unique<libp2p::noise::LocalIdentity>(keys, secret_of(number, 8));
        libp2p::HostConfig host;
        host.connection.direction = libp2p::Direction::outbound;
        host.connection.started = now;
        host.connection.ephemeral = secret_of(number, 7);
        host.connection.seed = Seed{number};
        host.protocols = std::make_shared<const libp2p::ProtocolTable>(std::move(table));
        libp2p::IdentifyInfo info;
        info.public_key = libp2p::public_key(keys.public_key);
        info.agent_version = "villain";
        info.listen_addresses = {
            *Multiaddr::parse("/ip4/10.66.66." + std::to_string(number) + "/tcp/30333")};
        host.identify = std::make_shared<const libp2p::IdentifyInfo>(std::move(info));
        made.host = std::make_unique<libp2p::Host>(host, *made.identity);
        auto* const at = made.host.get();
        const auto id = board.board->on_accept(
            now, Multiaddr::tcp(*libp2p::IpAddress::parse(from), 1000), false);
        if (!id) {
            made.end = nullptr;
            return made;
        }
        auto& wire = wires_.emplace_back();
        wire[0] = {.exchange =
                       [at, &made](libp2p::ByteExchange& bytes) {
                           do {
                               at->exchange(bytes);
                           } while (collect(*at, made.events));
                       },
                   .closed = [&made] { made.end = nullptr; },
                   .input = {},
                   .wake = {},
                   .over = false,
                   .frozen = false};
        wire[1] = end_of(board, *id);
        made.end = &wire[0];
        board.ends[*id] = &wire[1];
        run();
        return made;
    }
    /// A connection that says nothing (or these bytes) and ends never. False: refused at once.
    bool attack_raw(Board& board, const std::string& from, Bytes says = {}) {
        const auto id = board.board->on_accept(
            now, Multiaddr::tcp(*libp2p::IpAddress::parse(from), 1000), false);
        if (!id) {
            return false;
        }
        auto& wire = wires_.emplace_back();
        wire[0].exchange = [](libp2p::ByteExchange& bytes) { bytes.take(bytes.unread.size()); };
        wire[0].closed = [] {};
        wire[1] = end_of(board, *id);
        wire[1].input.bytes = std::move(says);
        board.ends[*id] = &wire[1];
        run();
        return true;
    }
    /// The villain stops reading and writing, and starts again.
    void freeze(Villain& villain, bool frozen) {
        if (villain.end != nullptr) {
            villain.end->frozen = frozen;
        }
    }

    /// Until nothing moves at this time.
    void run() {
        if (std::exchange(running_, true)) {
            return;
        }
        for (int quiet = 0; quiet < 2;) {
            bool moved = false;
            for (Board& board : boards) {
                moved = apply_effects(board) || moved;
            }
            for (auto& wire : wires_) {
                moved = step(wire[0], wire[1].input) || moved;
                moved = step(wire[1], wire[0].input) || moved;
            }
            std::erase_if(wires_, [](auto& wire) { return wire[0].over && wire[1].over; });
            quiet = moved ? 0 : quiet + 1;
        }
        running_ = false;
    }
    void pass(Duration span) {
        const Instant end = now + span;
        run();
        for (int steps = 0; steps < 100'000 && now < end; ++steps) {
            Instant next = end;
            const auto consider = [&](std::optional<Instant> at) {
                next = at && *at > now ? std::min(next, *at) : next;
            };
            for (Board& board : boards) {
                consider(board.board->wake_at());
            }
            for (auto& wire : wires_) {
                consider(wire[0].wake);
                consider(wire[1].wake);
            }
            now = next;
            for (Board& board : boards) {
                if (board.board->wake_at() <= std::optional(now)) {
                    board.board->on_wake(now, board.effects);
                }
            }
            run();
        }
    }
    std::size_t wires() const { return wires_.size(); }

    Instant now{1000s};
    std::deque<Board> boards;
    std::deque<Villain> villains;

 private:
    static bool collect(libp2p::Host& host, std::vector<libp2p::HostEvent>& events) {
        auto more = host.take_events();
        std::ranges::move(more, std::back_inserter(events));
        return !more.empty();
    }
    End end_of(Board& board, ConnectionId id) {
        return {.exchange =
                    [&board, id](libp2p::ByteExchange& bytes) {
                        board.board->exchange(id, bytes, board.effects);
                    },
                .closed =
                    [this, &board, id] {
                        board.ends.erase(id);
                        board.board->on_closed(now, id, board.effects);
                    },
                .input = {},
                .wake = {},
                .over = false,
                .frozen = false};
    }
    bool apply_effects(Board& board) {
        SwitchboardEffects present = std::exchange(board.effects, {});
        std::ranges::move(present.core, std::back_inserter(board.events));
        for (const auto& effect : present.sockets) {
            if (const auto* dial = std::get_if<DialAddress>(&effect)) {
                connect(board, *dial);
            } else if (const auto* drop = std::get_if<DropConnection>(&effect)) {
                if (const auto end = board.ends.find(drop->connection); end != board.ends.end()) {
                    finish(*end->second);
                }
            }
        }
        return !present.sockets.empty() || !present.core.empty();
    }
    void connect(Board& from, const DialAddress& dial) {
        for (Board& to : boards) {
            if (to.address != dial.address.without_peer() || &to == &from) {
                continue;
            }
            const auto id = to.board->on_accept(now, from.address, false);
            if (!id) {
                break;
            }
            auto& wire = wires_.emplace_back();
            wire[0] = end_of(from, dial.connection);
            wire[1] = end_of(to, *id);
            from.ends[dial.connection] = wire.data();
            to.ends[*id] = &wire[1];
            from.board->on_connected(now, dial.connection);
            return;
        }
        from.board->on_dial_failed(now, dial.connection, from.effects);
    }
    void finish(End& end) {
        if (!std::exchange(end.over, true)) {
            end.closed();
        }
    }
    bool step(End& end, Pipe& output) {
        if (end.over || end.frozen) {
            output.ended = output.ended || end.over;
            return false;
        }
        const std::size_t before = output.bytes.size();
        libp2p::ByteExchange bytes{.now = now,
                                   .unread = end.input.bytes,
                                   .input_ended = end.input.ended,
                                   .output = &output.bytes,
                                   .allowance = kPipeBytes - std::min(kPipeBytes, before),
                                   .output_ended = false,
                                   .wake_at = {}};
        end.exchange(bytes);
        const std::size_t taken = end.input.bytes.size() - bytes.unread.size();
        end.input.bytes.erase(end.input.bytes.begin(),
                              end.input.bytes.begin() + static_cast<std::ptrdiff_t>(taken));
        end.wake = bytes.wake_at;
        const bool over = bytes.output_ended || end.input.ended;
        if (over) {
            output.ended = true;
            finish(end);
        }
        return over || taken > 0 || output.bytes.size() > before;
    }

    std::list<std::array<End, 2>> wires_;
    std::uint32_t secrets_ = 0;
    bool running_ = false;
};

}  // namespace stipple::node::testing
