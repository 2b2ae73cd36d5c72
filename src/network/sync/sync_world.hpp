// A little world around one sync machine: blocks of several chains, peers of several characters, a
// chain that imports, and time. Tests and the fuzzer drive it.
//
// Spec: none; blocks are made up. A block is bad when its header says so, or when its body does not
// hash to its extrinsics root. Everything random comes from one seed.
#pragma once

#include "network/sync/sync.hpp"
#include "network/sync/sync_universe.hpp"

#include <functional>
#include <memory>
#include <set>

namespace stipple::network::sync::testing {

class World : public Universe {
 public:
    explicit World(std::uint64_t seed, SyncConfig config = {}) : Universe(seed) {
        const BlockHash genesis = add_block({}, 0, 0);
        honest.blocks.push_back(genesis);
        chain_start_.genesis = genesis;
        chain_start_.finalized = chain_start_.best = {genesis, 0};
        imported.insert(genesis);
        best = finalized = chain_start_.best;
        sync = std::make_unique<Sync>(config, chain_start_, prng_.fork());
    }

    /// The process ends and another begins, with this configuration.
    void restart(const SyncConfig& config) {
        sync = std::make_unique<Sync>(config, chain_start_, prng_.fork());
    }

    // ---- peers ----
    PeerKey connect(Character character, const Chain& chain) {
        const PeerKey key(next_peer_++);
        const Duration latency = std::chrono::milliseconds(10 + prng_.below(300));
        peers[key] = {character, &chain, latency, true};
        BlockRef claimed = chain.best();
        if (character == Character::boasting) {
            claimed = {BlockHash::copy(prng_.bytes(32)), claimed.number + 5000};
        }
        feed([&](Effects& effects) {
            sync->on_peer_connected(now, key, Role::full, claimed, effects);
        });
        return key;
    }
    void disconnect(PeerKey key) {
        peers[key].connected = false;
        feed([&](Effects& effects) { sync->on_peer_disconnected(now, key, effects); });
    }
    /// The peer announces the head of its chain.
    void announce(PeerKey key, const Header& header, bool is_best = true) {
        feed([&](Effects& effects) {
            sync->on_block_announce(now, key, {header, is_best, {}}, header.ref(), effects);
        });
    }
    void announce_heads() {
        for (const auto& [key, peer] : peers) {
            if (peer.connected && peer.character != Character::silent) {
                announce(key, blocks[peer.chain->best().hash].header);
            }
        }
    }

    // ---- time ----
    void run_for(Duration duration) {
        const Instant end = now + duration;
        while (true) {
            Instant next = end;
            if (!events.empty()) {
                next = std::min(next, events.begin()->first);
            }
            if (const auto wake = sync->wake_at()) {
                next = std::min(next, std::max(now, *wake));
            }
            if (next >= end) {
                break;
            }
            now = next;
            if (!events.empty() && events.begin()->first <= now) {
                const auto event = std::move(events.begin()->second);
                events.erase(events.begin());
                feed(event);
            } else {
                ++wakes;
                feed([&](Effects& effects) { sync->on_wake(now, effects); });
            }
        }
        now = end;
    }

    std::size_t dropped(Character character) const {
        std::size_t count = 0;
        for (const auto& [key, peer] : peers) {
            count += peer.character == character && !peer.connected ? 1 : 0;
        }
        return count;
    }

