// The texts of chainHead_v1_followEvent and of the answers that start operations.
//
// Spec: json-rpc-interface-spec, chainHead_v1_follow
#pragma once

#include "rpc/methods/call_scope.hpp"

#include <span>

namespace stipple::rpc {

/// {"type":"valid","spec":{…}}, or invalid with the reason.
std::string runtime_event(
    const std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError>& runtime);

// `runtime` is the text of a runtime event or "null"; absent: not asked for.
std::string initialized_event(std::span<const BlockHash> finalized,
                              const std::optional<std::string>& runtime);
std::string new_block_event(const BlockHash& block, const BlockHash& parent,
                            const std::optional<std::string>& runtime);
std::string best_block_event(const BlockHash& block);
std::string finalized_event(std::span<const BlockHash> finalized,
                            std::span<const BlockHash> pruned);
std::string stop_event();

std::string body_done_event(std::string_view operation, const Body& body);
std::string call_done_event(std::string_view operation, ByteView output);
/// Each of `items` holds the members of one object.
std::string storage_items_event(std::string_view operation, std::span<const std::string> items);
/// operationStorageDone, operationWaitingForContinue, operationInaccessible.
std::string operation_event(std::string_view event, std::string_view operation);
std::string operation_error_event(std::string_view operation, std::string_view error);

}  // namespace stipple::rpc
