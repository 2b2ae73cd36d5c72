// Writes down what enters the core of a running node, so that the run can be had again.
//
//     run_node ─ CoreBeginning ─▶ Recorder ─ pieces of the file ─▶ FileSink (a thread of its own)
//     Runner ─ event, effects ─▶
//
// An event is written before the core gets it, with the digest of all effects before it; what came
// of it is in the digest of the next. So a replay names the first event whose effects differ. Costs
// the core the encoding and a hash of each event and of its effects, and nothing without --record.
//
// Bounds: a piece leaves with the event that makes it kPieceBytes large, or that comes kPieceAge
// after the one before: a kill loses what came within that time of the last piece. kPiecesMax of
// kPieceBytesMax wait for the disk, then the core waits, too: a recording with a hole is worth
// nothing. An event above the bound of a frame, or a disk that is full, ends the recording with a
// line in the log; the node goes on.
#pragma once

#include "io/workers.hpp"
#include "node/core_values.hpp"
#include "node/recording/frames.hpp"

#include <filesystem>
#include <fstream>

namespace stipple::node {

inline constexpr std::size_t kPieceBytes = 64 * 1024;
inline constexpr std::chrono::milliseconds kPieceAge{100};
inline constexpr std::size_t kPieceBytesMax = 4 * kPieceBytes;
inline constexpr std::size_t kPiecesMax = 128;

class Recorder {
 public:
    /// Takes the pieces of the file in order; false: it can take no more.
    using Sink = std::move_only_function<bool(Bytes)>;

    explicit Recorder(Sink sink);
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    /// Ends the recording.
    ~Recorder() { finish(); }

    /// Once, first: `effects` are those of start_core.
    void begin(const CoreBeginning& beginning, const EffectList& effects);
    /// Before the core gets it.
    void on_event(Instant now, UnixMillis wall, const Event& event);
    /// What came of it.
    void on_effects(const EffectList& effects);
    /// Nothing follows. Without this the file is one of a process that was killed.
    void finish();

    std::uint64_t events() const { return events_; }
    const crypto::Hash256& digest() const { return digest_.value(); }

 private:
    void append(recording::FrameKind kind, const Bytes& body);
    void send();

    Sink sink_;
    bool is_on_ = true;
    Bytes piece_;
    Instant sent_at_;
    EffectDigest digest_;
    std::uint64_t events_ = 0;
};

/// Into a file, which must not be there yet.
Result<std::unique_ptr<Recorder>> record_to(const std::filesystem::path& file);

}  // namespace stipple::node
