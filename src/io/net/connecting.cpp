// How the loop's sockets come to be: listeners and what they accept, names, dials.
#include "io/net/loop.hpp"
#include "io/net/socket.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace stipple::io::net {
namespace {

int native_family(const SocketAddress& address) {
    return address.family == SocketAddress::Family::ip4 ? AF_INET : AF_INET6;
}

void set_option(int fd, int level, int name) {
    const int on = 1;
    ::setsockopt(fd, level, name, &on, sizeof on);
}

std::optional<SocketAddress> address_of(int fd, bool remote) {
    sockaddr_storage native{};
    socklen_t length = sizeof native;
    auto* raw = reinterpret_cast<sockaddr*>(&native);
    const int status = remote ? ::getpeername(fd, raw, &length) : ::getsockname(fd, raw, &length);
    return status == 0 ? SocketAddress::from_native(native) : std::nullopt;
}

/// Closes on the way out unless it was passed on.
struct OwnedFd {
    int fd;
    explicit OwnedFd(int descriptor) : fd(descriptor) {}
    OwnedFd(const OwnedFd&) = delete;
    OwnedFd& operator=(const OwnedFd&) = delete;
    ~OwnedFd() {
        if (fd >= 0) {
            ::close(fd);
        }
    }
    int release() { return std::exchange(fd, -1); }
};

}  // namespace

Result<SocketId> Loop::listen(const SocketAddress& address) {
    const std::string where = "listen on " + address.text() + ": ";
    OwnedFd owned(::socket(native_family(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (owned.fd < 0) {
        return fail(where + std::strerror(errno));
    }
    set_option(owned.fd, SOL_SOCKET, SO_REUSEADDR);
    if (address.family == SocketAddress::Family::ip6) {
        set_option(owned.fd, IPPROTO_IPV6, IPV6_V6ONLY);
    }
    sockaddr_storage native{};
    const std::uint32_t length = address.to_native(native);
    if (::bind(owned.fd, reinterpret_cast<const sockaddr*>(&native), length) != 0 ||
        ::listen(owned.fd, kBacklog) != 0) {
        return fail(where + std::strerror(errno));
    }
    Socket& socket = add(Kind::listener, owned.release());
    const SocketId id = socket.id;
    arm(socket, EPOLLIN);
    return id;
}

void Loop::on_acceptable(Socket& listener) {
    for (int i = 0; i < kAcceptsPerTurn && !listener.gone; ++i) {
        sockaddr_storage native{};
        socklen_t length = sizeof native;
        const int fd = ::accept4(listener.fd, reinterpret_cast<sockaddr*>(&native), &length,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accept_one(listener, fd, SocketAddress::from_native(native).value_or(SocketAddress{}));
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            arm(listener, 0);
            set_deadline(listener, now_ + kAcceptRest);
        }
        if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

void Loop::accept_one(Socket& listener, int fd, const SocketAddress& peer) {
    if (streams_ >= config_.sockets_max) {
        ::close(fd);
        return;
    }
    set_option(fd, IPPROTO_TCP, TCP_NODELAY);
    Socket& socket = add(Kind::stream, fd);
    socket.peer = peer;
    arm(socket, EPOLLIN);
    handler_.on_accept(now_, socket.id, listener.id, peer);
    touch(socket.id);
}

Loop::Socket& Loop::add_dial(Duration timeout) {
    Socket& socket = add(Kind::stream, -1);
    socket.state = State::resolving;
    set_deadline(socket, now_ + timeout);
    if (streams_ > config_.sockets_max) {
        end(socket, CloseReason::no_place, "too many sockets");
    }
    return socket;
}

SocketId Loop::dial(const SocketAddress& to, Duration timeout) {
    Socket& socket = add_dial(timeout);
    const SocketId id = socket.id;
    if (!socket.gone) {
        socket.candidates.push_back(to);
        connect_next(socket);
    }
    return id;
}

SocketId Loop::dial(std::string host, std::uint16_t port, NameFamily family, Duration timeout) {
    Socket& socket = add_dial(timeout);
    const SocketId id = socket.id;
    if (!socket.gone &&
        !resolver_.resolve(std::move(host), port, family, [this, id](Resolved resolved) {
            on_resolved(id, std::move(resolved));
        })) {
        end(socket, CloseReason::no_place, "too many names to resolve");
    }
    return id;
}

void Loop::on_resolved(SocketId id, Resolved resolved) {
    Socket* socket = find(id);
    if (socket == nullptr) {
        return;  // timed out, or closed
    }
    if (resolved.addresses.empty()) {
        end(*socket, CloseReason::unknown_name, std::move(resolved.failure));
        return;
    }
    socket->candidates.assign(resolved.addresses.begin(), resolved.addresses.end());
    connect_next(*socket);
}

/// Begins with the next address; the dial has failed when there is none.
void Loop::connect_next(Socket& socket) {
    drop_fd(socket);
    while (!socket.candidates.empty()) {
        socket.peer = socket.candidates.front();
        socket.candidates.pop_front();
        OwnedFd owned(
            ::socket(native_family(socket.peer), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (owned.fd < 0) {
            socket.last_error = std::strerror(errno);
            continue;
        }
        set_option(owned.fd, IPPROTO_TCP, TCP_NODELAY);
        sockaddr_storage native{};
        const std::uint32_t length = socket.peer.to_native(native);
        if (::connect(owned.fd, reinterpret_cast<const sockaddr*>(&native), length) != 0 &&
            errno != EINPROGRESS) {
            socket.last_error = std::strerror(errno);
            continue;
        }
        socket.fd = owned.release();
        socket.state = State::connecting;
        arm(socket, EPOLLOUT);
        return;
    }
    end(socket, CloseReason::refused, socket.last_error);
}

void Loop::on_connect_event(Socket& socket) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
        socket.last_error = std::strerror(error);
        connect_next(socket);
        return;
    }
    socket.state = State::open;
    socket.candidates.clear();
    set_deadline(socket, std::nullopt);
    arm(socket, EPOLLIN);
    handler_.on_connected(now_, socket.id, socket.peer);
    touch(socket.id);
}

std::optional<SocketAddress> Loop::local_address(SocketId id) const {
    const Socket* socket = find(id);
    return socket == nullptr || socket->fd < 0 ? std::nullopt : address_of(socket->fd, false);
}

std::optional<SocketAddress> Loop::remote_address(SocketId id) const {
    const Socket* socket = find(id);
    return socket == nullptr || socket->kind != Kind::stream ? std::nullopt
                                                             : std::optional(socket->peer);
}

}  // namespace stipple::io::net
