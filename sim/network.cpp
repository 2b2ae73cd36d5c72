#include "sim/network.hpp"

#include "base/check.hpp"

namespace stipple::sim {

using network::Protocol;
using node::NetworkEvent;
using namespace std::chrono_literals;

namespace {

constexpr Protocol kGossip[] = {Protocol::transactions, Protocol::grandpa, Protocol::beefy};
constexpr Duration kReconnectMin = 500ms;
constexpr Duration kReconnectMax = 5s;
/// A break is noticed at once by a reset, or late by a timeout.
constexpr Duration kNoticeMax = 10s;

PeerId peer_id(NodeIndex node) {
    Bytes bytes(38, 0);
    bytes[0] = 0x01;
    bytes[37] = static_cast<std::uint8_t>(node);
    return {std::move(bytes)};
}

}  // namespace

Network::Network(Schedule& schedule, Seed seed, std::size_t nodes, Deliver deliver)
    : schedule_(schedule),
      prng_(seed),
      deliver_(std::move(deliver)),
      up_(nodes),
      incarnation_(nodes, 0),
      sides_(nodes, 0) {}

Duration Network::draw(Duration low, Duration high) {
    const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>((high - low).count(), 0));
    return low + Duration(static_cast<std::int64_t>(prng_.below(span + 1)));
}

Duration Network::delay() {
    return happens(weather_.late) ? draw(weather_.delay_max, weather_.late_max)
                                  : draw(weather_.delay_min, weather_.delay_max);
}

Instant Network::arrival(End& end, std::size_t bytes) {
    const Instant sent = std::max(schedule_.now(), end.line_free);
    if (weather_.bytes_per_second != 0) {
        constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
        end.line_free = sent + Duration(static_cast<std::int64_t>(bytes * kNanosPerSecond /
                                                                  weather_.bytes_per_second));
    }
    return std::max(sent, end.line_free) + delay();
}

NodeIndex Network::node_of(PeerKey key) const {
    const Place& place = places_.at(key.value - 1);
    return connections_[place.connection].ends[1 - place.end].node;
}

std::size_t Network::open_connections() const {
    return present_.size();
}

bool Network::reachable(NodeIndex a, NodeIndex b) const {
    return node_is_up(a) && node_is_up(b) && sides_[a] == sides_[b];
}

const Network::Place* Network::place_of(NodeIndex node, PeerKey peer) const {
    if (peer.value == 0 || peer.value > places_.size()) {
        return nullptr;
    }
    const Place& place = places_[peer.value - 1];
    const Connection& connection = connections_[place.connection];
    return connection.alive && connection.ends[place.end].node == node ? &place : nullptr;
}

Network::Connection* Network::alive(std::size_t connection) {
    return connections_[connection].alive ? &connections_[connection] : nullptr;
}

void Network::node_up(NodeIndex node, const BlockRef& best) {
    up_[node] = best;
    ++incarnation_[node];
    for (NodeIndex other = 0; other < up_.size(); ++other) {
        if (other != node && reachable(node, other)) {
            plan_connect(node, other, draw(10ms, 1s));
        }
    }
}

void Network::node_down(NodeIndex node) {
    up_[node].reset();
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        if (connections_[i].alive &&
            (connections_[i].ends[0].node == node || connections_[i].ends[1].node == node)) {
            break_connection(i, kNoticeMax);
        }
    }
}

void Network::part(std::vector<std::uint32_t> sides) {
    CHECK(sides.size() == sides_.size());
    sides_ = std::move(sides);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        if (connections_[i].alive &&
            !reachable(connections_[i].ends[0].node, connections_[i].ends[1].node)) {
            break_connection(i, kNoticeMax);
        }
    }
    for (NodeIndex a = 0; a < up_.size(); ++a) {
        for (NodeIndex b = a + 1; b < up_.size(); ++b) {
            if (reachable(a, b) && !present_.contains({a, b})) {
                plan_connect(a, b, draw(kReconnectMin, kReconnectMax));
            }
        }
    }
}

void Network::heal() {
    part(std::vector<std::uint32_t>(sides_.size(), 0));
}

void Network::break_one() {
    if (!present_.empty()) {
        auto it = present_.begin();
        std::advance(it, static_cast<std::ptrdiff_t>(prng_.below(present_.size())));
        break_connection(it->second, kNoticeMax);
    }
}

