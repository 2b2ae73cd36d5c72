#include "chain/signing/journal.hpp"

#include "crypto/hash.hpp"

#include <fmt/format.h>

namespace stipple::chain {

namespace {

constexpr std::string_view kMagic = "stipple-journal1";
constexpr std::size_t kContentBytes = 96;
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kStoppedBytesMax = 4096;
constexpr std::size_t kRecordBytes = kContentBytes + kChecksumBytes;

struct Record {
    SigningIntent intent;
    std::uint64_t sequence = 0;
};

Bytes encode(const Record& record) {
    Bytes out;
    out.reserve(kRecordBytes);
    append_le(out, static_cast<std::uint32_t>(record.intent.kind));
    append_le(out, record.intent.height);
    append_le(out, record.intent.set.value);
    append_le(out, record.intent.number);
    append(out, record.intent.key);
    append(out, record.intent.target);
    append_le(out, record.sequence);
    CHECK(out.size() == kContentBytes);
    const crypto::Hash256 hash = crypto::blake2b_256(out);
    append(out, hash.view().first(kChecksumBytes));
    return out;
}

/// Absent when the checksum or the kind is wrong.
std::optional<Record> decode(ByteView bytes) {
    const crypto::Hash256 hash = crypto::blake2b_256(bytes.first(kContentBytes));
    if (!equal(hash.view().first(kChecksumBytes), bytes.subspan(kContentBytes, kChecksumBytes))) {
        return std::nullopt;
    }
    const auto kind = load_le<std::uint32_t>(bytes);
    if (kind < static_cast<std::uint32_t>(SigningKind::babe_block) ||
        kind > static_cast<std::uint32_t>(SigningKind::beefy_vote)) {
        return std::nullopt;
    }
    Record record;
    record.intent.kind = static_cast<SigningKind>(kind);
    record.intent.height = load_le<BlockNumber>(bytes.subspan(4));
    record.intent.set = AuthoritySetId(load_le<std::uint64_t>(bytes.subspan(8)));
    record.intent.number = load_le<std::uint64_t>(bytes.subspan(16));
    record.intent.key = AuthorityKey::copy(bytes.subspan(24, 32));
    record.intent.target = BlockHash::copy(bytes.subspan(56, 32));
    record.sequence = load_le<std::uint64_t>(bytes.subspan(88));
    return record;
}

std::strong_ordering compare_positions(const SigningIntent& a, const SigningIntent& b) {
    return std::pair(a.set, a.number) <=> std::pair(b.set, b.number);
}

std::unexpected<Error> damaged(const std::string& name, const std::string& what) {
    return fail(fmt::format(
        "signing journal {}: {}; signing stays off, because a vote or block could be signed twice. "
        "Restore the file from this machine's disk, or move the session keys to a new set "
        "(author_rotateKeys, session.setKeys), wait until it is active, then delete the file",
        name, what));
}

}  // namespace

const char* name_of(SigningKind kind) {
    switch (kind) {
        case SigningKind::babe_block:
            return "babe_block";
        case SigningKind::grandpa_prevote:
            return "grandpa_prevote";
        case SigningKind::grandpa_precommit:
            return "grandpa_precommit";
        case SigningKind::grandpa_primary:
            return "grandpa_primary";
        case SigningKind::beefy_vote:
            return "beefy_vote";
    }
    return kNoKind.data();
}

const char* describe(JournalError error) {
    switch (error) {
        case JournalError::conflict:
            return "something else was signed for this slot or round already";
        case JournalError::superseded:
            return "a later slot or round was signed already";
        case JournalError::not_durable:
            return "the signing journal cannot be written; signing is off until a restart";
        case JournalError::stopped:
            return "a key of this node signs on another machine, too; signing is off until "
                   "`stipple "
                   "key journal resume`";
    }
    return "unknown";
}

SigningIntent SigningIntent::block(const crypto::Sr25519Public& key, Slot slot,
                                   const BlockHash& unsealed_header) {
    return {.kind = SigningKind::babe_block,
            .key = AuthorityKey(key.bytes),
            .set = {},
            .number = slot.value,
            .target = unsealed_header};
}

SigningIntent SigningIntent::vote(SigningKind kind, const crypto::Ed25519Public& key,
                                  AuthoritySetId set, RoundNumber round, const BlockRef& target) {
    CHECK(kind != SigningKind::babe_block && kind != SigningKind::beefy_vote);
    return {.kind = kind,
            .key = AuthorityKey(key.bytes),
            .set = set,
            .number = round.value,
            .target = target.hash,
            .height = target.number};
}

SigningIntent SigningIntent::beefy(const crypto::EcdsaPublic& key, std::uint64_t set,
                                   BlockNumber block, const crypto::Hash256& digest) {
    return {.kind = SigningKind::beefy_vote,
            .key = AuthorityKey(crypto::blake2b_256(key).bytes),
            .set = AuthoritySetId(set),
            .number = block,
            .target = BlockHash(digest.bytes)};
}

Result<std::unique_ptr<SigningJournal>> SigningJournal::open(FilePort& files, std::string name) {
    std::unique_ptr<SigningJournal> journal(new SigningJournal(files, std::move(name)));
    const std::lock_guard lock(journal->mutex_);
    TRY(journal->load_stopped());
    auto content = files.read(journal->name_, kJournalBytesMax);
    if (!content) {
        return damaged(journal->name_, std::move(content).error().message());
    }
    if (!*content) {
        if (auto made = journal->compact(); !made) {
            return fail_in("signing journal " + journal->name_, std::move(made));
        }
        return journal;
    }
    TRY(journal->load(**content));
    return journal;
}

Result<> SigningJournal::load(ByteView content) {
    if (!starts_with(content, as_bytes(kMagic))) {
        return damaged(name_, "not a journal of this version");
    }
    content = content.subspan(kMagic.size());
    for (; content.size() >= kRecordBytes; content = content.subspan(kRecordBytes)) {
        const auto record = decode(content.first(kRecordBytes));
        if (!record || record->sequence != records_) {
            return damaged(name_, fmt::format("record {} is damaged", records_));
        }
        const SigningIntent& intent = record->intent;
        const auto [known, fresh] = newest_.try_emplace(Lane(intent.kind, intent.key), intent);
        if (!fresh) {
            if (compare_positions(intent, known->second) <= 0) {
                return damaged(name_, fmt::format("record {} goes back", records_));
            }
            known->second = intent;
        }
        ++records_;
    }
    if (!content.empty()) {
        // The torn tail has to go, or the next record would stand askew.
        auto rewritten = compact();
        if (!rewritten) {
            return fail_in("signing journal " + name_, std::move(rewritten));
        }
    }
    return {};
}

std::expected<SigningPermit, JournalError> SigningJournal::allow(const SigningIntent& intent) {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) {
        return std::unexpected(JournalError::not_durable);
    }
    if (!stopped_.empty()) {
        return std::unexpected(JournalError::stopped);
    }
    const Lane lane(intent.kind, intent.key);
    if (const auto known = newest_.find(lane); known != newest_.end()) {
        const auto order = compare_positions(intent, known->second);
        if (order < 0) {
            return std::unexpected(JournalError::superseded);
        }
        if (order == 0) {
            if (intent.target != known->second.target) {
                return std::unexpected(JournalError::conflict);
            }
            return SigningPermit(intent);
        }
    }
    if (auto written = write(intent); !written) {
        failure_ = written.error().message();
        return std::unexpected(JournalError::not_durable);
    }
    newest_.insert_or_assign(lane, intent);
    return SigningPermit(intent);
}

