#include "io/net/loop.hpp"

#include "base/check.hpp"
#include "io/clock.hpp"
#include "io/net/socket.hpp"

#include <array>
#include <cerrno>
#include <pthread.h>

namespace stipple::io::net {
namespace {

constexpr std::size_t kEventsMax = 256;
constexpr Duration kWaitMax = std::chrono::seconds(60);

}  // namespace

Result<std::unique_ptr<Loop>> Loop::create(Handler& handler, const LoopConfig& config) {
    const int epoll_fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) {
        return fail(std::string("network loop: ") + std::strerror(errno));
    }
    std::unique_ptr<Loop> loop(new Loop(handler, config, epoll_fd));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = 0;
    if (::epoll_ctl(epoll_fd, EPOLL_CTL_ADD, loop->mailbox_->fd(), &event) != 0) {
        return fail(std::string("network loop: ") + std::strerror(errno));
    }
    return loop;
}

Loop::Loop(Handler& handler, const LoopConfig& config, int epoll_fd)
    : handler_(handler),
      config_(config),
      epoll_fd_(epoll_fd),
      mailbox_(std::make_shared<Mailbox>()),
      resolver_(mailbox_),
      read_buffer_(kReadBytes + kUnreadBytesMax),
      now_(io::now()) {}

Loop::~Loop() {
    stop();
    mailbox_->close();
    sockets_.clear();
    ::close(epoll_fd_);
}

void Loop::start(std::string thread_name) {
    thread_ = std::thread([this, name = std::move(thread_name)] {
        ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
        while (!stopping_) {
            turn(kWaitMax);
        }
    });
}

void Loop::stop() {
    stopping_ = true;
    mailbox_->wake();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Loop::turn(Duration wait_max) {
    std::array<epoll_event, kEventsMax> events{};
    const int count =
        ::epoll_wait(epoll_fd_, events.data(), static_cast<int>(kEventsMax), wait_ms(wait_max));
    now_ = io::now();
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == 0) {
            on_mail();
            continue;
        }
        Socket* socket = find(SocketId(event.data.u64));
        if (socket == nullptr || socket->gone) {
            continue;
        }
        switch (socket->kind) {
            case Kind::listener:
                on_acceptable(*socket);
                break;
            case Kind::stream:
                on_stream_event(*socket, event.events);
                break;
            case Kind::datagrams:
                on_datagrams(*socket);
                break;
        }
    }
    run_timers();
    run_deadlines();
    run_touched();
    report_closed();
    removed_.clear();
}

