#include "crypto/repeatable.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace stipple::crypto {

namespace {

thread_local Repeatable* the_one = nullptr;

void append_sized(Bytes& out, ByteView part) {
    append_le(out, static_cast<std::uint32_t>(part.size()));
    append(out, part);
}

void append_transcript(Bytes& out, const VrfTranscript& transcript) {
    append_sized(out, as_bytes(transcript.label));
    for (const auto& item : transcript.items) {
        append_sized(out, as_bytes(item.label));
        append_sized(out, item.data);
    }
}

}  // namespace

Repeatable::Repeatable(VrfAheadPort* ahead) : ahead_(ahead) {
    CHECK(the_one == nullptr);
    the_one = this;
}

Repeatable::~Repeatable() {
    the_one = nullptr;
}

Repeatable* Repeatable::here() {
    return the_one;
}

Hash256 Repeatable::claim(std::uint8_t scheme, ByteView key, ByteView message, ByteView signature) {
    Bytes text;
    text.reserve(1 + key.size() + message.size() + signature.size() + 12);
    text.push_back(scheme);
    append_sized(text, key);
    append_sized(text, signature);
    append(text, message);
    return blake2b_256(text);
}

Hash256 Repeatable::claim(ByteView key, const VrfTranscript& transcript, const VrfTranscript* extra,
                          const VrfSignature& signature) {
    Bytes text;
    text.reserve(512);
    append_sized(text, key);
    append_sized(text, signature.pre_output);
    append_sized(text, signature.proof);
    append_transcript(text, transcript);
    text.push_back(extra == nullptr ? 0 : 1);
    if (extra != nullptr) {
        append_transcript(text, *extra);
    }
    return blake2b_256(text);
}

}  // namespace stipple::crypto
