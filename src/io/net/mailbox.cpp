#include "io/net/mailbox.hpp"

#include "base/check.hpp"

#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace stipple::io::net {

Mailbox::Mailbox() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    CHECK(fd_ >= 0);
}

Mailbox::~Mailbox() {
    ::close(fd_);
}

void Mailbox::post(std::move_only_function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) {
            return;
        }
        waiting_.push_back(std::move(work));
        if (waiting_.size() > 1) {
            return;  // somebody has woken the loop already
        }
    }
    wake();
}

void Mailbox::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

std::vector<std::move_only_function<void()>> Mailbox::take() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
}

void Mailbox::close() {
    std::vector<std::move_only_function<void()>> dropped;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    dropped.swap(waiting_);
}

}  // namespace stipple::io::net
