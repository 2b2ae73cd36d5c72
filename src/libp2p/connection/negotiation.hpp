// Either end of a multistream negotiation, and the names it is about.
#pragma once

#include "libp2p/multistream/multistream.hpp"

#include <memory>
#include <set>
#include <span>

namespace stipple::libp2p {

/// Protocols accepted on substreams the peer opens; shared by all connections.
using ProtocolNames = std::set<std::string, std::less<>>;

class Negotiation {
 public:
    explicit Negotiation(multistream::Dialer dialer) : end_(std::move(dialer)) {}
    explicit Negotiation(multistream::Listener listener) : end_(std::move(listener)) {}

    static Negotiation of(bool dials, std::string name) {
        if (dials) {
            return Negotiation(multistream::Dialer({std::move(name)}));
        }
        return Negotiation(multistream::Listener(
            [only = std::move(name)](std::string_view asked) { return asked == only; }));
    }
    static Negotiation accepting(std::shared_ptr<const ProtocolNames> names) {
        return Negotiation(multistream::Listener(
            [all = std::move(names)](std::string_view asked) { return all->contains(asked); }));
    }

    multistream::Step exchange(ByteExchange& stream) {
        return std::visit([&](auto& end) { return end.exchange(stream); }, end_);
    }
    bool dials() const { return std::holds_alternative<multistream::Dialer>(end_); }

 private:
    std::variant<multistream::Dialer, multistream::Listener> end_;
};

}  // namespace stipple::libp2p
