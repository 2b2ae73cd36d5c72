// The outputs of VRFs before they are asked for.
//
// Each validator looks at each slot whether it is its own, by what its key gives for the slot: a
// fifth of the time of a run on the toy chain. Who has asked for one slot asks for the next one
// then, so that one thread computes it while the simulation goes on in its own. An output is a
// function of key and transcript: nothing of a run depends on whether it was ready, or looked for
// at all.
//
// Bound: one output for each key that asked.
#pragma once

#include "crypto/repeatable.hpp"
#include "io/workers.hpp"

#include <future>
#include <map>

namespace stipple::sim {

class VrfAhead final : public crypto::VrfAheadPort {
 public:
    std::optional<crypto::VrfInOut> take(const crypto::Sr25519Keypair& key,
                                         const crypto::VrfTranscript& transcript) override;
    /// Outputs that were there, and that had to be computed when they were asked for.
    std::uint64_t right() const { return right_; }
    std::uint64_t wrong() const { return wrong_; }

 private:
    static constexpr std::size_t kQueueMax = 1024;
    struct Guess {
        crypto::VrfTranscript transcript;
        std::future<crypto::VrfInOut> output;
    };
    std::map<crypto::Sr25519Public, Guess> guesses_;
    std::uint64_t right_ = 0;
    std::uint64_t wrong_ = 0;
    io::WorkerPool worker_{"vrf-ahead", 1, kQueueMax};  ///< last: ends before the rest
};

/// The same transcript for the next slot; absent when it is not for one.
std::optional<crypto::VrfTranscript> next_slot(crypto::VrfTranscript transcript);

}  // namespace stipple::sim
