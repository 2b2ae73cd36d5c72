// Records in the distributed hash table: those of authority discovery, which the core judges.
#include "node/network/switchboard.hpp"

namespace stipple::node {

namespace discovery = network::discovery;
namespace kad = libp2p::kademlia;

namespace {

kad::Record record_of(const discovery::RecordKey& key, Bytes value, const PeerId& publisher) {
    return {.key = to_bytes(key.bytes),
            .value = std::move(value),
            .publisher = publisher,
            .ttl_seconds = std::nullopt};
}

}  // namespace

/// False when there is no Kademlia, or too many queries run already.
bool Switchboard::start_record_query(Instant now, kad::QueryTask task, RecordQuery query,
                                     SwitchboardEffects& effects) {
    if (!kademlia_) {
        return false;
    }
    kad::KademliaEffects more;
    const auto id = kademlia_->start_query(now, std::move(task), more);
    if (id) {
        record_queries_.emplace(*id, query);
    }
    take(now, std::move(more), effects);
    return id.has_value();
}

void Switchboard::apply_command(Instant now, discovery::PutRecord& put,
                                SwitchboardEffects& effects) {
    kad::PutValue task;
    task.record = record_of(put.key, std::move(put.value), identity_.peer());
    if (!start_record_query(now, std::move(task), {put.key, RecordQuery::Kind::put}, effects)) {
        effects.core.emplace_back(DhtEvent{DhtPutDone{put.key, false}});
    }
}

void Switchboard::apply_command(Instant now, discovery::PutRecordTo& put,
                                SwitchboardEffects& effects) {
    kad::PutValue task;
    task.record = record_of(put.key, std::move(put.value), put.publisher);
    for (auto& peer : put.peers) {
        task.peers.push_back({.peer = std::move(peer), .addresses = {}});
    }
    start_record_query(now, std::move(task), {put.key, RecordQuery::Kind::correct}, effects);
}

void Switchboard::apply_command(Instant now, discovery::GetRecord& get,
                                SwitchboardEffects& effects) {
    const RecordQuery query{get.key, RecordQuery::Kind::get};
    if (!start_record_query(now, kad::GetValue{.key = to_bytes(get.key.bytes)}, query, effects)) {
        effects.core.emplace_back(DhtEvent{DhtLookupDone{get.key, false}});
    }
}

void Switchboard::apply_command(Instant now, discovery::StoreRecord& store,
                                SwitchboardEffects& /*effects*/) {
    if (kademlia_) {
        kademlia_->keep_record(now, record_of(store.key, std::move(store.value), store.publisher));
    }
}

void Switchboard::on_record_query_done(const RecordQuery& query, kad::QueryResult& result,
                                       SwitchboardEffects& effects) {
    if (const auto* handed = std::get_if<kad::HandedOut>(&result)) {
        if (query.kind == RecordQuery::Kind::put) {
            effects.core.emplace_back(DhtEvent{DhtPutDone{query.key, handed->quorum_met}});
        }
    } else if (auto* found = std::get_if<kad::FoundValues>(&result)) {
        for (auto& each : found->records) {
            const bool is_ours = each.from == identity_.peer();
            effects.core.emplace_back(DhtEvent{
                DhtValueFound{query.key, std::move(each.record.value),
                              is_ours ? std::nullopt : std::optional(std::move(each.from))}});
        }
        effects.core.emplace_back(DhtEvent{DhtLookupDone{query.key, !found->records.empty()}});
    }
}

/// Only keys of authority discovery: nothing else is stored on these networks.
void Switchboard::on_record_offered(const kad::RecordOffered& offer, SwitchboardEffects& effects) {
    if (const auto key = discovery::RecordKey::from(offer.record.key)) {
        effects.core.emplace_back(
            DhtEvent{DhtPutRequested{.key = *key,
                                     .value = offer.record.value,
                                     .publisher = offer.record.publisher.value_or(offer.from)}});
    }
}

void Switchboard::note_own_addresses(Instant now, SwitchboardEffects& effects) {
    OwnAddressesChanged present{own_addresses_.listening(), own_addresses_.confirmed(now)};
    if (told_addresses_ != present) {
        told_addresses_ = present;
        effects.core.emplace_back(DhtEvent{std::move(present)});
    }
    if (kademlia_) {
        kademlia_->set_own_addresses(own_addresses_.told(now));
    }
}

}  // namespace stipple::node
