#include "libp2p/kademlia/query.hpp"

#include "base/check.hpp"

namespace stipple::libp2p::kademlia {

namespace {

const Bytes& key_of_task(const QueryTask& task) {
    return std::visit(
        [](const auto& one) -> const Bytes& {
            if constexpr (requires { one.key; }) {
                return one.key;
            } else {
                return one.record.key;
            }
        },
        task);
}

template <class T>
bool is(const QueryTask& task) {
    return std::holds_alternative<T>(task);
}

}  // namespace

Query::Query(QueryTask task, Instant deadline)
    : task_(std::move(task)),
      key_(key_of_task(task_)),
      lookup_(kademlia::key_of(key_)),
      deadline_(deadline) {
    if (const auto* put = std::get_if<PutValue>(&task_); put != nullptr && !put->peers.empty()) {
        handing_out_ = true;
        to_hand_.assign(put->peers.begin(),
                        put->peers.begin() +
                            static_cast<std::ptrdiff_t>(std::min(put->peers.size(), kBucketSize)));
    }
}

bool Query::is_writing() const {
    return is<PutValue>(task_) || is<Provide>(task_);
}

std::size_t Query::quorum() const {
    if (const auto* put = std::get_if<PutValue>(&task_)) {
        return put->quorum;
    }
    const auto* provide = std::get_if<Provide>(&task_);
    return provide != nullptr ? provide->quorum : 0;
}

MessageKind Query::walk_kind() const {
    return is<GetValue>(task_)       ? MessageKind::get_value
           : is<GetProviders>(task_) ? MessageKind::get_providers
                                     : MessageKind::find_node;
}

Message Query::hand_out_message(const PeerInfo& own) const {
    Message message;
    message.key = key_;
    if (const auto* put = std::get_if<PutValue>(&task_)) {
        message.kind = MessageKind::put_value;
        message.record = put->record;
    } else {
        message.kind = MessageKind::add_provider;
        message.provider_peers.push_back(own);
    }
    return message;
}

std::optional<Query::Ask> Query::next_ask(Instant now, const PeerInfo& own) {
    if (!handing_out_ && is_writing() && lookup_.done()) {
        handing_out_ = true;
        to_hand_ = lookup_.closest();
    }
    if (handing_out_) {
        if (to_hand_.empty()) {
            return std::nullopt;
        }
        Ask ask{.peer = std::move(to_hand_.back()),
                .message = hand_out_message(own),
                .expects_answer = is<PutValue>(task_)};
        to_hand_.pop_back();
        ++asked_;
        handed_.insert_or_assign(ask.peer.peer, now + kPeerTimeout);
        return ask;
    }
    auto peer = lookup_.to_ask(now);
    if (!peer) {
        return std::nullopt;
    }
    return Ask{.peer = std::move(*peer),
               .message = {.kind = walk_kind(),
                           .key = key_,
                           .record = {},
                           .closer_peers = {},
                           .provider_peers = {}},
               .expects_answer = true};
}

bool Query::on_answer(const PeerId& from, const Message* answer, std::span<const PeerInfo> closer) {
    if (handing_out_ && handed_.contains(from)) {
        const bool fits =
            is<Provide>(task_) || (answer != nullptr && answer->kind == MessageKind::put_value);
        handed_.erase(from);
        accepted_ += fits ? 1 : 0;
        return fits;
    }
    if (answer == nullptr || answer->kind != walk_kind()) {
        lookup_.on_failure(from);
        return false;
    }
    lookup_.on_answer(from, closer);
    return true;
}

bool Query::on_failure(const PeerId& peer) {
    return (handing_out_ && handed_.erase(peer) > 0) || lookup_.on_failure(peer);
}

std::vector<PeerId> Query::expire(Instant now) {
    std::vector<PeerId> late = lookup_.expire(now);
    for (const auto& [peer, due] : handed_) {
        if (due <= now) {
            late.push_back(peer);
        }
    }
    std::erase_if(handed_, [&](const auto& entry) { return entry.second <= now; });
    return late;
}

void Query::add_record(const PeerId& from, const Record& record) {
    const auto same = [&](const FoundRecord& found) { return found.from == from; };
    if (is<GetValue>(task_) && record.key == key_ && records_.size() < kFoundRecordsMax &&
        std::none_of(records_.begin(), records_.end(), same)) {
        records_.push_back({.from = from, .record = record});
    }
}

void Query::add_provider(const PeerInfo& provider) {
    const auto same = [&](const PeerInfo& known) { return known.peer == provider.peer; };
    if (is<GetProviders>(task_) && providers_.size() < kFoundProvidersMax &&
        std::none_of(providers_.begin(), providers_.end(), same)) {
        providers_.push_back(provider);
    }
}

bool Query::done(Instant now) const {
    if (timed_out(now)) {
        return true;
    }
    if (const auto* get = std::get_if<GetValue>(&task_)) {
        return records_.size() >= std::min(get->wanted, kFoundRecordsMax) || lookup_.done();
    }
    if (is_writing()) {
        return handing_out_ && to_hand_.empty() && handed_.empty();
    }
    return lookup_.done();
}

QueryResult Query::result() const {
    if (is<GetValue>(task_)) {
        return FoundValues{.records = records_, .closest = lookup_.closest()};
    }
    if (is<GetProviders>(task_)) {
        return FoundProviders{.providers = providers_};
    }
    if (is_writing()) {
        return HandedOut{
            .accepted = accepted_, .asked = asked_, .quorum_met = accepted_ >= quorum()};
    }
    return FoundPeers{.peers = lookup_.closest()};
}

Instant Query::wake_at() const {
    Instant earliest = lookup_.wake_at().value_or(deadline_);
    for (const auto& [peer, due] : handed_) {
        earliest = std::min(earliest, due);
    }
    return std::min(earliest, deadline_);
}

}  // namespace stipple::libp2p::kademlia
