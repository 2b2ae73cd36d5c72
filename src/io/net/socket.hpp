// What the loop keeps per socket. Only the loop's own sources include this.
#pragma once

#include "io/net/loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

namespace stipple::io::net {

struct Loop::Socket {
    SocketId id;
    Kind kind{};
    int fd = -1;
    bool registered = false;  ///< epoll knows the descriptor
    std::uint32_t armed = 0;  ///< events asked of it
    bool gone = false;        ///< on_closed is on its way, or was not owed
    std::optional<Instant> deadline;

    // Streams.
    State state = State::open;
    SocketAddress peer;
    std::deque<SocketAddress> candidates;  ///< not tried yet
    std::string last_error;
    Bytes input;   ///< received, left by the handler
    Bytes output;  ///< from `sent` on still to be sent
    std::size_t sent = 0;
    bool input_ended = false;
    bool output_ended = false;
    bool wants_room = false;  ///< filled its allowance; is called when there is room again
    bool touched = false;

    std::size_t unsent() const { return output.size() - sent; }

    Socket() = default;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd >= 0) {
            ::close(fd);
        }
    }
};

}  // namespace stipple::io::net
