// DNS packets, as far as discovery needs them: questions, PTR and TXT records.
//
//     header 12: id ‖ flags ‖ counts of questions, answers, authorities, additionals   (u16,
//     big-endian) question:  name ‖ type ‖ class            record:  name ‖ type ‖ class ‖ ttl u32
//     ‖ length ‖ data name:      (length ‖ label)* ‖ 0, where a pointer (two top bits set) may
//     stand for the rest
//
// Names are kept uncompressed, in lower case, as their bytes: they compare as the protocol wants.
// Pointers must point backwards, so that none can loop.
//
// Spec: RFC 1035 section 4, RFC 6762. Bounds: limits.hpp, checked while reading.
#pragma once

#include "base/bytes.hpp"
#include "libp2p/mdns/limits.hpp"

#include <expected>
#include <vector>

namespace stipple::libp2p::mdns {

/// Labels in their wire form, lower case, with the empty label at the end.
using Name = Bytes;
/// REQUIRES labels of 1 to 63 bytes, at most 255 bytes in all (our own names).
Name name_of(std::string_view dotted);

enum class RecordType : std::uint16_t { a = 1, ptr = 12, txt = 16, aaaa = 28, srv = 33, any = 255 };

struct Question {
    Name name;
    RecordType type = RecordType::ptr;
    bool unicast_answer = false;
};
struct ResourceRecord {
    Name name;
    RecordType type = RecordType::txt;
    bool cache_flush = false;
    std::uint32_t ttl_seconds = 0;
    Name target;                     ///< of PTR
    std::vector<std::string> texts;  ///< of TXT
};
struct Packet {
    std::uint16_t id = 0;
    bool is_response = false;
    std::vector<Question> questions;
    /// Answers, authorities and additionals, in this order: readers look for names and types. Types
    /// other than PTR and TXT have no content here.
    std::vector<ResourceRecord> records;
};

enum class PacketError : std::uint8_t {
    truncated,    ///< ends inside something its counts announce
    too_long,     ///< above kPacketBytesMax or kEntriesMax
    bad_name,     ///< a label, a pointer or a whole name is none
    bad_record,   ///< the data of a PTR or TXT record is none
    unsupported,  ///< an operation other than a query, or an error code
};
std::expected<Packet, PacketError> decode_packet(ByteView bytes);

/// All records as answers if PTR and as additionals otherwise; class IN. REQUIRES texts of at most
/// kTextBytesMax bytes.
Bytes encode_packet(const Packet& packet);

}  // namespace stipple::libp2p::mdns
