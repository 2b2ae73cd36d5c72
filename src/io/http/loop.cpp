#include "io/http/loop.hpp"

#include "io/http/limits.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stipple::io::http {
namespace {

Instant read_clock() {
    return {std::chrono::steady_clock::now().time_since_epoch()};
}

constexpr int kTickMs = 1000;
constexpr std::size_t kEventsMax = 128;

}  // namespace

/// The eventfd lives as long as anybody may write to it: connections keep the mailbox.
struct Loop::WakeFd {
    int fd;
    Mailbox mailbox;
    explicit WakeFd(int descriptor) : fd(descriptor), mailbox(descriptor) {}
    WakeFd(const WakeFd&) = delete;
    WakeFd& operator=(const WakeFd&) = delete;
    ~WakeFd() { ::close(fd); }
};

struct Loop::Owned {
    int fd;
    Session session;
    std::uint32_t armed = 0;  ///< events asked of epoll
    bool gone = false;
    std::optional<Instant> lingers_until;  ///< all is said; input is read over until then
    Owned(int socket, const SessionConfig& config, const Accepted& accepted, Handler& handler,
          Instant now)
        : fd(socket), session(config, *accepted.origins, handler, accepted.connection, now) {}
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() { ::close(fd); }
};

Result<std::unique_ptr<Loop>> Loop::create(const SessionConfig& config, Handler& handler,
                                           std::atomic<std::uint32_t>& open_connections) {
    const int epoll_fd = ::epoll_create1(EPOLL_CLOEXEC);
    const int wake_fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (epoll_fd < 0 || wake_fd < 0) {
        return fail(std::string("event loop: ") + std::strerror(errno));
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    ::epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wake_fd, &event);
    return std::unique_ptr<Loop>(
        new Loop(config, handler, open_connections, epoll_fd, std::make_shared<WakeFd>(wake_fd)));
}

Loop::Loop(const SessionConfig& config, Handler& handler, std::atomic<std::uint32_t>& open,
           int epoll_fd, std::shared_ptr<WakeFd> wake)
    : config_(config),
      handler_(handler),
      open_connections_(open),
      epoll_fd_(epoll_fd),
      wake_(std::move(wake)),
      mailbox_(wake_, &wake_->mailbox),
      read_buffer_(kReadBytes, '\0'),
      now_(read_clock()) {}

Loop::~Loop() {
    stop();
    ::close(epoll_fd_);
}

void Loop::adopt(Accepted accepted) {
    {
        const std::lock_guard lock(adopt_mutex_);
        adopted_.push_back(std::move(accepted));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_->fd, &one, sizeof one);
}

void Loop::start(std::string thread_name) {
    thread_ = std::thread([this, name = std::move(thread_name)] {
        ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
        run();
    });
}

void Loop::stop() {
    stopping_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_->fd, &one, sizeof one);
    if (thread_.joinable()) {
        thread_.join();
    }
    for (const Accepted& accepted : adopted_) {
        ::close(accepted.fd);
    }
    adopted_.clear();
    sessions_.clear();
}

void Loop::run() {
    std::array<epoll_event, kEventsMax> events{};
    Instant next_tick = now_ + std::chrono::milliseconds(kTickMs);
    while (!stopping_) {
        const int count = ::epoll_wait(epoll_fd_, events.data(), kEventsMax, kTickMs);
        now_ = read_clock();
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.ptr == nullptr) {
                on_wake();
            } else {
                on_event(*static_cast<Owned*>(event.data.ptr), event.events);
            }
        }
        if (now_ >= next_tick) {
            next_tick = now_ + std::chrono::milliseconds(kTickMs);
            tick_all();
        }
        removed_.clear();
    }
}

void Loop::on_wake() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_->fd, &count, sizeof count);
    std::vector<Accepted> adopted;
    {
        const std::lock_guard lock(adopt_mutex_);
        adopted.swap(adopted_);
    }
    for (Accepted& accepted : adopted) {
        auto owned = std::make_unique<Owned>(accepted.fd, config_, accepted, handler_, now_);
        epoll_event event{};
        owned->armed = event.events = EPOLLIN;
        event.data.ptr = owned.get();
        ::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, owned->fd, &event);
        sessions_.emplace(accepted.connection->id(), std::move(owned));
    }
    for (Post& post : mailbox_->take()) {
        const auto found = sessions_.find(post.connection->id());
        if (found == sessions_.end()) {
            continue;
        }
        Owned& owned = *found->second;
        owned.session.on_post(now_, post);
        flush(owned);
        settle(owned);
    }
}

void Loop::on_event(Owned& owned, std::uint32_t events) {
    if (owned.gone) {
        return;
    }
    if (owned.lingers_until) {
        const ssize_t got = ::recv(owned.fd, read_buffer_.data(), read_buffer_.size(), 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            remove(owned);
        }
        return;
    }
    if ((events & EPOLLIN) != 0 && owned.session.wants_input()) {
        const ssize_t got = ::recv(owned.fd, read_buffer_.data(), read_buffer_.size(), 0);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            remove(owned);
            return;
        }
        if (got > 0) {
            owned.session.on_input(
                now_, std::string_view(read_buffer_).substr(0, static_cast<std::size_t>(got)));
        }
    } else if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        remove(owned);
        return;
    }
    flush(owned);
    settle(owned);
}

void Loop::flush(Owned& owned) {
    while (!owned.gone && !owned.session.unsent().empty()) {
        const std::string_view unsent = owned.session.unsent();
        const ssize_t sent = ::send(owned.fd, unsent.data(), unsent.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                remove(owned);
            }
            return;
        }
        owned.session.on_sent(now_, static_cast<std::size_t>(sent));
        if (static_cast<std::size_t>(sent) < unsent.size()) {
            return;
        }
    }
}

/// Brings epoll in line with what the session waits for, or ends it.
void Loop::settle(Owned& owned) {
    if (owned.gone) {
        return;
    }
    const bool unsent = !owned.session.unsent().empty();
    if (owned.session.is_closing() && !unsent && !owned.lingers_until) {
        ::shutdown(owned.fd, SHUT_WR);
        owned.lingers_until = now_ + kLingerTime;
    }
    const bool reads = owned.session.wants_input() || owned.lingers_until;
    const std::uint32_t wanted =
        (reads ? std::uint32_t{EPOLLIN} : 0U) | (unsent ? std::uint32_t{EPOLLOUT} : 0U);
    if (wanted != owned.armed) {
        epoll_event event{};
        owned.armed = event.events = wanted;
        event.data.ptr = &owned;
        ::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, owned.fd, &event);
    }
}

void Loop::remove(Owned& owned) {
    owned.gone = true;
    ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, owned.fd, nullptr);
    const auto found = sessions_.find(owned.session.connection()->id());
    removed_.push_back(std::move(found->second));
    sessions_.erase(found);
    --open_connections_;
}

void Loop::tick_all() {
    std::vector<Owned*> all;
    all.reserve(sessions_.size());
    for (const auto& [id, owned] : sessions_) {
        all.push_back(owned.get());
    }
    for (Owned* owned : all) {
        owned->session.on_tick(now_);
        if (owned->session.is_stalled(now_) ||
            (owned->lingers_until && now_ >= *owned->lingers_until)) {
            remove(*owned);
            continue;
        }
        flush(*owned);
        settle(*owned);
    }
}

}  // namespace stipple::io::http
