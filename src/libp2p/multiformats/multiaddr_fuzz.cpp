// Addresses from arbitrary bytes and from arbitrary text: both forms name the same address, and
// taking it apart never fails.
#include "base/check.hpp"
#include "libp2p/multiformats/multiaddr.hpp"

namespace {

using namespace stipple;
using namespace stipple::libp2p;

void take_apart(const Multiaddr& address) {
    CHECK(Multiaddr::decode(address.bytes()) == address);
    const std::string text = address.text();
    if (text.size() <= kMultiaddrTextMax) {
        CHECK(Multiaddr::parse(text) == address);
    }
    address.reach();
    address.ip();
    address.dial_target();
    const Multiaddr bare = address.without_peer();
    CHECK(bare.bytes().size() <= address.bytes().size());
    const auto peer = address.peer();
    CHECK(peer || bare == address);
    if (peer) {
        // Behind another peer there is one to replace.
        CHECK(bare.peer() ? bare.with_peer(*peer)->peer() == peer
                          : bare.with_peer(*peer) == address);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (const auto address = Multiaddr::decode(input)) {
        CHECK(equal(address->bytes(), input));
        take_apart(*address);
    }
    if (const auto address = Multiaddr::parse(as_text(input))) {
        take_apart(*address);
    }
    if (const auto ip = IpAddress::parse(as_text(input))) {
        CHECK(IpAddress::parse(ip->text()) == *ip);
        ip->reach();
    }
    return 0;
}
