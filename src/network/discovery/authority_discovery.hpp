// Publishes where our validator can be reached, and finds out where the others are.
//
//     every 10 min   QueryAuthorities ─▶ on_authorities ─▶ GetRecord … (kLookupsMax at a time)
//                    on_value_found ─▶ VerifyRecord ─▶ on_verified ─▶ AddressesFound
//     every hour     SignRecord ─▶ on_signed ─▶ PutRecord
//
// Both begin two seconds after the start and slow down from there, since at first the DHT is not
// joined yet. Of several records of an authority the newest counts; peers that hold an older one
// are given the newer (PutRecordTo). Records that others want stored with us are checked, too.
//
// Spec: sect-authority-discovery. RFC-0091. Bounds: limits.hpp. Sans-I/O, deterministic, not
// thread-safe. Ids of authorities come from the runtime, signatures from the keystore.
#pragma once

#include "base/prng.hpp"
#include "base/time.hpp"
#include "network/discovery/record.hpp"

#include <map>
#include <set>
#include <span>
#include <variant>

namespace stipple::network::discovery {

struct JobTag;
using JobId = StrongNumber<std::uint64_t, JobTag>;

/// Call AuthorityDiscoveryApi at the best block; answer by on_authorities.
struct QueryAuthorities {};
/// Sign `record` with each key and with the node key; answer by on_signed. Keys that cannot sign
/// are left out.
struct SignRecord {
    JobId job;
    Bytes record;
    std::vector<AuthorityId> keys;
};
/// Store in the DHT; answer by on_put.
struct PutRecord {
    RecordKey key;
    Bytes value;
};
/// Give these peers a newer record than they have. No answer.
struct PutRecordTo {
    RecordKey key;
    Bytes value;
    PeerId publisher;  ///< whose record it is
    std::vector<PeerId> peers;
};
/// Look up in the DHT; answer by on_value_found for each value and on_lookup_done at the end.
struct GetRecord {
    RecordKey key;
};
/// verify_record(value, authority, needs_peer_signature); answer by on_verified.
struct VerifyRecord {
    JobId job;
    AuthorityId authority;
    Bytes value;
    bool needs_peer_signature = false;
};
/// A peer's record is good: keep it in our part of the DHT.
struct StoreRecord {
    RecordKey key;
    Bytes value;
    PeerId publisher;
};
/// The authority is at this peer; what was known before is void.
struct AddressesFound {
    AuthorityId authority;
    PeerId peer;
    std::vector<libp2p::Multiaddr> addresses;
};
/// Authorities that are in no set any more.
struct AuthoritiesGone {
    std::vector<AuthorityId> authorities;
};
using Effect = std::variant<QueryAuthorities, SignRecord, PutRecord, PutRecordTo, GetRecord,
                            VerifyRecord, StoreRecord, AddressesFound, AuthoritiesGone>;
using Effects = std::vector<Effect>;

struct DiscoveryConfig {
    PeerId local;
    /// Of the operator (`--public-addr`): published first.
    std::vector<libp2p::Multiaddr> public_addresses;
    /// Also publish addresses of private networks (local chains).
    bool publish_non_global = true;
    /// As the Rust node since its version 1.0 insists.
    bool needs_peer_signature = false;
    /// False: only judge what others store with us (nodes that need no authority).
    bool look_up = true;
};

class AuthorityDiscovery {
 public:
    AuthorityDiscovery(DiscoveryConfig config, Instant now, Seed seed);

    /// The present and next set, and which of our keys are in the keystore.
    void on_authorities(Instant now, std::span<const AuthorityId> authorities,
                        std::span<const AuthorityId> own_keys, Effects& effects);
    /// Where we listen, and where others have seen us.
    void on_addresses(std::vector<libp2p::Multiaddr> listening,
                      std::vector<libp2p::Multiaddr> external);
    void on_signed(JobId job,
                   std::span<const std::pair<AuthorityId, crypto::Sr25519Signature>> auth,
                   const std::optional<PeerSignature>& peer, Effects& effects);
    void on_put(Instant now, const RecordKey& key, bool is_stored);
    /// `holder`: who gave it; absent: our own store.
    void on_value_found(const RecordKey& key, ByteView value, const std::optional<PeerId>& holder,
                        Effects& effects);
    void on_lookup_done(const RecordKey& key, Effects& effects);
    /// A peer wants us to store a record.
    void on_put_request(const RecordKey& key, ByteView value, const PeerId& publisher,
                        Effects& effects);
    void on_verified(JobId job, const std::expected<VerifiedRecord, RecordError>& record,
                     Effects& effects);

    /// `unix_time` goes into what we publish.
    void on_wake(Instant now, UnixMillis unix_time, Effects& effects);
    std::optional<Instant> wake_at() const;

    std::size_t known_count() const { return known_.size(); }
    /// Addresses of our last record; 0 before the first.
    std::size_t last_published_addresses() const { return last_published_addresses_; }
    std::size_t pending_lookups() const { return pending_.size(); }
    std::size_t lookups() const { return looking_.size(); }
    std::size_t verifying() const { return jobs_.size(); }

 private:
    /// An interval that doubles up to its greatest.
    struct Interval {
        Duration greatest{};
        Duration step = kIntervalStart;
        Instant at;
        void restart(Instant now) {
            step = kIntervalStart;
            at = now + step;
        }
        void next(Instant now) {
            at = now + step;
            step = std::min(step * 2, greatest);
        }
        void slow_down(Instant now) {
            step = greatest;
            at = now + step;
        }
    };
    struct Known {
        uint128 created_ns = 0;
        Bytes value;
        PeerId publisher;
        std::set<PeerId> holders;  ///< kHoldersMax
    };
    struct VerifyJob {
        RecordKey key;
        AuthorityId authority;
        Bytes value;
        std::optional<PeerId> holder;
        std::optional<PeerId> publisher;  ///< set: it is to be stored with us
    };
    struct SignJob {
        JobId id;
        Bytes record;
    };
    std::vector<libp2p::Multiaddr> addresses_to_publish() const;
    void publish(UnixMillis unix_time, Effects& effects);
    void start_lookups(Effects& effects);
    void verify(VerifyJob job, Effects& effects);
    /// False: an older record than the one known.
    bool note(const VerifyJob& job, const VerifiedRecord& record, Effects& effects);

    DiscoveryConfig config_;
    Prng prng_;
    Interval publish_;
    Interval query_;
    std::vector<libp2p::Multiaddr> listening_;
    std::vector<libp2p::Multiaddr> external_;
    std::set<AuthorityId> own_;                     ///< our keys in the set
    std::map<RecordKey, AuthorityId> authorities_;  ///< all of the set: kAuthoritiesMax
    std::vector<AuthorityId> pending_;              ///< to look up
    std::set<RecordKey> looking_;                   ///< kLookupsMax
    std::set<RecordKey> answering_;                 ///< looked up in this round
    std::map<RecordKey, Known> known_;              ///< of authorities_
    std::set<RecordKey> published_;
    std::size_t last_published_addresses_ = 0;
    std::map<JobId, VerifyJob> jobs_;  ///< kVerifyingMax
    std::optional<SignJob> signing_;
    std::uint64_t next_job_ = 1;
};

}  // namespace stipple::network::discovery
