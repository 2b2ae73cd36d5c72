#include "libp2p/mdns/packet.hpp"

#include "base/check.hpp"
#include "base/result.hpp"

namespace stipple::libp2p::mdns {

namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::uint16_t kResponseFlag = 0x8000;
constexpr std::uint16_t kAuthoritativeFlag = 0x0400;
/// Operation and error code: zero in multicast DNS.
constexpr std::uint16_t kOperationAndError = 0x780f;
constexpr std::uint16_t kClassIn = 1;
/// Top bit of a class: unicast answer wanted in questions, cache flush in records.
constexpr std::uint16_t kClassFlag = 0x8000;
constexpr std::uint8_t kPointerBits = 0xc0;

class Reader {
 public:
    explicit Reader(ByteView packet) : packet_(packet) {}

    std::expected<std::uint16_t, PacketError> u16() {
        TRY_ASSIGN(const ByteView bytes, take(2));
        return load_be<std::uint16_t>(bytes);
    }
    std::expected<std::uint32_t, PacketError> u32() {
        TRY_ASSIGN(const ByteView bytes, take(4));
        return load_be<std::uint32_t>(bytes);
    }
    std::expected<ByteView, PacketError> take(std::size_t count) {
        if (packet_.size() - at_ < count) {
            return std::unexpected(PacketError::truncated);
        }
        at_ += count;
        return packet_.subspan(at_ - count, count);
    }
    std::size_t at() const { return at_; }

    std::expected<Name, PacketError> name() {
        Name name;
        std::size_t at = at_;
        std::size_t before = at_;  // pointers go below this
        std::size_t pointers = 0;
        while (true) {
            if (at >= packet_.size()) {
                return std::unexpected(PacketError::truncated);
            }
            const std::uint8_t length = packet_[at];
            if ((length & kPointerBits) == kPointerBits) {
                if (at + 2 > packet_.size()) {
                    return std::unexpected(PacketError::truncated);
                }
                const std::size_t target = load_be<std::uint16_t>(packet_.subspan(at, 2)) & 0x3fffU;
                if (target >= before || ++pointers > kPointersMax) {
                    return std::unexpected(PacketError::bad_name);
                }
                if (pointers == 1) {
                    at_ = at + 2;
                }
                at = target;
                before = target;
                continue;
            }
            if (length > kLabelBytesMax || name.size() + 1 + length > kNameBytesMax) {
                return std::unexpected(PacketError::bad_name);
            }
            if (packet_.size() - at - 1 < length) {
                return std::unexpected(PacketError::truncated);
            }
            name.push_back(length);
            for (const std::uint8_t letter : packet_.subspan(at + 1, length)) {
                const bool upper = letter >= 'A' && letter <= 'Z';
                name.push_back(static_cast<std::uint8_t>(upper ? letter + ('a' - 'A') : letter));
            }
            at += std::size_t{1} + length;
            if (length == 0) {
                break;
            }
        }
        if (pointers == 0) {
            at_ = at;
        }
        return name;
    }

 private:
    ByteView packet_;
    std::size_t at_ = 0;
};

std::expected<Question, PacketError> read_question(Reader& reader) {
    Question question;
    TRY_ASSIGN(question.name, reader.name());
    TRY_ASSIGN(const std::uint16_t type, reader.u16());
    TRY_ASSIGN(const std::uint16_t kind, reader.u16());
    question.type = static_cast<RecordType>(type);
    question.unicast_answer = (kind & kClassFlag) != 0;
    return question;
}

std::expected<void, PacketError> read_texts(ByteView data, std::vector<std::string>& texts) {
    while (!data.empty()) {
        const std::size_t length = data[0];
        if (data.size() - 1 < length) {
            return std::unexpected(PacketError::bad_record);
        }
        texts.emplace_back(as_text(data.subspan(1, length)));
        data = data.subspan(1 + length);
    }
    return {};
}

std::expected<ResourceRecord, PacketError> read_record(Reader& reader) {
    ResourceRecord record;
    TRY_ASSIGN(record.name, reader.name());
    TRY_ASSIGN(const std::uint16_t type, reader.u16());
    TRY_ASSIGN(const std::uint16_t kind, reader.u16());
    TRY_ASSIGN(record.ttl_seconds, reader.u32());
    TRY_ASSIGN(const std::uint16_t length, reader.u16());
    record.type = static_cast<RecordType>(type);
    record.cache_flush = (kind & kClassFlag) != 0;
    if (record.type == RecordType::ptr) {
        const std::size_t start = reader.at();
        TRY_ASSIGN(record.target, reader.name());
        if (reader.at() - start != length) {
            return std::unexpected(PacketError::bad_record);
        }
        return record;
    }
    TRY_ASSIGN(const ByteView data, reader.take(length));
    if (record.type == RecordType::txt) {
        TRY(read_texts(data, record.texts));
    }
    return record;
}

void append_record(Bytes& out, const ResourceRecord& record) {
    Bytes data;
    if (record.type == RecordType::ptr) {
        data = record.target;
    } else {
        for (const std::string& text : record.texts) {
            CHECK(text.size() <= kTextBytesMax);
            data.push_back(static_cast<std::uint8_t>(text.size()));
            append(data, as_bytes(text));
        }
    }
    append(out, record.name);
    append_be(out, static_cast<std::uint16_t>(record.type));
    append_be(out, static_cast<std::uint16_t>(kClassIn | (record.cache_flush ? kClassFlag : 0)));
    append_be(out, record.ttl_seconds);
    append_be(out, static_cast<std::uint16_t>(data.size()));
    append(out, data);
}

}  // namespace

