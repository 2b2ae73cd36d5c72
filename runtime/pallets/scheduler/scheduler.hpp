// Scheduler: calls that the chain makes by itself at a later block.
//
// A block's agenda is a bounded list of tasks. At the start of each block the agendas that are due
// are served in order of block and priority while weight is left; what does not fit waits, and
// `IncompleteSince` remembers from where. A task may repeat, may be retried when it fails, and may
// have a name. A task that does not fit an empty block is given up. Long calls stand in Preimage.
#pragma once

#include "kit/pallet.hpp"
#include "pallets/preimage/preimage.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

using ScheduledName = std::array<std::uint8_t, 32>;
/// Blocks between two runs, and runs that are left.
using ScheduledPeriod = std::optional<std::tuple<BlockNumber, std::uint32_t>>;
/// Not inside of the pallet, whose storage is made of it while the pallet is incomplete.
struct ScheduledTask {
    std::optional<ScheduledName> maybe_id;
    std::uint8_t priority = 0;  ///< the smaller the earlier
    BoundedCall call;
    ScheduledPeriod maybe_periodic;
    Origin origin;
    static auto fields(auto& self) {
        return std::tie(self.maybe_id, self.priority, self.call, self.maybe_periodic, self.origin);
    }
    static constexpr TypeName kType{"pallet_scheduler::Scheduled",
                                    {"maybe_id", "priority", "call", "maybe_periodic", "origin"}};
};

struct Scheduler : Pallet<Scheduler> {
    static constexpr std::string_view kName = "Scheduler";

    using Name = ScheduledName;
    /// The block of an agenda and the place there.
    using Address = std::tuple<BlockNumber, std::uint32_t>;
    using Period = ScheduledPeriod;

    using Task = ScheduledTask;
    struct Retry {
        std::uint8_t total_retries = 0;
        std::uint8_t remaining = 0;
        BlockNumber period = 0;
        friend bool operator==(const Retry&, const Retry&) = default;
        static auto fields(auto& self) {
            return std::tie(self.total_retries, self.remaining, self.period);
        }
        static constexpr TypeName kType{"pallet_scheduler::RetryConfig",
                                        {"total_retries", "remaining", "period"}};
    };
    using Tasks = BoundedVec<std::optional<Task>, config::kMaxScheduledPerBlock>;

    // ---- storage ----
    static constexpr StorageValue<Optional<BlockNumber>> incomplete_since{
        kName, "IncompleteSince", "The first block whose agenda is not served."};
    static constexpr StorageMap<Twox64Concat<BlockNumber>, Tasks> agenda{
        kName, "Agenda", "Tasks by the block they are due at; gaps are cancelled or done."};
    static constexpr StorageMap<Blake2Concat<Address>, Optional<Retry>> retries{
        kName, "Retries", "How tasks are retried."};
    static constexpr StorageMap<Twox64Concat<Name>, Optional<Address>> addresses{
        kName, "Lookup", "Where named tasks are."};
    static constexpr auto storage = list(incomplete_since, agenda, retries, addresses);

    // ---- events ----
    using MaybeName = std::optional<Name>;
    static constexpr Event<BlockNumber, std::uint32_t> kScheduled{
        0, "Scheduled", {"when", "index"}, "A task was scheduled."};
    static constexpr Event<BlockNumber, std::uint32_t> kCanceled{
        1, "Canceled", {"when", "index"}, "A task was cancelled."};
    static constexpr Event<Address, MaybeName, ScaleResult<void, DispatchError>> kDispatched{
        2, "Dispatched", {"task", "id", "result"}, "A task ran."};
    static constexpr Event<Address, MaybeName, BlockNumber, std::uint8_t> kRetrySet{
        3, "RetrySet", {"task", "id", "period", "retries"}, "A task will be retried if it fails."};
    static constexpr Event<Address, MaybeName> kRetryCancelled{
        4, "RetryCancelled", {"task", "id"}, "A task will not be retried."};
    static constexpr Event<Address, MaybeName> kCallUnavailable{
        5, "CallUnavailable", {"task", "id"}, "The bytes of a task's call are not here."};
    static constexpr Event<Address, MaybeName> kPeriodicFailed{
        6, "PeriodicFailed", {"task", "id"}, "A task could not be put on its next agenda."};
    static constexpr Event<Address, MaybeName> kRetryFailed{
        7, "RetryFailed", {"task", "id"}, "A failed task could not be put on a later agenda."};
    static constexpr Event<Address, MaybeName> kPermanentlyOverweight{
        8, "PermanentlyOverweight", {"task", "id"}, "A task is too heavy for any block."};
    static constexpr auto events =
        list(kScheduled, kCanceled, kDispatched, kRetrySet, kRetryCancelled, kCallUnavailable,
             kPeriodicFailed, kRetryFailed, kPermanentlyOverweight);

