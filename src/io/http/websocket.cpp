#include "io/http/websocket.hpp"

#include <openssl/evp.h>

#include <array>

namespace stipple::io::http {
namespace {

constexpr std::uint8_t kContinuation = 0x0;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xa;
constexpr std::size_t kControlPayloadMax = 125;

void append_frame(std::string& out, std::uint8_t opcode, std::string_view payload) {
    out.push_back(static_cast<char>(0x80 | opcode));
    const std::size_t n = payload.size();
    if (n < 126) {
        out.push_back(static_cast<char>(n));
    } else {
        const int width = n <= 0xffff ? 2 : 8;
        out.push_back(static_cast<char>(width == 2 ? 126 : 127));
        for (int i = width - 1; i >= 0; --i) {
            out.push_back(static_cast<char>((n >> (8 * i)) & 0xff));
        }
    }
    out.append(payload);
}

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

}  // namespace

std::string websocket_accept(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 32> base64{};
    const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

void append_text_frame(std::string& out, std::string_view payload) {
    append_frame(out, kText, payload);
}
void append_ping_frame(std::string& out) {
    append_frame(out, kPing, {});
}
void append_pong_frame(std::string& out, std::string_view payload) {
    append_frame(out, kPong, payload);
}
void append_close_frame(std::string& out, CloseCode code, std::string_view reason) {
    std::string payload;
    payload.push_back(static_cast<char>(static_cast<std::uint16_t>(code) >> 8));
    payload.push_back(static_cast<char>(static_cast<std::uint16_t>(code) & 0xff));
    payload.append(reason.substr(0, kControlPayloadMax - 2));
    append_frame(out, kClose, payload);
}

FrameReader::Event FrameReader::on_data_frame(bool final, bool continuation) {
    if (continuation != in_message_) {
        return fail(CloseCode::protocol_error);
    }
    if (unmasked_.size() > bytes_max_ - message_.size()) {
        return fail(CloseCode::too_big);
    }
    if (final && !in_message_) {
        payload_.swap(unmasked_);
        return Event::message;
    }
    message_ += unmasked_;
    in_message_ = !final;
    if (!final) {
        return Event::need_more;
    }
    payload_.swap(message_);
    message_ = {};
    return Event::message;
}

FrameReader::Event FrameReader::next(std::string_view input, std::size_t& consumed) {
    for (;;) {
        std::string_view rest = input.substr(consumed);
        if (rest.size() < 2) {
            return Event::need_more;
        }
        const std::uint8_t first = byte_at(rest, 0);
        const std::uint8_t opcode = first & 0x0f;
        const bool final = (first & 0x80) != 0;
        const bool control = (opcode & 0x8) != 0;
        const std::uint8_t short_length = byte_at(rest, 1) & 0x7f;
        if ((first & 0x70) != 0 || (byte_at(rest, 1) & 0x80) == 0 ||
            (control && (!final || short_length > kControlPayloadMax))) {
            return fail(CloseCode::protocol_error);
        }
        const std::size_t width = short_length == 127 ? 8 : (short_length == 126 ? 2 : 0);
        const std::size_t head = 2 + width + 4;
        if (rest.size() < head) {
            return Event::need_more;
        }
        std::uint64_t length = width == 0 ? short_length : 0;
        for (std::size_t i = 0; i < width; ++i) {
            length = length << 8 | byte_at(rest, 2 + i);
        }
        if (length > bytes_max_) {
            return fail(CloseCode::too_big);
        }
        if (rest.size() - head < length) {
            return Event::need_more;
        }
        const std::string_view masked = rest.substr(head, length);
        const std::string_view mask = rest.substr(head - 4, 4);
        unmasked_.resize(masked.size());
        for (std::size_t i = 0; i < masked.size(); ++i) {
            unmasked_[i] = static_cast<char>(masked[i] ^ mask[i & 3]);
        }
        consumed += head + masked.size();
        if (opcode == kText || opcode == kBinary || opcode == kContinuation) {
            const Event event = on_data_frame(final, opcode == kContinuation);
            if (event == Event::need_more) {
                continue;
            }
            return event;
        }
        payload_.swap(unmasked_);
        switch (opcode) {
            case kPing:
                return Event::ping;
            case kPong:
                return Event::pong;
            case kClose:
                return Event::close;
            default:
                return fail(CloseCode::protocol_error);
        }
    }
}

}  // namespace stipple::io::http
