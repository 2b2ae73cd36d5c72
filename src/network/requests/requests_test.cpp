#include "network/requests/server.hpp"
#include "network/requests/warp_answer.hpp"

#include <gtest/gtest.h>

namespace stipple::network::requests {
namespace {

using std::chrono::seconds;

/// A chain of small blocks; number n has body n and, when asked for, a justification.
struct TestChain {
    explicit TestChain(BlockNumber count, std::size_t body_bytes = 4) {
        BlockHash parent;
        for (BlockNumber number = 0; number < count; ++number) {
            Header header;
            header.parent_hash = parent;
            header.number = number;
            if (number % 10 == 0 && number > 0) {
                grandpa::ScheduledChange change;
                header.digest.emplace_back(
                    ConsensusDigest{kGrandpaEngine, scale::encode(grandpa::ConsensusLog(change))});
            }
            parent = header.hash();
            numbers[parent] = number;
            headers.push_back(header);
            bodies.push_back({{Bytes(body_bytes, static_cast<std::uint8_t>(number))}});
        }
    }
    BlockHash hash(BlockNumber number) const { return headers[number].hash(); }
    BlockReader reader() const {
        return {.canonical_hash = [this](BlockNumber number) -> std::optional<BlockHash> {
                    return number < headers.size() ? std::optional(hash(number)) : std::nullopt;
                },
                .header = [this](const BlockHash& wanted) -> std::optional<Header> {
                    const auto found = numbers.find(wanted);
                    return found == numbers.end() ? std::nullopt
                                                  : std::optional(headers[found->second]);
                },
                .body = [this](const BlockHash& wanted) -> std::optional<Body> {
                    const BlockNumber number = numbers.at(wanted);
                    return number < bodies_from ? std::nullopt : std::optional(bodies[number]);
                },
                .justifications = [](const BlockHash&) -> std::optional<Justifications> {
                    return Justifications{{kBeefyEngine, {1}}, {kGrandpaEngine, {2}}};
                }};
    }
    static Bytes justification(const BlockRef& target) {
        grandpa::GrandpaJustification made;
        made.commit.target = target;
        return scale::encode(made);
    }
    WarpReader warp_reader(BlockNumber finalized) const {
        return {.finalized_number =
                    [this, finalized](const BlockHash& wanted) -> std::optional<BlockNumber> {
                    const auto found = numbers.find(wanted);
                    return found == numbers.end() || found->second > finalized
                               ? std::nullopt
                               : std::optional(found->second);
                },
                .set_end_after = [finalized](BlockNumber after) -> std::optional<BlockNumber> {
                    const BlockNumber end = (after / 10 + 1) * 10;
                    return end <= finalized ? std::optional(end) : std::nullopt;
                },
                .finalized_header = [this](BlockNumber number) -> std::optional<Header> {
                    return headers[number];
                },
                .justification = [this](BlockNumber number) -> std::optional<Bytes> {
                    return number == missing_justification
                               ? std::nullopt
                               : std::optional(justification(headers[number].ref()));
                },
                .newest_justification =
                    [this, finalized]() -> std::optional<std::pair<BlockNumber, Bytes>> {
                    return std::pair(finalized, justification(headers[finalized].ref()));
                }};
    }
    std::vector<Header> headers;
    std::vector<Body> bodies;
    std::map<BlockHash, BlockNumber> numbers;
    BlockNumber bodies_from = 0;
    BlockNumber missing_justification = 0;
};

constexpr std::uint8_t kEverything =
    block_part::kHeader | block_part::kBody | block_part::kJustification;

std::vector<BlockNumber> numbers_of(const Answer& answer) {
    std::vector<BlockNumber> numbers;
    for (const auto& block : decode_block_response(answer.response)->blocks) {
        numbers.push_back(scale::decode<Header>(block.header)->number);
    }
    return numbers;
}

TEST(BlockAnswer, goes_up_by_number_and_down_by_parents) {
    const TestChain chain(20);
    BlockRequest up{.parts = kEverything, .from = BlockNumber{3}, .max_blocks = 4};
    EXPECT_EQ(numbers_of(answer_blocks(up, chain.reader())),
              (std::vector<BlockNumber>{3, 4, 5, 6}));
    BlockRequest down{.parts = kEverything,
                      .from = chain.hash(2),
                      .direction = Direction::descending,
                      .max_blocks = 64};
    EXPECT_EQ(numbers_of(answer_blocks(down, chain.reader())), (std::vector<BlockNumber>{2, 1, 0}));
    up.from = BlockNumber{18};
    EXPECT_EQ(numbers_of(answer_blocks(up, chain.reader())), (std::vector<BlockNumber>{18, 19}));
}

TEST(BlockAnswer, is_empty_for_an_unknown_start_and_ends_at_a_missing_body) {
    TestChain chain(20);
    chain.bodies_from = 5;
    BlockRequest request{.parts = kEverything, .from = BlockHash{}};
    const Answer unknown = answer_blocks(request, chain.reader());
    EXPECT_TRUE(unknown.response.empty());
    EXPECT_FALSE(unknown.has_data);
    request.from = chain.hash(7);
    request.direction = Direction::descending;
    EXPECT_EQ(numbers_of(answer_blocks(request, chain.reader())),
              (std::vector<BlockNumber>{7, 6, 5}));
}

TEST(BlockAnswer, gives_just_the_parts_asked_for) {
    const TestChain chain(3);
    BlockRequest request{
        .parts = block_part::kJustification, .from = chain.hash(1), .max_blocks = 1};
    auto block = decode_block_response(answer_blocks(request, chain.reader()).response)->blocks[0];
    EXPECT_TRUE(block.header.empty());
    EXPECT_TRUE(block.body.empty());
    EXPECT_EQ(block.hash, chain.hash(1));
    EXPECT_EQ(scale::decode<Justifications>(block.justifications)->size(), 2U);
    request.multiple_justifications = false;
    block = decode_block_response(answer_blocks(request, chain.reader()).response)->blocks[0];
    EXPECT_EQ(block.justification, Bytes{2});
    EXPECT_TRUE(block.justifications.empty());
}

TEST(BlockAnswer, keeps_to_its_number_of_blocks_and_bytes) {
    const TestChain small(200);
    BlockRequest request{.parts = kEverything, .from = BlockNumber{0}};
    EXPECT_EQ(numbers_of(answer_blocks(request, small.reader())).size(), kBlocksPerResponseMax);
    const TestChain large(40, 1024 * 1024);
    const Answer answer = answer_blocks(request, large.reader());
    EXPECT_EQ(numbers_of(answer).size(), 7U);
    EXPECT_LE(answer.response.size(), kBlockResponseBytesTarget);
    const TestChain huge(2, 10 * 1024 * 1024);
    EXPECT_EQ(numbers_of(answer_blocks(request, huge.reader())).size(), 1U);
    const TestChain impossible(2, 17 * 1024 * 1024);
    EXPECT_FALSE(answer_blocks(request, impossible.reader()).has_data);
}

TEST(BlockAnswer, does_not_jump_from_a_fork_to_the_best_chain) {
    const TestChain chain(10);
    auto reader = chain.reader();
    Header fork = chain.headers[5];
    fork.digest.emplace_back(OtherDigest{{1}});
    const auto headers = reader.header;
    reader.header = [&](const BlockHash& hash) {
        return hash == fork.hash() ? std::optional(fork) : headers(hash);
    };
    const BlockRequest request{.parts = block_part::kHeader, .from = fork.hash()};
    EXPECT_EQ(numbers_of(answer_blocks(request, reader)), (std::vector<BlockNumber>{5}));
}

std::vector<BlockNumber> numbers_of(const WarpProof& proof) {
    std::vector<BlockNumber> numbers;
    for (const auto& fragment : proof.fragments) {
        EXPECT_EQ(fragment.justification.commit.target, fragment.header.ref());
        numbers.push_back(fragment.header.number);
    }
    return numbers;
}

TEST(WarpAnswer, collects_the_ends_of_sets_and_the_newest_justification) {
    const TestChain chain(40);
    const auto proof =
        *decode_warp_proof(answer_warp(chain.hash(0), chain.warp_reader(35))->response);
    EXPECT_TRUE(proof.is_finished);
    EXPECT_EQ(numbers_of(proof), (std::vector<BlockNumber>{10, 20, 30, 35}));
    const auto rest =
        *decode_warp_proof(answer_warp(chain.hash(30), chain.warp_reader(35))->response);
    EXPECT_EQ(numbers_of(rest), (std::vector<BlockNumber>{35}));
}

TEST(WarpAnswer, is_unfinished_when_it_does_not_fit) {
    const TestChain chain(100);
    const auto whole = answer_warp(chain.hash(0), chain.warp_reader(95));
    const auto answer =
        answer_warp(chain.hash(0), chain.warp_reader(95), whole->response.size() / 2);
    const auto proof = *decode_warp_proof(answer->response);
    EXPECT_FALSE(proof.is_finished);
    EXPECT_LE(answer->response.size(), whole->response.size() / 2);
    ASSERT_FALSE(proof.fragments.empty());
    // Asked on from its last block, the rest follows.
    const auto rest = *decode_warp_proof(
        answer_warp(proof.fragments.back().header.hash(), chain.warp_reader(95))->response);
    EXPECT_TRUE(rest.is_finished);
    EXPECT_EQ(proof.fragments.size() + rest.fragments.size(), 10U);
}

TEST(WarpAnswer, stops_at_a_forced_change_and_fails_without_its_data) {
    TestChain chain(40);
    grandpa::ForcedChange forced;
    chain.headers[20].digest = {
        ConsensusDigest{kGrandpaEngine, scale::encode(grandpa::ConsensusLog(forced))}};
    const auto proof =
        *decode_warp_proof(answer_warp(chain.hash(0), chain.warp_reader(35))->response);
    EXPECT_EQ(numbers_of(proof), (std::vector<BlockNumber>{10, 35}));
    EXPECT_EQ(answer_warp(chain.hash(36), chain.warp_reader(35)).error(),
              WarpAnswerError::begin_not_finalized);
    chain.missing_justification = 10;
    EXPECT_EQ(answer_warp(chain.hash(0), chain.warp_reader(35)).error(),
              WarpAnswerError::missing_data);
}

struct RequestServerTest : ::testing::Test {
    void ask(PeerKey peer, const BlockRequest& request) {
        server.on_request(now, peer, InboundId(next_id++), Protocol::sync, encode(request),
                          effects);
    }
    template <class T>
    std::vector<T> take() {
        std::vector<T> found;
        std::erase_if(effects, [&](const Effect& effect) {
            if (const auto* one = std::get_if<T>(&effect)) {
                found.push_back(*one);
                return true;
            }
            return false;
        });
        return found;
    }
    void answer_all(const Bytes& response = {1}, bool has_data = true) {
        for (const auto& job : take<ReadBlocks>()) {
            server.on_answer(now, job.job, Answer{response, has_data}, effects);
        }
    }
    BlockRequest full(BlockNumber from) { return {.parts = kEverything, .from = from}; }
    RequestServer server;
    Effects effects;
    Instant now;
    std::uint64_t next_id = 1;
};

TEST_F(RequestServerTest, reads_and_answers) {
    ask(PeerKey(1), full(5));
    const auto jobs = take<ReadBlocks>();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(std::get<BlockNumber>(jobs[0].request.from), 5U);
    EXPECT_EQ(server.open_requests(), 1U);
    server.on_answer(now, jobs[0].job, Answer{{7, 8}, true}, effects);
    const auto responses = take<Respond>();
    ASSERT_EQ(responses.size(), 1U);
    EXPECT_EQ(responses[0].request, InboundId(1));
    EXPECT_EQ(*responses[0].response, (Bytes{7, 8}));
    EXPECT_EQ(server.open_requests(), 0U);
}

TEST_F(RequestServerTest, reads_once_what_several_peers_ask_and_keeps_it_a_while) {
    ask(PeerKey(1), full(5));
    ask(PeerKey(2), full(5));
    EXPECT_EQ(effects.size(), 1U);
    answer_all();
    EXPECT_EQ(take<Respond>().size(), 2U);
    ask(PeerKey(3), full(5));
    EXPECT_EQ(take<Respond>().size(), 1U);
    server.on_best_block();
    ask(PeerKey(4), full(5));
    EXPECT_EQ(take<ReadBlocks>().size(), 1U);
    EXPECT_EQ(server.cached_bytes(), 0U);
}

TEST_F(RequestServerTest, reports_who_asks_the_same_a_third_time) {
    for (int i = 0; i < 3; ++i) {
        ask(PeerKey(1), full(5));
        answer_all();
    }
    EXPECT_EQ(take<Respond>().size(), 2U);
    EXPECT_EQ(take<Refuse>().size(), 1U);
    EXPECT_EQ(take<ReportPeer>(),
              std::vector{(ReportPeer{PeerKey(1), Conduct::same_request, false})});
    // A small question is reported and answered all the same.
    const BlockRequest small{.parts = block_part::kHeader, .from = BlockNumber{1}};
    for (int i = 0; i < 3; ++i) {
        ask(PeerKey(1), small);
        answer_all();
    }
    EXPECT_EQ(take<Respond>().size(), 3U);
    EXPECT_EQ(take<ReportPeer>(),
              std::vector{(ReportPeer{PeerKey(1), Conduct::same_small_request, false})});
    // The window passes.
    now = now + kSameRequestWindow + seconds(1);
    ask(PeerKey(1), full(5));
    answer_all();
    EXPECT_EQ(take<Respond>().size(), 1U);
}

TEST_F(RequestServerTest, forgives_repetition_while_there_is_no_answer) {
    for (int i = 0; i < 5; ++i) {
        ask(PeerKey(1), full(5));
        answer_all({}, false);
        now = now + kCachedFor;
    }
    EXPECT_TRUE(take<ReportPeer>().empty());
    EXPECT_EQ(take<Respond>().size(), 5U);
}

TEST_F(RequestServerTest, refuses_more_than_a_peers_share) {
    for (BlockNumber i = 0; i < kRequestsPerPeerMax + 3; ++i) {
        ask(PeerKey(1), full(i));
    }
    EXPECT_EQ(take<ReadBlocks>().size(), kJobsMax);
    EXPECT_EQ(take<Refuse>().size(), 3U);
    for (std::uint32_t i = 0; i < 2 * kBurstRequests; ++i) {
        ask(PeerKey(1), full(i));
    }
    EXPECT_FALSE(take<ReportPeer>().empty());
    EXPECT_EQ(server.open_requests(), kRequestsPerPeerMax);
}

TEST_F(RequestServerTest, bounds_what_waits_of_all_peers) {
    for (std::uint64_t peer = 0; peer < 2 * kWaitingMax; ++peer) {
        ask(PeerKey(peer), full(static_cast<BlockNumber>(peer)));
    }
    EXPECT_EQ(server.open_requests(), kWaitingMax + kJobsMax);
    for (std::uint64_t peer = 0; peer < 2 * kWaitingMax; ++peer) {
        server.on_peer_disconnected(PeerKey(peer));
    }
    EXPECT_EQ(server.open_requests(), 0U);
    EXPECT_EQ(server.peer_count(), 0U);
}

TEST_F(RequestServerTest, gives_up_a_job_that_takes_too_long) {
    ask(PeerKey(1), full(5));
    take<ReadBlocks>();
    server.on_wake(*server.wake_at(), effects);
    EXPECT_EQ(take<Refuse>().size(), 1U);
    EXPECT_EQ(server.open_requests(), 0U);
}

TEST_F(RequestServerTest, turns_each_protocol_into_its_job) {
    const PeerKey peer(1);
    server.on_request(now, peer, InboundId(1), Protocol::state, encode(StateRequest{{}, {}, false}),
                      effects);
    server.on_request(now, peer, InboundId(2), Protocol::warp, encode(WarpRequest{}), effects);
    server.on_request(now, peer, InboundId(3), Protocol::light,
                      encode(LightRequest(LightCallRequest{{}, "Core_version", {}})), effects);
    server.on_request(now, peer, InboundId(4), Protocol::light,
                      encode(LightRequest(LightReadRequest{{}, std::nullopt, {{1}}})), effects);
    server.on_request(now, peer, InboundId(7), Protocol::beefy_justifications, Bytes{9, 0, 0, 0},
                      effects);
    EXPECT_EQ(take<ReadBeefyProof>().at(0).block, 9U);
    server.on_request(now, peer, InboundId(8), Protocol::beefy_justifications, Bytes{9, 0, 0},
                      effects);
    EXPECT_EQ(take<Refuse>().size(), 1U);
    EXPECT_EQ(take<ReportPeer>().size(), 1U);
    EXPECT_EQ(take<ReadState>().size(), 1U);
    EXPECT_EQ(take<BuildWarpProof>().size(), 1U);
    EXPECT_EQ(take<LightCall>().size(), 1U);
    EXPECT_EQ(take<LightRead>().size(), 1U);
    server.on_request(now, peer, InboundId(5), Protocol::grandpa, {}, effects);
    server.on_request(now, peer, InboundId(6), Protocol::state, Bytes{1}, effects);
    EXPECT_EQ(take<Refuse>().size(), 2U);
    EXPECT_EQ(take<ReportPeer>().size(), 2U);
}

TEST(SameRequests, remembers_a_bounded_number_of_questions) {
    SameRequests same;
    for (std::uint64_t peer = 0; peer < kSeenRequestsMax + 100; ++peer) {
        EXPECT_FALSE(same.is_too_often({}, PeerKey(peer), {}));
    }
    EXPECT_EQ(same.size(), kSeenRequestsMax);
    for (std::uint64_t peer = 0; peer < kSeenRequestsMax + 100; ++peer) {
        same.remove_peer(PeerKey(peer));
    }
    EXPECT_EQ(same.size(), 0U);
}

}  // namespace
}  // namespace stipple::network::requests