Result<> SigningJournal::write(const SigningIntent& intent) {
    if (records_ >= std::max(kCompactAfterRecords, 2 * newest_.size())) {
        TRY(compact());
    }
    TRY(files_.append(name_, encode({intent, records_})));
    TRY(files_.sync(name_));
    ++records_;
    return {};
}

Result<> SigningJournal::compact() {
    Bytes content = to_bytes(kMagic);
    std::uint64_t sequence = 0;
    for (const auto& [lane, intent] : newest_) {
        append(content, encode({intent, sequence}));
        ++sequence;
    }
    TRY(files_.replace(name_, content));
    records_ = sequence;
    return {};
}

std::vector<SigningIntent> SigningJournal::newest() const {
    const std::lock_guard lock(mutex_);
    std::vector<SigningIntent> list;
    list.reserve(newest_.size());
    for (const auto& [lane, intent] : newest_) {
        list.push_back(intent);
    }
    return list;
}

std::optional<SigningIntent> SigningJournal::newest(SigningKind kind,
                                                    const AuthorityKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = newest_.find(Lane(kind, key));
    return found == newest_.end() ? std::nullopt : std::optional(found->second);
}

Result<JournalMerge> SigningJournal::merge(std::span<const SigningIntent> others) {
    const std::lock_guard lock(mutex_);
    JournalMerge outcome;
    for (const SigningIntent& other : others) {
        const Lane lane(other.kind, other.key);
        const auto known = newest_.find(lane);
        if (known != newest_.end()) {
            const auto order = compare_positions(other, known->second);
            if (order <= 0) {
                const bool differs = order == 0 && other.target != known->second.target;
                ++(differs ? outcome.conflicts : outcome.kept);
                continue;
            }
        }
        newest_.insert_or_assign(lane, other);
        ++outcome.raised;
    }
    if (outcome.raised > 0) {
        if (auto written = compact(); !written) {
            failure_ = written.error().message();
            return fail_in("signing journal " + name_, std::move(written));
        }
    }
    return outcome;
}

Result<> SigningJournal::load_stopped() {
    auto content = files_.read(stopped_file(), kStoppedBytesMax);
    if (!content) {
        return damaged(stopped_file(), std::move(content).error().message());
    }
    if (*content) {
        stopped_.assign((*content)->begin(), (*content)->end());
    }
    return {};
}

bool SigningJournal::note_seen(const SigningIntent& intent) {
    const std::lock_guard lock(mutex_);
    if (const auto known = newest_.find(Lane(intent.kind, intent.key)); known != newest_.end()) {
        const auto order = compare_positions(intent, known->second);
        if (order < 0 || (order == 0 && intent.target == known->second.target)) {
            return true;
        }
    }
    if (stopped_.empty()) {
        stopped_ = fmt::format("{} of key {} in set {} at {} for {} was not signed here",
                               name_of(intent.kind), intent.key.hex(), intent.set.value,
                               intent.number, intent.target.hex());
        if (auto kept = files_.replace(stopped_file(), as_bytes(stopped_)); !kept) {
            failure_ = kept.error().message();  // nothing is signed either way
        }
    }
    return false;
}

std::string SigningJournal::stopped() const {
    const std::lock_guard lock(mutex_);
    return stopped_;
}

Result<> SigningJournal::resume() {
    const std::lock_guard lock(mutex_);
    TRY(files_.replace(stopped_file(), {}));
    stopped_.clear();
    return {};
}

std::string SigningJournal::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

}  // namespace stipple::chain
