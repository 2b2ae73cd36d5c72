#include "crypto/sr25519.hpp"

#include "crypto/repeatable.hpp"
#include "stipple_bridge_crypto.h"

namespace stipple::crypto {

namespace {

constexpr std::size_t kInOutBytes = 64;

/// Whether nonces take in fresh randomness.
std::uint8_t hedged() {
    return Repeatable::here() == nullptr ? 1 : 0;
}

StippleBridgeClaim to_bridge(const Sr25519Signature& signature, ByteView message,
                             const Sr25519Public& key) {
    return {signature.bytes.data(), key.bytes.data(), message.data(), message.size()};
}

/// A transcript as the bridge wants it. Borrows from the transcript, which must outlive it.
class BridgeTranscript {
 public:
    explicit BridgeTranscript(const VrfTranscript& transcript) {
        items_.reserve(transcript.items.size());
        for (const VrfTranscript::Item& item : transcript.items) {
            const ByteView label = as_bytes(item.label);
            items_.push_back({label.data(), label.size(), item.data.data(), item.data.size()});
        }
        const ByteView label = as_bytes(transcript.label);
        row_ = {label.data(), label.size(), items_.data(), items_.size()};
    }
    BridgeTranscript(const BridgeTranscript&) = delete;
    BridgeTranscript& operator=(const BridgeTranscript&) = delete;
    const StippleBridgeTranscript* get() const { return &row_; }

