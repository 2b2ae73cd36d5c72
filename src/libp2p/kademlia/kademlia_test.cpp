#include "libp2p/kademlia/kademlia.hpp"

#include "libp2p/kademlia/kademlia_network.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::kademlia {
namespace {

using testing::address_number;
using testing::Network;
using testing::peer_number;

Config quiet() {
    Config config;
    config.refresh_interval = std::chrono::hours(100);
    return config;
}

Record record_of(std::string_view key, std::string_view value) {
    return {.key = to_bytes(key), .value = to_bytes(value), .publisher = {}, .ttl_seconds = {}};
}

template <class T>
const T& result_of(const std::optional<QueryDone>& done) {
    return std::get<T>(done->result);
}

TEST(Kademlia, three_hundred_nodes_find_the_closest_peers_and_each_others_values) {
    Network network(300, quiet());
    network.join_all();

    const Bytes key = to_bytes("some key");
    std::vector<std::pair<Distance, PeerId>> truth;
    for (std::size_t i = 0; i < network.size(); ++i) {
        truth.emplace_back(distance(key_of(key), key_of(network.id(i))), network.id(i));
    }
    std::sort(truth.begin(), truth.end());
    const auto closest = network.query(17, FindPeers{.key = key});
    ASSERT_TRUE(closest);
    EXPECT_FALSE(closest->timed_out);
    std::size_t right = 0;
    const auto& peers = result_of<FoundPeers>(closest).peers;
    ASSERT_EQ(peers.size(), kBucketSize);
    for (std::size_t i = 0; i < kBucketSize; ++i) {
        right += peers[i].peer == truth[i].second ? 1U : 0U;
    }
    EXPECT_GE(right, kBucketSize - 1);

    for (std::size_t i = 0; i < 10; ++i) {
        const std::string name = "key " + std::to_string(i);
        const auto put = network.query(
            i * 29,
            PutValue{.record = record_of(name, "value of " + name), .quorum = 10, .peers = {}});
        ASSERT_TRUE(put);
        EXPECT_TRUE(result_of<HandedOut>(put).quorum_met);
        const auto got = network.query(299 - i * 17, GetValue{.key = to_bytes(name), .wanted = 4});
        ASSERT_TRUE(got);
        ASSERT_GE(result_of<FoundValues>(got).records.size(), 4U) << name;
        for (const FoundRecord& found : result_of<FoundValues>(got).records) {
            EXPECT_EQ(as_text(found.record.value), "value of " + name);
        }
    }
}

TEST(Kademlia, providers_are_found_and_renewed_until_they_stop) {
    Network network(60, quiet());
    network.join_all();
    const Bytes key = to_bytes("content");
    KademliaEffects effects;
    ASSERT_TRUE(network.node(7).start_providing(network.now(), key, effects));
    network.take(7, std::move(effects));
    network.run_for(std::chrono::minutes(1));
    const auto providers_now = [&] {
        return result_of<FoundProviders>(network.query(50, GetProviders{.key = key})).providers;
    };
    ASSERT_EQ(providers_now().size(), 1U);
    EXPECT_EQ(providers_now()[0].peer, network.id(7));
    EXPECT_EQ(providers_now()[0].addresses, std::vector{address_number(7)});
    network.run_for(2 * kProviderLifetime);
    EXPECT_EQ(providers_now().size(), 1U);
    network.node(7).stop_providing(key);
    network.run_for(2 * kProviderLifetime);
    EXPECT_TRUE(providers_now().empty());
}

/// Peers that do not exist, as close to the key as peer ids can be made to look.
Message junk_for(const Message& request, std::uint64_t salt) {
    Message junk{.kind = request.kind,
                 .key = request.key,
                 .record = record_of("another key", "junk"),
                 .closer_peers = {},
                 .provider_peers = {}};
    for (std::uint64_t i = 0; i < 60; ++i) {
        PeerInfo info{.peer = peer_number(1'000'000 + salt * 1000 + i), .addresses = {}};
        for (std::uint64_t j = 0; j < 50; ++j) {
            info.addresses.push_back(address_number(100'000 + i * 100 + j));
        }
        junk.closer_peers.push_back(std::move(info));
    }
    return junk;
}

TEST(Kademlia, values_are_found_though_a_third_of_the_network_lies_or_is_silent) {
    Network network(200, quiet());
    network.join_all();
    const Bytes key = to_bytes("poisoned key");
    ASSERT_TRUE(network.query(
        1,
        PutValue{
            .record = {.key = key, .value = to_bytes("good"), .publisher = {}, .ttl_seconds = {}},
            .quorum = 10,
            .peers = {}}));
    for (std::size_t i = 10; i < 200; i += 3) {
        network.make_liar(i, [i](const Message& request) -> std::optional<Message> {
            if (i % 2 == 0) {
                return std::nullopt;
            }
            return junk_for(request, i);
        });
    }
    const std::size_t before = network.requests_sent;
    const auto got = network.query(5, GetValue{.key = key, .wanted = 3});
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->timed_out);
    ASSERT_EQ(result_of<FoundValues>(got).records.size(), 3U);
    for (const FoundRecord& found : result_of<FoundValues>(got).records) {
        EXPECT_EQ(as_text(found.record.value), "good");
    }
    EXPECT_LT(network.requests_sent - before, kRequestsPerLookupMax);
    // Nobody that never answered is in a table, and what is told of contacts is bounded.
    for (std::size_t i = 0; i < network.size(); ++i) {
        for (const Contact* contact :
             network.node(i).table().closest(key_of(key), kBuckets * kBucketSize)) {
            EXPECT_LE(contact->addresses.size(), kAddressesPerContactMax);
            bool exists = false;
            for (std::size_t j = 0; j < network.size() && !exists; ++j) {
                exists = network.id(j) == contact->peer;
            }
            EXPECT_TRUE(exists);
        }
    }
}

TEST(Kademlia, a_walk_among_peers_that_do_not_exist_ends) {
    Network network(3, quiet());
    network.make_liar(1, [](const Message& request) { return junk_for(request, 1); });
    network.make_liar(2, [](const Message& request) { return junk_for(request, 2); });
    KademliaEffects effects;
    network.node(0).add_address(network.now(), network.id(1), address_number(1), effects);
    network.node(0).add_address(network.now(), network.id(2), address_number(2), effects);
    network.take(0, std::move(effects));
    const auto got = network.query(0, GetValue{.key = to_bytes("k"), .wanted = 1});
    ASSERT_TRUE(got);
    EXPECT_TRUE(result_of<FoundValues>(got).records.empty());
    network.run_for(std::chrono::minutes(10));
    EXPECT_EQ(network.node(0).query_count(), 0U);
    EXPECT_EQ(network.node(0).request_count(), 0U);
    EXPECT_LE(network.node(0).table().size(), 2U);
}

TEST(Kademlia, records_that_do_not_pass_are_neither_kept_nor_found) {
    Config config = quiet();
    config.records = RecordPolicy::keep;
    config.record_passes = [](const Record& record) { return as_text(record.value) == "good"; };
    Kademlia node(config, peer_number(0), Seed{1});
    KademliaEffects effects;
    Message put{.kind = MessageKind::put_value,
                .key = to_bytes("a"),
                .record = record_of("a", "bad"),
                .closer_peers = {},
                .provider_peers = {}};
    const auto answer = node.on_request({}, peer_number(1), put, effects);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->record->value, to_bytes("bad"));  // tells nothing
    EXPECT_FALSE(node.store().find_record({}, to_bytes("a")));
    put.record = record_of("a", "good");
    ASSERT_TRUE(node.on_request({}, peer_number(1), put, effects));
    EXPECT_TRUE(node.store().find_record({}, to_bytes("a")));
    EXPECT_TRUE(effects.empty());

    node.add_address({}, peer_number(2), address_number(2), effects);
    effects.clear();
    node.start_query({}, GetValue{.key = to_bytes("b"), .wanted = 1}, effects);
    ASSERT_EQ(effects.size(), 1U);
    const auto request = std::get<SendRequest>(effects[0]).request;
    effects.clear();
    node.on_response({}, request,
                     Message{.kind = MessageKind::get_value,
                             .key = to_bytes("b"),
                             .record = record_of("b", "bad"),
                             .closer_peers = {},
                             .provider_peers = {}},
                     effects);
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_TRUE(std::get<FoundValues>(std::get<QueryDone>(effects[0]).result).records.empty());
}

TEST(Kademlia, offered_records_wait_for_the_caller) {
    Kademlia node(quiet(), peer_number(0), Seed{1});
    KademliaEffects effects;
    const Message put{.kind = MessageKind::put_value,
                      .key = to_bytes("a"),
                      .record = record_of("a", "value"),
                      .closer_peers = {},
                      .provider_peers = {}};
    ASSERT_TRUE(node.on_request({}, peer_number(1), put, effects));
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_EQ(std::get<RecordOffered>(effects[0]).from, peer_number(1));
    EXPECT_EQ(node.store().record_count(), 0U);
    EXPECT_TRUE(node.keep_record({}, std::get<RecordOffered>(effects[0]).record));
    const Message get{.kind = MessageKind::get_value,
                      .key = to_bytes("a"),
                      .record = {},
                      .closer_peers = {},
                      .provider_peers = {}};
    const auto answer = node.on_request({}, peer_number(1), get, effects);
    EXPECT_EQ(answer->record->value, to_bytes("value"));
}

TEST(Kademlia, a_client_asks_and_does_not_answer) {
    Config config = quiet();
    config.mode = Mode::client;
    Kademlia node(config, peer_number(0), Seed{1});
    KademliaEffects effects;
    EXPECT_FALSE(node.on_request({}, peer_number(1),
                                 {.kind = MessageKind::ping,
                                  .key = {},
                                  .record = {},
                                  .closer_peers = {},
                                  .provider_peers = {}},
                                 effects));
    node.add_address({}, peer_number(1), address_number(1), effects);
    effects.clear();
    EXPECT_TRUE(node.start_query({}, FindPeers{.key = to_bytes("x")}, effects));
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<SendRequest>(effects[0]));
}

