// Blocks, bodies and justifications.
//
// Spec: defn-block-body, defn-justification. An extrinsic is opaque bytes to the host. On the wire
// and in the database a body is Vec<Vec<u8>>; a signed block adds Option<Vec<(engine, bytes)>>.
#pragma once

#include "primitives/header.hpp"

namespace stipple {

/// The encoded extrinsic without its outer length prefix.
struct Extrinsic {
    Bytes data;
    /// BLAKE2b-256 of the encoding *with* the length prefix, as the field names transactions.
    ExtrinsicHash hash() const;
    friend bool operator==(const Extrinsic&, const Extrinsic&) = default;
    static auto fields(auto& self) { return std::tie(self.data); }
};
using Body = std::vector<Extrinsic>;

struct Justification {
    EngineId engine;
    Bytes data;
    friend bool operator==(const Justification&, const Justification&) = default;
    static auto fields(auto& self) { return std::tie(self.engine, self.data); }
};
/// At most one per engine.
using Justifications = std::vector<Justification>;

struct Block {
    Header header;
    Body body;
    friend bool operator==(const Block&, const Block&) = default;
    static auto fields(auto& self) { return std::tie(self.header, self.body); }
};

struct SignedBlock {
    Block block;
    std::optional<Justifications> justifications;
    friend bool operator==(const SignedBlock&, const SignedBlock&) = default;
    static auto fields(auto& self) { return std::tie(self.block, self.justifications); }
};

}  // namespace stipple
