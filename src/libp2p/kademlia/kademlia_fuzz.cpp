// Bytes become a life of one machine: contacts, queries, requests, answers that lie, failures,
// time. Afterwards everything is bounded, every query has ended, and nothing is awaited. Bytes are
// also decoded as a message: what decodes encodes to the same message.
#include "base/check.hpp"
#include "libp2p/kademlia/kademlia_network.hpp"
#include "tests/support/bytecode.hpp"

namespace {

using namespace stipple;
using namespace stipple::libp2p::kademlia;
using libp2p::kademlia::testing::address_number;
using libp2p::kademlia::testing::peer_number;

class Life {
 public:
    explicit Life(ByteView input)
        : input_(input.data(), input.size()), node_(config(), peer_number(0), Seed{1}) {}

    void run() {
        while (input_.more()) {
            step();
            settle();
        }
        // Everybody fails from here on, until all queries are over.
        for (int i = 0; i < 100; ++i) {
            now_ = now_ + std::chrono::seconds(30);
            node_.on_wake(now_, effects_);
            settle();
            while (!open_.empty()) {
                const RequestId request = open_.back();
                open_.pop_back();
                node_.on_failure(now_, request, effects_);
                settle();
            }
        }
        CHECK(done_ == started_);
        CHECK(node_.query_count() == 0 && node_.request_count() == 0);
    }

 private:
    static Config config() {
        Config made;
        made.refresh_interval = std::chrono::hours(2);
        return made;
    }

    void step() {
        switch (const std::uint8_t choice = input_.next(); choice % 8) {
            case 0:
                node_.add_address(now_, peer_number(input_.next()), address_number(input_.next()),
                                  effects_);
                break;
            case 1:
                start();
                break;
            case 2:
                answer(message());
                break;
            case 3:
                answer(std::nullopt);
                break;
            case 4:
                fail();
                break;
            case 5:
                if (const auto request = message()) {
                    node_.on_request(now_, peer_number(input_.next()), *request, effects_);
                }
                break;
            case 6:
                now_ = now_ + std::chrono::seconds(input_.next());
                node_.on_wake(now_, effects_);
                break;
            default:
                if (choice < 128) {
                    node_.on_connected(peer_number(input_.next()));
                } else {
                    node_.on_disconnected(peer_number(input_.next()));
                }
        }
    }

    void start() {
        const std::uint8_t choice = input_.next();
        const Bytes key = to_bytes(input_.take(input_.next()));
        std::optional<QueryId> started;
        switch (choice % 5) {
            case 0:
                started = node_.start_query(now_, FindPeers{.key = key}, effects_);
                break;
            case 1:
                started = node_.start_query(now_, GetValue{.key = key, .wanted = 2}, effects_);
                break;
            case 2:
                started = node_.start_query(
                    now_,
                    PutValue{
                        .record = {.key = key, .value = key, .publisher = {}, .ttl_seconds = {}},
                        .quorum = 1,
                        .peers = {}},
                    effects_);
                break;
            case 3:
                started = node_.start_query(now_, GetProviders{.key = key}, effects_);
                break;
            default:
                started = node_.start_query(now_, Provide{.key = key, .quorum = 1}, effects_);
        }
        started_ += started ? 1U : 0U;
    }

    std::optional<Message> message() {
        const std::uint8_t choice = input_.next();
        if (choice % 2 == 0) {
            const auto decoded = decode_message(input_.take(input_.next()));
            return decoded ? std::optional(*decoded) : std::nullopt;
        }
        Message made{.kind = static_cast<MessageKind>(choice % 6),
                     .key = to_bytes(input_.take(input_.next())),
                     .record = {},
                     .closer_peers = {},
                     .provider_peers = {}};
        made.record =
            Record{.key = made.key, .value = made.key, .publisher = {}, .ttl_seconds = {}};
        for (std::uint64_t i = 0; i < choice; ++i) {
            made.closer_peers.push_back(
                {.peer = peer_number(input_.next() + i * 256), .addresses = {address_number(i)}});
        }
        made.provider_peers = made.closer_peers;
        return made;
    }

    void answer(const std::optional<Message>& with) {
        if (!open_.empty()) {
            const std::size_t at = input_.next() % open_.size();
            const RequestId request = open_[at];
            open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
            node_.on_response(now_, request, with, effects_);
        }
    }
    void fail() {
        if (!open_.empty()) {
            const RequestId request = open_.front();
            open_.erase(open_.begin());
            node_.on_failure(now_, request, effects_);
        }
    }

    void settle() {
        for (const KademliaEffect& effect : effects_) {
            if (const auto* request = std::get_if<SendRequest>(&effect)) {
                CHECK(encode_message(request->message).size() <= kMessageBytesMax);
                open_.push_back(request->request);
            } else if (std::holds_alternative<QueryDone>(effect)) {
                ++done_;
            } else if (const auto* offered = std::get_if<RecordOffered>(&effect)) {
                node_.keep_record(now_, offered->record);
            }
        }
        effects_.clear();
        CHECK(node_.query_count() <= kQueriesMax);
        CHECK(node_.store().record_count() <= kStoredRecordsMax);
        CHECK(node_.store().record_bytes() <= kStoredBytesMax);
        CHECK(node_.store().provided_key_count() <= kProvidedKeysMax);
    }

    fuzzing::Bytecode input_;
    Instant now_;
    Kademlia node_;
    KademliaEffects effects_;
    std::vector<RequestId> open_;
    std::size_t started_ = 0;
    std::size_t done_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (const auto message = decode_message(input)) {
        CHECK(decode_message(encode_message(*message)) == *message);
    }
    if (size <= 4096) {
        Life(input).run();
    }
    return 0;
}