 private:
    std::vector<StippleBridgeItem> items_;
    StippleBridgeTranscript row_{};
};

VrfSignature sign_vrf(const StippleBridgeSr25519Key* key, const Sr25519Public& public_key,
                      const VrfTranscript& transcript, const VrfTranscript* extra) {
    CHECK(key != nullptr);
    const BridgeTranscript about(transcript);
    std::optional<BridgeTranscript> more;
    if (extra != nullptr) {
        more.emplace(*extra);
    }
    VrfSignature made;
    VrfInOut in_out{Bytes(kInOutBytes)};
    CHECK(stipple_bridge_vrf_sign(key, about.get(), more ? more->get() : nullptr, hedged(),
                                  made.pre_output.bytes.data(), made.proof.bytes.data(),
                                  in_out.input_output.data()) == 1);
    if (Repeatable* const memory = Repeatable::here()) {
        memory->insert_vrf(Repeatable::claim(public_key, transcript, extra, made),
                           std::move(in_out));
    }
    return made;
}

std::optional<VrfInOut> verify_vrf_now(const VrfTranscript& transcript,
                                       const StippleBridgeTranscript* extra,
                                       const VrfSignature& signature, const Sr25519Public& key) {
    const BridgeTranscript about(transcript);
    VrfInOut found{Bytes(kInOutBytes)};
    if (stipple_bridge_vrf_verify(key.bytes.data(), about.get(), extra,
                                  signature.pre_output.bytes.data(), signature.proof.bytes.data(),
                                  found.input_output.data()) == 0) {
        return std::nullopt;
    }
    return found;
}

std::optional<VrfInOut> verify_vrf(const VrfTranscript& transcript, const VrfTranscript* extra,
                                   const VrfSignature& signature, const Sr25519Public& key) {
    const auto verify = [&] {
        return extra == nullptr
                   ? verify_vrf_now(transcript, nullptr, signature, key)
                   : verify_vrf_now(transcript, BridgeTranscript(*extra).get(), signature, key);
    };
    Repeatable* const memory = Repeatable::here();
    if (memory == nullptr) {
        return verify();
    }
    const Hash256 claim = Repeatable::claim(key, transcript, extra, signature);
    if (auto known = memory->find_vrf(claim)) {
        return *std::move(known);
    }
    auto found = verify();
    memory->insert_vrf(claim, found);
    return found;
}

}  // namespace

void VrfInOut::make_bytes(std::string_view context, MutableByteView out) const {
    CHECK(input_output.size() == kInOutBytes);
    CHECK(stipple_bridge_vrf_make_bytes(input_output.data(), as_bytes(context).data(),
                                        context.size(), out.data(), out.size()) == 1);
}

Sr25519Keypair Sr25519Keypair::from_seed(const Secret<32>& seed) {
    Sr25519Keypair pair;
    pair.key_ = {stipple_bridge_sr25519_key(seed.view().data(), pair.public_key.bytes.data()),
                 stipple_bridge_sr25519_forget};
    CHECK(pair.key_ != nullptr);
    return pair;
}

Sr25519Signature Sr25519Keypair::sign(ByteView message) const {
    Sr25519Signature signature;
    CHECK(key_ != nullptr);
    CHECK(stipple_bridge_sr25519_sign(key_.get(), message.data(), message.size(), hedged(),
                                      signature.bytes.data()) == 1);
    if (Repeatable* const memory = Repeatable::here()) {
        memory->insert(Repeatable::claim(kSr25519Scheme, public_key, message, signature), true);
    }
    return signature;
}

VrfSignature Sr25519Keypair::vrf_sign(const VrfTranscript& transcript) const {
    return sign_vrf(key_.get(), public_key, transcript, nullptr);
}

VrfSignature Sr25519Keypair::vrf_sign_extra(const VrfTranscript& transcript,
                                            const VrfTranscript& extra) const {
    return sign_vrf(key_.get(), public_key, transcript, &extra);
}

VrfInOut Sr25519Keypair::vrf_in_out(const VrfTranscript& transcript) const {
    if (Repeatable* const memory = Repeatable::here(); memory && memory->ahead()) {
        if (auto ready = memory->ahead()->take(*this, transcript)) {
            return *std::move(ready);
        }
    }
    const BridgeTranscript about(transcript);
    VrfInOut made{Bytes(kInOutBytes)};
    CHECK(key_ != nullptr);
    CHECK(stipple_bridge_vrf_in_out(key_.get(), about.get(), made.input_output.data()) == 1);
    return made;
}

Sr25519Keypair Sr25519Keypair::derive(const Hash256& chain_code, Junction junction) const {
    CHECK(key_ != nullptr);
    Sr25519Keypair child;
    child.key_ = {stipple_bridge_sr25519_derive(key_.get(), chain_code.bytes.data(),
                                                junction == Junction::hard ? 1 : 0,
                                                child.public_key.bytes.data()),
                  stipple_bridge_sr25519_forget};
    CHECK(child.key_ != nullptr);
    return child;
}

bool sr25519_verify(const Sr25519Signature& signature, ByteView message, const Sr25519Public& key) {
    return verify_once(kSr25519Scheme, key, message, signature, [&] {
        const StippleBridgeClaim claim = to_bridge(signature, message, key);
        return stipple_bridge_sr25519_verify(&claim) == 1;
    });
}

bool sr25519_verify_deprecated(const Sr25519Signature& signature, ByteView message,
                               const Sr25519Public& key) {
    return verify_once(kSr25519DeprecatedScheme, key, message, signature, [&] {
        const StippleBridgeClaim claim = to_bridge(signature, message, key);
        return stipple_bridge_sr25519_verify_deprecated(&claim) == 1;
    });
}

bool sr25519_verify_batch(std::span<const Sr25519Claim> claims) {
    if (Repeatable::here() != nullptr) {
        return std::ranges::all_of(claims, [](const Sr25519Claim& claim) {
            return sr25519_verify(claim.signature, claim.message, claim.public_key);
        });
    }
    std::vector<StippleBridgeClaim> rows;
    rows.reserve(claims.size());
    for (const Sr25519Claim& claim : claims) {
        rows.push_back(to_bridge(claim.signature, claim.message, claim.public_key));
    }
    return claims.size() == 1 ? stipple_bridge_sr25519_verify(rows.data()) == 1
                              : stipple_bridge_sr25519_verify_batch(rows.data(), rows.size()) == 1;
}

std::optional<VrfInOut> vrf_verify(const VrfTranscript& transcript, const VrfSignature& signature,
                                   const Sr25519Public& key) {
    return verify_vrf(transcript, nullptr, signature, key);
}

std::optional<VrfInOut> vrf_verify_extra(const VrfTranscript& transcript,
                                         const VrfTranscript& extra, const VrfSignature& signature,
                                         const Sr25519Public& key) {
    return verify_vrf(transcript, &extra, signature, key);
}

std::optional<Sr25519Public> sr25519_derive_public(const Sr25519Public& parent,
                                                   const Hash256& chain_code) {
    Sr25519Public child;
    if (stipple_bridge_sr25519_derive_public(parent.bytes.data(), chain_code.bytes.data(),
                                             child.bytes.data()) == 0) {
        return std::nullopt;
    }
    return child;
}

}  // namespace stipple::crypto
