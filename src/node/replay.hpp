// A recorded run once more: the same beginning, the same events at the same times, a fresh core.
//
// Everything that the core asked others for came back as events, so nothing else is needed: no
// chain, no runtime, no keys, no network. The effects are not carried out, only compared: the
// recording has the digest of those before each event.
//
//     bytes of the file ─▶ Replay ─▶ ReplaySummary, or where and why not
//
// Sans-I/O. Spec: none. Bounds: those of node/recording; a recording is a file of one's own, one
// that somebody forged may stop the program.
#pragma once

#include "node/core_values.hpp"
#include "node/recording/frames.hpp"

#include <memory>

namespace stipple::node {

enum class ReplayErrorKind : std::uint8_t {
    damaged,        ///< the file is not what was written, or no recording at all
    other_program,  ///< recorded by a program whose events are other ones
    malformed,      ///< whole frames that do not make a recording
    diverged,       ///< the effects are not those of the recorded run
    empty,          ///< it ends before the node had begun
};
struct ReplayError {
    ReplayErrorKind kind = ReplayErrorKind::damaged;
    std::uint64_t event = 0;  ///< events replayed until then; when diverged, the one it was
    std::string message;      ///< one line that says where
};
struct ReplaySummary {
    std::string program;  ///< version of the one that recorded
    BlockHash genesis;
    BlockRef best;  ///< at the beginning
    std::uint64_t events = 0;
    std::uint64_t effects = 0;
    Duration span{};  ///< from the beginning to the last event
    crypto::Hash256 digest;
    bool is_whole = false;      ///< it ends where the node was stopped; else it was killed
    std::size_t left_over = 0;  ///< bytes of an event that was not written to its end
};

class Replay {
 public:
    /// What is shown of each event: its number, from 1, the time since the beginning, what came.
    using Watch = std::function<void(std::uint64_t, Duration, const Event&, const EffectList&)>;
    explicit Replay(Watch watch = {}) : watch_(std::move(watch)) {}

    /// The next bytes of the file.
    std::expected<void, ReplayError> feed(ByteView bytes);
    /// After the last byte.
    std::expected<ReplaySummary, ReplayError> finish();

 private:
    std::expected<void, ReplayError> take(const recording::Frame& frame);
    std::expected<void, ReplayError> begin(ByteView body);
    std::expected<void, ReplayError> handle(ByteView body);
    std::expected<void, ReplayError> end(ByteView body);
    std::expected<void, ReplayError> compare(bool is_same) const;
    std::unexpected<ReplayError> fail(ReplayErrorKind kind, std::string_view what) const;

    const Watch watch_;
    recording::FileReader file_;
    bool has_head_ = false;
    std::optional<Core> core_;
    Instant began_;
    std::string last_event_ = "the start";
    EffectDigest digest_;
    ReplaySummary summary_;
};

}  // namespace stipple::node
