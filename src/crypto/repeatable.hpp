// For runs that must repeat: signatures that depend on key and message alone, and one verification
// of each signature for all the nodes of one thread.
//
// The nonces of sr25519 are hedged with fresh randomness, so that two runs of the same events seal
// different blocks. While a Repeatable lives, on its thread, they are derived from the secret and
// the message only, which is as safe (RFC 8032 does so) but leaves out the hedge against faulty
// hardware; so no node makes one, the simulator does. In a simulation every node verifies what
// another has signed or verified a moment before: its verdict is remembered. Verdicts are those of
// verification, whether remembered or not.
//
// Bounds: two generations of kVerdictsPerGeneration verdicts; the older is dropped when the younger
// is full.
#pragma once

#include "crypto/sr25519.hpp"

#include <optional>
#include <unordered_map>
#include <utility>

namespace stipple::crypto {

/// A few minutes of a hundred nodes; some 15 MiB.
inline constexpr std::size_t kVerdictsPerGeneration = std::size_t{1} << 16;

/// Who may have an output of a VRF before it is asked for.
class VrfAheadPort {
 public:
    virtual ~VrfAheadPort() = default;
    /// What the key gives for the transcript, if it is known.
    virtual std::optional<VrfInOut> take(const Sr25519Keypair& key,
                                         const VrfTranscript& transcript) = 0;
};

class Repeatable {
 public:
    /// `ahead` may be null, and outlives this.
    explicit Repeatable(VrfAheadPort* ahead = nullptr);
    Repeatable(const Repeatable&) = delete;
    Repeatable& operator=(const Repeatable&) = delete;
    ~Repeatable();

    /// The one of this thread; null in every node.
    static Repeatable* here();
    VrfAheadPort* ahead() const { return ahead_; }

    /// What a verdict is remembered by.
    static Hash256 claim(std::uint8_t scheme, ByteView key, ByteView message, ByteView signature);
    static Hash256 claim(ByteView key, const VrfTranscript& transcript, const VrfTranscript* extra,
                         const VrfSignature& signature);

    std::optional<bool> find(const Hash256& claim) { return find_in(verdicts_, claim); }
    void insert(const Hash256& claim, bool valid) { insert_in(verdicts_, claim, valid); }
    /// VRFs: what verification gives, absent inside when the proof does not hold.
    std::optional<std::optional<VrfInOut>> find_vrf(const Hash256& claim) {
        return find_in(vrfs_, claim);
    }
    void insert_vrf(const Hash256& claim, std::optional<VrfInOut> found) {
        insert_in(vrfs_, claim, std::move(found));
    }

 private:
    template <class Verdict>
    struct Generations {
        std::unordered_map<Hash256, Verdict> young;  // order never seen
        std::unordered_map<Hash256, Verdict> old;
    };
    template <class Verdict>
    static std::optional<Verdict> find_in(const Generations<Verdict>& kept, const Hash256& claim) {
        for (const auto* each : {&kept.young, &kept.old}) {
            if (const auto found = each->find(claim); found != each->end()) {
                return found->second;
            }
        }
        return std::nullopt;
    }
    template <class Verdict>
    static void insert_in(Generations<Verdict>& kept, const Hash256& claim, Verdict verdict) {
        if (kept.young.size() >= kVerdictsPerGeneration) {
            kept.old = std::exchange(kept.young, {});
        }
        kept.young.insert_or_assign(claim, std::move(verdict));
    }

    VrfAheadPort* const ahead_;
    Generations<bool> verdicts_;
    Generations<std::optional<VrfInOut>> vrfs_;
};

/// The verdict remembered for a claim, else that of `verify`, which is then remembered.
template <class Verify>
bool verify_once(std::uint8_t scheme, ByteView key, ByteView message, ByteView signature,
                 Verify verify) {
    Repeatable* const memory = Repeatable::here();
    if (memory == nullptr) {
        return verify();
    }
    const Hash256 claim = Repeatable::claim(scheme, key, message, signature);
    if (const auto known = memory->find(claim)) {
        return *known;
    }
    const bool valid = verify();
    memory->insert(claim, valid);
    return valid;
}

/// Numbers of schemes in claims.
inline constexpr std::uint8_t kEd25519Scheme = 0;
inline constexpr std::uint8_t kSr25519Scheme = 1;
inline constexpr std::uint8_t kSr25519DeprecatedScheme = 2;

}  // namespace stipple::crypto