TEST(Kademlia, a_peer_provides_for_itself_only) {
    Kademlia node(quiet(), peer_number(0), Seed{1});
    KademliaEffects effects;
    Message add{.kind = MessageKind::add_provider,
                .key = to_bytes("k"),
                .record = {},
                .closer_peers = {},
                .provider_peers = {{.peer = peer_number(2), .addresses = {address_number(2)}}}};
    EXPECT_FALSE(node.on_request({}, peer_number(1), add, effects));
    EXPECT_EQ(node.store().provided_key_count(), 0U);
    EXPECT_FALSE(node.on_request({}, peer_number(2), add, effects));
    EXPECT_EQ(node.store().providers({}, to_bytes("k")).size(), 1U);
}

TEST(Kademlia, addresses_of_private_networks_are_taken_only_where_allowed) {
    for (const bool allowed : {false, true}) {
        Config config = quiet();
        config.allow_local_addresses = allowed;
        Kademlia node(config, peer_number(0), Seed{1});
        KademliaEffects effects;
        node.add_address({}, peer_number(1), *Multiaddr::parse("/ip4/10.0.0.1/tcp/1"), effects);
        EXPECT_EQ(node.table().size(), allowed ? 1U : 0U);
        node.add_address({}, peer_number(2), *Multiaddr::parse("/ip4/0.0.0.0/tcp/1"), effects);
        EXPECT_EQ(node.table().size(), allowed ? 1U : 0U);
        node.add_address({}, peer_number(3), *address_number(3).with_peer(peer_number(4)), effects);
        EXPECT_EQ(node.table().size(), allowed ? 1U : 0U);
    }
}

