// A random walk of the whole runtime, natively: blocks full of random calls and random bytes, with
// everything that must hold looked at after each block.
//
//     Walk walk(Seed{7});
//     while (walk.steps() < 10'000) {
//         if (const auto broken = walk.next_block()) { ... }   // it names the seed and the block
//     }
//
// A step is one extrinsic, one dispatched call or one offence. The chain begins with the preset of
// a local network and goes through epochs and eras. What must hold:
// - the total issuance is the sum of all accounts, free and reserved;
// - holds and named reserves of an account are within what it has reserved;
// - no nonce falls but of an account that was killed in the block;
// - every key of the state belongs to an item of a pallet and every value decodes to its end;
// - what Staking has in its ledgers is on hold, and only who has bonded has a role.
//
// The same seed walks the same way on every machine.
#pragma once

#include "base/prng.hpp"
#include "crypto/ed25519.hpp"
#include "kit/types.hpp"
#include "primitives/header.hpp"

#include <map>

namespace stipple::runtime::walk {

class Walk {
 public:
    /// Takes the native host of this thread for itself.
    explicit Walk(Seed seed);
    /// What does not hold after one more block; absent while all does.
    std::optional<std::string> next_block();
    std::uint64_t steps() const { return steps_; }
    /// How many calls and extrinsics did not fail: a walk of failures would show nothing.
    std::uint64_t successes() const { return successes_; }

 private:
    void step();
    void dispatch_some_call();
    void report_somebody();
    void apply_some_bytes();
    void apply_signed();

    std::uint64_t seed_;
    Prng prng_;
    std::vector<crypto::Ed25519Keypair> pairs_;
    std::vector<AccountId> actors_;
    Header parent_;
    Slot slot_;
    std::map<AccountId, std::uint32_t> nonces_;
    std::uint64_t steps_ = 0;
    std::uint64_t successes_ = 0;
};

/// All invariants of the state at the end of a block but that of nonces.
std::optional<std::string> find_broken_invariant();

}  // namespace stipple::runtime::walk
