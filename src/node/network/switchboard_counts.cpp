// What operators are told of it all.
#include "node/network/switchboard.hpp"

#include <algorithm>

namespace stipple::node {

void Switchboard::count_answer(Instant now, const Asked& asked,
                               const std::expected<Bytes, libp2p::RequestFailure>& answer) {
    using Failure = libp2p::RequestFailure;
    ProtocolNumbers& numbers = counts_.of(asked.protocol);
    if (answer) {
        numbers.asked.observe(in_seconds(now - asked.since));
        numbers.bytes_asked += answer->size();
        return;
    }
    const auto why = [&] {
        switch (answer.error()) {
            case Failure::timed_out:
                return RequestEnd::timeout;
            case Failure::refused:
                return RequestEnd::refused;
            case Failure::unsupported:
                return RequestEnd::unsupported;
            case Failure::malformed:
                return RequestEnd::io;
            case Failure::overloaded:
                return RequestEnd::busy;
            case Failure::disconnected:
                return RequestEnd::closed;
        }
        return RequestEnd::io;
    };
    ++numbers.failed[static_cast<std::size_t>(why())];
}

NetworkNumbers Switchboard::numbers(Instant now) const {
    NetworkNumbers numbers = counts_;
    numbers.pending = static_cast<std::size_t>(
        std::ranges::count_if(links_, [](const auto& link) { return !link.second.id; }));
    numbers.slots = slots_.counts().open;
    numbers.known_peers = slots_.store().size();
    numbers.banned_peers = slots_.store().banned_count(now);
    numbers.addresses = own_addresses_.told(now).size();
    if (kademlia_) {
        numbers.walks = kademlia_->refresh_count();
        numbers.records = kademlia_->store().record_count();
        numbers.record_bytes = kademlia_->store().record_bytes();
        numbers.contacts = kademlia_->table().bucket_sizes();
    }
    return numbers;
}

}  // namespace stipple::node
