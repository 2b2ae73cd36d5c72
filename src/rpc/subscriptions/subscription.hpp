// One entry of the hub's table.
#pragma once

#include "rpc/subscriptions/hub.hpp"

namespace stipple::rpc {

struct EventHub::Subscription {
    ConnectionPointer connection;
    Topic topic;
    std::string_view notification;
    std::optional<std::set<Bytes, ByteLess>> keys{};  ///< storage: absent means all
    std::optional<std::uint64_t> pool_watch{};
    std::shared_ptr<Outbox> outbox{};  ///< of those that tell at their peer's pace
};

}  // namespace stipple::rpc
