#include "sim/vrf_ahead.hpp"

namespace stipple::sim {

std::optional<crypto::VrfTranscript> next_slot(crypto::VrfTranscript transcript) {
    const auto slot =
        std::ranges::find(transcript.items, "slot number", &crypto::VrfTranscript::Item::label);
    if (slot == transcript.items.end() || slot->data.size() != sizeof(std::uint64_t)) {
        return std::nullopt;
    }
    const auto number = load_le<std::uint64_t>(slot->data);
    slot->data.clear();
    append_le(slot->data, number + 1);
    return transcript;
}

std::optional<crypto::VrfInOut> VrfAhead::take(const crypto::Sr25519Keypair& key,
                                               const crypto::VrfTranscript& transcript) {
    std::optional<crypto::VrfInOut> found;
    if (const auto guess = guesses_.find(key.public_key); guess != guesses_.end()) {
        if (guess->second.transcript == transcript) {
            found = guess->second.output.get();
        }
        guesses_.erase(guess);
    }
    ++(found ? right_ : wrong_);
    if (auto next = next_slot(transcript)) {
        std::packaged_task<crypto::VrfInOut()> task(
            [key, about = *next] { return key.vrf_in_out(about); });
        auto output = task.get_future();
        if (worker_.try_post([task = std::move(task)]() mutable { task(); })) {
            guesses_.emplace(key.public_key, Guess{*std::move(next), std::move(output)});
        }
    }
    return found;
}

}  // namespace stipple::sim
