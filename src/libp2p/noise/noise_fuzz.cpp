// A handshake and a transport against arbitrary bytes in arbitrary pieces: they end, keep to the
// allowance, and nothing is established without the other side's keys. The first byte chooses what
// is fed (a dialer, a listener, a payload inside real encryption, a transport), the second the size
// of the pieces.
#include "base/check.hpp"
#include "libp2p/noise/handshake.hpp"

namespace {

using namespace stipple;
using namespace stipple::libp2p::noise;

crypto::Secret<32> secret_of(std::uint8_t fill) {
    std::array<std::uint8_t, 32> raw;
    raw.fill(fill);
    return crypto::Secret<32>(raw);
}
const LocalIdentity& local() {
    static const LocalIdentity identity(crypto::Ed25519Keypair::from_seed(secret_of(1)),
                                        secret_of(2));
    return identity;
}

void feed_handshake(Role role, ByteView input, std::size_t piece) {
    Handshake handshake(local(), {.role = role, .ephemeral = secret_of(3), .expected_peer = {}});
    std::size_t taken = 0;
    for (std::size_t arrived = 0; arrived < input.size();) {
        arrived = std::min(input.size(), arrived + piece);
        Bytes output;
        libp2p::ByteExchange stream{.now = {},
                                    .unread = input.subspan(taken, arrived - taken),
                                    .input_ended = arrived == input.size(),
                                    .output = &output,
                                    .allowance = piece * 16,
                                    .output_ended = false,
                                    .wake_at = {}};
        const HandshakeStep step = handshake.exchange(stream);
        CHECK(output.size() + stream.allowance == piece * 16);
        CHECK(!std::holds_alternative<Established>(step));
        taken = arrived - stream.unread.size();
        if (std::holds_alternative<HandshakeError>(step)) {
            return;
        }
    }
}

/// The input as a payload of a listener that encrypts it correctly.
void feed_payload(ByteView payload) {
    Handshake dialer(local(),
                     {.role = Role::dialer, .ephemeral = secret_of(3), .expected_peer = {}});
    HandshakeState listener(Role::listener, {.fixed = secret_of(4), .ephemeral = secret_of(5)});
    Bytes first;
    libp2p::ByteExchange stream{.now = {},
                                .unread = {},
                                .input_ended = false,
                                .output = &first,
                                .allowance = 1000,
                                .output_ended = false,
                                .wake_at = {}};
    dialer.exchange(stream);
    CHECK(listener.read_message(ByteView(first).subspan(kLengthBytes)).has_value());
    Bytes second;
    CHECK(listener.write_message(payload.first(std::min(payload.size(), std::size_t{8000})), second)
              .has_value());
    Bytes framed;
    append_be(framed, static_cast<std::uint16_t>(second.size()));
    append(framed, second);
    stream.unread = framed;
    const HandshakeStep step = dialer.exchange(stream);
    CHECK(!std::holds_alternative<NeedMore>(step));
    if (const auto decoded = decode_payload(payload)) {
        const auto again = decode_payload(encode_payload(*decoded));
        CHECK(again && again->identity_key == decoded->identity_key &&
              again->stream_muxers == decoded->stream_muxers);
    }
}

void feed_transport(ByteView input, std::size_t piece) {
    Transport transport({.send = secret_of(6), .receive = secret_of(7)});
    Bytes output;
    Bytes plaintext;
    libp2p::ByteExchange stream{.now = {},
                                .unread = input,
                                .input_ended = false,
                                .output = &output,
                                .allowance = piece,
                                .output_ended = false,
                                .wake_at = {}};
    const auto opened = transport.open(stream, plaintext, piece);
    CHECK(plaintext.empty() && (!opened || *opened == 0));
    const auto sealed = transport.seal(input, stream);
    CHECK(sealed && output.size() <= piece);
    Transport other({.send = secret_of(7), .receive = secret_of(6)});
    stream.unread = output;
    CHECK(other.open(stream, plaintext, input.size()) == *sealed);
    CHECK(equal(plaintext, input.first(*sealed)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const ByteView input(data + 2, size - 2);
    const std::size_t piece = std::size_t{data[1]} * 8 + 1;
    switch (data[0] % 4) {
        case 0:
            feed_handshake(Role::dialer, input, piece);
            break;
        case 1:
            feed_handshake(Role::listener, input, piece);
            break;
        case 2:
            feed_payload(input);
            break;
        default:
            feed_transport(input, piece);
    }
    return 0;
}
