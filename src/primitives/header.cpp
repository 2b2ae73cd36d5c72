#include "primitives/header.hpp"

#include "crypto/hash.hpp"

namespace stipple {
namespace {

// Indexes of the digest item enum on the wire; 2 and 7 stood for the long dead changes trie.
enum DigestIndex : std::uint8_t {
    kOther = 0,
    kConsensus = 4,
    kSeal = 5,
    kPreRuntime = 6,
    kRuntimeUpdated = 8,
};

/// Kusama 7472481 has the most of any, some 4800. An item may take one byte on the wire and some
/// forty in memory, so their number is bounded apart from the header's bytes.
constexpr std::size_t kDigestItemsMax = 16'384;

template <class Item>
void encode_engine_item(Bytes& out, DigestIndex index, const Item& item) {
    out.push_back(index);
    append(out, item.engine);
    scale::encode_byte_string(out, item.data);
}

template <class Item>
Item decode_engine_item(scale::Decoder& in) {
    Item item;
    scale::decode_from(in, item.engine);
    item.data = to_bytes(in.byte_string(kHeaderBytesMax));
    return item;
}

}  // namespace

void encode_to(Bytes& out, const DigestItem& item) {
    if (const auto* other = std::get_if<OtherDigest>(&item)) {
        out.push_back(kOther);
        scale::encode_byte_string(out, other->data);
    } else if (const auto* consensus = std::get_if<ConsensusDigest>(&item)) {
        encode_engine_item(out, kConsensus, *consensus);
    } else if (const auto* seal = std::get_if<SealDigest>(&item)) {
        encode_engine_item(out, kSeal, *seal);
    } else if (const auto* pre_runtime = std::get_if<PreRuntimeDigest>(&item)) {
        encode_engine_item(out, kPreRuntime, *pre_runtime);
    } else {
        out.push_back(kRuntimeUpdated);
    }
}

void decode_from(scale::Decoder& in, DigestItem& item) {
    switch (in.u8()) {
        case kOther:
            item = OtherDigest{to_bytes(in.byte_string(kHeaderBytesMax))};
            break;
        case kConsensus:
            item = decode_engine_item<ConsensusDigest>(in);
            break;
        case kSeal:
            item = decode_engine_item<SealDigest>(in);
            break;
        case kPreRuntime:
            item = decode_engine_item<PreRuntimeDigest>(in);
            break;
        case kRuntimeUpdated:
            item = RuntimeUpdatedDigest{};
            break;
        default:
            in.fail(scale::DecodeError::bad_variant);
    }
}

BlockHash Header::hash() const {
    return BlockHash(crypto::blake2b_256(scale::encode(*this)).bytes);
}

const SealDigest* Header::seal() const {
    return digest.empty() ? nullptr : std::get_if<SealDigest>(&digest.back());
}

Header Header::without_seal() const {
    Header unsealed = *this;
    if (seal() != nullptr) {
        unsealed.digest.pop_back();
    }
    return unsealed;
}

void encode_to(Bytes& out, const Header& header) {
    scale::encode_to(out, header.parent_hash);
    scale::encode_compact(out, header.number);
    scale::encode_to(out, header.state_root);
    scale::encode_to(out, header.extrinsics_root);
    scale::encode_to(out, header.digest);
}

void decode_from(scale::Decoder& in, Header& header) {
    scale::decode_from(in, header.parent_hash);
    header.number = in.compact32();
    scale::decode_from(in, header.state_root);
    scale::decode_from(in, header.extrinsics_root);
    header.digest.clear();
    const std::size_t count = in.length(1, kDigestItemsMax);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        decode_from(in, header.digest.emplace_back());
    }
}

}  // namespace stipple
