#include "crypto/hash.hpp"
#include "network/sync/ancestor_search.hpp"
#include "network/sync/bad_blocks.hpp"
#include "network/sync/block_line.hpp"
#include "network/sync/fetches.hpp"
#include "network/sync/history.hpp"
#include "network/sync/import_queue.hpp"
#include "network/sync/justifications.hpp"
#include "network/sync/known_blocks.hpp"

#include <gtest/gtest.h>

namespace stipple::network::sync {
namespace {

BlockHash name(std::uint32_t number, std::uint8_t fork = 0) {
    BlockHash hash;
    hash.bytes[0] = static_cast<std::uint8_t>(number);
    hash.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    hash.bytes[2] = fork;
    hash.bytes[31] = 1;
    return hash;
}
BlockRef ref(std::uint32_t number, std::uint8_t fork = 0) {
    return {name(number, fork), number};
}
DownloadedBlock block(std::uint32_t number, std::uint8_t fork = 0) {
    DownloadedBlock made;
    made.hash = name(number, fork);
    made.header.number = number;
    made.header.parent_hash = number == 0 ? BlockHash{} : name(number - 1, fork);
    made.bytes = 100;
    return made;
}
std::vector<DownloadedBlock> run(std::uint32_t first, std::uint32_t count, std::uint8_t fork = 0) {
    std::vector<DownloadedBlock> made;
    for (std::uint32_t i = 0; i < count; ++i) {
        made.push_back(block(first + i, fork));
    }
    return made;
}

TEST(KnownBlocks, forgets_losing_forks_when_a_block_is_finalised) {
    KnownBlocks known(ref(0));
    known.add(ref(1), name(0));
    known.add(ref(2), name(1));
    known.add(ref(2, 1), name(1));
    known.add(ref(3, 1), name(2, 1));
    known.add(ref(9), name(8));  // its parent is unknown
    EXPECT_EQ(known.size(), 5U);
    known.finalize(ref(2));
    EXPECT_EQ(known.size(), 1U);
    EXPECT_FALSE(known.contains(name(3, 1)));
    known.add(ref(3), name(2));
    EXPECT_TRUE(known.contains(name(3)));
    known.finalize(ref(50));  // state sync: everything before is void
    EXPECT_EQ(known.finalized(), ref(50));
    EXPECT_EQ(known.size(), 1U);
}

TEST(BadBlocks, forget_the_oldest) {
    BadBlocks bad;
    for (std::uint32_t i = 0; i < kBadBlocksMax + 10; ++i) {
        bad.add(name(i));
    }
    EXPECT_EQ(bad.size(), kBadBlocksMax);
    EXPECT_FALSE(bad.contains(name(9)));
    EXPECT_TRUE(bad.contains(name(10)));
}

TEST(AncestorSearch, finds_any_common_block_in_few_questions) {
    constexpr BlockNumber kFloor = 100;
    for (BlockNumber top = kFloor; top < kFloor + 300; top += 7) {
        for (BlockNumber common = kFloor; common <= top; ++common) {
            AncestorSearch search(top, ref(kFloor));
            int questions = 0;
            auto step = AncestorSearch::Step::ask;
            while (step == AncestorSearch::Step::ask) {
                ASSERT_LE(++questions, 20);
                ASSERT_GE(search.next(), kFloor);
                step = search.on_header(name(search.next()), search.next() <= common);
            }
            ASSERT_EQ(step, AncestorSearch::Step::found);
            ASSERT_EQ(search.common(), ref(common));
        }
    }
}

TEST(AncestorSearch, ends_where_the_peer_left_our_finalised_chain) {
    AncestorSearch search(500, ref(100));
    auto step = AncestorSearch::Step::ask;
    for (int i = 0; i < 20 && step == AncestorSearch::Step::ask; ++i) {
        step = search.on_header(name(search.next(), 9), false);
    }
    EXPECT_EQ(step, AncestorSearch::Step::other_fork);
    EXPECT_EQ(search.next(), 100U);
}

TEST(BlockLine, hands_on_in_order_whatever_the_order_of_answers) {
    BlockLine line;
    line.start(ref(0));
    line.set_target(150, 64);
    const auto wants = line.wanted();
    ASSERT_EQ(wants.size(), 3U);
    EXPECT_EQ(wants[2].count, 22U);
    for (std::uint64_t i = 0; i < 3; ++i) {
        line.assign(wants[i], RequestId(i));
    }
    line.on_blocks(RequestId(2), PeerKey(1), run(129, 22));
    line.on_blocks(RequestId(1), PeerKey(1), run(65, 64));
    EXPECT_FALSE(line.take().has_value());
    line.on_blocks(RequestId(0), PeerKey(1), run(1, 60));  // short: the rest is wanted again
    EXPECT_EQ(line.take()->blocks.size(), 60U);
    EXPECT_FALSE(line.take().has_value());
    ASSERT_EQ(line.wanted().size(), 1U);
    EXPECT_EQ(line.wanted()[0].first, 61U);
    EXPECT_EQ(line.wanted()[0].count, 4U);
    line.assign(line.wanted()[0], RequestId(9));
    line.on_blocks(RequestId(9), PeerKey(2), run(61, 4));
    EXPECT_EQ(line.take()->blocks.size(), 4U);
    EXPECT_EQ(line.take()->blocks.size(), 64U);
    EXPECT_EQ(line.take()->blocks.size(), 22U);
    EXPECT_EQ(line.tip(), ref(150));
    EXPECT_TRUE(line.is_dry());
}

TEST(BlockLine, names_the_peer_whose_blocks_do_not_link) {
    BlockLine line;
    line.start(ref(10));
    line.set_target(20, 64);
    line.assign(line.wanted()[0], RequestId(1));
    line.on_blocks(RequestId(1), PeerKey(7), run(11, 10, 3));
    EXPECT_EQ(line.take()->misfit, PeerKey(7));
    EXPECT_EQ(line.wanted().size(), 1U);
    EXPECT_EQ(line.ready_blocks(), 0U);
}

TEST(BlockLine, looks_ahead_no_further_than_its_bounds) {
    BlockLine line;
    line.start(ref(5));
    line.set_target(UINT32_MAX, 64);
    EXPECT_EQ(line.wanted().size() * 64, kLineBlocksMax);
    line.set_target(100, 64);  // whoever said more has left
    EXPECT_EQ(line.wanted().size(), 2U);
    line.assign(line.wanted()[1], RequestId(1));
    auto blocks = run(70, 5);
    blocks[0].bytes = kLineBytesMax + 1;
    line.on_blocks(RequestId(1), PeerKey(1), std::move(blocks));
    ASSERT_EQ(line.wanted().size(), 1U);  // only what brings the front on
    EXPECT_EQ(line.wanted()[0].first, 6U);
    line.stop();
    EXPECT_TRUE(line.is_dry());
}

TEST(ImportQueue, gives_out_batches_in_order_and_knows_what_is_out) {
    ImportQueue queue;
    queue.push(run(1, 3));
    queue.push(run(3, 3));  // 3 is here already
    queue.push(run(6, 3));
    EXPECT_EQ(queue.size(), 8U);
    EXPECT_EQ(queue.start(JobId(1)).size(), 3U);
    EXPECT_EQ(queue.start(JobId(2)).size(), 2U);
    EXPECT_FALSE(queue.can_start());
    queue.flush();
    EXPECT_FALSE(queue.contains(name(7)));
    EXPECT_TRUE(queue.contains(name(4)));
    EXPECT_TRUE(queue.finish(JobId(2))->is_stale);
    EXPECT_FALSE(queue.finish(JobId(2)).has_value());
    EXPECT_FALSE(queue.empty());
    queue.finish(JobId(1));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.size(), 0U);
}

TEST(ImportQueue, has_room_for_a_bounded_number_of_bytes) {
    ImportQueue queue;
    auto blocks = run(1, 1);
    blocks[0].bytes = kQueueBytesMax;
    queue.push(std::move(blocks));
    EXPECT_FALSE(queue.has_room());
    queue.start(JobId(1));
    EXPECT_TRUE(queue.has_room());
}

TEST(Fetches, bound_what_one_peer_and_all_may_want) {
    Fetches fetches;
    for (std::uint32_t i = 0; i < 2 * kFetchesPerPeerMax; ++i) {
        EXPECT_EQ(fetches.want({}, ref(i), PeerKey(1), false), i < kFetchesPerPeerMax);
    }
    for (std::uint32_t i = 100; i < 100 + 2 * kFetchesMax; ++i) {
        fetches.want({}, ref(i), PeerKey(i), false);
    }
    EXPECT_EQ(fetches.size(), kFetchesMax);
    fetches.remove_peer(PeerKey(1));
    EXPECT_EQ(fetches.size(), kFetchesMax - kFetchesPerPeerMax);
}

TEST(Fetches, do_not_ask_the_peer_that_failed_but_others) {
    Fetches fetches;
    fetches.want({}, ref(1), PeerKey(1), false);
    fetches.fail({}, name(1), PeerKey(1));
    EXPECT_EQ(fetches.size(), 0U);
    EXPECT_FALSE(fetches.want({}, ref(1), PeerKey(1), false));
    EXPECT_TRUE(fetches.want({}, ref(1), PeerKey(2), false));
    EXPECT_TRUE(fetches.want(Instant{} + kFailedFetchPause, ref(1), PeerKey(1), false));
    EXPECT_EQ(fetches.find(name(1))->peers.size(), 2U);
}

TEST(Fetches, end_when_a_fork_is_too_long_to_be_one) {
    Fetches fetches;
    fetches.want({}, ref(5000), PeerKey(1), false);
    EXPECT_TRUE(fetches.add_blocks(*fetches.find(name(5000)), run(1, kFetchBlocksMax)));
    EXPECT_FALSE(fetches.add_blocks(*fetches.find(name(5000)), run(1, 1)));
}

TEST(JustificationRequests, work_on_the_lowest_blocks_first) {
    JustificationRequests requests;
    for (std::uint32_t i = 2 * kJustificationsMax; i > 0; --i) {
        requests.want(ref(i));
    }
    EXPECT_EQ(requests.size(), kJustificationsMax);
    const auto active = requests.active(Instant{});
    ASSERT_EQ(active.size(), kJustificationsInFlightMax);
    EXPECT_EQ(active[0]->block, ref(1));
    requests.settle(kJustificationsMax - 1);
    EXPECT_EQ(requests.size(), 1U);
    EXPECT_NE(requests.find(name(kJustificationsMax)), nullptr);
}

TEST(JustificationRequests, at_rest_give_way_until_a_lower_one_is_settled) {
    JustificationRequests requests;
    for (std::uint32_t i = 1; i <= 4; ++i) {
        requests.want(ref(i));
    }
    for (const std::uint32_t i : {1U, 2U}) {
        requests.find(name(i))->retry_at = Instant{} + kJustificationRetry;  // nobody has it
    }
    ASSERT_EQ(requests.active(Instant{}).size(), 2U);
    EXPECT_EQ(requests.active(Instant{})[0]->block, ref(3));
    requests.settle(1);
    EXPECT_EQ(requests.active(Instant{})[0]->block, ref(2));
}

TEST(HistoryDownload, goes_down_to_its_lowest_block_and_back_after_a_bad_body) {
    HistoryDownload history({ref(300), 1, true});
    const auto answer = [&](std::uint64_t request) {
        const auto wanted = history.wanted();
        ASSERT_TRUE(wanted.has_value());
        history.on_sent(RequestId(request));
        EXPECT_FALSE(history.wanted().has_value());
        const auto& from = std::get<BlockHash>(wanted->from);
        const std::uint32_t top = from.bytes[0] + 256U * from.bytes[1];
        std::vector<DownloadedBlock> blocks;
        for (std::uint32_t i = 0; i < wanted->max_blocks; ++i) {
            blocks.push_back(block(top - i));
            blocks.back().from = PeerKey(request);
        }
        history.on_blocks(std::move(blocks));
    };
    answer(1);
    answer(2);
    EXPECT_FALSE(history.wanted().has_value());  // enough waits
    ASSERT_EQ(history.start_job(JobId(1))->front().hash, name(300));
    EXPECT_FALSE(history.start_job(JobId(2)).has_value());
    EXPECT_FALSE(history.finish_job(true).has_value());
    EXPECT_EQ(history.remaining(), 300U - kHistoryBlocksPerRequest);
    ASSERT_TRUE(history.start_job(JobId(2)).has_value());
    EXPECT_EQ(history.finish_job(false), PeerKey(2));
    for (std::uint64_t round = 3; !history.is_done(); ++round) {
        answer(round);
        ASSERT_TRUE(history.start_job(JobId(round)).has_value());
        history.finish_job(true);
    }
    EXPECT_EQ(history.remaining(), 0U);
    EXPECT_FALSE(history.wanted().has_value());
}

/// A block that says what it is, for the reading of answers.
BlockData data_of(const Header& header, const Body& body) {
    BlockData data;
    data.hash = header.hash();
    data.header = scale::encode(header);
    for (const auto& extrinsic : body) {
        data.body.push_back(encode_body_item(extrinsic));
    }
    return data;
}

TEST(ReadBlocks, takes_only_what_hashes_and_links_as_asked) {
    Header parent;
    parent.number = 4;
    Header child;
    child.number = 5;
    child.parent_hash = parent.hash();
    const Body body{{{1}}};
    const BlockRequest up{
        .parts = block_part::kHeader | block_part::kBody, .from = BlockNumber{4}, .max_blocks = 2};
    BlockResponse answer{{data_of(parent, body), data_of(child, body)}};
    const auto good = read_blocks(up, encode(answer));
    ASSERT_TRUE(good.has_value());
    EXPECT_EQ((*good)[1].ref(), child.ref());
    EXPECT_EQ((*good)[1].body, body);

    BlockResponse swapped{{answer.blocks[1], answer.blocks[0]}};
    EXPECT_EQ(read_blocks(up, encode(swapped)).error(), AnswerError::wrong_start);
    BlockRequest down = up;
    down.from = child.hash();
    down.direction = Direction::descending;
    EXPECT_TRUE(read_blocks(down, encode(swapped)).has_value());
    BlockResponse twice{{answer.blocks[0], answer.blocks[0]}};
    EXPECT_EQ(read_blocks(up, encode(twice)).error(), AnswerError::not_linked);
    BlockResponse three{{answer.blocks[0], answer.blocks[1], answer.blocks[1]}};
    EXPECT_EQ(read_blocks(up, encode(three)).error(), AnswerError::too_many_blocks);
    BlockResponse renamed = answer;
    renamed.blocks[0].hash = name(1);
    EXPECT_EQ(read_blocks(up, encode(renamed)).error(), AnswerError::wrong_hash);
    BlockResponse headless = answer;
    headless.blocks[0].header.clear();
    EXPECT_EQ(read_blocks(up, encode(headless)).error(), AnswerError::missing_header);
    BlockResponse broken = answer;
    broken.blocks[0].body[0].push_back(0);
    EXPECT_EQ(read_blocks(up, encode(broken)).error(), AnswerError::malformed);
    EXPECT_EQ(read_blocks(up, Bytes{1}).error(), AnswerError::malformed);
}

TEST(ReadBlocks, tells_an_empty_body_from_a_missing_one_by_the_header) {
    Header header;
    header.number = 4;
    const BlockRequest request{.parts = block_part::kHeader | block_part::kBody,
                               .from = BlockNumber{4}};
    EXPECT_FALSE(read_blocks(request, encode(BlockResponse{{data_of(header, {})}}))->front().body);
    header.extrinsics_root = ExtrinsicsRoot(crypto::blake2b_256(Bytes{0}).bytes);
    EXPECT_EQ(read_blocks(request, encode(BlockResponse{{data_of(header, {})}}))->front().body,
              Body{});
}

}  // namespace
}  // namespace stipple::network::sync
