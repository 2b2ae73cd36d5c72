// The core's beginning, events and effects as bytes: what a recording is made of.
//
// A file of its own, because writing a hundred types takes a compiler some time. Effects are only
// ever written, for their digest: a replay makes them itself and compares.
//
// Spec: none, a format of this program (node/recording). Bounds: those of its frames.
#pragma once

#include "node/core_beginning.hpp"

namespace stipple::node {

/// An event as it went into the core, and the digest of all effects before it.
struct RecordedEvent {
    crypto::Hash64 digest_before;  ///< its first bytes
    Instant now;
    UnixMillis wall;
    Event event;
};
struct RecordedEnd {
    std::uint64_t events = 0;
    crypto::Hash256 digest;
};

/// Two programs with the same shape read each other's recordings.
crypto::Hash64 shape_of_recordings();

Bytes encode_beginning(const CoreBeginning& beginning);
std::expected<CoreBeginning, scale::DecodeError> decode_beginning(ByteView body);
Bytes encode_event(const crypto::Hash64& digest_before, Instant now, UnixMillis wall,
                   const Event& event);
std::expected<RecordedEvent, scale::DecodeError> decode_event(ByteView body);
Bytes encode_end(const RecordedEnd& end);
std::expected<RecordedEnd, scale::DecodeError> decode_end(ByteView body);

/// The digest of a run: BLAKE2b-256 of the digest so far and of what came next, one event after the
/// other.
class EffectDigest {
 public:
    void add(const EffectList& effects);
    const crypto::Hash256& value() const { return value_; }
    crypto::Hash64 first_bytes() const { return crypto::Hash64::copy(value_.view().first(8)); }

 private:
    crypto::Hash256 value_;
};

/// For people: "NotificationReceived".
std::string name_of(const Event& event);
std::string name_of(const Effect& effect);

}  // namespace stipple::node
