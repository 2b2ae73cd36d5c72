// bitswap_v1_get: indexed transactions by content identifier.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace stipple::rpc {

class Registry;
struct RpcContext;

/// Whether a text names 32 bytes of content by a hash that can be asked for; else why not.
std::expected<void, std::string> check_content_id(std::string_view text);

void register_bitswap(Registry& registry, const RpcContext& context);

}  // namespace stipple::rpc
