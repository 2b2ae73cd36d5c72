#include "node/replay.hpp"

#include "base/memory_store.hpp"

#include <fmt/format.h>

namespace stipple::node {

using recording::FrameKind;

std::unexpected<ReplayError> Replay::fail(ReplayErrorKind kind, std::string_view what) const {
    return std::unexpected(ReplayError{kind, summary_.events,
                                       fmt::format("after {} events, at byte {} of the file: {}",
                                                   summary_.events, file_.offset(), what)});
}

std::expected<void, ReplayError> Replay::feed(ByteView bytes) {
    file_.feed(bytes);
    if (!has_head_) {
        const auto head = file_.head();
        if (!head) {
            return fail(ReplayErrorKind::damaged, recording::describe(head.error()));
        }
        if (!*head) {
            return {};
        }
        has_head_ = true;
        summary_.program = (*head)->program;
        if ((*head)->shape != shape_of_recordings()) {
            return fail(ReplayErrorKind::other_program,
                        fmt::format("it was recorded by another build ({}), whose events are not "
                                    "those of this one: replay it with that",
                                    summary_.program));
        }
    }
    for (;;) {
        const auto frame = file_.next();
        if (!frame) {
            return fail(ReplayErrorKind::damaged, recording::describe(frame.error()));
        }
        if (!*frame) {
            return {};
        }
        TRY(take(**frame));
    }
}

std::expected<void, ReplayError> Replay::take(const recording::Frame& frame) {
    if (summary_.is_whole) {
        return fail(ReplayErrorKind::malformed, "something follows behind its end");
    }
    if (core_.has_value() == (frame.kind == FrameKind::beginning)) {
        return fail(ReplayErrorKind::malformed, core_ ? "it begins twice" : "it does not begin");
    }
    switch (frame.kind) {
        case FrameKind::beginning:
            return begin(frame.body);
        case FrameKind::event:
            return handle(frame.body);
        case FrameKind::end:
            return end(frame.body);
    }
    return {};
}

std::expected<void, ReplayError> Replay::begin(ByteView body) {
    auto beginning = decode_beginning(body);
    if (!beginning) {
        return fail(ReplayErrorKind::malformed, scale::describe(beginning.error()));
    }
    if (!grandpa::VoterSet::create(beginning->set.authorities) ||
        beginning->config.slot_duration_ms == 0) {
        return fail(ReplayErrorKind::malformed, "no core can begin so");
    }
    summary_.genesis = beginning->heads.genesis;
    summary_.best = beginning->heads.best;
    began_ = beginning->now;
    MemoryStore store;
    WriteBatch batch;
    for (const PutOp& row : beginning->rows) {
        batch.put(row.column, row.key, row.value);
    }
    if (const auto stored = store.commit(batch, Durability::buffered); !stored) {
        return fail(ReplayErrorKind::malformed, stored.error().message());
    }
    core_.emplace(beginning->config, beginning->heads, beginning->set, beginning->unfinalized,
                  beginning->seed);
    const auto effects = start_core(*core_, *beginning, store);
    if (!effects) {
        return fail(ReplayErrorKind::malformed, effects.error().message());
    }
    summary_.effects += effects->size();
    digest_.add(*effects);
    return {};
}

std::expected<void, ReplayError> Replay::compare(bool is_same) const {
    if (is_same) {
        return {};
    }
    return std::unexpected(
        ReplayError{ReplayErrorKind::diverged, summary_.events,
                    fmt::format("event {} ({}) has other effects than it had when it was recorded",
                                summary_.events, last_event_)});
}

std::expected<void, ReplayError> Replay::handle(ByteView body) {
    auto recorded = decode_event(body);
    if (!recorded) {
        return fail(ReplayErrorKind::malformed, scale::describe(recorded.error()));
    }
    TRY(compare(recorded->digest_before == digest_.first_bytes()));
    ++summary_.events;
    last_event_ = name_of(recorded->event);
    summary_.span = recorded->now - began_;
    EffectList effects;
    const Event shown = watch_ ? recorded->event : Event{Woken{}};
    core_->handle(recorded->now, recorded->wall, std::move(recorded->event), effects);
    if (watch_) {
        watch_(summary_.events, summary_.span, shown, effects);
    }
    summary_.effects += effects.size();
    digest_.add(effects);
    return {};
}

std::expected<void, ReplayError> Replay::end(ByteView body) {
    const auto recorded = decode_end(body);
    if (!recorded) {
        return fail(ReplayErrorKind::malformed, scale::describe(recorded.error()));
    }
    if (recorded->events != summary_.events) {
        return fail(ReplayErrorKind::malformed,
                    fmt::format("it says to have {} events", recorded->events));
    }
    summary_.is_whole = true;
    return compare(recorded->digest == digest_.value());
}

std::expected<ReplaySummary, ReplayError> Replay::finish() {
    if (!core_) {
        return fail(ReplayErrorKind::empty, "it ends before the node had begun");
    }
    summary_.left_over = file_.left_over();
    summary_.digest = digest_.value();
    return summary_;
}

}  // namespace stipple::node
