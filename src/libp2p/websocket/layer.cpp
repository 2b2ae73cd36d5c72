#include "libp2p/websocket/layer.hpp"

#include "base/check.hpp"
#include "libp2p/websocket/upgrade.hpp"

#include <algorithm>

namespace stipple::libp2p::websocket {
namespace {

enum Opcode : std::uint8_t {
    kContinuation = 0,
    kBinary = 2,
    kClose = 8,
    kPing = 9,
    kPong = 10,
};
constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kMasked = 0x80;
/// The header of a frame with a length of 16 bits: what is kept free before output.
constexpr std::size_t kMediumHeaderBytes = 4;
constexpr std::size_t kLengthMediumMin = 126;
constexpr std::size_t kLengthLargeMin = 65'536;
/// With which a large frame's header is longer.
constexpr std::size_t kLargeExtraBytes = 6;

constexpr std::string_view kRefusal =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// XORs with the mask, beginning at its byte `at`.
void apply_mask(MutableByteView bytes, const std::array<std::uint8_t, 4>& mask, std::size_t at) {
    std::array<std::uint8_t, 8> pattern{};
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        pattern[i] = mask[(at + i) % 4];
    }
    std::size_t i = 0;
    std::uint64_t word = 0;
    std::uint64_t key = 0;
    std::memcpy(&key, pattern.data(), sizeof key);
    for (; i + sizeof word <= bytes.size(); i += sizeof word) {
        std::memcpy(&word, bytes.data() + i, sizeof word);
        word ^= key;
        std::memcpy(bytes.data() + i, &word, sizeof word);
    }
    for (; i < bytes.size(); ++i) {
        bytes[i] ^= pattern[i % 4];
    }
}

Bytes encode_header(std::uint8_t opcode, std::size_t length, bool masked) {
    Bytes out{static_cast<std::uint8_t>(kFinal | opcode)};
    const std::uint8_t mask_bit = masked ? kMasked : 0;
    if (length < kLengthMediumMin) {
        out.push_back(static_cast<std::uint8_t>(mask_bit | length));
    } else if (length < kLengthLargeMin) {
        out.push_back(mask_bit | 126U);
        append_be(out, static_cast<std::uint16_t>(length));
    } else {
        out.push_back(mask_bit | 127U);
        append_be(out, static_cast<std::uint64_t>(length));
    }
    return out;
}

std::array<std::uint8_t, 4> draw_mask(Prng& prng) {
    std::array<std::uint8_t, 4> mask{};
    const std::uint64_t drawn = prng.next();
    std::memcpy(mask.data(), &drawn, mask.size());
    return mask;
}

}  // namespace

const char* describe(Failure failure) {
    switch (failure) {
        case Failure::head_too_long:
            return "websocket upgrade too long";
        case Failure::not_upgraded:
            return "no websocket upgrade";
        case Failure::ended:
            return "ended before the websocket upgrade";
        case Failure::reserved_bits:
            return "websocket frame with reserved bits";
        case Failure::wrong_masking:
            return "websocket frame masked by a server or not by a client";
        case Failure::unknown_opcode:
            return "websocket frame that is not binary";
        case Failure::bad_fragment:
            return "websocket fragment out of order";
        case Failure::bad_control:
            return "malformed websocket control frame";
    }
    return "unknown";
}

Layer::Layer(const Config& config) : config_(config), prng_(config.seed) {
    key_ = base64(prng_.bytes(16));
}

bool Layer::upgrade(ByteExchange& outer) {
    const bool done = config_.role == Role::client ? upgrade_client(outer) : upgrade_server(outer);
    if (!done && !failure_ && outer.input_ended) {
        return fail(Failure::ended);
    }
    upgraded_ = done;
    return done;
}

bool Layer::upgrade_client(ByteExchange& outer) {
    if (!request_sent_) {
        const std::string request = upgrade_request(config_.host, config_.path, key_);
        if (request.size() > outer.allowance) {
            return false;
        }
        outer.put(as_bytes(request));
        request_sent_ = true;
    }
    const std::string_view input = as_text(outer.unread).substr(0, kHeadBytesMax);
    const auto end = find_head_end(input);
    if (!end) {
        return input.size() == kHeadBytesMax ? fail(Failure::head_too_long) : false;
    }
    if (!is_upgrade_response(input.substr(0, *end), key_)) {
        return fail(Failure::not_upgraded);
    }
    outer.take(*end);
    return true;
}

