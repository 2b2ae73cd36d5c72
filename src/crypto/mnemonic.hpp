// BIP-39 words and the entropy they stand for (English list).
//
// Spec: BIP-39. Entropy of 16 to 32 bytes, a checksum of one bit for each 32 of it (the first bits
// of its SHA-256), cut into groups of eleven bits; each group is a word.
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>

namespace stipple::crypto {

/// REQUIRES 16, 20, 24, 28 or 32 bytes.
std::string words_of_entropy(ByteView entropy);
/// Absent on a wrong count, an unknown word or a wrong checksum. Spaces may repeat.
std::optional<Bytes> entropy_of_words(std::string_view phrase);

}  // namespace stipple::crypto
