#include "io/net/resolver.hpp"

#include "io/net/limits.hpp"

#include <deque>
#include <netdb.h>
#include <pthread.h>
#include <sys/socket.h>
#include <thread>

namespace stipple::io::net {
namespace {

struct Task {
    std::string host;
    std::uint16_t port = 0;
    NameFamily family = NameFamily::any;
    std::move_only_function<void(Resolved)> done;
};

}  // namespace

struct Resolver::State {
    std::shared_ptr<Mailbox> mailbox;
    std::mutex mutex;
    std::deque<Task> waiting;
    std::size_t threads = 0;
    bool closed = false;

    /// The body of a thread.
    void work() {
        while (true) {
            Task task;
            {
                const std::lock_guard lock(mutex);
                if (waiting.empty() || closed) {
                    --threads;
                    return;
                }
                task = std::move(waiting.front());
                waiting.pop_front();
            }
            Resolved resolved = resolve_now(task.host, task.port, task.family);
            mailbox->post([done = std::move(task.done), answer = std::move(resolved)]() mutable {
                done(std::move(answer));
            });
        }
    }
};

Resolver::Resolver(std::shared_ptr<Mailbox> mailbox) : state_(std::make_shared<State>()) {
    state_->mailbox = std::move(mailbox);
}

Resolver::~Resolver() {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    state_->waiting.clear();
}

bool Resolver::resolve(std::string host, std::uint16_t port, NameFamily family,
                       std::move_only_function<void(Resolved)> done) {
    const std::lock_guard lock(state_->mutex);
    if (state_->waiting.size() >= kResolvesWaitingMax) {
        return false;
    }
    state_->waiting.push_back({std::move(host), port, family, std::move(done)});
    if (state_->threads < kResolversMax) {
        ++state_->threads;
        std::thread([state = state_] {
            ::pthread_setname_np(::pthread_self(), "resolver");
            state->work();
        }).detach();
    }
    return true;
}

Resolved resolve_now(const std::string& host, std::uint16_t port, NameFamily family) {
    addrinfo hints{};
    hints.ai_family = family == NameFamily::ip4   ? AF_INET
                      : family == NameFamily::ip6 ? AF_INET6
                                                  : AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int status = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    Resolved resolved;
    if (status != 0) {
        resolved.failure = ::gai_strerror(status);
        return resolved;
    }
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        sockaddr_storage native{};
        std::memcpy(&native, each->ai_addr, each->ai_addrlen);
        auto address = SocketAddress::from_native(native);
        if (address && resolved.addresses.size() < kAddressesPerName) {
            address->port = port;
            resolved.addresses.push_back(*address);
        }
    }
    ::freeaddrinfo(found);
    return resolved;
}

}  // namespace stipple::io::net