void Network::plan_connect(NodeIndex a, NodeIndex b, Duration delay) {
    const auto pair = std::minmax(a, b);
    if (!planned_.insert(pair).second) {
        return;
    }
    schedule_.after(delay, [this, pair = std::pair<NodeIndex, NodeIndex>(pair)] {
        planned_.erase(pair);
        connect(pair.first, pair.second);
    });
}

void Network::connect(NodeIndex a, NodeIndex b) {
    if (!reachable(a, b) || present_.contains({a, b})) {
        return;
    }
    const std::size_t index = connections_.size();
    Connection connection;
    for (const std::size_t end : {0U, 1U}) {
        connection.ends[end].node = end == 0 ? a : b;
        places_.push_back({index, end});
        connection.ends[end].peer = PeerKey(places_.size());
    }
    connections_.push_back(connection);
    present_.emplace(std::pair(a, b), index);
    for (const std::size_t end : {0U, 1U}) {
        schedule_.after(delay(), [this, index, end] { greet(index, end); });
    }
}

void Network::greet(std::size_t connection, std::size_t end) {
    Connection* const between = alive(connection);
    if (between == nullptr) {
        return;
    }
    End& here = between->ends[end];
    const NodeIndex other = between->ends[1 - end].node;
    here.joined = true;
    deliver_(here.node,
             node::PeerJoined{here.peer, peer_id(other), network::Role::authority, *up_[other]});
    deliver_early(connection, end, Protocol::block_announces);
    for (const Protocol protocol : kGossip) {
        schedule_.after(delay(),
                        [this, connection, end, protocol] { open(connection, end, protocol); });
    }
}

void Network::open(std::size_t connection, std::size_t end, Protocol protocol) {
    Connection* const between = alive(connection);
    if (between != nullptr) {
        End& here = between->ends[end];
        here.open[static_cast<std::size_t>(protocol)] = true;
        deliver_(here.node, node::ProtocolOpened{here.peer, protocol});
        deliver_early(connection, end, protocol);
    }
}

void Network::deliver_early(std::size_t connection, std::size_t end, Protocol protocol) {
    auto& early = connections_[connection].ends[end].early[static_cast<std::size_t>(protocol)];
    for (const auto& message : std::exchange(early, {})) {
        if (Connection* const between = alive(connection)) {
            const End& here = between->ends[end];
            deliver_(here.node, node::NotificationReceived{here.peer, protocol, *message, {}});
        }
    }
}

void Network::break_connection(std::size_t index, Duration notice_max) {
    Connection& connection = connections_[index];
    CHECK(connection.alive);
    connection.alive = false;
    ++counts_.breaks;
    const NodeIndex a = connection.ends[0].node;
    const NodeIndex b = connection.ends[1].node;
    present_.erase(std::pair(a, b));
    Duration noticed{};
    for (const End& end : connection.ends) {
        const Duration after = draw(Duration::zero(), notice_max);
        noticed = std::max(noticed, after);
        if (end.joined && node_is_up(end.node)) {
            schedule_.after(after, [this, node = end.node, peer = end.peer,
                                    incarnation = incarnation_[end.node]] {
                if (incarnation_[node] == incarnation) {
                    deliver_(node, node::PeerLeft{peer});
                }
            });
        }
    }
    std::vector<std::uint64_t> lost;
    for (const auto& [token, question] : questions_) {
        if (question.connection == index) {
            lost.push_back(token);
        }
    }
    for (const std::uint64_t token : lost) {
        answer(token, std::unexpected(network::sync::RequestFailure::disconnected));
    }
    // Both know by then.
    plan_connect(a, b, noticed + draw(kReconnectMin, kReconnectMax));
}

void Network::perform(NodeIndex from, node::NetworkCommand command) {
    std::visit([&](auto& what) { on(from, what); }, command);
}

void Network::on(NodeIndex from, node::SendNotification& command) {
    const auto message = std::make_shared<const Bytes>(std::move(command.message));
    for (const PeerKey peer : command.to) {
        const Place* const place = place_of(from, peer);
        if (place == nullptr) {
            continue;
        }
        ++counts_.notifications;
        counts_.bytes += message->size();
        if (happens(weather_.breaks)) {
            break_connection(place->connection, kNoticeMax);
            continue;
        }
        if (!happens(weather_.lost)) {
            notify(*place, command.protocol, message);
        }
        if (happens(weather_.doubled)) {
            notify(*place, command.protocol, message);
        }
    }
}

