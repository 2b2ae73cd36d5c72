// Hundreds of machines wired in memory, for tests: time is a number, requests are events.
//
// libp2p: kad-dht
#pragma once

#include "libp2p/kademlia/kademlia.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace stipple::libp2p::kademlia::testing {

inline PeerId peer_number(std::uint64_t number) {
    crypto::Ed25519Public key;
    const Bytes raw = Prng(Seed{number * 7919 + 13}).bytes(32);
    std::copy(raw.begin(), raw.end(), key.bytes.begin());
    return peer_id_of(key);
}

inline Multiaddr address_number(std::uint64_t number) {
    return Multiaddr::tcp(IpAddress::v4_of({45, static_cast<std::uint8_t>(number >> 16),
                                            static_cast<std::uint8_t>(number >> 8),
                                            static_cast<std::uint8_t>(number)}),
                          30333);
}

class Network {
 public:
    /// Answers in place of a node; absent: it never answers.
    using Liar = std::function<std::optional<Message>(const Message&)>;

    explicit Network(std::size_t count, Config config = {}) {
        for (std::size_t i = 0; i < count; ++i) {
            ids_.push_back(peer_number(i));
            numbers_[ids_.back()] = i;
            nodes_.push_back(std::make_unique<Kademlia>(config, ids_.back(), Seed{i}));
            nodes_.back()->set_own_addresses(std::vector{address_number(i)});
        }
    }

    Kademlia& node(std::size_t i) { return *nodes_[i]; }
    const PeerId& id(std::size_t i) const { return ids_[i]; }
    std::size_t size() const { return nodes_.size(); }
    Instant now() const { return now_; }
    void make_liar(std::size_t i, Liar liar) { liars_[i] = std::move(liar); }

    /// Everybody knows the first node and walks to itself.
    void join_all() {
        for (std::size_t i = 1; i < nodes_.size(); ++i) {
            KademliaEffects effects;
            nodes_[i]->add_address(now_, ids_[0], address_number(0), effects);
            take(i, std::move(effects));
            run_for(std::chrono::seconds(1));
        }
        run_for(std::chrono::minutes(2));
    }

    std::optional<QueryDone> query(std::size_t at, QueryTask task) {
        KademliaEffects effects;
        const auto id = nodes_[at]->start_query(now_, std::move(task), effects);
        take(at, std::move(effects));
        for (int i = 0; i < 400 && !done_.contains({at, id->value}); ++i) {
            run_for(std::chrono::seconds(1));
        }
        const auto found = done_.find({at, id->value});
        return found == done_.end() ? std::nullopt : std::optional(found->second);
    }

    void take(std::size_t at, KademliaEffects effects) {
        for (KademliaEffect& effect : effects) {
            if (auto* request = std::get_if<SendRequest>(&effect)) {
                ++requests_sent;
                send(at, std::move(*request));
            } else if (auto* done = std::get_if<QueryDone>(&effect)) {
                done_.insert_or_assign({at, done->query.value}, std::move(*done));
            } else if (const auto* offered = std::get_if<RecordOffered>(&effect)) {
                nodes_[at]->keep_record(now_, offered->record);
            }
        }
    }

    void run_for(Duration duration) {
        const Instant end = now_ + duration;
        while (true) {
            const std::optional<Instant> next = next_event();
            if (!next || *next > end) {
                break;
            }
            now_ = std::max(now_, *next);
            if (!events_.empty() && events_.begin()->first.first <= now_) {
                auto event = std::move(events_.begin()->second);
                events_.erase(events_.begin());
                event();
                continue;
            }
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                const auto wake = nodes_[i]->wake_at();
                if (wake && *wake <= now_ && !liars_.contains(i)) {
                    KademliaEffects effects;
                    nodes_[i]->on_wake(now_, effects);
                    take(i, std::move(effects));
                }
            }
        }
        now_ = end;
    }

    std::size_t requests_sent = 0;

 private:
    void at(Instant when, std::function<void()> event) {
        events_.emplace(std::pair(when, ++sequence_), std::move(event));
    }

    std::optional<Instant> next_event() const {
        std::optional<Instant> next;
        if (!events_.empty()) {
            next = events_.begin()->first.first;
        }
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const auto wake = liars_.contains(i) ? std::nullopt : nodes_[i]->wake_at();
            if (wake && (!next || *wake < *next)) {
                next = wake;
            }
        }
        return next;
    }

    void fail(std::size_t from, RequestId request, Duration after) {
        at(now_ + after, [this, from, request] {
            KademliaEffects effects;
            nodes_[from]->on_failure(now_, request, effects);
            take(from, std::move(effects));
        });
    }

    void send(std::size_t from, SendRequest request) {
        const auto number = numbers_.find(request.peer);
        if (number == numbers_.end()) {
            fail(from, request.request, std::chrono::seconds(30));  // nobody is there
            return;
        }
        at(now_ + std::chrono::milliseconds(50),
           [this, from, to = number->second, request = std::move(request)] {
               deliver(from, to, request);
           });
    }

    void deliver(std::size_t from, std::size_t to, const SendRequest& request) {
        const auto message = decode_message(encode_message(request.message));
        std::optional<Message> answer;
        const auto liar = liars_.find(to);
        if (liar != liars_.end()) {
            answer = liar->second(*message);
        } else {
            KademliaEffects effects;
            // Both ends identify themselves when they connect.
            nodes_[to]->add_address(now_, ids_[from], address_number(from), effects);
            answer = nodes_[to]->on_request(now_, ids_[from], *message, effects);
            take(to, std::move(effects));
        }
        if (!answer && request.expects_answer) {
            fail(from, request.request, std::chrono::seconds(20));
            return;
        }
        at(now_ + std::chrono::milliseconds(50), [this, from, id = request.request, answer] {
            std::optional<Message> arrived;
            if (answer) {
                arrived = decode_message(encode_message(*answer)).value_or(Message{});
            }
            KademliaEffects effects;
            nodes_[from]->on_response(now_, id, arrived, effects);
            take(from, std::move(effects));
        });
    }

    Instant now_;
    std::uint64_t sequence_ = 0;
    std::vector<PeerId> ids_;
    std::map<PeerId, std::size_t> numbers_;
    std::vector<std::unique_ptr<Kademlia>> nodes_;
    std::map<std::size_t, Liar> liars_;
    std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> events_;
    std::map<std::pair<std::size_t, std::uint64_t>, QueryDone> done_;
};

}  // namespace stipple::libp2p::kademlia::testing
