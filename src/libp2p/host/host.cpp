#include "libp2p/host/host.hpp"

#include "base/check.hpp"

namespace stipple::libp2p {

std::size_t bytes_of(const HostEvent& event) {
    return std::visit(
        [](const auto& it) -> std::size_t {
            if constexpr (requires { it.request.size(); }) {
                return it.request.size();
            } else if constexpr (requires { it.response.size(); }) {
                return it.response.size();
            } else if constexpr (requires { it.handshake.size(); }) {
                return it.handshake.size();
            } else if constexpr (requires { it.message.size(); }) {
                return it.message.size();
            } else {
                return 0;
            }
        },
        event);
}

Host::Host(const HostConfig& config, const noise::LocalIdentity& local)
    : protocols_(config.protocols),
      identify_(config.identify),
      remote_(config.remote),
      ping_(config.ping),
      connection_(config.connection, local, config.protocols->accepted()),
      prng_(Seed{config.connection.seed.value ^ 0x686f7374}) {}

// ---- the connection ----

void Host::exchange(ByteExchange& socket) {
    const Instant now = socket.now;
    if (over_ && !connection_.is_over()) {
        socket.take(socket.unread.size());
        socket.output_ended = true;
        return;
    }
    wake_due(now);
    bool more = true;
    for (int turn = 0; more && turn < kTurnsMax; ++turn) {
        connection_.exchange(socket);
        const auto events = connection_.take_events();
        for (const ConnectionEvent& event : events) {
            on_connection_event(now, event);
        }
        more = run(now) || !events.empty();
    }
    if (over_) {
        socket.output_ended = true;
        return;
    }
    if (more) {
        socket.wake(now);
    }
    if (!wakes_.empty()) {
        socket.wake(wakes_.begin()->first);
    }
    if (ping_again_at_) {
        socket.wake(*ping_again_at_);
    }
}

std::vector<HostEvent> Host::take_events() {
    event_bytes_ = 0;
    return std::exchange(events_, {});
}

void Host::tell(HostEvent event) {
    event_bytes_ += bytes_of(event);
    events_.push_back(std::move(event));
}

bool Host::may_tell() const {
    return events_.size() < kHostEventsMax && event_bytes_ < kHostEventBytesMax;
}

void Host::on_connection_event(Instant now, const ConnectionEvent& event) {
    if (over_) {
        return;
    }
    if (const auto* ready = std::get_if<Ready>(&event)) {
        ready_ = true;
        tell(*ready);
        const std::string name(kIdentifyName);
        open(now, {&name, 1},
             {.machine = IdentifyReceive(now),
              .purpose = Purpose::identify,
              .direction = Direction::outbound});
        start_ping(now);
    } else if (const auto* opened = std::get_if<Opened>(&event)) {
        on_opened(now, *opened);
    } else if (const auto* failed = std::get_if<OpenFailed>(&event)) {
        on_open_failed(now, *failed);
    } else if (const auto* readable = std::get_if<Readable>(&event)) {
        runnable_.insert(readable->stream);
    } else if (const auto* writable = std::get_if<Writable>(&event)) {
        runnable_.insert(writable->stream);
    } else if (const auto* ended = std::get_if<Ended>(&event)) {
        on_lost(now, ended->stream);
    } else if (const auto* reset = std::get_if<Reset>(&event)) {
        on_lost(now, reset->stream);
    } else if (const auto* broken = std::get_if<Failed>(&event)) {
        end(*broken);
    } else {
        end(Closed{});
    }
}

void Host::on_open_failed(Instant now, const OpenFailed& failed) {
    const auto it = substreams_.find(failed.substream);
    if (it == substreams_.end()) {
        return;
    }
    Substream& substream = it->second;
    const OpenFailure reason = failed.reason;
    if (substream.purpose == Purpose::ping && reason != OpenFailure::refused) {
        on_ping_failed(now);  // who does not speak ping is not asked again
    } else if (substream.purpose == Purpose::notifications) {
        on_notifications_ended(substream,
                               reason == OpenFailure::refused ? NotificationsFailure::unsupported
                               : reason == OpenFailure::timed_out ? NotificationsFailure::timed_out
                               : reason == OpenFailure::reset     ? NotificationsFailure::refused
                                                              : NotificationsFailure::malformed);
    } else if (std::holds_alternative<RequestOut>(substream.machine)) {
        on_request_failed(substream, reason == OpenFailure::refused ? RequestFailure::unsupported
                                     : reason == OpenFailure::timed_out ? RequestFailure::timed_out
                                     : reason == OpenFailure::reset     ? RequestFailure::refused
                                                                    : RequestFailure::malformed);
    }
    erase(failed.substream);
}

void Host::end(HostEvent last) {
    over_ = true;
    for (const auto& [request, substream] : requests_out_) {
        tell(RequestFailed{RequestId(request), RequestFailure::disconnected});
    }
    substreams_.clear();
    runnable_.clear();
    wakes_.clear();
    notifications_.clear();
    requests_out_.clear();
    requests_in_.clear();
    draining_.clear();
    answer_bytes_ = 0;
    tell(std::move(last));
}

void Host::close() {
    close_wanted_ = true;
    for (const auto& [id, substream] : substreams_) {
        connection_.reset(id);
    }
    runnable_.clear();
    connection_.close();
}

std::expected<SubstreamId, OpenError> Host::open(Instant now, std::span<const std::string> names,
                                                 Substream substream) {
    if (over_ || close_wanted_) {
        return std::unexpected(OpenError::closing);
    }
    const auto id = connection_.open(now, names);
    if (id) {
        substreams_.emplace(*id, std::move(substream));
    }
    return id;
}

// ---- ping and identify ----

void Host::start_ping(Instant now) {
    ping_again_at_.reset();
    const std::string name(kPingName);
    const auto id = open(now, {&name, 1},
                         {.machine = PingOut(ping_, prng_.fork(), now),
                          .purpose = Purpose::ping,
                          .direction = Direction::outbound});
    if (!id) {
        ping_again_at_ = now + ping_.interval;
    }
}

void Host::on_ping_failed(Instant now) {
    if (now - connection_.last_heard() >= kSilenceMax) {
        end(Failed{ConnectionFailure::timed_out, "the peer is silent"});
        return;
    }
    ping_again_at_ = now + ping_.interval;
}

IdentifyInfo Host::own_info() const {
    IdentifyInfo info = *identify_;
    info.observed_address = remote_;
    info.protocols.assign(protocols_->accepted()->begin(), protocols_->accepted()->end());
    return info;
}

void Host::set_identify(Instant now, std::shared_ptr<const IdentifyInfo> identify) {
    identify_ = std::move(identify);
    if (pushes_) {
        const std::string name(kIdentifyPushName);
        open(now, {&name, 1},
             {.machine = IdentifySend(own_info(), now),
              .purpose = Purpose::identify,
              .direction = Direction::outbound});
    }
}

bool Host::in_use() const {
    return std::ranges::any_of(substreams_, [](const auto& entry) {
        const Purpose purpose = entry.second.purpose;
        return purpose == Purpose::request || purpose == Purpose::kademlia ||
               purpose == Purpose::notifications;
    });
}

// ---- requests ----

void Host::send(Instant now, std::span<const std::string> names, Substream request) {
    const RequestId id(request.request);
    CHECK(!requests_out_.contains(id.value));
    if (requests_out_.size() >= kRequestsOutMax) {
        tell(RequestFailed{id, RequestFailure::overloaded});
        return;
    }
    const Instant deadline = std::get<RequestOut>(request.machine).deadline();
    const auto opened = open(now, names, std::move(request));
    if (!opened) {
        tell(RequestFailed{id, opened.error() == OpenError::too_many
                                   ? RequestFailure::overloaded
                                   : RequestFailure::disconnected});
        return;
    }
    requests_out_.emplace(id.value, *opened);
    set_wake(*opened, substreams_.at(*opened), deadline);
}

void Host::send_request(Instant now, RequestId id, RequestProtocolId protocol, Bytes request) {
    const RequestProtocol& about = protocols_->of(protocol);
    const RequestOutConfig config{.response_bytes_max = about.response_bytes_max,
                                  .deadline = now + about.timeout};
    send(now, about.names,
         {.machine = RequestOut(config, std::move(request)),
          .purpose = Purpose::request,
          .direction = Direction::outbound,
          .index = protocol.value,
          .request = id.value});
}

void Host::send_kademlia(Instant now, RequestId id, Bytes request, bool one_way) {
    if (protocols_->kademlia().empty()) {
        tell(RequestFailed{id, RequestFailure::unsupported});
        return;
    }
    const RequestOutConfig config{.response_bytes_max = kKademliaMessageBytesMax,
                                  .deadline = now + kKademliaTimeout,
                                  .one_way = one_way};
    send(now, protocols_->kademlia(),
         {.machine = RequestOut(config, std::move(request)),
          .purpose = Purpose::kademlia,
          .direction = Direction::outbound,
          .request = id.value});
}

void Host::cancel_request(RequestId id) {
    if (const auto it = requests_out_.find(id.value); it != requests_out_.end()) {
        const SubstreamId where = it->second;
        connection_.reset(where);
        erase(where);
    }
}

bool Host::respond(InboundRequestId id, Bytes response) {
    const auto it = requests_in_.find(id.value);
    if (it == requests_in_.end()) {
        return false;
    }
    Substream& substream = substreams_.at(it->second);
    const std::size_t most =
        substream.purpose == Purpose::kademlia
            ? kKademliaMessageBytesMax
            : protocols_->of(RequestProtocolId(substream.index)).response_bytes_max;
    if (response.size() > most || answer_bytes_ + response.size() > kAnswerBytesHeldMax) {
        refuse(id);
        return false;
    }
    substream.answer_bytes = response.size();
    answer_bytes_ += response.size();
    std::get<RequestIn>(substream.machine).answer(std::move(response));
    runnable_.insert(it->second);
    requests_in_.erase(it);
    return true;
}

void Host::drop_answers() {
    std::vector<SubstreamId> held;
    for (const auto& [id, substream] : substreams_) {
        if (substream.answer_bytes > 0) {
            held.push_back(id);
        }
    }
    for (const SubstreamId id : held) {
        connection_.reset(id);
        erase(id);
    }
}

bool Host::refuse(InboundRequestId id) {
    const auto it = requests_in_.find(id.value);
    if (it == requests_in_.end()) {
        return false;
    }
    std::get<RequestIn>(substreams_.at(it->second).machine).refuse();
    runnable_.insert(it->second);
    requests_in_.erase(it);
    return true;
}

}  // namespace stipple::libp2p
