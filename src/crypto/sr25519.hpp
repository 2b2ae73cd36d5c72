// sr25519 (Schnorr over Ristretto, schnorrkel): accounts, BABE seals and their VRF.
//
// Spec: sect-cryptographic-keys. Signing context `substrate`; a signature carries the marker bit in
// its last byte. VRF: the exact merlin transcripts of schnorrkel, described by `VrfTranscript`.
#pragma once

#include "crypto/secret.hpp"
#include "crypto/types.hpp"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

struct StippleBridgeSr25519Key;

namespace stipple::crypto {

/// A merlin transcript as its label and the appended (label, bytes) items, in order.
///
/// Labels are the protocol's constants: at most 64 bytes each, and beyond those the bridge knows at
/// most 64 different ones in the life of a process (the library wants them immortal). Past that
/// signing ends the process and verification says no.
struct VrfTranscript {
    struct Item {
        std::string_view label;
        Bytes data;
        friend bool operator==(const Item&, const Item&) = default;
    };
    std::string_view label;
    std::vector<Item> items;
    void append(std::string_view item_label, ByteView data) {
        items.push_back({item_label, to_bytes(data)});
    }
    /// As merlin's append_u64: eight bytes, little-endian.
    void append_u64(std::string_view item_label, std::uint64_t value) {
        Bytes data;
        append_le(data, value);
        items.push_back({item_label, std::move(data)});
    }
    friend bool operator==(const VrfTranscript&, const VrfTranscript&) = default;
};

struct VrfSignature {
    VrfPreOutput pre_output;
    VrfProof proof;
    friend bool operator==(const VrfSignature&, const VrfSignature&) = default;
};

/// The value a verified (or own) VRF gives for a transcript.
class VrfInOut {
 public:
    /// make_bytes of schnorrkel: `context` as in "substrate-babe-vrf". Fills `out`.
    void make_bytes(std::string_view context, MutableByteView out) const;
    Bytes input_output;  ///< 32 bytes input point ‖ 32 bytes pre-output
};

enum class Junction : std::uint8_t { soft, hard };

/// Copies share the secret half; the last one wipes it. All but from_seed REQUIRES a pair that was
/// made by from_seed or derived from such a one.
class Sr25519Keypair {
 public:
    Sr25519Public public_key;
    /// ExpansionMode::Ed25519 of a mini-secret.
    static Sr25519Keypair from_seed(const Secret<32>& seed);
    Sr25519Signature sign(ByteView message) const;
    VrfSignature vrf_sign(const VrfTranscript&) const;
    /// With a further transcript mixed into the proof (parachain assignments).
    VrfSignature vrf_sign_extra(const VrfTranscript&, const VrfTranscript& extra) const;
    VrfInOut vrf_in_out(const VrfTranscript&) const;
    /// One step of a secret URI. Repeating a soft step gives the same key but not the same nonces.
    Sr25519Keypair derive(const Hash256& chain_code, Junction junction) const;

 private:
    std::shared_ptr<StippleBridgeSr25519Key> key_;
};

/// Strict: the marker bit is required.
bool sr25519_verify(const Sr25519Signature&, ByteView message, const Sr25519Public&);
/// Also accepts signatures from before the marker bit (`ext_crypto_sr25519_verify_version_1`).
bool sr25519_verify_deprecated(const Sr25519Signature&, ByteView message, const Sr25519Public&);

struct Sr25519Claim {
    Sr25519Signature signature;
    Sr25519Public public_key;
    ByteView message;
};
bool sr25519_verify_batch(std::span<const Sr25519Claim> claims);

/// The in-out when the proof holds, absent otherwise (bad key, bad point, bad proof).
std::optional<VrfInOut> vrf_verify(const VrfTranscript&, const VrfSignature&, const Sr25519Public&);
/// The counterpart of `vrf_sign_extra`.
std::optional<VrfInOut> vrf_verify_extra(const VrfTranscript&, const VrfTranscript& extra,
                                         const VrfSignature&, const Sr25519Public&);

/// The public half of a soft step; absent when `parent` is no point.
std::optional<Sr25519Public> sr25519_derive_public(const Sr25519Public& parent,
                                                   const Hash256& chain_code);

}  // namespace stipple::crypto
