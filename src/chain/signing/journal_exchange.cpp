#include "chain/signing/journal_exchange.hpp"

#include "crypto/hash.hpp"

#include <fmt/format.h>

#include <charconv>

namespace stipple::chain {
namespace {

constexpr std::string_view kHeading = "stipple-signing-journal 1";
constexpr std::size_t kChecksumBytes = 16;

std::string checksum(std::string_view text) {
    return to_hex0x(crypto::blake2b_256(as_bytes(text)).view().first(kChecksumBytes));
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

std::optional<std::uint64_t> number_of(std::string_view word) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || error != std::errc{} || end != word.data() + word.size()) {
        return std::nullopt;
    }
    return value;
}

template <class Fixed>
std::optional<Fixed> hex_of(std::string_view word) {
    if (!word.starts_with("0x")) {
        return std::nullopt;
    }
    const auto raw = from_hex(word);
    return raw ? Fixed::from(*raw) : std::nullopt;
}

std::optional<SigningKind> kind_of(std::string_view word) {
    if (word == kNoKind) {
        return std::nullopt;
    }
    for (std::uint8_t number = 1; number < UINT8_MAX; ++number) {  // all there are, now and later
        if (word == name_of(SigningKind{number})) {
            return SigningKind{number};
        }
    }
    return std::nullopt;
}

std::optional<SigningIntent> intent_of(std::string_view line) {
    const auto words = words_of(line);
    if (words.size() != 5) {
        return std::nullopt;
    }
    const auto kind = kind_of(words[0]);
    const auto key = hex_of<AuthorityKey>(words[1]);
    const auto set = number_of(words[2]);
    const auto number = number_of(words[3]);
    const auto target = hex_of<BlockHash>(words[4]);
    if (!kind || !key || !set || !number || !target) {
        return std::nullopt;
    }
    return SigningIntent{.kind = *kind,
                         .key = *key,
                         .set = AuthoritySetId(*set),
                         .number = *number,
                         .target = *target};
}

}  // namespace

std::string export_journal(const std::vector<SigningIntent>& newest, std::string_view chain_id) {
    std::string text = fmt::format("{}\nchain {}\n", kHeading, chain_id);
    for (const SigningIntent& intent : newest) {
        text += fmt::format("{} {} {} {} {}\n", name_of(intent.kind), to_hex0x(intent.key.view()),
                            intent.set.value, intent.number, to_hex0x(intent.target.view()));
    }
    return text + fmt::format("end {} {}\n", newest.size(), checksum(text));
}

Result<std::vector<SigningIntent>> parse_journal(std::string_view text, std::string_view chain_id) {
    if (text.size() > kJournalTextBytesMax) {
        return fail("longer than a signing journal can be");
    }
    std::vector<SigningIntent> intents;
    std::string_view rest = text;
    for (std::size_t line_number = 1; !rest.empty(); ++line_number) {
        const std::size_t begin = text.size() - rest.size();
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            break;  // cut
        }
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (line_number == 1) {
            if (line != kHeading) {
                return fail("not an exported signing journal of this version");
            }
        } else if (line_number == 2) {
            if (line != fmt::format("chain {}", chain_id)) {
                return fail(fmt::format("of another chain: `{}`, here `{}`", line, chain_id));
            }
        } else if (line.starts_with("end ")) {
            const bool whole =
                line == fmt::format("end {} {}", intents.size(), checksum(text.substr(0, begin)));
            if (!whole || !rest.empty()) {
                return fail("it was changed on its way: the last line does not fit");
            }
            return intents;
        } else if (auto intent = intent_of(line)) {
            intents.push_back(*std::move(intent));
        } else {
            return fail(fmt::format("line {} is not an entry of a journal", line_number));
        }
    }
    return fail("its end is missing");
}

}  // namespace stipple::chain