    // ---- the chain of our node ----
    BlockVerdict judge(const DownloadedBlock& block) const {
        if (imported.contains(block.hash)) {
            return BlockVerdict::already_known;
        }
        if (block.header.number <= finalized.number) {
            return BlockVerdict::missing_state;
        }
        if (!imported.contains(block.header.parent_hash)) {
            return BlockVerdict::unknown_parent;
        }
        if (judge_header(block.header) != BlockVerdict::imported) {
            return BlockVerdict::bad_header;
        }
        const bool right = block.body && root_of(*block.body) == block.header.extrinsics_root;
        return right ? BlockVerdict::imported : BlockVerdict::wrong_body;
    }
    static BlockVerdict judge_header(const Header& header) {
        for (const auto& item : header.digest) {
            const auto* other = std::get_if<OtherDigest>(&item);
            if (other != nullptr && other->data == to_bytes("bad")) {
                return BlockVerdict::bad_header;
            }
        }
        return BlockVerdict::imported;
    }
    void import_one(const DownloadedBlock& block, ImportResult& result, Effects& effects) {
        blocks.try_emplace(block.hash, WorldBlock{block.header, *block.body});
        imported.insert(block.hash);
        sync->on_block_added(now, block.ref(), block.header.parent_hash, effects);
        if (block.header.number > best.number) {
            best = block.ref();
            sync->on_best_block(now, best, effects);
        }
        if (!changes_set(block.header)) {
            return;
        }
        result.needs_justification = true;
        if (!block.justifications || block.justifications->empty()) {
            return;
        }
        if (block.justifications->front() == justification_of(block.hash)) {
            result.needs_justification = false;
            finalize(block.ref(), effects);
        } else {
            result.bad_justification = true;
        }
    }
    void finalize(const BlockRef& block, Effects& effects) {
        if (block.number > finalized.number && !finality_held) {
            finalized = block;
            sync->on_finalized(now, block, effects);
        }
    }
    /// Runs an input of the machine and carries out what it asks for.
    template <class Input>
    void feed(const Input& input) {
        Effects effects;
        input(effects);
        effects_max = std::max(effects_max, effects.size());
        for (auto& effect : effects) {
            std::visit([&](auto& one) { perform(one); }, effect);
        }
        work_max = std::max(work_max, sync->open_work());
    }

    std::unique_ptr<Sync> sync;
    std::map<PeerKey, WorldPeer> peers;
    std::set<BlockHash> imported;
    BlockRef best;
    BlockRef finalized;
    Instant now;
    std::multimap<Instant, std::function<void(Effects&)>> events;
    std::vector<ReportPeer> reports;
    std::size_t effects_max = 0;
    std::size_t work_max = 0;
    std::size_t wakes = 0;
    std::size_t requests = 0;
    /// Every n-th import job fails for our own reasons; 0: none.
    std::size_t environment_failure_every = 0;
    BlockNumber history_stored_down_to = 0;
    std::size_t state_chunks = 5;
    std::size_t states_stored = 0;
    std::size_t states_dropped = 0;
    bool finality_held = false;
    bool began_below_finality = false;

 private:
    void later(Duration delay, std::function<void(Effects&)> event) {
        events.emplace(now + delay, std::move(event));
    }
    Duration job_time() { return std::chrono::milliseconds(1 + prng_.below(30)); }

    void perform(SendRequest& request) {
        ++requests;
        CHECK(peers.contains(request.peer));
        const WorldPeer& peer = peers[request.peer];
        if (peer.character == Character::silent) {
            return;
        }
        const RequestId id = request.id;
        if (peer.character == Character::refusing) {
            later(peer.latency, [this, id](Effects& effects) {
                sync->on_response(now, id, std::unexpected(RequestFailure::refused), effects);
            });
            return;
        }
        Bytes answer =
            std::visit([&](const auto& body) { return serve(peer, body); }, request.body);
        if (peer.character == Character::garbage) {
            answer = prng_.bytes(prng_.below(200));
        }
        later(peer.latency, [this, id, answer = std::move(answer)](Effects& effects) {
            sync->on_response(now, id, answer, effects);
        });
    }
    void perform(const CancelRequest&) {}