/// Rounded up, so that a turn does not end just before what it waits for.
int Loop::wait_ms(Duration wait_max) const {
    if (!touched_.empty() || !closed_.empty()) {
        return 0;
    }
    Duration wait = wait_max;
    const Instant present = io::now();
    if (!timers_.empty()) {
        wait = std::min(wait, timers_.begin()->first.first - present);
    }
    if (!deadlines_.empty()) {
        wait = std::min(wait, deadlines_.begin()->first - present);
    }
    const auto ms =
        std::chrono::ceil<std::chrono::milliseconds>(std::max(wait, Duration{})).count();
    return static_cast<int>(std::min<std::int64_t>(ms, 60'000));
}

void Loop::on_mail() {
    for (auto& work : mailbox_->take()) {
        work();
    }
}

TimerId Loop::at(Instant when, std::move_only_function<void(Instant)> work) {
    const TimerId id(next_id_++);
    timers_.emplace(std::pair{when, id}, std::move(work));
    timer_times_.emplace(id, when);
    return id;
}

void Loop::cancel(TimerId timer) {
    const auto found = timer_times_.find(timer);
    if (found != timer_times_.end()) {
        timers_.erase({found->second, timer});
        timer_times_.erase(found);
    }
}

/// Only those due by the beginning of the turn: one that sets another for now waits for the next.
void Loop::run_timers() {
    const TimerId newest(next_id_);
    while (!timers_.empty() && timers_.begin()->first.first <= now_ &&
           timers_.begin()->first.second < newest) {
        auto node = timers_.extract(timers_.begin());
        timer_times_.erase(node.key().second);
        node.mapped()(now_);
    }
}

void Loop::run_deadlines() {
    std::vector<SocketId> due;
    for (const auto& [when, id] : deadlines_) {
        if (when > now_) {
            break;
        }
        due.push_back(id);
    }
    for (const SocketId id : due) {
        Socket* socket = find(id);
        if (socket == nullptr || socket->gone || !socket->deadline || *socket->deadline > now_) {
            continue;
        }
        set_deadline(*socket, std::nullopt);
        if (socket->kind == Kind::listener) {
            arm(*socket, EPOLLIN);
        } else if (socket->state == State::open) {
            exchange(*socket, false);
        } else if (socket->state == State::lingering) {
            end(*socket, CloseReason::ended, "the peer did not end");
        } else {
            end(*socket, CloseReason::timed_out, socket->last_error);
        }
    }
}

void Loop::touch(SocketId id) {
    Socket* socket = find(id);
    if (socket != nullptr && socket->kind == Kind::stream && !socket->touched &&
        socket->state == State::open && !socket->gone) {
        socket->touched = true;
        touched_.push_back(id);
    }
}

/// One more call for each; who is touched again meanwhile waits for the next turn.
void Loop::run_touched() {
    for (const SocketId id : std::exchange(touched_, {})) {
        Socket* socket = find(id);
        if (socket != nullptr) {
            socket->touched = false;
            if (!socket->gone && socket->state == State::open) {
                exchange(*socket, false);
            }
        }
    }
}

void Loop::report_closed() {
    for (const Verdict& verdict : std::exchange(closed_, {})) {
        handler_.on_closed(now_, verdict.id, verdict.reason, verdict.detail);
    }
}

Loop::Socket& Loop::add(Kind kind, int fd) {
    auto socket = std::make_unique<Socket>();
    socket->id = SocketId(next_id_++);
    socket->kind = kind;
    socket->fd = fd;
    streams_ += kind == Kind::stream ? 1 : 0;
    Socket& added = *socket;
    sockets_.emplace(added.id, std::move(socket));
    return added;
}

Loop::Socket* Loop::find(SocketId id) const {
    const auto found = sockets_.find(id);
    return found == sockets_.end() ? nullptr : found->second.get();
}

void Loop::arm(Socket& socket, std::uint32_t events) {
    if (socket.registered && socket.armed == events) {
        return;
    }
    epoll_event event{};
    event.events = events;
    event.data.u64 = socket.id.value;
    const int operation = socket.registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (::epoll_ctl(epoll_fd_, operation, socket.fd, &event) != 0) {
        end(socket, CloseReason::lost, std::strerror(errno));
        return;
    }
    socket.registered = true;
    socket.armed = events;
}

void Loop::set_deadline(Socket& socket, std::optional<Instant> when) {
    if (socket.deadline == when) {
        return;
    }
    if (socket.deadline) {
        deadlines_.erase({*socket.deadline, socket.id});
    }
    socket.deadline = when;
    if (when) {
        deadlines_.emplace(*when, socket.id);
    }
}

void Loop::drop_fd(Socket& socket) {
    if (socket.fd >= 0) {
        ::close(socket.fd);  // epoll forgets it by itself
        socket.fd = -1;
    }
    socket.registered = false;
}

/// The socket stays in memory until the turn's end, since callers up the stack may hold it.
void Loop::end(Socket& socket, CloseReason reason, std::string detail) {
    if (socket.gone) {
        return;
    }
    socket.gone = true;
    set_deadline(socket, std::nullopt);
    drop_fd(socket);
    if (socket.kind == Kind::stream) {
        --streams_;
        closed_.push_back({socket.id, reason, std::move(detail)});
    }
    const auto found = sockets_.find(socket.id);
    removed_.push_back(std::move(found->second));
    sockets_.erase(found);
}

void Loop::close(SocketId id) {
    if (Socket* socket = find(id)) {
        end(*socket, CloseReason::by_us, "");
    }
}

}  // namespace stipple::io::net
