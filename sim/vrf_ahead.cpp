#include "sim/vrf_ahead.hpp"

#include "base/check.hpp"

namespace stipple::sim {
namespace {

template <class Items>
auto slot_item(Items& items) {
    return std::ranges::find(items, "slot number", &crypto::VrfTranscript::Item::label);
}

}  // namespace

std::optional<std::uint64_t> slot_of(const crypto::VrfTranscript& transcript) {
    const auto item = slot_item(transcript.items);
    if (item == transcript.items.end() || item->data.size() != sizeof(std::uint64_t)) {
        return std::nullopt;
    }
    return load_le<std::uint64_t>(item->data);
}

crypto::VrfTranscript for_slot(crypto::VrfTranscript transcript, std::uint64_t slot) {
    const auto item = slot_item(transcript.items);
    CHECK(item != transcript.items.end());
    item->data.clear();
    append_le(item->data, slot);
    return transcript;
}

std::optional<crypto::VrfInOut> VrfAhead::take(const crypto::Sr25519Keypair& key,
                                               const crypto::VrfTranscript& transcript) {
    const auto slot = slot_of(transcript);
    if (!slot) {
        return std::nullopt;
    }
    if (*slot > slot_) {
        begin_waiting();  // fewer asked than before
        slot_ = *slot;
        asked_before_ = std::exchange(asked_, 0);
    }
    std::optional<crypto::VrfInOut> found;
    if (const auto guess = guesses_.find(key.public_key); guess != guesses_.end()) {
        if (guess->second.transcript == transcript) {
            if (guess->second.batch == batch_) {
                begin_waiting();
            }
            found = guess->second.output.get();
        }
        guesses_.erase(guess);
    }
    ++(found ? right_ : wrong_);
    guess(key, transcript, *slot + 1);
    if (++asked_ >= asked_before_) {
        begin_waiting();
    }
    return found;
}

void VrfAhead::guess(const crypto::Sr25519Keypair& key, const crypto::VrfTranscript& asked,
                     std::uint64_t slot) {
    Guess next{for_slot(asked, slot), {}, batch_};
    Task task([key, about = next.transcript] { return key.vrf_in_out(about); });
    next.output = task.get_future();
    waiting_.push_back(std::move(task));
    guesses_.insert_or_assign(key.public_key, std::move(next));
}

void VrfAhead::begin_waiting() {
    if (waiting_.empty()) {
        return;
    }
    ++batch_;
    const bool taken = worker_.post([tasks = std::exchange(waiting_, {})]() mutable {
        for (Task& task : tasks) {
            task();
        }
    });
    CHECK(taken);  // the worker stops with this
}

}  // namespace stipple::sim