Name name_of(std::string_view dotted) {
    Name name;
    while (!dotted.empty()) {
        const std::size_t end = std::min(dotted.find('.'), dotted.size());
        CHECK(end > 0 && end <= kLabelBytesMax);
        name.push_back(static_cast<std::uint8_t>(end));
        append(name, as_bytes(dotted.substr(0, end)));
        dotted.remove_prefix(std::min(end + 1, dotted.size()));
    }
    name.push_back(0);
    CHECK(name.size() <= kNameBytesMax);
    return name;
}

std::expected<Packet, PacketError> decode_packet(ByteView bytes) {
    if (bytes.size() > kPacketBytesMax) {
        return std::unexpected(PacketError::too_long);
    }
    if (bytes.size() < kHeaderBytes) {
        return std::unexpected(PacketError::truncated);
    }
    Reader reader(bytes);
    Packet packet;
    TRY_ASSIGN(packet.id, reader.u16());
    TRY_ASSIGN(const std::uint16_t flags, reader.u16());
    if ((flags & kOperationAndError) != 0) {
        return std::unexpected(PacketError::unsupported);
    }
    packet.is_response = (flags & kResponseFlag) != 0;
    TRY_ASSIGN(const std::size_t questions, reader.u16());
    std::size_t records = 0;
    for (int section = 0; section < 3; ++section) {
        TRY_ASSIGN(const std::size_t count, reader.u16());
        records += count;
    }
    if (questions + records > kEntriesMax) {
        return std::unexpected(PacketError::too_long);
    }
    for (std::size_t i = 0; i < questions; ++i) {
        TRY_ASSIGN(Question question, read_question(reader));
        packet.questions.push_back(std::move(question));
    }
    for (std::size_t i = 0; i < records; ++i) {
        TRY_ASSIGN(ResourceRecord record, read_record(reader));
        packet.records.push_back(std::move(record));
    }
    return packet;
}

Bytes encode_packet(const Packet& packet) {
    const auto is_answer = [](const ResourceRecord& record) {
        return record.type == RecordType::ptr;
    };
    const auto answers = std::count_if(packet.records.begin(), packet.records.end(), is_answer);
    const auto additionals = static_cast<std::ptrdiff_t>(packet.records.size()) - answers;
    CHECK(packet.questions.size() + packet.records.size() <= kEntriesMax);
    Bytes out;
    append_be(out, packet.id);
    append_be(out, static_cast<std::uint16_t>(
                       packet.is_response ? kResponseFlag | kAuthoritativeFlag : 0));
    append_be(out, static_cast<std::uint16_t>(packet.questions.size()));
    append_be(out, static_cast<std::uint16_t>(answers));
    append_be(out, std::uint16_t{0});
    append_be(out, static_cast<std::uint16_t>(additionals));
    for (const Question& question : packet.questions) {
        append(out, question.name);
        append_be(out, static_cast<std::uint16_t>(question.type));
        append_be(
            out, static_cast<std::uint16_t>(kClassIn | (question.unicast_answer ? kClassFlag : 0)));
    }
    for (const bool answer : {true, false}) {
        for (const ResourceRecord& record : packet.records) {
            if (is_answer(record) == answer) {
                append_record(out, record);
            }
        }
    }
    return out;
}

}  // namespace stipple::libp2p::mdns
