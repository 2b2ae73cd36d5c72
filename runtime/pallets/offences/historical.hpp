// Historical: who owned which key in past sessions.
//
// For each of the last sessions the chain keeps the hash of the encoded list of validators with
// their keys. A proof of ownership is that list, as the only node of the proof; it is made in the
// session it speaks of, and while the validators have not set other keys. (The field keeps a trie
// instead; the proof is opaque to everybody but the runtime that made it.)
#pragma once

#include "pallets/offences/types.hpp"
#include "pallets/session/session.hpp"

namespace stipple::runtime {

struct Historical : Pallet<Historical> {
    static constexpr std::string_view kName = "Historical";
    static constexpr std::string_view kPath = "pallet_session::historical";

    static constexpr StorageMap<Twox64Concat<SessionIndex>,
                                Optional<std::tuple<Hash, std::uint32_t>>>
        sessions{kName, "HistoricalSessions",
                 "Hash of the validators with their keys, and how many they were."};
    /// The first that is kept, and the one after the last.
    static constexpr StorageValue<Optional<std::tuple<SessionIndex, SessionIndex>>> range{
        kName, "StoredRange", "The sessions that are kept."};
    static constexpr auto storage = list(sessions, range);

    static void note_session(SessionIndex session, const ValidatorKeys& validators);
    /// Absent when the key belongs to no validator of the present session.
    static std::optional<MembershipProof> prove(KeyTypeId type, ByteView key);
    /// The owner of the key in the session of the proof; absent when the proof does not hold.
    static std::optional<AccountId> check(KeyTypeId type, ByteView key,
                                          const MembershipProof& proof);
};

}  // namespace stipple::runtime
