#include "node/pool_service.hpp"

#include "node/core.hpp"

#include <algorithm>

namespace stipple::node {
namespace {

rpc::RpcError as_rpc_error(const chain::pool::PoolError& error) {
    const auto facts = chain::pool::rpc_error(error);
    return facts.data ? rpc::error_with_text(facts.code, facts.message, *facts.data)
                      : rpc::RpcError{facts.code, facts.message};
}

rpc::TransactionStatus as_rpc_status(const chain::pool::TransactionStatus& status) {
    using Pool = chain::pool::StatusKind;
    using Rpc = rpc::TransactionStatus::Kind;
    static constexpr std::array<std::pair<Pool, Rpc>, 10> kKinds = {{
        {Pool::future, Rpc::future},
        {Pool::ready, Rpc::ready},
        {Pool::broadcast, Rpc::broadcast},
        {Pool::in_block, Rpc::in_block},
        {Pool::retracted, Rpc::retracted},
        {Pool::finality_timeout, Rpc::finality_timeout},
        {Pool::finalized, Rpc::finalized},
        {Pool::usurped, Rpc::usurped},
        {Pool::dropped, Rpc::dropped},
        {Pool::invalid, Rpc::invalid},
    }};
    rpc::TransactionStatus told;
    for (const auto& [from, to] : kKinds) {
        if (from == status.kind) {
            told.kind = to;
        }
    }
    told.block = status.block;
    told.other = status.usurper;
    told.peers = status.peers;
    return told;
}

}  // namespace

rpc::RpcResult<ExtrinsicHash> PoolService::send(Extrinsic extrinsic, bool watch,
                                                chain::pool::Source source) {
    const ExtrinsicHash hash = extrinsic.hash();
    chain::pool::RequestId request = 0;
    std::future<std::optional<Verdict>> verdict;
    {
        const std::lock_guard lock(mutex_);
        request = ++last_request_;
        verdict = pending_[request].verdict.get_future();
    }
    const auto forget = [&] {
        const std::lock_guard lock(mutex_);
        pending_.erase(request);
    };
    if (!inbox_.push(Lane::transactions,
                     TransactionSubmitted{request, std::move(extrinsic), watch, source})) {
        forget();
        return std::unexpected(rpc::server_is_busy());
    }
    if (verdict.wait_for(kSubmitTimeout) != std::future_status::ready) {
        forget();
        return std::unexpected(rpc::server_is_busy());
    }
    const auto answer = verdict.get();
    if (!answer) {
        return std::unexpected(rpc::server_is_busy());
    }
    if (!*answer) {
        return std::unexpected(as_rpc_error(answer->error()));
    }
    return hash;
}

rpc::RpcResult<ExtrinsicHash> PoolService::submit(Extrinsic extrinsic) {
    return send(std::move(extrinsic), false, chain::pool::Source::external);
}

rpc::RpcResult<ExtrinsicHash> PoolService::submit_local(Extrinsic extrinsic) {
    return send(std::move(extrinsic), false, chain::pool::Source::local);
}

rpc::RpcResult<std::uint64_t> PoolService::submit_and_watch(Extrinsic extrinsic, Watcher watcher) {
    const ExtrinsicHash hash = extrinsic.hash();
    std::uint64_t watch = 0;
    {
        // Before the pool hears of it, so that no status is missed.
        const std::lock_guard lock(mutex_);
        watch = ++last_watch_;
        watches_.emplace(watch, Watch{hash, std::move(watcher)});
        watch_by_hash_.emplace(hash, watch);
    }
    if (auto sent = send(std::move(extrinsic), true, chain::pool::Source::external); !sent) {
        unwatch(watch);
        return std::unexpected(std::move(sent).error());
    }
    return watch;
}

void PoolService::unwatch(std::uint64_t watch) {
    ExtrinsicHash hash;
    {
        const std::lock_guard lock(mutex_);
        const auto found = watches_.find(watch);
        if (found == watches_.end()) {
            return;
        }
        hash = found->second.hash;
        watches_.erase(found);
        auto [from, to] = watch_by_hash_.equal_range(hash);
        for (; from != to; ++from) {
            if (from->second == watch) {
                watch_by_hash_.erase(from);
                break;
            }
        }
        if (watch_by_hash_.contains(hash)) {
            return;  // somebody else still watches it
        }
    }
    // A full lane leaves a watch in the pool's own bounded list until the transaction ends.
    static_cast<void>(inbox_.push(Lane::control, TransactionUnwatched{hash}));
}

template <class Answer>
std::optional<Answer> PoolService::ask(std::function<Answer(const Core&)> question) const {
    auto promise = std::make_shared<std::promise<Answer>>();
    auto future = promise->get_future();
    if (!inbox_.push(Lane::control, CoreQuestion{[promise, question](const Core& core) {
                         promise->set_value(question(core));
                     }})) {
        return std::nullopt;
    }
    if (future.wait_for(kSubmitTimeout) != std::future_status::ready) {
        return std::nullopt;
    }
    return future.get();
}

std::vector<Extrinsic> PoolService::ready() const {
    return ask<std::vector<Extrinsic>>([](const Core& core) {
               std::vector<Extrinsic> extrinsics;
               for (const auto& transaction : core.pool().pending()) {
                   extrinsics.push_back(*transaction->extrinsic);
               }
               return extrinsics;
           })
        .value_or(std::vector<Extrinsic>{});
}

bool PoolService::provides(ByteView tag) const {
    return ask<bool>([wanted = to_bytes(tag)](const Core& core) {
               const auto pending = core.pool().pending();
               return std::any_of(pending.begin(), pending.end(), [&](const auto& transaction) {
                   const auto& tags = transaction->provides_tags;
                   return !tags.empty() && tags.front() == wanted;
               });
           })
        .value_or(false);
}

std::vector<ExtrinsicHash> PoolService::remove(std::span<const ExtrinsicHash> hashes) {
    auto promise = std::make_shared<std::promise<std::vector<ExtrinsicHash>>>();
    auto removed = promise->get_future();
    TransactionsToRemove event{.hashes = {hashes.begin(), hashes.end()},
                               .reply = [promise](std::vector<ExtrinsicHash> gone) {
                                   promise->set_value(std::move(gone));
                               }};
    if (!inbox_.push(Lane::control, std::move(event)) ||
        removed.wait_for(kSubmitTimeout) != std::future_status::ready) {
        return {};
    }
    return removed.get();
}

void PoolService::on_submitted(const chain::pool::Submitted& answer) {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(answer.request);
    if (found != pending_.end()) {
        found->second.verdict.set_value(answer.verdict);
        pending_.erase(found);
    }
}

void PoolService::stop() {
    const std::lock_guard lock(mutex_);
    for (auto& [request, waiting] : pending_) {
        waiting.verdict.set_value(std::nullopt);
    }
    pending_.clear();
}

void PoolService::on_status(const chain::pool::StatusChanged& change) {
    std::vector<Watcher> watchers;
    {
        const std::lock_guard lock(mutex_);
        const auto [from, to] = watch_by_hash_.equal_range(change.hash);
        for (auto at = from; at != to; ++at) {
            watchers.push_back(watches_.at(at->second).watcher);
        }
        if (chain::pool::is_last(change.status.kind)) {
            for (auto at = from; at != to; ++at) {
                watches_.erase(at->second);
            }
            watch_by_hash_.erase(change.hash);
        }
    }
    const auto status = as_rpc_status(change.status);
    for (const auto& watcher : watchers) {
        watcher(status);
    }
}

}  // namespace stipple::node
