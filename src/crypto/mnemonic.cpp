#include "crypto/mnemonic.hpp"

#include "base/check.hpp"
#include "crypto/bip39_words.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"

#include <array>

namespace stipple::crypto {

namespace {

constexpr std::size_t kWords = 2048;
constexpr std::size_t kBitsPerWord = 11;
constexpr std::size_t kPhraseWordsMax = 24;

using WordList = std::array<std::string_view, kWords>;

const WordList& words() {
    static const WordList list = [] {
        WordList made;
        std::string_view rest = kBip39English;
        for (std::string_view& word : made) {
            word = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        }
        CHECK(rest.empty() && std::is_sorted(made.begin(), made.end()));
        return made;
    }();
    return list;
}

std::optional<std::size_t> index_of(std::string_view word) {
    const auto found = std::lower_bound(words().begin(), words().end(), word);
    if (found == words().end() || *found != word) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - words().begin());
}

bool bit(ByteView bytes, std::size_t index) {
    return ((bytes[index / 8] >> (7 - index % 8)) & 1) != 0;
}

bool is_entropy_size(std::size_t bytes) {
    return bytes >= 16 && bytes <= 32 && bytes % 4 == 0;
}

}  // namespace

std::string words_of_entropy(ByteView entropy) {
    CHECK(is_entropy_size(entropy.size()));
    Bytes bits = to_bytes(entropy);
    bits.push_back(sha2_256(entropy).bytes[0]);
    const std::size_t count = entropy.size() / 4 * 3;
    std::string phrase;
    for (std::size_t word = 0; word < count; ++word) {
        std::size_t index = 0;
        for (std::size_t i = 0; i < kBitsPerWord; ++i) {
            index = 2 * index + (bit(bits, word * kBitsPerWord + i) ? 1 : 0);
        }
        phrase += (phrase.empty() ? "" : " ");
        phrase += words()[index];
    }
    wipe(bits);
    return phrase;
}

std::optional<Bytes> entropy_of_words(std::string_view phrase) {
    Bytes bits((kPhraseWordsMax * kBitsPerWord + 7) / 8);
    std::size_t count = 0;
    while (!phrase.empty()) {
        const std::string_view word = phrase.substr(0, phrase.find(' '));
        phrase.remove_prefix(std::min(word.size() + 1, phrase.size()));
        if (word.empty()) {
            continue;
        }
        const auto index = index_of(word);
        if (!index || count == kPhraseWordsMax) {
            return std::nullopt;
        }
        for (std::size_t i = 0; i < kBitsPerWord; ++i) {
            const std::size_t at = count * kBitsPerWord + i;
            const std::size_t value = (*index >> (kBitsPerWord - 1 - i)) & 1;
            bits[at / 8] = static_cast<std::uint8_t>(bits[at / 8] | (value << (7 - at % 8)));
        }
        ++count;
    }
    const std::size_t size = count * 4 / 3;
    if (count % 3 != 0 || !is_entropy_size(size)) {
        return std::nullopt;
    }
    Bytes entropy(bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(size));
    const Hash256 hash = sha2_256(entropy);
    for (std::size_t i = 0; i < size / 4; ++i) {
        if (bit(hash, i) != bit(bits, size * 8 + i)) {
            return std::nullopt;
        }
    }
    wipe(bits);
    return entropy;
}

}  // namespace stipple::crypto