bool Layer::upgrade_server(ByteExchange& outer) {
    const std::string_view input = as_text(outer.unread).substr(0, kHeadBytesMax);
    const auto end = find_head_end(input);
    if (!end) {
        return input.size() == kHeadBytesMax ? fail(Failure::head_too_long) : false;
    }
    const auto key = parse_upgrade_request(input.substr(0, *end));
    const std::string answer = key ? upgrade_response(*key) : std::string(kRefusal);
    if (answer.size() > outer.allowance) {
        return false;
    }
    outer.put(as_bytes(answer));
    outer.take(*end);
    return key ? true : fail(Failure::not_upgraded);
}

/// False after a fault. Takes whole headers and control frames, and payloads as they come.
bool Layer::read_frames(ByteExchange& outer) {
    while (!peer_closed_ && incoming_.size() < kIncomingBytesMax &&
           control_.size() < kControlBytesMax) {
        if (payload_left_ > 0) {
            if (outer.unread.empty()) {
                return true;
            }
            read_payload(outer);
            continue;
        }
        const auto header = read_header(outer.unread);
        if (!header) {
            return !failure_;
        }
        if (header->opcode < kClose) {
            outer.take(header->bytes);
            if (!on_data(*header)) {
                return false;
            }
            continue;
        }
        const std::size_t whole = header->bytes + static_cast<std::size_t>(header->length);
        if (outer.unread.size() < whole) {
            return true;
        }
        Bytes payload = to_bytes(outer.unread.subspan(header->bytes, whole - header->bytes));
        apply_mask(payload, header->mask, 0);
        outer.take(whole);
        if (!on_control(*header, payload)) {
            return false;
        }
    }
    return true;
}

void Layer::read_payload(ByteExchange& outer) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(
        {payload_left_, outer.unread.size(), kIncomingBytesMax - incoming_.size()}));
    Bytes& storage = incoming_.storage();
    const std::size_t start = storage.size();
    append(storage, outer.unread.first(count));
    if (config_.role == Role::server) {
        apply_mask(MutableByteView(storage).subspan(start), mask_, mask_at_);
        mask_at_ = (mask_at_ + count) % mask_.size();
    }
    outer.take(count);
    payload_left_ -= count;
}

std::optional<Layer::Header> Layer::read_header(ByteView input) {
    if (input.size() < 2) {
        return std::nullopt;
    }
    const bool masked = (input[1] & kMasked) != 0;
    if ((input[0] & 0x70U) != 0) {
        fail(Failure::reserved_bits);
        return std::nullopt;
    }
    if (masked != (config_.role == Role::server)) {
        fail(Failure::wrong_masking);
        return std::nullopt;
    }
    Header header{.final = (input[0] & kFinal) != 0,
                  .opcode = static_cast<std::uint8_t>(input[0] & 0x0fU),
                  .length = input[1] & 0x7fU};
    const std::size_t length_bytes = header.length == 127 ? 8 : header.length == 126 ? 2 : 0;
    if (header.opcode >= kClose && (length_bytes > 0 || !header.final)) {
        fail(Failure::bad_control);
        return std::nullopt;
    }
    header.bytes = 2 + length_bytes + (masked ? 4 : 0);
    if (input.size() < header.bytes) {
        return std::nullopt;
    }
    if (length_bytes == 2) {
        header.length = load_be<std::uint16_t>(input.subspan(2));
    } else if (length_bytes == 8) {
        header.length = load_be<std::uint64_t>(input.subspan(2));
    }
    if (masked) {
        std::ranges::copy(input.subspan(2 + length_bytes, 4), header.mask.begin());
    }
    return header;
}

