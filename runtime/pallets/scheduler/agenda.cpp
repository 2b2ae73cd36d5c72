// Serving the agendas that are due.
#include "kit/sorting.hpp"
#include "pallets/scheduler/scheduler.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
using Task = Scheduler::Task;
using Address = Scheduler::Address;

constexpr Weight kBlockCost = work(4, 1, 1);
constexpr Weight kAgendaCost = work(5, 1, 1);
constexpr Weight kTaskCost = work(5, 0, 1);
constexpr Weight kRetryCost = work(20, 1, 2);
constexpr Weight kDispatchCost = work(3, 0, 0);

Weight cost_of(const Task& task) {
    Weight cost = kTaskCost;
    if (const std::uint32_t bytes = task.call.lookup_bytes(); bytes > 0) {
        cost += work(20 + bytes / 500, 2, 2);
    }
    if (task.maybe_id) {
        cost += work(2, 1, 1);
    }
    return task.maybe_periodic ? cost + work(10, 1, 1) : cost;
}

/// What is left of the weight of a block.
class Meter {
 public:
    explicit Meter(Weight limit) : left_(limit), limit_(limit) {}
    bool has(Weight weight) const { return !weight.any_above(left_); }
    bool take(Weight weight) {
        if (!has(weight)) {
            return false;
        }
        left_ = left_.saturating_sub(weight);
        return true;
    }
    Weight used() const { return limit_.saturating_sub(left_); }

 private:
    Weight left_;
    Weight limit_;
};

enum class Served : std::uint8_t { ran, dropped, waits };

/// One walk over the due agendas.
struct Service {
    BlockNumber now;
    Meter meter{config::kSchedulerMaxWeight};
    bool anything_ran = false;

    /// False when something waits for the next block.
    bool serve_agenda(BlockNumber when);
    Served serve_task(const Address& address, Task& task);
    void run_again(const Address& address, Task task, std::optional<Scheduler::Retry> retry);
    void retry_later(const Address& address, const Task& task, Scheduler::Retry retry);
};

void Service::retry_later(const Address& address, const Task& task, Scheduler::Retry retry) {
    if (!meter.take(kRetryCost)) {
        Scheduler::deposit(Scheduler::kRetryFailed, address, task.maybe_id);
        return;
    }
    if (retry.remaining == 0) {
        return;
    }
    --retry.remaining;
    Preimage::keep(task.call);
    const auto placed =
        Scheduler::place(saturating_add(now, std::max(retry.period, BlockNumber{1})),
                         Task{{}, task.priority, task.call, {}, task.origin});
    if (placed) {
        Scheduler::retries.insert(*placed, retry);
    } else {
        Preimage::drop(task.call);
        Scheduler::deposit(Scheduler::kRetryFailed, address, task.maybe_id);
    }
}

/// The next run of a periodic task; the end of any other.
void Service::run_again(const Address& address, Task task, std::optional<Scheduler::Retry> retry) {
    if (!task.maybe_periodic) {
        Preimage::drop(task.call);
        return;
    }
    auto& [period, runs] = *task.maybe_periodic;
    const BlockNumber next = saturating_add(now, period);
    if (runs > 1) {
        --runs;
    } else {
        task.maybe_periodic.reset();
    }
    const auto placed = Scheduler::place(next, std::move(task));
    if (!placed) {
        Preimage::drop(placed.error().call);
        Scheduler::deposit(Scheduler::kPeriodicFailed, address, placed.error().maybe_id);
    } else if (retry) {
        Scheduler::retries.insert(*placed,
                                  {retry->total_retries, retry->total_retries, retry->period});
    }
}

Served Service::serve_task(const Address& address, Task& task) {
    const auto give_up = [&](const auto& event) {
        if (task.maybe_id) {
            Scheduler::addresses.remove(*task.maybe_id);
        }
        Scheduler::retries.remove(address);
        Preimage::drop(task.call);
        Scheduler::deposit(event, address, task.maybe_id);
        return Served::dropped;
    };
    meter.take(cost_of(task));
    const auto call = Preimage::peek(task.call);
    if (!call) {
        return give_up(Scheduler::kCallUnavailable);
    }
    const Weight weight = call->info().weight;
    if (!meter.has(kDispatchCost + weight)) {
        return anything_ran ? Served::waits : give_up(Scheduler::kPermanentlyOverweight);
    }
    if (task.maybe_id) {
        Scheduler::addresses.remove(*task.maybe_id);
    }
    const PostDispatchResult result = call->dispatch(task.origin);
    const PostDispatchInfo& post = result ? *result : result.error().post;
    meter.take(kDispatchCost + post.actual_weight.value_or(weight).min(weight));
    const auto retry = Scheduler::retries.take(address);
    Scheduler::deposit(Scheduler::kDispatched, address, task.maybe_id, {without_post_info(result)});
    if (!result && retry) {
        retry_later(address, task, *retry);
    }
    run_again(address, std::move(task), retry);
    return Served::ran;
}

bool Service::serve_agenda(BlockNumber when) {
    // Out of storage meanwhile, so that a call cannot cancel a task that is about to run.
    Scheduler::Tasks tasks = Scheduler::agenda.take(when);
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < tasks.size(); ++i) {
        if (tasks.items[i]) {
            order.push_back(i);
        }
    }
    sort_by(order, [&](std::uint32_t a, std::uint32_t b) {
        return tasks.items[a]->priority < tasks.items[b]->priority;
    });
    bool complete = true;
    for (const std::uint32_t i : order) {
        std::optional<Task>& task = tasks.items[i];
        if (!meter.has(cost_of(*task))) {
            complete = false;
            break;
        }
        const Served served = serve_task({when, i}, *task);
        if (served == Served::waits) {
            complete = false;
            continue;
        }
        anything_ran = anything_ran || served == Served::ran;
        task.reset();
    }
    if (!complete) {
        Scheduler::agenda.insert(when, tasks);
    }
    return complete;
}
}  // namespace

Weight Scheduler::on_initialize(BlockNumber now) {
    Service service{now};
    service.meter.take(kBlockCost);
    BlockNumber first_incomplete = saturating_add(now, 1);
    BlockNumber when = incomplete_since.take().value_or(now);
    for (; when <= now && service.meter.take(kAgendaCost); ++when) {
        if (!service.serve_agenda(when)) {
            first_incomplete = std::min(first_incomplete, when);
        }
    }
    first_incomplete = std::min(first_incomplete, when);
    if (first_incomplete <= now) {
        incomplete_since.set(first_incomplete);
    }
    return service.meter.used();
}

}  // namespace stipple::runtime