TEST(Kademlia, others_cannot_push_the_addresses_of_a_contact_out) {
    Kademlia node(quiet(), peer_number(0), Seed{1});
    KademliaEffects effects;
    node.add_address({}, peer_number(1), address_number(1), effects);
    node.add_address({}, peer_number(2), address_number(2), effects);
    effects.clear();
    node.start_query({}, FindPeers{.key = to_bytes("x")}, effects);
    ASSERT_EQ(effects.size(), 2U);
    const auto asked = std::get<SendRequest>(effects[0]);
    const auto other = std::get<SendRequest>(effects[1]);
    Message lie{.kind = MessageKind::find_node,
                .key = {},
                .record = {},
                .closer_peers = {{.peer = other.peer, .addresses = {}}},
                .provider_peers = {}};
    for (std::uint64_t i = 100; i < 130; ++i) {
        lie.closer_peers[0].addresses.push_back(address_number(i));
    }
    node.on_response({}, asked.request, lie, effects);
    lie.closer_peers.clear();
    node.on_response({}, other.request, lie, effects);
    EXPECT_EQ(node.table().find(other.peer)->addresses, other.addresses);
    const auto& done = std::get<QueryDone>(effects.back());
    for (const PeerInfo& found : std::get<FoundPeers>(done.result).peers) {
        if (found.peer == other.peer) {
            EXPECT_EQ(found.addresses[0], other.addresses[0]);
            EXPECT_EQ(found.addresses.size(), kAddressesPerPeerMax);
        }
    }
}

