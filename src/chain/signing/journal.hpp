// The signing journal: what this node has signed, so that it never signs two that conflict, also
// after a crash, a restored backup of the database or an impatient operator.
//
// Before a block is sealed or a vote is signed, `allow` is asked. It writes the intent to an
// append-only file and syncs it; only then does it hand out a permit, and only a permit makes the
// keystore sign. The journal is a file of its own, never a database column: recovery of a database
// may drop the newest writes, and those are the ones that must not be signed twice.
//
// Rule: for each (kind, key) positions only grow. The position of a block is its slot, of a vote
// its (authority set, round). A later position is allowed; the same position again only for the
// very same target; an earlier one is refused, since the journal keeps just the newest of each. A
// BEEFY vote's position is its (validator set, block), its target the digest that is signed, its
// key BLAKE2b-256 of the 33 bytes of the public key.
//
//   file   = "stipple-journal1" record*
//   record = kind u8, 3 zeros, height u32 | set u64 | slot or round u64 | key 32 | target 32
//            | sequence u64 | first 16 bytes of BLAKE2b over all of that
//                                                                   (112 bytes, little-endian)
//
// A tail shorter than a record was never acknowledged (its sync never returned) and is dropped.
// Anything else that does not check out stops signing: `open` fails with a message for the
// operator.
//
// A copy of the folder on another machine has the same keys and a journal that knows nothing of
// this one. When a signature of ours turns up that this journal did not allow (`note_seen`), the
// other machine is the one that signs now: everything is refused from then on, also after restarts,
// until an operator says `resume`. The reason stands in the file `<name>.stopped`; an empty one
// means nothing. Before a validator moves, its journal is exported there and merged here
// (journal_exchange.hpp), which raises positions and never lowers one.
//
// Bounds: kJournalBytesMax; compaction rewrites the file once it has kCompactAfterRecords records.
#pragma once

#include "base/file_port.hpp"
#include "primitives/ids.hpp"

#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace stipple::chain {

inline constexpr std::size_t kJournalBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kCompactAfterRecords = 8192;

/// The numbers are part of the file format.
enum class SigningKind : std::uint8_t {
    babe_block = 1,
    grandpa_prevote = 2,
    grandpa_precommit = 3,
    grandpa_primary = 4,
    beefy_vote = 5,
};

/// 32 bytes of a BABE (sr25519) or GRANDPA (ed25519) public key, or BLAKE2b-256 of a BEEFY (ECDSA)
/// one; kinds do not share keys.
struct AuthorityKeyTag;
using AuthorityKey = FixedBytes<32, AuthorityKeyTag>;

/// Its name in exports and messages: `babe_block`, …; kNoKind for a number without a kind.
inline constexpr std::string_view kNoKind = "unknown";
const char* name_of(SigningKind kind);

struct SigningIntent {
    SigningKind kind = SigningKind::babe_block;
    AuthorityKey key;
    AuthoritySetId set;        ///< zero for blocks
    std::uint64_t number = 0;  ///< slot of a block, round of a vote (BEEFY: the block)
    BlockHash target;          ///< hash of the header without its seal, or what is voted for
    /// Number of the block a GRANDPA vote is for, so that the vote can be cast again where a crash
    /// took the block. Zero: not known (other kinds, older records, exports). It decides nothing.
    BlockNumber height = 0;

    static SigningIntent block(const crypto::Sr25519Public& key, Slot slot,
                               const BlockHash& unsealed_header);
    /// REQUIRES a GRANDPA kind.
    static SigningIntent vote(SigningKind kind, const crypto::Ed25519Public& key,
                              AuthoritySetId set, RoundNumber round, const BlockRef& target);
    static SigningIntent beefy(const crypto::EcdsaPublic& key, std::uint64_t set, BlockNumber block,
                               const crypto::Hash256& digest);
    friend bool operator==(const SigningIntent&, const SigningIntent&) = default;
};

enum class JournalError : std::uint8_t {
    conflict,     ///< the same position was signed for another target
    superseded,   ///< a later position was signed already
    not_durable,  ///< writing failed, now or earlier: no more signing until the journal is reopened
    stopped,      ///< a key of ours signs elsewhere; until `resume`
};
const char* describe(JournalError error);

/// What a merge did to the newest intents.
struct JournalMerge {
    std::size_t raised = 0;     ///< the other side was ahead, or knew a key that we did not
    std::size_t kept = 0;       ///< ours is as new or newer
    std::size_t conflicts = 0;  ///< the same position with different targets: both have signed
};

/// Proof that an intent is in the journal. Only the journal makes it.
class SigningPermit {
 public:
    const SigningIntent& intent() const { return intent_; }

 private:
    friend class SigningJournal;
    explicit SigningPermit(const SigningIntent& intent) : intent_(intent) {}
    SigningIntent intent_;
};

/// Thread-safe.
class SigningJournal {
 public:
    /// Reads and checks the file `name`, makes it when absent. `files` must outlive the journal.
    static Result<std::unique_ptr<SigningJournal>> open(FilePort& files, std::string name);
    SigningJournal(const SigningJournal&) = delete;
    SigningJournal& operator=(const SigningJournal&) = delete;

    /// The permit is given after the intent is on the disk. Repeating the newest intent is allowed.
    std::expected<SigningPermit, JournalError> allow(const SigningIntent& intent);
    /// The newest intent of each kind and key, in that order.
    std::vector<SigningIntent> newest() const;
    std::optional<SigningIntent> newest(SigningKind kind, const AuthorityKey& key) const;
    /// Why writing failed; empty while it has not.
    std::string failure() const;

    /// Takes over what another journal with the same keys has signed, durably. A position that is
    /// ahead of ours replaces it; ours is never lowered.
    Result<JournalMerge> merge(std::span<const SigningIntent> others);
    /// A signature of a key of ours came from outside. False when this journal never allowed it:
    /// then it stops. Positions before the newest are taken for ours: only the newest are kept.
    bool note_seen(const SigningIntent& intent);
    /// Why everything is refused; empty while it is not.
    std::string stopped() const;
    /// The operator is sure that no other machine signs with these keys any more.
    Result<> resume();

 private:
    using Lane = std::pair<SigningKind, AuthorityKey>;

    SigningJournal(FilePort& files, std::string name) : files_(files), name_(std::move(name)) {}
    Result<> load(ByteView content);
    Result<> write(const SigningIntent& intent);
    Result<> compact();
    Result<> load_stopped();
    std::string stopped_file() const { return name_ + ".stopped"; }

    FilePort& files_;
    const std::string name_;
    mutable std::mutex mutex_;
    std::map<Lane, SigningIntent> newest_;  // guarded by mutex_
    std::uint64_t records_ = 0;             // guarded by mutex_; in the file, so the next sequence
    std::string failure_;                   // guarded by mutex_
    std::string stopped_;                   // guarded by mutex_
};

}  // namespace stipple::chain