    // ---- errors ----
    static constexpr ModuleErrorInfo kFailedToSchedule{0, "FailedToSchedule",
                                                       "A task of this name is scheduled."};
    static constexpr ModuleErrorInfo kNotFound{1, "NotFound", "There is no such task."};
    static constexpr ModuleErrorInfo kTargetBlockNumberInPast{2, "TargetBlockNumberInPast",
                                                              "The block is not in the future."};
    static constexpr ModuleErrorInfo kRescheduleNoChange{3, "RescheduleNoChange",
                                                         "The task is due then already."};
    static constexpr ModuleErrorInfo kNamed{4, "Named", "The task has a name."};
    static constexpr auto errors =
        list(kFailedToSchedule, kNotFound, kTargetBlockNumberInPast, kRescheduleNoChange, kNamed);

    // ---- calls, all for Root ----
    static DispatchResult schedule(const Origin& origin, BlockNumber when, const Period& periodic,
                                   std::uint8_t priority, const RuntimeCall& call);
    static DispatchResult cancel(const Origin& origin, BlockNumber when, std::uint32_t at);
    static DispatchResult schedule_named(const Origin& origin, const Name& id, BlockNumber when,
                                         const Period& periodic, std::uint8_t priority,
                                         const RuntimeCall& call);
    static DispatchResult cancel_named(const Origin& origin, const Name& id);
    static DispatchResult schedule_after(const Origin& origin, BlockNumber after,
                                         const Period& periodic, std::uint8_t priority,
                                         const RuntimeCall& call);
    static DispatchResult schedule_named_after(const Origin& origin, const Name& id,
                                               BlockNumber after, const Period& periodic,
                                               std::uint8_t priority, const RuntimeCall& call);
    static DispatchResult set_retry(const Origin& origin, const Address& task, std::uint8_t times,
                                    BlockNumber period);
    static DispatchResult set_retry_named(const Origin& origin, const Name& id, std::uint8_t times,
                                          BlockNumber period);
    static DispatchResult cancel_retry(const Origin& origin, const Address& task);
    static DispatchResult cancel_retry_named(const Origin& origin, const Name& id);
    static constexpr auto calls = list(
        call<0>("schedule", &schedule, {"when", "maybe_periodic", "priority", "call"},
                work(25, 1, 1), "Make a call at a block."),
        call<1>("cancel", &cancel, {"when", "index"}, work(30, 1, 2), "Cancel a task."),
        call<2>("schedule_named", &schedule_named,
                {"id", "when", "maybe_periodic", "priority", "call"}, work(30, 2, 2),
                "Make a call at a block, by a name."),
        call<3>("cancel_named", &cancel_named, {"id"}, work(20, 2, 3),
                "Cancel a task by its name."),
        call<4>("schedule_after", &schedule_after, {"after", "maybe_periodic", "priority", "call"},
                work(25, 1, 1), "Make a call after some blocks."),
        call<5>("schedule_named_after", &schedule_named_after,
                {"id", "after", "maybe_periodic", "priority", "call"}, work(30, 2, 2),
                "Make a call after some blocks, by a name."),
        call<6>("set_retry", &set_retry, {"task", "retries", "period"}, work(12, 1, 1),
                "Retry a task so often, every `period` blocks, should it fail."),
        call<7>("set_retry_named", &set_retry_named, {"id", "retries", "period"}, work(15, 2, 1),
                "Retry a task, known by its name, should it fail."),
        call<8>("cancel_retry", &cancel_retry, {"task"}, work(12, 1, 1),
                "Do not retry a task any more."),
        call<9>("cancel_retry_named", &cancel_retry_named, {"id"}, work(15, 2, 1),
                "Do not retry a task, known by its name, any more."));

    // ---- constants ----
    static constexpr auto constants =
        list(constant(
                 "MaximumWeight", [] { return config::kSchedulerMaxWeight; },
                 "The weight of all that is served in one block, at most."),
             constant(
                 "MaxScheduledPerBlock", [] { return config::kMaxScheduledPerBlock; },
                 "Tasks of one block, at most."));

    static Weight on_initialize(BlockNumber now);

    // ---- shared by scheduler.cpp and agenda.cpp ----
    /// Puts the task on the agenda of `when`; the task comes back when there is no room.
    static std::expected<Address, Task> place(BlockNumber when, Task task);
    static DispatchResult cancel_at(const Address& address);
};

}  // namespace stipple::runtime
