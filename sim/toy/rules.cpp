#include "sim/toy/rules.hpp"

#include <algorithm>

namespace stipple::sim::toy {
namespace {

constexpr std::string_view kMagic = "stipple toy runtime 2\n";
/// Fewer validators all serve always.
constexpr std::size_t kRotationMin = 5;
constexpr std::uint64_t kConfigSessions = 3;

}  // namespace

std::vector<std::size_t> Rules::active(std::uint64_t session,
                                       const std::vector<std::uint32_t>& gone) const {
    std::vector<std::size_t> serving;
    const std::size_t count = validators.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = rotate ? (i + session) % count : i;
        const bool rests = rotate && count >= kRotationMin && i + 1 == count;
        if (!rests && std::ranges::find(gone, at) == gone.end()) {
            serving.push_back(at);
        }
    }
    return serving;
}

babe::AuthorityList Rules::babe_authorities(std::uint64_t session,
                                            const std::vector<std::uint32_t>& gone) const {
    babe::AuthorityList list;
    for (const std::size_t i : active(session, gone)) {
        list.push_back({validators[i].babe, 1});
    }
    return list;
}

grandpa::AuthorityList Rules::grandpa_authorities(std::uint64_t session,
                                                  const std::vector<std::uint32_t>& gone) const {
    grandpa::AuthorityList list;
    for (const std::size_t i : active(session, gone)) {
        list.push_back({validators[i].grandpa, 1});
    }
    return list;
}

beefy::ValidatorSet Rules::beefy_validators(std::uint64_t session,
                                            const std::vector<std::uint32_t>& gone) const {
    beefy::ValidatorSet set{{}, beefy::ValidatorSetId(session)};
    for (const std::size_t i : active(session, gone)) {
        set.validators.push_back(validators[i].beefy);
    }
    return set;
}

babe::EpochConfig Rules::epoch_config(std::uint64_t session) const {
    babe::EpochConfig config{share, allowed_slots};
    if (change_config && session / kConfigSessions % 2 == 1) {
        config.c.denominator = share.denominator * 2;
    }
    return config;
}

Bytes encode_code(const Rules& rules) {
    Bytes code = to_bytes(kMagic);
    scale::encode_to(code, rules);
    return code;
}

std::optional<Rules> decode_code(ByteView code) {
    if (!starts_with(code, as_bytes(kMagic))) {
        return std::nullopt;
    }
    auto rules = scale::decode<Rules>(code.subspan(kMagic.size()));
    return rules ? std::optional(*std::move(rules)) : std::nullopt;
}

}  // namespace stipple::sim::toy
