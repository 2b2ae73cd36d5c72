#include "libp2p/host/protocol_table.hpp"

#include "base/check.hpp"

namespace stipple::libp2p {

ProtocolTable::ProtocolTable(ProtocolTableConfig config) : config_(std::move(config)) {
    accept({std::string(kPingName)}, {Kind::ping, 0});
    accept({std::string(kIdentifyName)}, {Kind::identify, 0});
    accept({std::string(kIdentifyPushName)}, {Kind::identify_push, 0});
    for (std::size_t i = 0; i < config_.notifications.size(); ++i) {
        CHECK(!config_.notifications[i].names.empty());
        accept(config_.notifications[i].names,
               {Kind::notifications, static_cast<std::uint16_t>(i)});
    }
    for (std::size_t i = 0; i < config_.requests.size(); ++i) {
        CHECK(!config_.requests[i].names.empty());
        if (config_.requests[i].inbound) {
            accept(config_.requests[i].names, {Kind::request, static_cast<std::uint16_t>(i)});
        }
    }
    if (config_.kademlia_inbound) {
        accept(config_.kademlia, {Kind::kademlia, 0});
    }
    auto names = std::make_shared<ProtocolNames>();
    for (const auto& [name, entry] : entries_) {
        names->insert(name);
    }
    accepted_ = std::move(names);
}

void ProtocolTable::accept(const std::vector<std::string>& names, Entry entry) {
    for (const std::string& name : names) {
        entries_.emplace(name, entry);
    }
}

std::optional<ProtocolTable::Entry> ProtocolTable::find(std::string_view name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace stipple::libp2p
