#include "node/network/events.hpp"

namespace stipple::node {

NetworkEvent::NetworkEvent(const NetworkEvent& other) = default;
NetworkEvent::NetworkEvent(NetworkEvent&& other) noexcept = default;
NetworkEvent& NetworkEvent::operator=(const NetworkEvent& other) = default;
NetworkEvent& NetworkEvent::operator=(NetworkEvent&& other) noexcept = default;
NetworkEvent::~NetworkEvent() = default;

NetworkCommand::NetworkCommand(const NetworkCommand& other) = default;
NetworkCommand::NetworkCommand(NetworkCommand&& other) noexcept = default;
NetworkCommand& NetworkCommand::operator=(const NetworkCommand& other) = default;
NetworkCommand& NetworkCommand::operator=(NetworkCommand&& other) noexcept = default;
NetworkCommand::~NetworkCommand() = default;

}  // namespace stipple::node
