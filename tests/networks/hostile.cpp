// Attacks upon a running node, one per call; the node's own log and RPC tell what came of them.
//
//     hostile <attack> <port> <genesis hash, hex> [<port of an honest node>]
//
// Prints `ok`, or what did not happen, then the peer ids it came under; ends with 0 or 1.
// tests/networks/hostile_test.py has the table of what the node must say of each. Blocks that only
// their author could have sealed are sealed here with the well-known key //Alice.
// Spec: sect-networking, sect-msg-grandpa. Bounds: none, it is a load for tests.
#include "crypto/suri.hpp"
#include "libp2p/kademlia/messages.hpp"
#include "network/messages/state_request.hpp"
#include "network/messages/warp_request.hpp"
#include "primitives/grandpa.hpp"
#include "villain.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace stipple::hostile {
namespace {

/// Empty when it went as it should.
using Outcome = std::string;
struct Target {
    Gang& gang;
    std::optional<std::uint16_t> honest_port;
};

Outcome closed(Gang& gang, const Villain& villain, Duration wait = 15s) {
    return gang.until(wait, [&] { return villain.gone; }) ? "" : "the node keeps the connection";
}
/// Joined, with a best block far above the node's.
Villain& liar(Gang& gang) {
    Villain& villain = gang.dial();
    gang.join(villain, {BlockHash::copy(Bytes(32, 77)), 1000});
    return villain;
}
/// Joined, with the node's own best block.
Villain& neighbour(Gang& gang) {
    Villain& villain = gang.dial();
    gang.join(villain, {gang.genesis(), 0});
    return villain;
}

// ---- handshakes ----

Outcome wrong_genesis(const Target& target) {
    const Bytes other = network::encode(network::BlockAnnounceHandshake{
        .role = network::Role::full, .best = {}, .genesis = BlockHash::copy(Bytes(32, 66))});
    Villain& villain = target.gang.dial();
    villain.host->open_notifications(io::now(), note(Protocol::block_announces), other);
    target.gang.touch(villain);
    if (const auto bad = closed(target.gang, villain); !bad.empty()) {
        return bad;
    }
    return closed(target.gang, target.gang.dial(&villain), 3s).empty() ? "" : "it is not banned";
}

Outcome garbage_handshake(const Target& target) {
    Villain& villain = target.gang.dial();
    villain.host->open_notifications(io::now(), note(Protocol::block_announces), Bytes(20, 0xff));
    target.gang.touch(villain);
    const auto refused = [&] { return !villain.all<libp2p::NotificationsRefused>().empty(); };
    return target.gang.until(10s, refused) ? "" : "it is not refused";
}

Outcome endless_handshakes(const Target& target) {
    std::vector<Villain*> crowd{&target.gang.dial_raw(Bytes(200'000, 0xff))};
    if (const auto bad = closed(target.gang, *crowd.front(), 3s); !bad.empty()) {
        return "garbage: " + bad;
    }
    static constexpr std::string_view kBeginning = "\x13/multistream/1.0.0\n";
    for (int i = 0; i < 300; ++i) {  // silent ones, and ones that begin and go no further
        const std::string_view beginning = kBeginning.substr(0, i % 2 == 0 ? 0 : kBeginning.size());
        crowd.push_back(&target.gang.dial_raw(Bytes(beginning.begin(), beginning.end())));
    }
    const auto all_gone = [&] {
        return std::ranges::all_of(crowd, [](const Villain* each) { return each->gone; });
    };
    return target.gang.until(20s, all_gone) ? "" : "half-open connections stay";
}

// ---- lengths, floods ----

Outcome oversized_lengths(const Target& target) {
    Villain& villain = neighbour(target.gang);
    const libp2p::RequestId id(1);
    villain.host->send_request(io::now(), id, request(Protocol::sync), Bytes(2 << 20U, 1));
    target.gang.touch(villain);
    const auto refused = [&] { return !villain.all<libp2p::RequestFailed>().empty(); };
    if (!target.gang.until(5s, refused)) {
        return "a request of 2 MiB is not refused";
    }
    target.gang.notify(villain, Protocol::block_announces, Bytes(5 << 20U, 1));
    const auto shut = [&] {
        return villain.gone || !villain.all<libp2p::NotificationsClosed>().empty();
    };
    return target.gang.until(5s, shut) ? "" : "an announcement of 5 MiB is taken";
}

Outcome stream_flood(const Target& target) {
    Villain& villain = neighbour(target.gang);
    const Bytes wanted = network::encode(
        network::BlockRequest{.parts = network::block_part::kHeader, .from = BlockNumber{0}});
    std::uint64_t id = 1;
    for (int turn = 0; turn < 300 && !villain.gone; ++turn) {
        for (int i = 0; i < 100; ++i) {  // every second one is reset as soon as it is open
            villain.host->send_request(io::now(), libp2p::RequestId(id), request(Protocol::sync),
                                       wanted);
            if (i % 2 == 0) {
                villain.host->cancel_request(libp2p::RequestId(id));
            }
            ++id;
        }
        target.gang.touch(villain);
        target.gang.until(10ms, [] { return false; });
    }
    return "";
}

Outcome slow_reader(const Target& target, Duration hold) {
    std::vector<Villain*> crowd;
    for (int i = 0; i < 4; ++i) {
        Villain& villain = *crowd.emplace_back(&neighbour(target.gang));
        const BlockHash best = target.gang.handshake_of_node(villain).best.hash;
        for (std::uint64_t id = 1; id <= 60; ++id) {
            const network::StateRequest wanted{.block = best,
                                               .start = {Bytes(1, static_cast<std::uint8_t>(id))},
                                               .no_proof = true};
            villain.host->send_request(io::now(), libp2p::RequestId(id), request(Protocol::state),
                                       network::encode(wanted));
        }
        target.gang.touch(villain);
        target.gang.until(500ms, [] { return false; });
        villain.frozen = true;
    }
    target.gang.until(hold, [] { return false; });  // who does not read does not hear of an end
    return "";
}

// ---- blocks ----

Outcome mismatching_answers(const Target& target) {
    Villain& villain = liar(target.gang);
    villain.answer = [](Protocol, const Bytes&) {
        Header header;
        header.number = 7;
        network::BlockData block;
        block.hash = header.hash();
        block.header = scale::encode(header);
        return std::optional(network::encode(network::BlockResponse{{block}}));
    };
    return closed(target.gang, villain, 30s);
}

/// What a peer answers that has this block and no other, to a request for blocks.
std::optional<Bytes> only(network::BlockData data, const BlockRef& block, const Bytes& asked) {
    const auto wanted = network::decode_block_request(asked);
    if (!wanted) {
        return std::nullopt;
    }
    using From = decltype(wanted->from);
    network::BlockResponse response;
    if (wanted->from == From{block.hash} || wanted->from == From{block.number}) {
        if ((wanted->parts & network::block_part::kBody) == 0) {
            data.body.clear();
        }
        if ((wanted->parts & network::block_part::kJustification) == 0) {
            data.justifications.clear();
        }
        response.blocks.push_back(std::move(data));
    }
    return network::encode(response);
}

/// The node's newest block as its author's own, with another state root.
struct Forgery {
    Header header;
    network::BlockData data;
};
std::optional<Forgery> forge(const Target& target, Villain& villain, bool sealed) {
    const auto real = target.gang.fetch(villain, target.gang.handshake_of_node(villain).best.hash);
    const auto author = crypto::sr25519_from_suri("//Alice");
    if (!real || !author) {
        return std::nullopt;
    }
    Forgery made{.header = scale::decode<Header>(real->header).value(), .data = *real};
    made.header.state_root = HeaderStateRoot::copy(Bytes(32, 13));
    if (sealed) {
        const auto signature = author->sign(made.header.without_seal().hash());
        made.header.digest.back() = SealDigest{kBabeEngine, to_bytes(signature)};
    }
    made.data.header = scale::encode(made.header);
    made.data.hash = made.header.hash();
    return made;
}
Outcome announce_forgery(const Target& target, bool sealed) {
    Villain& villain = neighbour(target.gang);
    const auto forged = forge(target, villain, sealed);
    if (!forged) {
        return "no block to begin with";
    }
    villain.answer = [&](Protocol, const Bytes& asked) {
        return only(forged->data, {forged->data.hash, forged->header.number}, asked);
    };
    target.gang.notify(villain, Protocol::block_announces,
                       network::encode(network::BlockAnnounce{forged->header, true, {}}));
    return closed(target.gang, villain);
}
Outcome bad_header(const Target& target) {
    return announce_forgery(target, false);
}
Outcome bad_root(const Target& target) {
    return announce_forgery(target, true);
}

grandpa::SignedTarget forged_precommit(const BlockRef& block, const crypto::Ed25519Public& id) {
    return {block, crypto::Ed25519Signature::copy(Bytes(64, 9)), id};
}
crypto::Ed25519Keypair voter_key(std::string_view suri) {
    return crypto::ed25519_from_suri(suri).value();
}

/// The first peer of a node without blocks: real ones, with a justification nobody signed.
Outcome forged_justification(const Target& target) {
    Gang honest(target.honest_port.value(), target.gang.genesis());
    Villain& source = neighbour(honest);
    auto real = honest.fetch(source, BlockNumber{1});
    if (!real) {
        return "no block to begin with";
    }
    const BlockRef block = scale::decode<Header>(real->header).value().ref();
    real->hash = block.hash;
    const grandpa::GrandpaJustification forged{
        .round = RoundNumber(1),
        .commit = {block, {forged_precommit(block, voter_key("//Alice").public_key)}},
        .votes_ancestries = {}};
    real->justifications = scale::encode(Justifications{{kGrandpaEngine, scale::encode(forged)}});
    Villain& villain = target.gang.dial();
    villain.answer = [&](Protocol, const Bytes& asked) { return only(*real, block, asked); };
    target.gang.join(villain, block);
    return closed(target.gang, villain, 30s);
}

/// The first peers of a node that warps.
Outcome forged_warp_proof(const Target& target) {
    Header header;
    header.number = 500;
    header.digest.emplace_back(ConsensusDigest{
        kGrandpaEngine, scale::encode(grandpa::ConsensusLog{grandpa::ScheduledChange{
                            {{voter_key("//Mallory").public_key, 1}}, 0}})});
    const network::WarpProof forged{
        .fragments = {{header,
                       {.round = RoundNumber(1),
                        .commit = {header.ref(),
                                   {forged_precommit(header.ref(),
                                                     voter_key("//Alice").public_key)}},
                        .votes_ancestries = {}}}},
        .is_finished = true};
    std::vector<Villain*> crowd;
    for (int i = 0; i < 3; ++i) {
        Villain& villain = *crowd.emplace_back(&target.gang.dial());
        villain.answer = [&](Protocol protocol, const Bytes&) {
            return protocol == Protocol::warp ? std::optional(network::encode(forged))
                                              : std::nullopt;
        };
        target.gang.join(villain, {BlockHash::copy(Bytes(32, 77)), 1000});
    }
    const auto one_gone = [&] {
        return std::ranges::any_of(crowd, [](const Villain* each) { return each->gone; });
    };
    return target.gang.until(60s, one_gone) ? "" : "the node keeps who forges";
}

// ---- votes ----

/// The newest round the node told of.
std::optional<grandpa::NeighborMessage> view_of_node(const Villain& villain) {
    std::optional<grandpa::NeighborMessage> view;
    for (const auto& each : villain.all<libp2p::Notification>()) {
        if (each.protocol != note(Protocol::grandpa)) {
            continue;
        }
        const auto message = grandpa::decode_gossip(each.message);
        if (message && std::holds_alternative<grandpa::NeighborMessage>(*message)) {
            view = std::get<grandpa::NeighborMessage>(*message);
        }
    }
    return view;
}
void gossip(const Target& target, Villain& villain, const grandpa::GossipMessage& message) {
    target.gang.notify(villain, Protocol::grandpa, scale::encode(message));
}

Outcome forged_votes(const Target& target) {
    Villain& villain = neighbour(target.gang);
    if (!target.gang.until(20s, [&] { return view_of_node(villain).has_value(); })) {
        return "the node tells no round";
    }
    const auto view = *view_of_node(villain);
    const auto alice = voter_key("//Alice").public_key;
    const BlockRef block{BlockHash::copy(Bytes(32, 5)), 900};
    const auto vote_of = [&](const crypto::Ed25519Public& id, std::uint64_t salt) {
        Bytes signature(64, 3);
        std::memcpy(signature.data(), &salt, sizeof(salt));
        return grandpa::VoteMessage{
            view.round,
            view.set,
            {{grandpa::VoteKind::prevote, block}, crypto::Ed25519Signature::copy(signature), id}};
    };
    target.gang.notify(villain, Protocol::grandpa, Bytes(100, 0xff));  // no message at all
    for (std::uint64_t salt = 0; salt < 3000; ++salt) {
        gossip(target, villain, vote_of(alice, salt));
    }
    gossip(target, villain,
           grandpa::CommitMessage{view.round, view.set, {block, {forged_precommit(block, alice)}}});
    gossip(target, villain, grandpa::CatchUp{view.set, view.round, {}, {}, block});
    target.gang.until(2s, [] { return false; });
    if (villain.gone) {
        return "closed before the worst of it";
    }
    for (std::uint64_t salt = 0; salt < 8; ++salt) {  // nobody who may vote
        gossip(target, villain, vote_of(voter_key("//Mallory").public_key, salt));
    }
    return closed(target.gang, villain);
}

/// A voter of five that votes twice in every round it hears of.
Outcome equivocation(const Target& target) {
    Villain& villain = neighbour(target.gang);
    const auto ferdie = voter_key("//Ferdie");
    grandpa::NeighborMessage done;
    target.gang.until(30s, [&] {
        const auto view = view_of_node(villain);
        std::optional<Header> newest;
        for (const auto& each : villain.all<libp2p::Notification>()) {
            if (each.protocol == note(Protocol::block_announces)) {
                newest = network::decode_block_announce(each.message).value().header;
            }
        }
        if (!view || !newest || *view == done) {
            return villain.gone;
        }
        done = *view;
        const BlockRef parent{newest->parent_hash, newest->number - 1};
        for (const auto kind : {grandpa::VoteKind::prevote, grandpa::VoteKind::precommit}) {
            for (const BlockRef& block : {newest->ref(), parent}) {
                const grandpa::Vote vote{kind, block};
                gossip(
                    target, villain,
                    grandpa::VoteMessage{
                        view->round,
                        view->set,
                        {vote, ferdie.sign(grandpa::signed_payload(vote, view->round, view->set)),
                         ferdie.public_key}});
            }
        }
        return villain.gone;
    });
    return done.round.value > 0 ? "" : "the node told no round and no block";
}

// ---- the hash table ----

Outcome poisoned_kademlia(const Target& target) {
    Villain& villain = neighbour(target.gang);
    std::uint8_t made_up = 0;
    const auto lie = [&](libp2p::kademlia::Message message) {
        for (std::uint8_t i = 0; i < 20; ++i) {
            const auto keys =
                crypto::Ed25519Keypair::from_seed(crypto::Secret<32>({++made_up, i, 200}));
            message.closer_peers.push_back({.peer = libp2p::peer_id_of(keys.public_key),
                                            .addresses = {*libp2p::Multiaddr::parse(
                                                "/ip4/127.0.0.1/tcp/" + std::to_string(10 + i))}});
        }
        return libp2p::kademlia::encode_message(message);
    };
    villain.answer_kademlia = [&](const Bytes&) { return std::optional(lie({})); };
    for (std::uint64_t id = 1; id <= 400; ++id) {
        libp2p::kademlia::Message put;
        put.kind = id % 2 == 0 ? libp2p::kademlia::MessageKind::put_value
                               : libp2p::kademlia::MessageKind::add_provider;
        put.key = Bytes(32, static_cast<std::uint8_t>(id));
        put.record = libp2p::kademlia::Record{.key = put.key,
                                              .value = Bytes(50'000, 1),
                                              .publisher = std::nullopt,
                                              .ttl_seconds = std::nullopt};
        villain.host->send_kademlia(io::now(), libp2p::RequestId(id),
                                    id % 2 == 0 ? libp2p::kademlia::encode_message(put) : lie(put),
                                    id % 2 != 0);
        target.gang.touch(villain);
        target.gang.until(5ms, [] { return false; });
    }
    target.gang.until(3s, [] { return false; });
    return villain.all<libp2p::ResponseReceived>().empty() ? "no message was answered" : "";
}

struct Attack {
    std::string_view name;
    Outcome (*run)(const Target&);
};
constexpr Attack kAttacks[] = {
    {"wrong_genesis", wrong_genesis},
    {"garbage_handshake", garbage_handshake},
    {"endless_handshakes", endless_handshakes},
    {"oversized_lengths", oversized_lengths},
    {"stream_flood", stream_flood},
    {"slow_reader", [](const Target& target) { return slow_reader(target, 4s); }},
    {"slow_reader_for_ever", [](const Target& target) { return slow_reader(target, 1h); }},
    {"mismatching_answers", mismatching_answers},
    {"bad_header", bad_header},
    {"bad_root", bad_root},
    {"forged_votes", forged_votes},
    {"poisoned_kademlia", poisoned_kademlia},
    {"forged_justification", forged_justification},
    {"forged_warp_proof", forged_warp_proof},
    {"equivocation", equivocation},
};

}  // namespace
}  // namespace stipple::hostile

int main(int argc, char** argv) {
    namespace hostile = stipple::hostile;
    const auto genesis = argc > 3 ? stipple::BlockHash::from_hex(argv[3]) : std::nullopt;
    const auto* const attack = argc > 3
                                   ? std::ranges::find(hostile::kAttacks, std::string_view(argv[1]),
                                                       &hostile::Attack::name)
                                   : std::end(hostile::kAttacks);
    if (!genesis || attack == std::end(hostile::kAttacks)) {
        std::fprintf(stderr, "hostile <attack> <port> <genesis> [<port of an honest node>]\n");
        return 2;
    }
    const auto port = [&](int at) {
        return static_cast<std::uint16_t>(std::strtoul(argv[at], nullptr, 10));
    };
    hostile::Gang gang(port(2), *genesis);
    const auto outcome = attack->run({gang, argc > 4 ? std::optional(port(4)) : std::nullopt});
    std::printf("%s\n", outcome.empty() ? "ok" : outcome.c_str());
    for (const std::string& id : gang.ids()) {
        std::printf("%s\n", id.c_str());
    }
    return outcome.empty() ? 0 : 1;
}
