#include "io/http/handler.hpp"
#include "io/http/limits.hpp"

#include <unistd.h>
#include <utility>

namespace stipple::io::http {

void Mailbox::put(Post post) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = posts_.empty();
        posts_.push_back(std::move(post));
    }
    if (was_empty) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
    }
}

std::vector<Post> Mailbox::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(posts_, {});
}

void PeerConnection::reply(Reply reply) {
    mailbox_->put({shared_from_this(), Post::Kind::reply, std::move(reply)});
}

void PeerConnection::answer(std::string message) {
    mailbox_->put({shared_from_this(), Post::Kind::answer, Reply{.body = std::move(message)}});
}

bool PeerConnection::push(std::string message) {
    if (!is_open_ || dropped_) {
        return false;
    }
    const std::size_t bytes = message.size();
    const bool fits = pushed_messages_.fetch_add(1) < info_.pushed_messages_max &&
                      pushed_bytes_.fetch_add(bytes) + bytes <= kPushedBytesMax;
    if (!fits) {
        if (!dropped_.exchange(true)) {
            mailbox_->put({shared_from_this(), Post::Kind::drop, {}});
        }
        return false;
    }
    mailbox_->put({shared_from_this(), Post::Kind::push, Reply{.body = std::move(message)}});
    return true;
}

bool PeerConnection::has_room() const {
    return pushed_messages_ < (info_.pushed_messages_max + 1) / 2 &&
           pushed_bytes_ < kPushedBytesMax / 2;
}

void PeerConnection::when_room(std::function<void()> go) {
    {
        const std::lock_guard lock(waiting_mutex_);
        waiting_.push_back(std::move(go));
        has_waiting_ = true;
    }
    // There may have been room all the time, or nobody left to make any.
    wake_waiting();
}

void PeerConnection::wake_waiting() {
    if (!has_waiting_ || (is_open_ && !has_room())) {
        return;
    }
    std::vector<std::function<void()>> woken;
    {
        const std::lock_guard lock(waiting_mutex_);
        woken.swap(waiting_);
        has_waiting_ = false;
    }
    if (!is_open_) {
        return;
    }
    for (const auto& go : woken) {
        go();
    }
}

bool PeerConnection::take_call() {
    if (info_.calls_per_minute == 0) {
        return true;
    }
    std::uint32_t tokens = call_tokens_;
    while (tokens > 0) {
        if (call_tokens_.compare_exchange_weak(tokens, tokens - 1)) {
            return true;
        }
    }
    return false;
}

void PeerConnection::refill_calls(std::uint32_t calls) {
    if (calls == 0 || info_.calls_per_minute == 0) {
        return;
    }
    std::uint32_t tokens = call_tokens_;
    while (!call_tokens_.compare_exchange_weak(tokens,
                                               std::min(info_.calls_per_minute, tokens + calls))) {
    }
}

}  // namespace stipple::io::http
