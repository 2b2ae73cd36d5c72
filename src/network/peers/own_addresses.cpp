#include "network/peers/own_addresses.hpp"

#include <tuple>

namespace stipple::network {

using libp2p::Multiaddr;

namespace {

void cut(std::vector<Multiaddr>& addresses) {
    if (addresses.size() > kOwnAddressesMax) {
        addresses.resize(kOwnAddressesMax);
    }
}

void add_new(std::vector<Multiaddr>& out, const std::vector<Multiaddr>& more) {
    for (const Multiaddr& address : more) {
        if (std::ranges::find(out, address) == out.end()) {
            out.push_back(address);
        }
    }
}

}  // namespace

OwnAddresses::OwnAddresses(std::vector<Multiaddr> public_addresses, bool local_addresses)
    : public_(std::move(public_addresses)), local_addresses_(local_addresses) {
    cut(public_);
}

void OwnAddresses::set_listening(std::vector<Multiaddr> addresses) {
    listening_ = std::move(addresses);
    cut(listening_);
}

bool OwnAddresses::may_tell(const Multiaddr& address) const {
    const auto reach = address.reach();
    return reach == libp2p::Reach::global ||
           (local_addresses_ && reach != libp2p::Reach::unspecified);
}

std::vector<Multiaddr> OwnAddresses::with_our_ports(const libp2p::IpAddress& ip) const {
    std::vector<Multiaddr> out;
    for (const Multiaddr& address : listening_) {
        const auto listening_ip = address.ip();
        const auto parts = address.parts();
        if (!listening_ip || listening_ip->v6 != ip.v6 || parts.size() < 2 ||
            parts[1].protocol != libp2p::AddrProtocol::tcp) {
            continue;
        }
        const auto ip_protocol = ip.v6 ? libp2p::AddrProtocol::ip6 : libp2p::AddrProtocol::ip4;
        Multiaddr seen = Multiaddr{}.with(ip_protocol, ip.view());
        for (std::size_t i = 1; i < parts.size(); ++i) {
            if (parts[i].protocol != libp2p::AddrProtocol::p2p) {
                seen = seen.with(parts[i].protocol, parts[i].value);
            }
        }
        add_new(out, {seen});
    }
    return out;
}

void OwnAddresses::on_observed(Instant now, const PeerId& witness, const Multiaddr& observed,
                               bool dialled_by_us) {
    const Multiaddr bare = observed.without_peer();
    std::vector<Multiaddr> addresses = {bare};
    if (dialled_by_us) {
        const auto ip = bare.ip();
        addresses = ip ? with_our_ports(*ip) : std::vector<Multiaddr>{};
    }
    std::erase_if(addresses,
                  [&](const Multiaddr& it) { return !may_tell(it) || !it.dial_target(); });
    if (addresses.empty()) {
        return;
    }
    if (!words_.contains(witness) && words_.size() >= kAddressWitnessesMax) {
        words_.erase(std::ranges::min_element(
            words_, [](const auto& a, const auto& b) { return a.second.said < b.second.said; }));
    }
    words_[witness] = {std::move(addresses), now};
}

std::vector<Multiaddr> OwnAddresses::confirmed(Instant now) const {
    std::map<Multiaddr, std::size_t> votes;
    for (const auto& [witness, word] : words_) {
        if (now - word.said < kWitnessLifetime) {
            for (const Multiaddr& address : word.addresses) {
                ++votes[address];
            }
        }
    }
    std::erase_if(votes, [](const auto& vote) { return vote.second < kAddressConfirmations; });
    std::vector<std::pair<Multiaddr, std::size_t>> ranked(votes.begin(), votes.end());
    std::ranges::stable_sort(ranked,
                             [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<Multiaddr> out;
    for (const auto& [address, count] : ranked) {
        out.push_back(address);
    }
    cut(out);
    return out;
}

std::vector<Multiaddr> OwnAddresses::told(Instant now) const {
    std::vector<Multiaddr> out;
    add_new(out, public_);
    add_new(out, confirmed(now));
    for (const Multiaddr& address : listening_) {
        if (may_tell(address)) {
            add_new(out, {address});
        }
    }
    return out;
}

}  // namespace stipple::network
