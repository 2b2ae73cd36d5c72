// Where the authorities of the chain are: authority discovery between the runtime, the keystore and
// the distributed hash table.
//
//     DhtEvent, DiscoveryAnswer ─▶ AuthorityDiscovery ─▶ jobs (runtime, keys, signatures)
//                                                     ─▶ NetworkCommand (records)
//
// What is found stays in a table, authority ─▶ peer and addresses, for whoever has to reach a
// validator. Validators publish, too; a node that needs no authority only judges the records that
// others store with it. Sans-I/O as all of the core.
//
// Spec: sect-authority-discovery. Bounds: those of network/discovery; the table holds no more than
// it knows.
#pragma once

#include "node/core_events.hpp"

namespace stipple::node {

namespace discovery = network::discovery;

struct AuthoritiesConfig {
    discovery::DiscoveryConfig discovery;
    /// Everything of metrics is counted; nothing runs without this.
    bool enabled = false;
};

class Authorities {
 public:
    struct Reached {
        PeerId peer;
        std::vector<libp2p::Multiaddr> addresses;
    };
    /// Since the start, for metrics.
    struct Counts {
        std::uint64_t published = 0;
        std::uint64_t lookups = 0;
        std::uint64_t values_found = 0;
        std::uint64_t values_not_found = 0;
        std::uint64_t values_put = 0;
        std::uint64_t values_put_failed = 0;
        std::uint64_t put_requests = 0;
        std::uint64_t bad_records = 0;
    };

    Authorities(const AuthoritiesConfig& config, Seed seed);

    void start(Instant now);
    void on_event(Instant now, const DhtEvent& event, EffectList& effects);
    void on_answer(Instant now, const DiscoveryAnswer& answer, EffectList& effects);
    /// The authorities may have changed.
    void on_new_session(EffectList& effects);
    void on_wake(Instant now, UnixMillis wall, EffectList& effects);
    std::optional<Instant> wake_at() const;

    const std::map<discovery::AuthorityId, Reached>& table() const { return table_; }
    const Counts& counts() const { return counts_; }
    std::size_t pending_lookups() const { return machine_ ? machine_->pending_lookups() : 0; }
    std::size_t last_published_addresses() const {
        return machine_ ? machine_->last_published_addresses() : 0;
    }

 private:
    void take(discovery::Effects&& found, EffectList& out);

    AuthoritiesConfig config_;
    Seed seed_;
    std::optional<discovery::AuthorityDiscovery> machine_;  ///< from start() on, when enabled
    bool asked_ = false;                                    ///< the runtime, not answered yet
    std::map<discovery::AuthorityId, Reached> table_;
    Counts counts_;
};

}  // namespace stipple::node
