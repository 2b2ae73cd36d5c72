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
// very same target; an earlier one is refused, since the journal keeps just the newest of each.
//
//   file   = "stipple-journal1" record*
//   record = kind u8, 7 zeros | set u64 | slot or round u64 | key 32 | target 32 | sequence u64
//            | first 16 bytes of BLAKE2b over all of that           (112 bytes, little-endian)
//
// A tail shorter than a record was never acknowledged (its sync never returned) and is dropped.
// Anything else that does not check out stops signing: `open` fails with a message for the
// operator.
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
};

/// 32 bytes of a BABE (sr25519) or GRANDPA (ed25519) public key; kinds do not share keys.
struct AuthorityKeyTag;
using AuthorityKey = FixedBytes<32, AuthorityKeyTag>;

struct SigningIntent {
    SigningKind kind = SigningKind::babe_block;
    AuthorityKey key;
    AuthoritySetId set;        ///< zero for blocks
    std::uint64_t number = 0;  ///< slot of a block, round of a vote
    BlockHash target;          ///< hash of the header without its seal, or the block voted for

    static SigningIntent block(const crypto::Sr25519Public& key, Slot slot,
                               const BlockHash& unsealed_header);
    /// REQUIRES a GRANDPA kind.
    static SigningIntent vote(SigningKind kind, const crypto::Ed25519Public& key,
                              AuthoritySetId set, RoundNumber round, const BlockHash& target);
    friend bool operator==(const SigningIntent&, const SigningIntent&) = default;
};

enum class JournalError : std::uint8_t {
    conflict,     ///< the same position was signed for another target
    superseded,   ///< a later position was signed already
    not_durable,  ///< writing failed, now or earlier: no more signing until the journal is reopened
};
const char* describe(JournalError error);

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

 private:
    using Lane = std::pair<SigningKind, AuthorityKey>;

    SigningJournal(FilePort& files, std::string name) : files_(files), name_(std::move(name)) {}
    Result<> load(ByteView content);
    Result<> write(const SigningIntent& intent);
    Result<> compact();

    FilePort& files_;
    const std::string name_;
    mutable std::mutex mutex_;
    std::map<Lane, SigningIntent> newest_;  // guarded by mutex_
    std::uint64_t records_ = 0;             // guarded by mutex_; in the file, so the next sequence
    std::string failure_;                   // guarded by mutex_
};

}  // namespace stipple::chain