bool Layer::on_data(const Header& header) {
    if (header.opcode != kBinary && header.opcode != kContinuation) {
        return fail(Failure::unknown_opcode);
    }
    if (in_message_ != (header.opcode == kContinuation)) {
        return fail(Failure::bad_fragment);
    }
    in_message_ = !header.final;
    payload_left_ = header.length;
    mask_ = header.mask;
    mask_at_ = 0;
    return true;
}

bool Layer::on_control(const Header& header, ByteView payload) {
    switch (header.opcode) {
        case kClose:
            peer_closed_ = true;
            return true;
        case kPing:
            put_control(kPong, payload);
            return true;
        case kPong:
            return true;
        default:
            return fail(Failure::unknown_opcode);
    }
}

void Layer::put_control(std::uint8_t opcode, ByteView payload) {
    CHECK(payload.size() <= kControlPayloadMax);
    control_.append(encode_header(opcode, payload.size(), config_.role == Role::client));
    if (config_.role == Role::client) {
        control_.append(draw_mask(prng_));
    }
    const std::size_t start = control_.storage().size();
    control_.append(payload);
    if (config_.role == Role::client) {
        const MutableByteView all(control_.storage());
        std::array<std::uint8_t, 4> mask{};
        std::ranges::copy(all.subspan(start - 4, 4), mask.begin());
        apply_mask(all.subspan(start), mask, 0);
    }
}

/// Waiting control frames go first; then the header's place is kept free.
Layer::OpenFrame Layer::begin_frame(ByteExchange& outer) {
    const std::size_t control_bytes = std::min(control_.size(), outer.allowance);
    outer.put(control_.view().first(control_bytes));
    control_.take(control_bytes);
    OpenFrame frame{
        .inner = {.now = outer.now,
                  .unread = incoming_.view(),
                  .input_ended = peer_closed_ || (outer.input_ended && outer.unread.empty()),
                  .output = outer.output,
                  .allowance = 0,
                  .output_ended = false,
                  .wake_at = outer.wake_at},
        .start = outer.output->size()};
    const std::size_t place = kMediumHeaderBytes + mask_bytes();
    const std::size_t overhead = place + kLargeExtraBytes;
    // A control frame that is half sent has to be finished first.
    if (control_.empty() && !closed_ && outer.allowance > overhead) {
        frame.inner.allowance = std::min(kFramePayloadMax, outer.allowance - overhead);
    }
    outer.output->resize(frame.start + place);
    return frame;
}

bool Layer::end_frame(ByteExchange& outer, OpenFrame& frame) {
    Bytes& output = *outer.output;
    const std::size_t place = kMediumHeaderBytes + mask_bytes();
    const std::size_t count = output.size() - frame.start - place;
    outer.wake_at = frame.inner.wake_at;
    if (count == 0) {
        output.resize(frame.start);
    } else {
        const Bytes header = encode_header(kBinary, count, config_.role == Role::client);
        const auto at = output.begin() + static_cast<std::ptrdiff_t>(frame.start);
        if (header.size() > kMediumHeaderBytes) {
            output.insert(at, header.size() - kMediumHeaderBytes, 0);
        } else {
            output.erase(at, at + static_cast<std::ptrdiff_t>(kMediumHeaderBytes - header.size()));
        }
        const MutableByteView whole = MutableByteView(output).subspan(frame.start);
        std::ranges::copy(header, whole.begin());
        if (config_.role == Role::client) {
            const std::array<std::uint8_t, 4> mask = draw_mask(prng_);
            std::ranges::copy(mask, whole.begin() + static_cast<std::ptrdiff_t>(header.size()));
            apply_mask(whole.subspan(header.size() + mask.size()), mask, 0);
        }
        outer.allowance -= whole.size();
    }
    if (frame.inner.output_ended && !closed_) {
        put_control(kClose, Bytes{0x03, 0xe8});  // 1000, normal
        closed_ = true;
    }
    if (closed_) {
        const std::size_t control_bytes = std::min(control_.size(), outer.allowance);
        outer.put(control_.view().first(control_bytes));
        control_.take(control_bytes);
        outer.output_ended = control_.empty();
    }
    return count > 0;
}

}  // namespace stipple::libp2p::websocket
