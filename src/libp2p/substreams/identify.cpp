#include "libp2p/substreams/identify.hpp"

#include "base/check.hpp"
#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::libp2p {
namespace {

/// Peers choose these words and people read them in logs and pages.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, kAgentBytesMax));
    for (char& letter : out) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte >= 0x7f) {
            letter = '?';
        }
    }
    return out;
}

void add_address(std::vector<Multiaddr>& addresses, ByteView bytes) {
    auto address = Multiaddr::decode(bytes);
    if (address && !address->empty() && addresses.size() < kIdentifyAddressesMax) {
        addresses.push_back(std::move(*address));
    }
}

void add_protocol(std::vector<std::string>& protocols, std::string_view name) {
    if (!name.empty() && name.size() <= kProtocolNameBytesMax &&
        protocols.size() < kIdentifyProtocolsMax) {
        protocols.push_back(printable(name));
    }
}

Bytes encode_first(const IdentifyInfo& info, std::size_t addresses, std::size_t protocols) {
    ProtobufWriter writer;
    if (info.public_key) {
        writer.bytes(1, encode_public_key(*info.public_key));
    }
    for (std::size_t i = 0; i < addresses; ++i) {
        writer.bytes(2, info.listen_addresses[i].bytes());
    }
    for (std::size_t i = 0; i < protocols; ++i) {
        writer.text(3, info.protocols[i]);
    }
    if (info.observed_address) {
        writer.bytes(4, info.observed_address->bytes());
    }
    writer.text(5, printable(info.protocol_version)).text(6, printable(info.agent_version));
    return writer.take();
}

}  // namespace

std::expected<IdentifyInfo, IdentifyError> decode_identify(ByteView message) {
    IdentifyInfo info;
    ProtobufReader reader(message);
    while (const auto field = reader.next()) {
        switch (field->number) {
            case 1: {
                auto key = decode_public_key(reader.bytes(*field));
                if (!key) {
                    return std::unexpected(IdentifyError::bad_public_key);
                }
                info.public_key = std::move(*key);
                break;
            }
            case 2:
                add_address(info.listen_addresses, reader.bytes(*field));
                break;
            case 3:
                add_protocol(info.protocols, reader.text(*field));
                break;
            case 4: {
                auto address = Multiaddr::decode(reader.bytes(*field));
                if (address && !address->empty()) {
                    info.observed_address = std::move(*address);
                }
                break;
            }
            case 5:
                info.protocol_version = printable(reader.text(*field));
                break;
            case 6:
                info.agent_version = printable(reader.text(*field));
                break;
            default:
                break;  // among them 8, the signed peer record
        }
    }
    if (reader.error()) {
        return std::unexpected(IdentifyError::malformed);
    }
    return info;
}

Bytes encode_identify(const IdentifyInfo& info) {
    std::size_t addresses = info.listen_addresses.size();
    std::size_t protocols = info.protocols.size();
    Bytes message = encode_first(info, addresses, protocols);
    while (message.size() > kIdentifySentBytesMax && addresses + protocols > 0) {
        --(addresses > 0 ? addresses : protocols);
        message = encode_first(info, addresses, protocols);
    }
    CHECK(message.size() <= kIdentifySentBytesMax);
    return message;
}

IdentifySend::IdentifySend(const IdentifyInfo& info, Instant now)
    : deadline_(now + kIdentifyTimeout) {
    writer_.start(encode_identify(info));
}

SubstreamStep IdentifySend::exchange(ByteExchange& exchange) {
    if (writer_.write(exchange)) {
        exchange.output_ended = true;
        return SubstreamStep::finished;
    }
    if (exchange.now >= deadline_) {
        return SubstreamStep::failed;
    }
    exchange.wake(deadline_);
    return SubstreamStep::waiting;
}

IdentifyReceive::IdentifyReceive(Instant now)
    : deadline_(now + kIdentifyTimeout), reader_(kIdentifyReceivedBytesMax) {}

SubstreamStep IdentifyReceive::fail(SubstreamFailure failure) {
    failure_ = failure;
    return SubstreamStep::failed;
}

SubstreamStep IdentifyReceive::exchange(ByteExchange& exchange) {
    exchange.output_ended = true;
    const auto state = reader_.read(exchange);
    if (state == MessageReader::State::complete) {
        auto info = decode_identify(reader_.take_message());
        if (!info) {
            return fail(SubstreamFailure::malformed);
        }
        info_ = std::move(*info);
        return SubstreamStep::finished;
    }
    if (state != MessageReader::State::incomplete) {
        return fail(failure_of(state));
    }
    if (exchange.input_ended) {
        return fail(reader_.begun() ? SubstreamFailure::truncated : SubstreamFailure::refused);
    }
    if (exchange.now >= deadline_) {
        return fail(SubstreamFailure::timed_out);
    }
    exchange.wake(deadline_);
    return SubstreamStep::waiting;
}

}  // namespace stipple::libp2p
