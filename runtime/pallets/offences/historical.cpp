#include "pallets/offences/historical.hpp"

namespace stipple::runtime {

namespace {
std::optional<AccountId> owner_of(const ValidatorKeys& validators, KeyTypeId type, ByteView key) {
    std::optional<AccountId> owner;
    for (const auto& [who, keys] : validators) {
        keys.for_each([&](KeyTypeId one, ByteView bytes) {
            if (one == type && equal(bytes, key)) {
                owner = who;
            }
        });
    }
    return owner;
}
}  // namespace

void Historical::note_session(SessionIndex session, const ValidatorKeys& validators) {
    sessions.insert(session, {host::blake2_256(scale::encode(validators)),
                              static_cast<std::uint32_t>(validators.size())});
    auto [first, end] = range.get().value_or(std::tuple(session, session));
    for (; session - first >= config::kHistoricalSessions; ++first) {
        sessions.remove(first);
    }
    range.set({first, session + 1});
}

std::optional<MembershipProof> Historical::prove(KeyTypeId type, ByteView key) {
    const SessionIndex session = Session::current_index.get();
    ValidatorKeys validators;
    for (const AccountId& who : Session::validators.get()) {
        if (const auto keys = Session::next_keys.get(who)) {
            validators.emplace_back(who, *keys);
        }
    }
    MembershipProof proof{
        session, {scale::encode(validators)}, static_cast<std::uint32_t>(validators.size())};
    return check(type, key, proof) ? std::optional(std::move(proof)) : std::nullopt;
}

std::optional<AccountId> Historical::check(KeyTypeId type, ByteView key,
                                           const MembershipProof& proof) {
    const auto known = sessions.get(proof.session);
    if (!known || proof.trie_nodes.size() != 1 || std::get<1>(*known) != proof.validator_count ||
        std::get<0>(*known) != host::blake2_256(proof.trie_nodes[0])) {
        return std::nullopt;
    }
    const auto validators = scale::decode<ValidatorKeys>(proof.trie_nodes[0]);
    return validators ? owner_of(*validators, type, key) : std::nullopt;
}

}  // namespace stipple::runtime