void Network::notify(const Place& from, Protocol protocol,
                     const std::shared_ptr<const Bytes>& message) {
    const std::size_t to = 1 - from.end;
    End& there = connections_[from.connection].ends[to];
    Instant& last = there.last[static_cast<std::size_t>(protocol)];
    last = std::max(last, arrival(there, message->size()));
    schedule_.at(last, [this, index = from.connection, to, protocol, message] {
        Connection* const between = alive(index);
        if (between == nullptr) {
            return;
        }
        End& end = between->ends[to];
        const bool open = protocol == Protocol::block_announces
                              ? end.joined
                              : end.open[static_cast<std::size_t>(protocol)];
        if (open) {
            deliver_(end.node, node::NotificationReceived{end.peer, protocol, *message, {}});
        } else {  // it has overtaken the opening of its stream
            end.early[static_cast<std::size_t>(protocol)].push_back(message);
        }
    });
}

void Network::on(NodeIndex from, node::SendRequest& command) {
    const Place* const place = place_of(from, command.peer);
    if (place == nullptr) {
        schedule_.after(Duration::zero(), [this, from, request = command.request] {
            deliver_(from,
                     node::ResponseReceived{
                         request, std::unexpected(network::sync::RequestFailure::disconnected)});
        });
        return;
    }
    ++counts_.requests;
    counts_.bytes += command.body.size();
    const std::uint64_t token = next_token_++;
    questions_.emplace(token, Question{place->connection, place->end, command.request,
                                       command.protocol, happens(weather_.unanswered)});
    schedule_.after(network::limits_of(command.protocol).timeout, [this, token] {
        answer(token, std::unexpected(network::sync::RequestFailure::timeout));
    });
    const std::size_t to = 1 - place->end;
    End& there = connections_[place->connection].ends[to];
    schedule_.at(arrival(there, command.body.size()), [this, token, to, protocol = command.protocol,
                                                       body = std::move(command.body)] {
        const auto question = questions_.find(token);
        if (question == questions_.end() || question->second.lost) {
            return;
        }
        if (Connection* const between = alive(question->second.connection)) {
            const End& end = between->ends[to];
            deliver_(end.node, node::RequestReceived{
                                   end.peer, node::RequestToken(token), protocol, body, {}});
        }
    });
}

void Network::on(NodeIndex from, node::CancelRequest& command) {
    std::erase_if(questions_, [&](const auto& item) {
        const Question& question = item.second;
        return question.request == command.request &&
               connections_[question.connection].ends[question.asker].node == from;
    });
}

void Network::on(NodeIndex /*from*/, node::AnswerRequest& command) {
    const std::uint64_t token = command.token.value;
    const auto question = questions_.find(token);
    if (question == questions_.end()) {
        return;
    }
    std::expected<Bytes, network::sync::RequestFailure> said =
        std::unexpected(network::sync::RequestFailure::refused);
    if (command.answer) {
        said = *command.answer;
        counts_.bytes += command.answer->size();
    }
    End& asker = connections_[question->second.connection].ends[question->second.asker];
    schedule_.at(arrival(asker, said ? said->size() : 0),
                 [this, token, said = std::move(said)] { answer(token, said); });
}

void Network::answer(std::uint64_t token,
                     std::expected<Bytes, network::sync::RequestFailure> said) {
    const auto found = questions_.extract(token);
    if (found.empty()) {
        return;
    }
    const Question& question = found.mapped();
    const End& asker = connections_[question.connection].ends[question.asker];
    schedule_.after(Duration::zero(),
                    [this, node = asker.node, incarnation = incarnation_[asker.node],
                     request = question.request, said = std::move(said)] {
                        if (incarnation_[node] == incarnation) {
                            deliver_(node, node::ResponseReceived{request, said});
                        }
                    });
}

void Network::on(NodeIndex from, network::ReportPeer& command) {
    ++counts_.reports;
    ++counts_.conduct[command.conduct];
    const Place* const place = place_of(from, command.peer);
    if (command.disconnect && place != nullptr) {
        break_connection(place->connection, 100ms);
    }
}

void Network::on(NodeIndex from, node::TellBestBlock& command) {
    if (node_is_up(from)) {
        up_[from] = command.best;
    }
}

}  // namespace stipple::sim
