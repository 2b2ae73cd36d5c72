// Block headers and their digest.
//
// Spec: defn-block-header, defn-digest. Header = parent hash ‖ compact number ‖ state root ‖
// extrinsics root ‖ digest items; its hash is the BLAKE2b-256 of the encoding, seal included.
#pragma once

#include "primitives/ids.hpp"
#include "scale/codec.hpp"

#include <variant>
#include <vector>

namespace stipple {

/// The root of the state after the block, as the header claims it (state::StateRoot is a computed
/// one).
struct HeaderStateRootTag;
using HeaderStateRoot = FixedBytes<32, HeaderStateRootTag>;

/// Bounds what one header may bring: real ones stay under 100 KiB (Kusama 7472481 has 72 562
/// bytes).
inline constexpr std::size_t kHeaderBytesMax = 1024 * 1024;

struct OtherDigest {
    Bytes data;
    friend bool operator==(const OtherDigest&, const OtherDigest&) = default;
};
/// From the runtime to the host's consensus engine.
struct ConsensusDigest {
    EngineId engine;
    Bytes data;
    friend bool operator==(const ConsensusDigest&, const ConsensusDigest&) = default;
};
/// The author's signature; the last item, taken off before the runtime sees the header.
struct SealDigest {
    EngineId engine;
    Bytes data;
    friend bool operator==(const SealDigest&, const SealDigest&) = default;
};
/// From the author's engine to the runtime (BABE slot and VRF).
struct PreRuntimeDigest {
    EngineId engine;
    Bytes data;
    friend bool operator==(const PreRuntimeDigest&, const PreRuntimeDigest&) = default;
};
/// Code or heap pages changed in this block: the new code holds from the next block on.
struct RuntimeUpdatedDigest {
    friend bool operator==(const RuntimeUpdatedDigest&, const RuntimeUpdatedDigest&) = default;
};
using DigestItem =
    std::variant<OtherDigest, ConsensusDigest, SealDigest, PreRuntimeDigest, RuntimeUpdatedDigest>;

void encode_to(Bytes& out, const DigestItem& item);
void decode_from(scale::Decoder& in, DigestItem& item);

struct Header {
    BlockHash parent_hash;
    BlockNumber number = 0;
    HeaderStateRoot state_root;
    ExtrinsicsRoot extrinsics_root;
    std::vector<DigestItem> digest;

    BlockHash hash() const;
    BlockRef ref() const { return {hash(), number}; }
    /// The last digest item when it is a seal.
    const SealDigest* seal() const;
    /// The same header without its seal (what the runtime and the seal's signature are over).
    Header without_seal() const;
    friend bool operator==(const Header&, const Header&) = default;
};
void encode_to(Bytes& out, const Header& header);
void decode_from(scale::Decoder& in, Header& header);

}  // namespace stipple
