#include "rpc/subscriptions/follow_events.hpp"

namespace stipple::rpc {
namespace {

std::string begin_event(std::string_view name) {
    std::string out = R"({"event":")";
    out.append(name).push_back('"');
    return out;
}

void append_hashes(std::string& out, std::string_view name, std::span<const BlockHash> hashes) {
    out.append(",\"").append(name).append("\":");
    append_list(out, hashes, [&out](const BlockHash& hash) { append_json_hex(out, hash); });
}

void append_hash(std::string& out, std::string_view name, const BlockHash& hash) {
    out.append(",\"").append(name).append("\":");
    append_json_hex(out, hash);
}

std::string begin_operation(std::string_view event, std::string_view operation) {
    std::string out = begin_event(event);
    out.append(R"(,"operationId":)");
    append_json_string(out, operation);
    return out;
}

/// Unlike state_getRuntimeVersion: APIs as an object, sorted, and no versions of the host.
void append_spec(std::string& out, const RuntimeVersion& version) {
    out.append(R"({"specName":)");
    append_json_string(out, version.spec_name);
    out.append(R"(,"implName":)");
    append_json_string(out, version.impl_name);
    out.append(R"(,"specVersion":)");
    append_json_number(out, version.spec_version);
    out.append(R"(,"implVersion":)");
    append_json_number(out, version.impl_version);
    out.append(R"(,"apis":{)");
    std::map<Bytes, std::uint32_t, ByteLess> apis;
    for (const auto& [id, number] : version.apis) {
        apis[to_bytes(id.view())] = number;
    }
    bool first = true;
    for (const auto& [id, number] : apis) {
        if (!first) {
            out.push_back(',');
        }
        first = false;
        append_json_hex(out, id);
        out.push_back(':');
        append_json_number(out, number);
    }
    out.append(R"(},"transactionVersion":)");
    append_json_number(out, version.transaction_version);
    out.push_back('}');
}

}  // namespace

std::string runtime_event(
    const std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError>& runtime) {
    std::string out;
    if (runtime) {
        out = R"({"type":"valid","spec":)";
        append_spec(out, (*runtime)->version());
    } else {
        out = R"({"type":"invalid","error":)";
        append_json_string(out, "Api error: Runtime code error: " + runtime.error().message);
    }
    out.push_back('}');
    return out;
}

std::string initialized_event(std::span<const BlockHash> finalized,
                              const std::optional<std::string>& runtime) {
    std::string out = begin_event("initialized");
    append_hashes(out, "finalizedBlockHashes", finalized);
    if (runtime) {
        out.append(R"(,"finalizedBlockRuntime":)").append(*runtime);
    }
    out.push_back('}');
    return out;
}

std::string new_block_event(const BlockHash& block, const BlockHash& parent,
                            const std::optional<std::string>& runtime) {
    std::string out = begin_event("newBlock");
    append_hash(out, "blockHash", block);
    append_hash(out, "parentBlockHash", parent);
    if (runtime) {
        out.append(R"(,"newRuntime":)").append(*runtime);
    }
    out.push_back('}');
    return out;
}

std::string best_block_event(const BlockHash& block) {
    std::string out = begin_event("bestBlockChanged");
    append_hash(out, "bestBlockHash", block);
    out.push_back('}');
    return out;
}

std::string finalized_event(std::span<const BlockHash> finalized,
                            std::span<const BlockHash> pruned) {
    std::string out = begin_event("finalized");
    append_hashes(out, "finalizedBlockHashes", finalized);
    append_hashes(out, "prunedBlockHashes", pruned);
    out.push_back('}');
    return out;
}

std::string stop_event() {
    return R"({"event":"stop"})";
}

std::string body_done_event(std::string_view operation, const Body& body) {
    std::string out = begin_operation("operationBodyDone", operation);
    out.append(R"(,"value":)");
    append_list(out, body, [&out](const Extrinsic& extrinsic) {
        append_json_hex(out, encode_opaque_extrinsic(extrinsic));
    });
    out.push_back('}');
    return out;
}

std::string call_done_event(std::string_view operation, ByteView output) {
    std::string out = begin_operation("operationCallDone", operation);
    out.append(R"(,"output":)");
    append_json_hex(out, output);
    out.push_back('}');
    return out;
}

std::string storage_items_event(std::string_view operation, std::span<const std::string> items) {
    std::string out = begin_operation("operationStorageItems", operation);
    out.append(R"(,"items":)");
    append_list(out, items, [&out](const std::string& members) {
        out.append("{").append(members).push_back('}');
    });
    out.push_back('}');
    return out;
}

std::string operation_event(std::string_view event, std::string_view operation) {
    return begin_operation(event, operation) + "}";
}

std::string operation_error_event(std::string_view operation, std::string_view error) {
    std::string out = begin_operation("operationError", operation);
    out.append(R"(,"error":)");
    append_json_string(out, error);
    out.push_back('}');
    return out;
}

}  // namespace stipple::rpc
