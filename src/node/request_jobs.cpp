#include "node/request_jobs.hpp"

#include "base/log.hpp"
#include "consensus/grandpa/authority_set.hpp"
#include "node/grandpa_justification.hpp"
#include "state/trie/range_proof.hpp"

namespace stipple::node {

namespace requests = network::requests;

namespace {

/// A row that is there and readable; what is damaged is logged and counts as absent.
template <class T>
std::optional<T> readable(Result<std::optional<T>> row) {
    if (!row) {
        log(LogLevel::error, "sync", "reading for a peer: {}", row.error().message());
        return std::nullopt;
    }
    return *std::move(row);
}

requests::Answer light_answer(bool is_call, std::optional<state::Proof> proof) {
    network::LightResponse response{.is_call = is_call, .proof = std::nullopt};
    if (proof) {
        response.proof = scale::encode(*proof);
    }
    return {.response = network::encode(response), .has_data = proof.has_value()};
}

}  // namespace

RequestJobs::Answer RequestJobs::answer(const requests::ReadBlocks& job) const {
    const requests::BlockReader reader{
        .canonical_hash =
            [&](BlockNumber number) { return readable(chain_.canonical_hash(number)); },
        .header = [&](const BlockHash& hash) { return readable(chain_.header(hash)); },
        .body = [&](const BlockHash& hash) { return readable(chain_.body(hash)); },
        .justifications =
            [&](const BlockHash& hash) { return readable(chain_.justifications(hash)); }};
    return requests::answer_blocks(job.request, reader);
}

RequestJobs::Answer RequestJobs::answer(const requests::ReadState& job) const {
    const auto state = chain_.state(job.request.block);
    if (!state) {
        return std::nullopt;
    }
    network::StateResponse response;
    bool has_data = false;
    if (job.request.no_proof) {
        const auto range =
            readable(state::read_range(**state, job.request.start, job.bytes_target));
        if (!range) {
            return std::nullopt;
        }
        for (const auto& trie : range->tries) {
            network::StateEntries entries{
                .trie_root = {}, .entries = {}, .complete = trie.complete};
            if (!trie.trie.is_main()) {
                entries.trie_root = to_bytes(trie.root);
            }
            for (const auto& [key, value] : trie.values) {
                entries.entries.push_back({key, value.bytes});
            }
            has_data = has_data || !entries.entries.empty();
            response.tries.push_back(std::move(entries));
        }
    } else {
        const auto proof =
            readable(state::prove_range(**state, job.request.start, job.bytes_target));
        if (!proof) {
            return std::nullopt;
        }
        has_data = !proof->empty();
        response.proof = scale::encode(*proof);
    }
    return requests::Answer{.response = network::encode(response), .has_data = has_data};
}

requests::WarpReader RequestJobs::warp_reader() const {
    auto set = readable(grandpa::AuthoritySet::load(store_));
    std::vector<BlockNumber> ends;
    if (set) {
        for (const auto& past : set->past_sets()) {
            ends.push_back(past.last_block);
        }
    }
    const BlockNumber finalized = chain_.heads().finalized.number;
    const auto hash_at = [this, finalized](BlockNumber number) {
        return number <= finalized ? readable(chain_.canonical_hash(number)) : std::nullopt;
    };
    const auto justification = [this, hash_at](BlockNumber number) -> std::optional<Bytes> {
        const auto hash = hash_at(number);
        const auto stored = hash ? readable(chain_.justifications(*hash)) : std::nullopt;
        const auto* found = grandpa_justification(stored);
        return found != nullptr ? std::optional(found->data) : std::nullopt;
    };
    const BlockNumber last_end = ends.empty() ? 0 : ends.back();
    return {
        .finalized_number = [this, hash_at](const BlockHash& hash) -> std::optional<BlockNumber> {
            const auto number = readable(chain_.number(hash));
            return number && hash_at(*number) == hash ? number : std::nullopt;
        },
        .set_end_after = [ends](BlockNumber number) -> std::optional<BlockNumber> {
            const auto end = std::ranges::upper_bound(ends, number);
            return end == ends.end() ? std::nullopt : std::optional(*end);
        },
        .finalized_header = [this, hash_at](BlockNumber number) -> std::optional<Header> {
            const auto hash = hash_at(number);
            return hash ? readable(chain_.header(*hash)) : std::nullopt;
        },
        .justification = justification,
        .newest_justification = [this, finalized, last_end, hash_at,
                                 justification]() -> std::optional<std::pair<BlockNumber, Bytes>> {
            if (auto newest = readable(find_newest_justification(store_));
                newest && newest->block.number >= last_end &&
                hash_at(newest->block.number) == newest->block.hash) {
                return std::pair(newest->block.number, std::move(newest->justification));
            }
            for (BlockNumber at = finalized; at >= std::max<BlockNumber>(last_end, 1); --at) {
                if (auto found = justification(at)) {
                    return std::pair(at, *std::move(found));
                }
            }
            return std::nullopt;
        }};
}

RequestJobs::Answer RequestJobs::answer(const requests::BuildWarpProof& job) const {
    auto answer = requests::answer_warp(job.begin, warp_reader());
    return answer ? Answer(*std::move(answer)) : std::nullopt;
}

RequestJobs::Answer RequestJobs::answer(const requests::ReadBeefyProof& job) const {
    const auto hash = readable(chain_.canonical_hash(job.block));
    const auto stored = hash ? readable(chain_.justifications(*hash)) : std::nullopt;
    const auto* found = justification_of(stored, kBeefyEngine);
    return found == nullptr ? std::nullopt : Answer({.response = found->data, .has_data = true});
}

RequestJobs::Answer RequestJobs::answer(const requests::LightCall& job) const {
    const auto state = chain_.state(job.request.block);
    const auto runtime = chain_.runtime(job.request.block);
    if (!state || !runtime) {
        return light_answer(true, std::nullopt);
    }
    const state::ProofRecorder recorder(**state);
    // The code is not part of the proof: a light client has it already, by a read of its own.
    state::Overlay overlay(recorder);
    executor::CallContext context;
    context.time_limit = kLightCallMax;
    const auto result = (*runtime)->call(job.request.method, job.request.data, overlay, context);
    auto proof = recorder.proof();
    if (!result || !proof) {
        return light_answer(true, std::nullopt);
    }
    return light_answer(true, *std::move(proof));
}

RequestJobs::Answer RequestJobs::answer(const requests::LightRead& job) const {
    const auto state = chain_.state(job.request.block);
    if (!state || (job.request.child && job.request.child->empty())) {
        return light_answer(false, std::nullopt);
    }
    const state::TrieId trie{job.request.child.value_or(Bytes{})};
    auto proof = state::prove_keys(**state, trie, job.request.keys);
    return light_answer(false, proof ? std::optional(*std::move(proof)) : std::nullopt);
}

}  // namespace stipple::node
