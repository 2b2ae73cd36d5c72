// What we keep for others and for ourselves: records, and who provides a key.
//
// All of it expires. When a table is full, what is farthest from us goes first: the network stores
// a key at the peers closest to it, so an attacker would have to aim at us in particular. Our own
// provider entries are kept apart (kademlia.hpp renews them).
//
// libp2p: kad-dht. Bounds: kStoredRecordsMax, kStoredBytesMax, kProvidedKeysMax,
// kProvidersPerKeyMax.
#pragma once

#include "base/time.hpp"
#include "libp2p/kademlia/key.hpp"
#include "libp2p/kademlia/messages.hpp"

#include <map>

namespace stipple::libp2p::kademlia {

class RecordStore {
 public:
    explicit RecordStore(const PeerId& self) : self_(key_of(self)) {}

    /// Replaces a record of the same key. False when the store is full of closer ones, or the
    /// record is above its bounds. It expires with its ttl, at the latest after kRecordLifetime.
    bool put(Instant now, const Record& record);
    void remove_record(ByteView key);
    /// With the ttl that is left; absent when there is none or it has expired.
    std::optional<Record> find_record(Instant now, ByteView key) const;

    /// False when the table is full of closer ones.
    bool add_provider(Instant now, ByteView key, const PeerInfo& provider);
    /// Closest to the key first.
    std::vector<PeerInfo> providers(Instant now, ByteView key) const;

    void expire(Instant now);
    std::size_t record_count() const { return records_.size(); }
    std::size_t record_bytes() const { return record_bytes_; }
    std::size_t provided_key_count() const { return providers_.size(); }

 private:
    struct StoredRecord {
        Record record;
        Instant expires;
    };
    struct Provider {
        PeerInfo info;
        Instant expires;
    };
    struct ProvidedKey {
        Bytes key;
        std::map<Distance, Provider> providers;  ///< by their distance from the key
    };
    void erase_record(std::map<Distance, StoredRecord>::iterator entry);

    Key self_;
    std::map<Distance, StoredRecord> records_;  ///< by the key's distance from us
    std::size_t record_bytes_ = 0;              ///< of keys and values
    std::map<Distance, ProvidedKey> providers_;
};

}  // namespace stipple::libp2p::kademlia
