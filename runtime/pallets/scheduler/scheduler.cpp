// The calls of the Scheduler; agenda.cpp serves what they wrote.
#include "pallets/scheduler/scheduler.hpp"

#include "pallets/system/system.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
bool is_task(const Scheduler::Address& address) {
    const auto [when, place] = address;
    const Scheduler::Tasks tasks = Scheduler::agenda.get(when);
    return place < tasks.size() && tasks.items[place].has_value();
}

Outcome<Scheduler::Address> address_of(const Scheduler::Name& id) {
    if (const auto found = Scheduler::addresses.get(id)) {
        return *found;
    }
    return Scheduler::fail(Scheduler::kNotFound);
}

DispatchResult schedule_task(const Scheduler::MaybeName& id, BlockNumber when,
                             const Scheduler::Period& periodic, std::uint8_t priority,
                             const RuntimeCall& call) {
    if (when <= System::number.get()) {
        return Scheduler::fail(Scheduler::kTargetBlockNumberInPast);
    }
    if (id && Scheduler::addresses.contains(*id)) {
        return Scheduler::fail(Scheduler::kFailedToSchedule);
    }
    Scheduler::Task task{id, priority, {}, {}, Origin::root()};
    TRY_ASSIGN(task.call, Preimage::bound(call));
    if (periodic && std::get<0>(*periodic) != 0 && std::get<1>(*periodic) > 1) {
        task.maybe_periodic = {std::get<0>(*periodic), std::get<1>(*periodic) - 1};
    }
    if (!Scheduler::place(when, std::move(task))) {
        return fail(DispatchError::exhausted());
    }
    return {};
}

/// Not the block at hand, whose agenda is served.
BlockNumber block_after(BlockNumber blocks) {
    return saturating_add(saturating_add(System::number.get(), blocks), 1);
}

DispatchResult set_retry_at(const Scheduler::Address& task, const Scheduler::MaybeName& id,
                            std::uint8_t times, BlockNumber period) {
    if (!is_task(task)) {
        return Scheduler::fail(Scheduler::kNotFound);
    }
    Scheduler::retries.insert(task, {times, times, period});
    Scheduler::deposit(Scheduler::kRetrySet, task, id, period, times);
    return {};
}

DispatchResult cancel_retry_at(const Scheduler::Address& task, const Scheduler::MaybeName& id) {
    if (!is_task(task)) {
        return Scheduler::fail(Scheduler::kNotFound);
    }
    Scheduler::retries.remove(task);
    Scheduler::deposit(Scheduler::kRetryCancelled, task, id);
    return {};
}
}  // namespace

std::expected<Scheduler::Address, Scheduler::Task> Scheduler::place(BlockNumber when, Task task) {
    Tasks tasks = agenda.get(when);
    const auto gap = tasks.size() < Tasks::kMax
                         ? tasks.end()
                         : std::find(tasks.begin(), tasks.end(), std::nullopt);
    const auto at = static_cast<std::uint32_t>(gap - tasks.begin());
    if (at >= Tasks::kMax) {
        return std::unexpected(std::move(task));
    }
    tasks.items.resize(std::max<std::size_t>(tasks.size(), at + 1));
    if (task.maybe_id) {
        addresses.insert(*task.maybe_id, {when, at});
    }
    tasks.items[at] = std::move(task);
    agenda.insert(when, tasks);
    deposit(kScheduled, when, at);
    return Address{when, at};
}

DispatchResult Scheduler::cancel_at(const Address& address) {
    if (!is_task(address)) {
        return fail(kNotFound);
    }
    const auto [when, at] = address;
    Tasks tasks = agenda.get(when);
    std::optional<Task>& task = tasks.items[at];
    Preimage::drop(task->call);
    if (task->maybe_id) {
        addresses.remove(*task->maybe_id);
    }
    task.reset();
    while (!tasks.empty() && !tasks.items.back()) {
        tasks.items.pop_back();
    }
    if (tasks.empty()) {
        agenda.remove(when);
    } else {
        agenda.insert(when, tasks);
    }
    retries.remove(address);
    deposit(kCanceled, when, at);
    return {};
}

DispatchResult Scheduler::schedule(const Origin& origin, BlockNumber when, const Period& periodic,
                                   std::uint8_t priority, const RuntimeCall& call) {
    TRY(ensure_root(origin));
    return schedule_task({}, when, periodic, priority, call);
}

DispatchResult Scheduler::schedule_after(const Origin& origin, BlockNumber after,
                                         const Period& periodic, std::uint8_t priority,
                                         const RuntimeCall& call) {
    return schedule(origin, block_after(after), periodic, priority, call);
}

DispatchResult Scheduler::schedule_named(const Origin& origin, const Name& id, BlockNumber when,
                                         const Period& periodic, std::uint8_t priority,
                                         const RuntimeCall& call) {
    TRY(ensure_root(origin));
    return schedule_task(id, when, periodic, priority, call);
}

DispatchResult Scheduler::schedule_named_after(const Origin& origin, const Name& id,
                                               BlockNumber after, const Period& periodic,
                                               std::uint8_t priority, const RuntimeCall& call) {
    return schedule_named(origin, id, block_after(after), periodic, priority, call);
}

DispatchResult Scheduler::cancel(const Origin& origin, BlockNumber when, std::uint32_t at) {
    TRY(ensure_root(origin));
    return cancel_at({when, at});
}

DispatchResult Scheduler::cancel_named(const Origin& origin, const Name& id) {
    TRY(ensure_root(origin));
    TRY_ASSIGN(const Address task, address_of(id));
    return cancel_at(task);
}

DispatchResult Scheduler::set_retry(const Origin& origin, const Address& task, std::uint8_t times,
                                    BlockNumber period) {
    TRY(ensure_root(origin));
    return set_retry_at(task, {}, times, period);
}

DispatchResult Scheduler::set_retry_named(const Origin& origin, const Name& id, std::uint8_t times,
                                          BlockNumber period) {
    TRY(ensure_root(origin));
    TRY_ASSIGN(const Address task, address_of(id));
    return set_retry_at(task, id, times, period);
}

DispatchResult Scheduler::cancel_retry(const Origin& origin, const Address& task) {
    TRY(ensure_root(origin));
    return cancel_retry_at(task, {});
}

DispatchResult Scheduler::cancel_retry_named(const Origin& origin, const Name& id) {
    TRY(ensure_root(origin));
    TRY_ASSIGN(const Address task, address_of(id));
    return cancel_retry_at(task, id);
}

}  // namespace stipple::runtime