TEST(Kademlia, queries_are_bounded_and_can_be_cancelled) {
    Kademlia node(quiet(), peer_number(0), Seed{1});
    KademliaEffects effects;
    node.add_address({}, peer_number(1), address_number(1), effects);
    std::vector<QueryId> ids;
    for (std::size_t i = 0; i < kQueriesMax; ++i) {
        ids.push_back(
            *node.start_query({}, FindPeers{.key = to_bytes(std::to_string(i))}, effects));
    }
    EXPECT_FALSE(node.start_query({}, FindPeers{.key = to_bytes("more")}, effects));
    for (const QueryId id : ids) {
        node.cancel_query(id);
    }
    EXPECT_EQ(node.query_count(), 0U);
    EXPECT_EQ(node.request_count(), 0U);
    EXPECT_FALSE(node.start_query({}, FindPeers{.key = Bytes(kKeyBytesMax + 1, 1)}, effects));
    EXPECT_FALSE(node.start_query({},
                                  PutValue{.record = {.key = {},
                                                      .value = Bytes(kValueBytesMax + 1, 1),
                                                      .publisher = {},
                                                      .ttl_seconds = {}},
                                           .quorum = 1,
                                           .peers = {}},
                                  effects));
}

TEST(Kademlia, a_query_without_anybody_to_ask_is_done_at_once) {
    Kademlia node(quiet(), peer_number(0), Seed{1});
    KademliaEffects effects;
    const auto id = node.start_query({}, FindPeers{.key = to_bytes("x")}, effects);
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_EQ(std::get<QueryDone>(effects[0]).query, *id);
}

TEST(Kademlia, late_answers_free_their_place_and_still_count) {
    Kademlia node(quiet(), peer_number(0), Seed{1});
    KademliaEffects effects;
    for (std::uint64_t i = 1; i <= 5; ++i) {
        node.add_address({}, peer_number(i), address_number(i), effects);
    }
    effects.clear();
    node.start_query({}, FindPeers{.key = to_bytes("x")}, effects);
    ASSERT_EQ(effects.size(), kParallelism);
    const auto first = std::get<SendRequest>(effects[0]);
    effects.clear();
    const Instant later = Instant{} + kPeerTimeout;
    EXPECT_LE(*node.wake_at(), later);
    node.on_wake(later, effects);
    std::size_t sent = 0;
    for (const auto& effect : effects) {
        sent += std::holds_alternative<SendRequest>(effect) ? 1U : 0U;
    }
    EXPECT_GE(sent, 2U);  // the other two, and our own walk
    effects.clear();
    node.on_response(later, first.request,
                     Message{.kind = MessageKind::find_node,
                             .key = {},
                             .record = {},
                             .closer_peers = {},
                             .provider_peers = {}},
                     effects);
    node.on_wake(later + kPeerTimeout, effects);
    const auto done = std::find_if(effects.begin(), effects.end(), [](const auto& effect) {
        return std::holds_alternative<QueryDone>(effect);
    });
    ASSERT_NE(done, effects.end());
    const auto& peers = std::get<FoundPeers>(std::get<QueryDone>(*done).result).peers;
    ASSERT_EQ(peers.size(), 1U);
    EXPECT_EQ(peers[0].peer, first.peer);
}

TEST(Kademlia, answers_fit_into_a_message_whatever_the_addresses) {
    Kademlia node(quiet(), peer_number(0), Seed{1});
    KademliaEffects effects;
    const std::string name(240, 'n');
    for (std::uint64_t i = 1; i <= 40; ++i) {
        for (int j = 0; j < 8; ++j) {
            node.add_address({}, peer_number(i),
                             *Multiaddr::parse("/dns/" + name + std::to_string(j) +
                                               "/tcp/1/tls/sni/" + name + "/ws"),
                             effects);
        }
    }
    ASSERT_TRUE(node.keep_record({}, record_of("k", std::string(kValueBytesMax, 'v'))));
    const auto answer = node.on_request({}, peer_number(99),
                                        {.kind = MessageKind::get_value,
                                         .key = to_bytes("k"),
                                         .record = {},
                                         .closer_peers = {},
                                         .provider_peers = {}},
                                        effects);
    ASSERT_TRUE(answer && answer->record);
    EXPECT_LT(answer->closer_peers.size(), kBucketSize);
    EXPECT_LE(encode_message(*answer).size(), kMessageBytesMax);
}

}  // namespace
}  // namespace stipple::libp2p::kademlia
