#include "node/core_values.hpp"

#include "crypto/hash.hpp"
#include "node/recording/values.hpp"

#include <boost/core/demangle.hpp>

namespace stipple::node::recording {

template <>
struct Codec<libp2p::Multiaddr> {
    static void write(Bytes& out, const libp2p::Multiaddr& address) {
        scale::encode_byte_string(out, address.bytes());
    }
    static void read(scale::Decoder& in, libp2p::Multiaddr& address) {
        const ByteView bytes = in.byte_string();
        if (bytes.empty()) {
            address = {};
        } else if (auto decoded = libp2p::Multiaddr::decode(bytes)) {
            address = *std::move(decoded);
        } else {
            in.fail(scale::DecodeError::invalid_value);
        }
    }
    static void shape(std::string& out) { out += "multiaddr"; }
};

template <>
struct Codec<WriteBatch> {
    static void write(Bytes& out, const WriteBatch& batch) { recording::write(out, batch.ops()); }
};

template <class Variant>
struct Codec<CompiledOnce<Variant>> : Codec<Variant> {};

/// The transactions it would give.
template <>
struct Codec<chain::pool::ReadyIterator> {
    static void write(Bytes& out, const chain::pool::ReadyIterator& ready) {
        auto copy = ready;
        while (const auto transaction = copy.next()) {
            scale::encode_to(out, transaction->hash);
        }
    }
};

}  // namespace stipple::node::recording

namespace stipple::node {
namespace {

template <class T>
std::expected<T, scale::DecodeError> decode_whole(ByteView body) {
    scale::Decoder in(body);
    T value{};
    recording::read(in, value);
    if (const auto verdict = in.finish(); !verdict) {
        return std::unexpected(verdict.error());
    }
    return value;
}

template <class... Ts>
const std::variant<Ts...>& alternatives(const std::variant<Ts...>& value) {
    return value;
}
/// Of the innermost alternative.
template <class T>
std::string last_name(const T& value) {
    if constexpr (requires { alternatives(value); }) {
        return std::visit([](const auto& what) { return last_name(what); }, alternatives(value));
    } else {
        const std::string whole = boost::core::demangle(typeid(value).name());
        const std::size_t colon = whole.rfind(':');
        return colon == std::string::npos ? whole : whole.substr(colon + 1);
    }
}

}  // namespace

crypto::Hash64 shape_of_recordings() {
    std::string text;
    recording::shape<CoreBeginning>(text);
    recording::shape<RecordedEvent>(text);
    recording::shape<RecordedEnd>(text);
    return crypto::twox_64(as_bytes(text));
}

Bytes encode_beginning(const CoreBeginning& beginning) {
    Bytes out;
    recording::write(out, beginning);
    return out;
}
std::expected<CoreBeginning, scale::DecodeError> decode_beginning(ByteView body) {
    return decode_whole<CoreBeginning>(body);
}

Bytes encode_event(const crypto::Hash64& digest_before, Instant now, UnixMillis wall,
                   const Event& event) {
    // The fields of RecordedEvent, without a copy of the event.
    Bytes out;
    recording::write(out, digest_before);
    recording::write(out, now);
    recording::write(out, wall);
    recording::write(out, event);
    return out;
}
std::expected<RecordedEvent, scale::DecodeError> decode_event(ByteView body) {
    return decode_whole<RecordedEvent>(body);
}

Bytes encode_end(const RecordedEnd& end) {
    Bytes out;
    recording::write(out, end);
    return out;
}
std::expected<RecordedEnd, scale::DecodeError> decode_end(ByteView body) {
    return decode_whole<RecordedEnd>(body);
}

void EffectDigest::add(const EffectList& effects) {
    Bytes input = to_bytes(value_);
    recording::write(input, effects);
    value_ = crypto::blake2b_256(input);
}

std::string name_of(const Event& event) {
    return last_name(event);
}
std::string name_of(const Effect& effect) {
    return last_name(effect);
}

}  // namespace stipple::node
