// Names to addresses, off the loop's thread: getaddrinfo blocks, for many seconds at times.
//
// A bounded number of threads, each started when there is work and gone when there is none. They
// hold nothing of the loop but its mailbox, so a loop may end while they wait for an answer.
#pragma once

#include "io/net/address.hpp"
#include "io/net/mailbox.hpp"

#include <memory>

namespace stipple::io::net {

enum class NameFamily : std::uint8_t { any, ip4, ip6 };

struct Resolved {
    std::vector<SocketAddress> addresses;  ///< empty on failure; at most kAddressesPerName
    std::string failure;
};

class Resolver {
 public:
    explicit Resolver(std::shared_ptr<Mailbox> mailbox);
    ~Resolver();
    /// `done` runs on the loop's thread. False when too many names wait already.
    bool resolve(std::string host, std::uint16_t port, NameFamily family,
                 std::move_only_function<void(Resolved)> done);

 private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Blocks. For the resolver's threads.
Resolved resolve_now(const std::string& host, std::uint16_t port, NameFamily family);

}  // namespace stipple::io::net
