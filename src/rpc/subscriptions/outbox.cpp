#include "rpc/subscriptions/outbox.hpp"

#include "rpc/codec/request.hpp"

namespace stipple::rpc {

void Outbox::send_waiting() {
    while (!waiting_.empty() && connection_->has_room()) {
        connection_->push(std::move(waiting_.front()));
        waiting_.pop_front();
    }
}

void Outbox::flush() {
    bool wait = false;
    {
        const std::lock_guard lock(mutex_);
        send_waiting();
        wait = !waiting_.empty() && !scheduled_;
        scheduled_ = scheduled_ || wait;
    }
    if (wait) {
        // Not under the lock: it may be called at once.
        // It keeps this alive: what was said last is still to be sent when the subscription is
        // over.
        connection_->when_room([self = shared_from_this()] {
            {
                const std::lock_guard lock(self->mutex_);
                self->scheduled_ = false;
            }
            self->flush();
        });
    }
}

bool Outbox::push(std::string_view result) {
    {
        const std::lock_guard lock(mutex_);
        if (finished_ || !connection_->is_open() || waiting_.size() >= kOutboxMessagesMax) {
            return false;
        }
        waiting_.push_back(notification(notification_, id_, result));
    }
    flush();
    return true;
}

void Outbox::finish(std::string_view result, bool instead) {
    {
        const std::lock_guard lock(mutex_);
        if (finished_) {
            return;
        }
        finished_ = true;
        if (instead) {
            waiting_.clear();
        }
        waiting_.push_back(notification(notification_, id_, result));
    }
    flush();
}

bool Outbox::has_room() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && connection_->has_room();
}

void Outbox::when_room(std::function<void()> go) {
    connection_->when_room([weak = weak_from_this(), go = std::move(go)] {
        if (const auto self = weak.lock()) {
            if (self->has_room()) {
                go();
            } else {
                self->flush();
                self->when_room(go);
            }
        }
    });
}

void Outbox::close() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    waiting_.clear();
}

}  // namespace stipple::rpc
