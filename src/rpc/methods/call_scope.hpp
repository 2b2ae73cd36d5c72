// What every method shares: its parameters, whom it answers, and the ways to a state and a runtime.
#pragma once

#include "rpc/codec/json_text.hpp"
#include "rpc/methods/context.hpp"
#include "rpc/methods/params.hpp"

namespace stipple::rpc {

/// One call as a method sees it. The result's JSON is appended to `out`.
struct CallScope {
    const RpcContext& context;
    Params params;
    bool unsafe_allowed = false;
    std::string& out;
    /// Names rpc_methods lists, sorted.
    const std::vector<std::string_view>* method_names = nullptr;
};

/// The block named, or the best one.
BlockHash block_or_best(const RpcContext& context, const std::optional<BlockHash>& hash);

using ReaderPointer = std::shared_ptr<const state::Reader>;
/// The state after a block; 4003 "UnknownBlock: …" when there is none.
RpcResult<ReaderPointer> state_at(const RpcContext& context, const BlockHash& block);

/// Why a runtime call gave no bytes; the text is what clients of the field read.
struct RuntimeCallFault {
    std::string text;
    bool unknown_block = false;
    /// The node could not, for now: the same call may succeed later.
    bool is_passing = false;
};
/// Calls a runtime on a state that is at hand; writes are dropped.
std::expected<Bytes, RuntimeCallFault> call_runtime_on(const RpcContext& context,
                                                       const state::Reader& state,
                                                       const executor::Runtime& runtime,
                                                       std::string_view method, ByteView arguments,
                                                       executor::KeystorePort* keystore = nullptr);
/// Calls the runtime of a block on its state; writes are dropped.
std::expected<Bytes, RuntimeCallFault> call_runtime(const RpcContext& context,
                                                    const BlockHash& block, std::string_view method,
                                                    ByteView arguments,
                                                    executor::KeystorePort* keystore = nullptr);
/// Version of a runtime API at a block, absent when it is not offered.
std::expected<std::optional<std::uint32_t>, RuntimeCallFault> api_version(
    const RpcContext& context, const BlockHash& block, std::string_view trait_name);

/// An answer grew beyond its bound.
bool is_too_big(const CallScope& scope);
/// 4003 with "Client error: " in front.
RpcError state_error(std::string_view text);

/// The bytes of an extrinsic as clients send it: a length and the extrinsic. The error says which
/// read failed.
std::expected<Extrinsic, std::string> decode_opaque_extrinsic(ByteView bytes);
/// With its length in front, as clients know extrinsics.
Bytes encode_opaque_extrinsic(const Extrinsic& extrinsic);

/// {"parentHash":…,"number":"0x1",…}
void append_header_json(std::string& out, const Header& header);
/// {"specName":…}
void append_version_json(std::string& out, const RuntimeVersion& version);
/// Items separated by commas, within [].
template <class Range, class Append>
void append_list(std::string& out, const Range& items, Append append_item) {
    out.push_back('[');
    bool first = true;
    for (const auto& item : items) {
        if (!first) {
            out.push_back(',');
        }
        first = false;
        append_item(item);
    }
    out.push_back(']');
}

}  // namespace stipple::rpc
