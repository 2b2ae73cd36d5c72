#include "executor/runtime_tasks.hpp"

#include "executor/limits.hpp"

namespace stipple::executor {
namespace {

/// The state of a task: there is none.
class NoState final : public state::Reader {
 public:
    Result<std::optional<state::StoredValue>> value(const state::TrieId&, ByteView) const override {
        return refuse();
    }
    std::unique_ptr<state::KeyCursor> keys(const state::TrieId&, ByteView) const override {
        return std::make_unique<NoKeys>();
    }
    Result<std::optional<state::LentBytes>> lend_branch(const state::TrieId&,
                                                        ByteView) const override {
        return refuse();
    }
    Result<state::StateRoot> root(const state::TrieId&) const override { return refuse(); }

 private:
    static std::unexpected<Error> refuse() { return fail("a runtime task has no state"); }
    class NoKeys final : public state::KeyCursor {
     public:
        bool valid() const override { return false; }
        ByteView key() const override { return {}; }
        Result<state::StoredValue> value() const override { return refuse(); }
        void next() override {}
        Result<> status() const override { return refuse(); }
    };
};

}  // namespace

std::uint64_t RuntimeTasks::spawn(HostCall& call, std::uint32_t wrapper, std::uint32_t entry,
                                  ByteView payload) {
    if (answers_.size() >= kRuntimeTasksMax) {
        call.trap("too many runtime tasks");
        return 0;
    }
    const NoState nothing;
    state::Overlay overlay(nothing);
    CallContext context;
    context.time_limit = call.context.time_limit;
    HostCall task(overlay, context);
    auto answer = run_(wrapper, entry, payload, task);
    if (!answer) {
        const bool is_ours = answer.error().kind == CallErrorKind::deadline ||
                             answer.error().kind == CallErrorKind::out_of_slots;
        call.fail(is_ours ? answer.error().kind : CallErrorKind::trap,
                  "runtime task: " + answer.error().message);
        return 0;
    }
    answers_.emplace_back(*std::move(answer));
    return answers_.size() - 1;
}

Bytes RuntimeTasks::join(HostCall& call, std::uint64_t task) {
    if (task >= answers_.size() || !answers_[task]) {
        call.trap("no runtime task of this number");
        return {};
    }
    return *std::exchange(answers_[task], std::nullopt);
}

}  // namespace stipple::executor
