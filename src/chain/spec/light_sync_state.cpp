#include "chain/spec/light_sync_state.hpp"

#include "base/result.hpp"

#include <boost/json/object.hpp>

namespace stipple::chain {
namespace {

constexpr std::uint8_t kTwo = 0;
constexpr std::uint8_t kOne = 1;
constexpr std::uint8_t kFinalized = 0;
constexpr std::uint8_t kBest = 1;

}  // namespace

template <class T>
void encode_to(Bytes& out, const OneOrTwo<T>& value) {
    out.push_back(value.first ? kTwo : kOne);
    if (value.first) {
        scale::encode_to(out, *value.first);
    }
    scale::encode_to(out, value.last);
}
template <class T>
void decode_from(scale::Decoder& in, OneOrTwo<T>& value) {
    const std::uint8_t kind = in.u8();
    if (kind > kOne) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    if (kind == kTwo) {
        scale::decode_from(in, value.first.emplace());
    }
    scale::decode_from(in, value.last);
}

void encode_to(Bytes& out, const PendingSetChange& change) {
    scale::encode_to(out, change.next_authorities);
    scale::encode_to(out, change.delay);
    scale::encode_to(out, change.number);
    scale::encode_to(out, change.hash);
    out.push_back(change.forced_median ? kBest : kFinalized);
    if (change.forced_median) {
        scale::encode_to(out, *change.forced_median);
    }
}
void decode_from(scale::Decoder& in, PendingSetChange& change) {
    scale::decode_from(in, change.next_authorities);
    scale::decode_from(in, change.delay);
    scale::decode_from(in, change.number);
    scale::decode_from(in, change.hash);
    const std::uint8_t kind = in.u8();
    if (kind > kBest) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    if (kind == kBest) {
        scale::decode_from(in, change.forced_median.emplace());
    }
}

template <class Data>
void encode_to(Bytes& out, const ForkNode<Data>& node) {
    scale::encode_to(out, node.hash);
    scale::encode_to(out, node.number);
    encode_to(out, node.data);
    scale::encode_compact(out, node.children.size());
    for (const auto& child : node.children) {
        encode_to(out, child);
    }
}
template <class Data>
void decode_from(scale::Decoder& in, ForkNode<Data>& node) {
    constexpr std::size_t kNodeBytesMin = 32 + 4 + 1;
    const scale::Decoder::Nested guard(in);
    scale::decode_from(in, node.hash);
    scale::decode_from(in, node.number);
    decode_from(in, node.data);
    const std::size_t count = in.length(kNodeBytesMin);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        decode_from(in, node.children.emplace_back());
    }
}

Bytes encode(const EpochChanges& changes) {
    return scale::encode(changes);
}
Bytes encode(const StoredAuthoritySet& set) {
    return scale::encode(set);
}
std::expected<EpochChanges, scale::DecodeError> decode_epoch_changes(ByteView bytes) {
    return scale::decode<EpochChanges>(bytes);
}
std::expected<StoredAuthoritySet, scale::DecodeError> decode_authority_set(ByteView bytes) {
    return scale::decode<StoredAuthoritySet>(bytes);
}

namespace {

std::expected<Bytes, std::string> hex_member(const boost::json::object& object,
                                             std::string_view name) {
    const auto* value = object.if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    auto bytes = text == nullptr ? std::nullopt : from_hex(std::string_view(*text));
    if (!bytes) {
        return std::unexpected("lightSyncState." + std::string(name) + ": hex is expected");
    }
    return *std::move(bytes);
}

template <class T>
std::expected<T, std::string> member(const boost::json::object& object, std::string_view name) {
    TRY_ASSIGN(const Bytes bytes, hex_member(object, name));
    auto value = scale::decode<T>(bytes);
    if (!value) {
        return std::unexpected("lightSyncState." + std::string(name) + ": " +
                               scale::describe(value.error()));
    }
    return *std::move(value);
}

}  // namespace

std::expected<LightSyncState, std::string> read_light_sync_state(const boost::json::value& json) {
    const auto* object = json.if_object();
    if (object == nullptr) {
        return std::unexpected("lightSyncState: an object is expected");
    }
    LightSyncState state;
    TRY_ASSIGN(state.finalized, member<Header>(*object, "finalizedBlockHeader"));
    TRY_ASSIGN(state.epochs, member<EpochChanges>(*object, "babeEpochChanges"));
    TRY_ASSIGN(state.authorities, member<StoredAuthoritySet>(*object, "grandpaAuthoritySet"));
    const auto* weight = object->if_contains("babeFinalizedBlockWeight");
    boost::system::error_code wrong;
    const auto number = weight == nullptr ? 0 : weight->to_number<std::uint32_t>(wrong);
    if (weight == nullptr || wrong) {
        return std::unexpected("lightSyncState.babeFinalizedBlockWeight: a number is expected");
    }
    state.weight = number;
    return state;
}

boost::json::value to_json(const LightSyncState& state) {
    boost::json::object object;
    object["babeEpochChanges"] = "0x" + to_hex(encode(state.epochs));
    object["babeFinalizedBlockWeight"] = state.weight;
    object["finalizedBlockHeader"] = "0x" + to_hex(scale::encode(state.finalized));
    object["grandpaAuthoritySet"] = "0x" + to_hex(encode(state.authorities));
    return object;
}

}  // namespace stipple::chain
