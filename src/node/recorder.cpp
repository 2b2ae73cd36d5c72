#include "node/recorder.hpp"

#include "base/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace stipple::node {
namespace {

/// A stream and the thread that waits for the disk.
class FileSink {
 public:
    explicit FileSink(std::ofstream file) : file_(std::move(file)) {}

    bool take(Bytes piece) {
        return !is_broken_ && writer_.post([this, piece = std::move(piece)] {
            file_.write(reinterpret_cast<const char*>(piece.data()),
                        static_cast<std::streamsize>(piece.size()));
            file_.flush();
            is_broken_ = is_broken_ || !file_.good();
        });
    }
    /// What waits is still written.
    ~FileSink() { writer_.drain_and_stop(); }
    FileSink(const FileSink&) = delete;
    FileSink& operator=(const FileSink&) = delete;

 private:
    std::ofstream file_;
    std::atomic<bool> is_broken_ = false;
    io::WorkerPool writer_{"recorder", 1, kPiecesMax};
};

}  // namespace

Recorder::Recorder(Sink sink) : sink_(std::move(sink)) {
    recording::append_head(
        piece_,
        {.format = recording::kFormat, .shape = shape_of_recordings(), .program = STIPPLE_VERSION});
}

void Recorder::begin(const CoreBeginning& beginning, const EffectList& effects) {
    append(recording::FrameKind::beginning, encode_beginning(beginning));
    digest_.add(effects);
    sent_at_ = beginning.now;
    send();
}

void Recorder::on_event(Instant now, UnixMillis wall, const Event& event) {
    if (!is_on_) {
        return;
    }
    append(recording::FrameKind::event, encode_event(digest_.first_bytes(), now, wall, event));
    ++events_;
    if (piece_.size() >= kPieceBytes || now - sent_at_ >= kPieceAge) {
        sent_at_ = now;
        send();
    }
}

void Recorder::on_effects(const EffectList& effects) {
    if (is_on_) {
        digest_.add(effects);
    }
}

void Recorder::finish() {
    if (is_on_) {
        append(recording::FrameKind::end, encode_end({events_, digest_.value()}));
        send();
        is_on_ = false;
    }
}

void Recorder::append(recording::FrameKind kind, const Bytes& body) {
    if (!is_on_) {
        return;
    }
    if (body.size() > recording::kFrameBytesMax) {
        log(LogLevel::warn, "record", "an event of {} bytes: the recording ends before it",
            body.size());
        is_on_ = false;
        return;
    }
    recording::append_frame(piece_, kind, body);
}

void Recorder::send() {
    const Bytes whole = std::exchange(piece_, {});
    for (ByteView rest(whole); is_on_ && !rest.empty();) {
        const ByteView part = rest.first(std::min(rest.size(), kPieceBytesMax));
        rest = rest.subspan(part.size());
        if (!sink_(to_bytes(part))) {
            log(LogLevel::warn, "record", "the recording ends here: its file can not be written");
            is_on_ = false;
        }
    }
}

Result<std::unique_ptr<Recorder>> record_to(const std::filesystem::path& file) {
    if (std::filesystem::exists(file)) {
        return fail(fmt::format("{} is there already: a recording is a new file", file.string()));
    }
    std::ofstream stream(file, std::ios::binary);
    if (!stream) {
        return fail(fmt::format("cannot write {}", file.string()));
    }
    auto sink = std::make_unique<FileSink>(std::move(stream));
    log(LogLevel::info, "record", "recording to {}", file.string());
    return std::make_unique<Recorder>(
        [sink = std::move(sink)](Bytes piece) { return sink->take(std::move(piece)); });
}

}  // namespace stipple::node
