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

void Connection::reply(const std::shared_ptr<Connection>& self, Reply reply) {
    self->mailbox_->put({self, Post::Kind::reply, std::move(reply)});
}

void Connection::answer(const std::shared_ptr<Connection>& self, std::string message) {
    self->mailbox_->put({self, Post::Kind::answer, Reply{.body = std::move(message)}});
}

bool Connection::push(const std::shared_ptr<Connection>& self, std::string message) {
    if (!self->is_open_ || self->dropped_) {
        return false;
    }
    const std::size_t bytes = message.size();
    const bool fits = self->pushed_messages_.fetch_add(1) < self->info_.pushed_messages_max &&
                      self->pushed_bytes_.fetch_add(bytes) + bytes <= kPushedBytesMax;
    if (!fits) {
        if (!self->dropped_.exchange(true)) {
            self->mailbox_->put({self, Post::Kind::drop, {}});
        }
        return false;
    }
    self->mailbox_->put({self, Post::Kind::push, Reply{.body = std::move(message)}});
    return true;
}

bool Connection::take_call() {
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

void Connection::refill_calls(std::uint32_t calls) {
    if (calls == 0 || info_.calls_per_minute == 0) {
        return;
    }
    std::uint32_t tokens = call_tokens_;
    while (!call_tokens_.compare_exchange_weak(tokens,
                                               std::min(info_.calls_per_minute, tokens + calls))) {
    }
}

}  // namespace stipple::io::http