    void perform(ImportBlocks& job) {
        ++import_jobs_;
        const bool fails =
            environment_failure_every != 0 && import_jobs_ % environment_failure_every == 0;
        // One worker imports, in the order of the jobs.
        imported_at_ = std::max(imported_at_, now) + job_time();
        later(imported_at_ - now, [this, fails, job = std::move(job)](Effects& effects) {
            std::vector<ImportResult> results(job.blocks.size(), {BlockVerdict::cancelled});
            for (std::size_t i = 0; i < job.blocks.size(); ++i) {
                results[i].verdict = fails ? BlockVerdict::environment : judge(job.blocks[i]);
                if (results[i].verdict == BlockVerdict::imported) {
                    import_one(job.blocks[i], results[i], effects);
                } else if (results[i].verdict != BlockVerdict::already_known) {
                    break;
                }
            }
            sync->on_blocks_imported(now, job.job, results, effects);
        });
    }
    void perform(const VerifyHeader& job) {
        later(job_time(), [this, job](Effects& effects) {
            sync->on_header_verified(now, job.job, judge_header(job.header), effects);
        });
    }
    void perform(const ImportJustification& job) {
        later(job_time(), [this, job](Effects& effects) {
            const bool good = job.justification == justification_of(job.block.hash);
            if (good) {
                finalize(job.block, effects);
            }
            sync->on_justification_imported(
                now, job.job, good ? JustificationVerdict::finalized : JustificationVerdict::bad,
                effects);
        });
    }
    void perform(const VerifyWarpProof& job) {
        later(job_time(), [this, job](Effects& effects) {
            WarpVerdict verdict{.good = true, .next_begin = job.begin, .target = {}};
            for (const auto& fragment : job.proof.fragments) {
                verdict.good = verdict.good &&
                               fragment.justification.commit.target == fragment.header.ref() &&
                               judge_header(fragment.header) == BlockVerdict::imported;
                verdict.next_begin = fragment.header.hash();
            }
            if (verdict.good && job.proof.is_finished) {
                verdict.target = job.proof.fragments.back().header;
            }
            sync->on_warp_verified(now, job.job, verdict, effects);
        });
    }
    void perform(const ChooseState& choice) {
        later(job_time(), [this, target = choice.target](Effects&) {
            finality_held = finality_held || target == finalized;
        });
    }
    void perform(const StoreStateChunk& job) {
        ++states_stored;
        later(job_time(), [this, job](Effects& effects) {
            const std::uint8_t part = job.start.empty() ? 0 : job.start.front().front();
            Bytes right = to_bytes(job.target.hash.view());
            right.push_back(part);
            StateVerdict verdict{StateVerdict::Kind::bad, {}};
            if (job.answer.proof == right) {
                verdict = part + 1U >= state_chunks
                              ? StateVerdict{StateVerdict::Kind::complete, {}}
                              : StateVerdict{StateVerdict::Kind::stored,
                                             {{static_cast<std::uint8_t>(part + 1)}}};
            }
            sync->on_state_stored(now, job.job, verdict, effects);
        });
    }
    void perform(const FinishStateSync& job) {
        later(job_time(), [this, job](Effects& effects) {
            if (root_of(*job.target.body) != job.target.header.extrinsics_root) {
                sync->on_state_body_refused(now, job.job, effects);
                return;
            }
            ChainStart start;
            start.genesis = chain_start_.genesis;
            start.finalized = start.best = job.target.ref();
            start.gap = HistoryGap{{job.target.header.parent_hash, job.target.header.number - 1}};
            began_below_finality = began_below_finality || start.best.number < finalized.number;
            finality_held = false;
            best = finalized = start.best;
            std::erase_if(imported, [&](const BlockHash& hash) {  // they have no state
                return blocks.at(hash).header.number > best.number;
            });
            imported.insert(start.best.hash);
            history_stored_down_to = start.best.number;
            sync->on_state_finished(now, job.job, start, effects);
        });
    }
    void perform(const DropState&) {
        ++states_dropped;
        finality_held = false;
    }
    void perform(const StoreHistory& job) {
        later(job_time(), [this, job](Effects& effects) {
            bool good = true;
            for (const auto& block : job.blocks) {
                good = good && root_of(*block.body) == block.header.extrinsics_root &&
                       block.header.number + 1 == history_stored_down_to;
                if (good) {
                    history_stored_down_to = block.header.number;
                }
            }
            sync->on_history_stored(
                now, job.job, good ? HistoryVerdict::stored : HistoryVerdict::bad_body, effects);
        });
    }
    void perform(const ReportPeer& report) {
        reports.push_back(report);
        if (report.disconnect) {
            const PeerKey peer = report.peer;
            later(std::chrono::milliseconds(1), [this, peer](Effects& effects) {
                peers[peer].connected = false;
                sync->on_peer_disconnected(now, peer, effects);
            });
        }
    }

    ChainStart chain_start_;
    std::uint64_t next_peer_ = 1;
    std::size_t import_jobs_ = 0;
    Instant imported_at_;
};

}  // namespace stipple::network::sync::testing
