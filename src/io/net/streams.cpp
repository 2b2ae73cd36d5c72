// How the loop's TCP sockets are read and written.
#include "base/check.hpp"
#include "io/net/loop.hpp"
#include "io/net/socket.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace stipple::io::net {

void Loop::on_stream_event(Socket& socket, std::uint32_t events) {
    if (socket.state == State::connecting) {
        on_connect_event(socket);
        return;
    }
    if (socket.state == State::lingering) {
        if ((events & EPOLLOUT) != 0) {
            flush(socket);
        }
        if (!socket.input_ended) {
            read_over(socket);
        } else {
            settle(socket);
        }
        return;
    }
    const bool reads = !socket.input_ended && socket.input.size() < kUnreadBytesMax;
    if (!reads && (events & (EPOLLERR | EPOLLHUP)) != 0) {
        end(socket, CloseReason::lost, "closed by the peer");
        return;
    }
    if ((events & EPOLLOUT) != 0) {
        flush(socket);
    }
    if (!socket.gone && reads && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) {
        exchange(socket, true);
    } else {
        settle(socket);
    }
}

/// All is said; what still comes is thrown away.
void Loop::read_over(Socket& socket) {
    if (socket.gone) {
        return;
    }
    const ssize_t got = ::recv(socket.fd, read_buffer_.data(), read_buffer_.size(), 0);
    if (got < 0 && errno != EAGAIN && errno != EINTR) {
        end(socket, CloseReason::lost, std::strerror(errno));
        return;
    }
    socket.input_ended = got == 0;
    settle(socket);
}

/// Reads behind the socket's unread bytes, all of them in the shared buffer; says how many are
/// there.
std::size_t Loop::receive(Socket& socket) {
    const std::size_t kept = socket.input.size();
    std::ranges::copy(socket.input, read_buffer_.begin());
    const ssize_t got = ::recv(socket.fd, read_buffer_.data() + kept, kReadBytes, 0);
    if (got == 0) {
        socket.input_ended = true;
    } else if (got < 0 && errno != EAGAIN && errno != EINTR) {
        end(socket, CloseReason::lost, std::strerror(errno));
    }
    return kept + (got > 0 ? static_cast<std::size_t>(got) : 0);
}

/// One call of the handler, with fresh bytes if `reads`, and one write of what it put out.
void Loop::exchange(Socket& socket, bool reads) {
    const std::size_t shared = reads ? receive(socket) : 0;
    if (socket.gone) {
        return;
    }
    const ByteView unread = reads ? ByteView(read_buffer_).first(shared) : ByteView(socket.input);
    if (socket.sent > 0) {
        socket.output.erase(socket.output.begin(),
                            socket.output.begin() + static_cast<std::ptrdiff_t>(socket.sent));
        socket.sent = 0;
    }
    const std::size_t waiting = socket.output.size();
    Exchange io{.now = now_,
                .unread = unread,
                .input_ended = socket.input_ended,
                .output = &socket.output,
                .allowance = kUnsentBytesMax - std::min(kUnsentBytesMax, waiting),
                .output_ended = false,
                .wake_at = {}};
    handler_.on_exchange(socket.id, io);
    if (socket.gone) {
        return;
    }
    CHECK(socket.output.size() <= std::max(waiting, kUnsentBytesMax));
    if (reads) {
        socket.input.assign(io.unread.begin(), io.unread.end());
    } else {
        const std::size_t taken = socket.input.size() - io.unread.size();
        socket.input.erase(socket.input.begin(),
                           socket.input.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    if (socket.input.empty()) {
        socket.input = {};  // most sockets idle
    }
    socket.output_ended = io.output_ended;
    socket.wants_room = socket.output.size() > kUnsentBytesMax / 2;
    set_deadline(socket, io.wake_at);
    flush(socket);
    settle(socket);
}

void Loop::flush(Socket& socket) {
    while (!socket.gone && socket.unsent() > 0) {
        const ssize_t sent =
            ::send(socket.fd, socket.output.data() + socket.sent, socket.unsent(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno != EAGAIN) {
                end(socket, CloseReason::lost, std::strerror(errno));
            }
            return;
        }
        socket.sent += static_cast<std::size_t>(sent);
    }
    if (!socket.gone) {
        socket.output.clear();
        socket.sent = 0;
        if (!socket.wants_room) {
            socket.output = {};
        }
    }
}

/// Brings epoll in line with what the socket waits for, or goes on to its end.
void Loop::settle(Socket& socket) {
    if (socket.gone) {
        return;
    }
    if (socket.state == State::open) {
        if (socket.wants_room && socket.unsent() <= kUnsentBytesMax / 2) {
            socket.wants_room = false;
            touch(socket.id);
        }
        if (socket.output_ended) {
            socket.state = State::lingering;
            set_deadline(socket, now_ + kLingerTime);
        }
    }
    const bool lingers = socket.state == State::lingering;
    if (lingers && socket.unsent() == 0) {
        ::shutdown(socket.fd, SHUT_WR);
        if (socket.input_ended) {
            end(socket, CloseReason::ended, "");
            return;
        }
    }
    const bool reads = !socket.input_ended && (lingers || socket.input.size() < kUnreadBytesMax);
    arm(socket, (reads ? std::uint32_t{EPOLLIN} : 0U) |
                    (socket.unsent() > 0 ? std::uint32_t{EPOLLOUT} : 0U));
}

}  // namespace stipple::io::net
