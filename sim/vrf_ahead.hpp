// The outputs of VRFs before they are asked for.
//
// Each validator looks at each slot whether it is its own, by what its key gives for the slot: a
// fifth of the time of a run on the toy chain. Who has asked for one slot asks for the next one
// then, so that one thread computes it while the simulation goes on in its own. An output is a
// function of key and transcript: nothing of a run depends on whether it was ready, or looked for
// at all. To wake a thread costs as much as a tenth of an output: those of a slot go to it
// together, when as many have asked as in the slot before.
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
    using Task = std::packaged_task<crypto::VrfInOut()>;
    struct Guess {
        crypto::VrfTranscript transcript;
        std::future<crypto::VrfInOut> output;
        std::uint64_t batch = 0;  ///< begun when it is below batch_
    };
    void guess(const crypto::Sr25519Keypair& key, const crypto::VrfTranscript& asked,
               std::uint64_t slot);
    void begin_waiting();

    std::map<crypto::Sr25519Public, Guess> guesses_;
    std::vector<Task> waiting_;  ///< for others of their slot
    std::uint64_t batch_ = 0;    ///< of those that wait
    std::uint64_t slot_ = 0;     ///< the newest that was asked for
    std::size_t asked_ = 0;      ///< in that slot, and in the one before
    std::size_t asked_before_ = 0;
    std::uint64_t right_ = 0;
    std::uint64_t wrong_ = 0;
    io::WorkerPool worker_{"vrf-ahead", 1, kQueueMax};  ///< last: ends before the rest
};

/// The slot that a transcript is for, if it is for one; and the same for another slot.
std::optional<std::uint64_t> slot_of(const crypto::VrfTranscript& transcript);
crypto::VrfTranscript for_slot(crypto::VrfTranscript transcript, std::uint64_t slot);

}  // namespace stipple::sim
