#include "rpc/methods/call_scope.hpp"

#include "rpc/methods/limits.hpp"
#include "state/overlay/overlay.hpp"

namespace stipple::rpc {
namespace {

std::string unknown_header(const BlockHash& block) {
    return "Header was not found in the database: " + block.hex();
}

std::string fault_text(const executor::CallError& error, std::string_view method) {
    switch (error.kind) {
        case executor::CallErrorKind::unknown_method:
            return "Execution failed: Other: Exported method " + std::string(method) +
                   " is not found";
        case executor::CallErrorKind::trap:
            return "Execution failed: Execution aborted due to trap: " + error.message +
                   "\nWASM backtrace:\n" + error.backtrace;
        case executor::CallErrorKind::deadline:
            return "Execution failed: the call took longer than this node allows";
        case executor::CallErrorKind::out_of_slots:
            return "Execution failed: every runtime instance is busy";
        case executor::CallErrorKind::environment:
        case executor::CallErrorKind::bad_result:
            return "Execution failed: " + error.message;
    }
    return "Execution failed";
}

}  // namespace

BlockHash block_or_best(const RpcContext& context, const std::optional<BlockHash>& hash) {
    return hash ? *hash : context.chain.heads().best.hash;
}

RpcError state_error(std::string_view text) {
    return {4003, "Client error: " + std::string(text)};
}

RpcResult<ReaderPointer> state_at(const RpcContext& context, const BlockHash& block) {
    auto state = context.chain.state(block);
    if (state) {
        return std::move(*state);
    }
    if (!context.chain.is_known(block)) {
        return std::unexpected(state_error("UnknownBlock: " + unknown_header(block)));
    }
    return std::unexpected(state_error("UnknownBlock: State already discarded for " + block.hex()));
}

std::expected<Bytes, RuntimeCallFault> call_runtime_on(const RpcContext& context,
                                                       const state::Reader& state,
                                                       const executor::Runtime& runtime,
                                                       std::string_view method, ByteView arguments,
                                                       executor::KeystorePort* keystore) {
    state::Overlay overlay(state);
    executor::CallContext call{};
    call.keystore = keystore;
    call.offchain_storage = context.offchain_storage;
    call.signatures = context.signatures;
    call.time_limit = kRuntimeCallTime;
    auto result = runtime.call(method, arguments, overlay, call);
    if (!result) {
        using Kind = executor::CallErrorKind;
        const Kind kind = result.error().kind;
        return std::unexpected(RuntimeCallFault{
            .text = fault_text(result.error(), method),
            .is_passing = kind == Kind::out_of_slots || kind == Kind::environment});
    }
    return std::move(*result);
}

std::expected<Bytes, RuntimeCallFault> call_runtime(const RpcContext& context,
                                                    const BlockHash& block, std::string_view method,
                                                    ByteView arguments,
                                                    executor::KeystorePort* keystore) {
    auto state = context.chain.state(block);
    if (!state) {
        return std::unexpected(
            context.chain.is_known(block)
                ? RuntimeCallFault{"UnknownBlock: State already discarded for " + block.hex(), true}
                : RuntimeCallFault{"UnknownBlock: " + unknown_header(block), true});
    }
    const auto runtime = context.chain.runtime(block);
    if (!runtime) {
        return std::unexpected(
            RuntimeCallFault{"Runtime code error: " + runtime.error().message, false});
    }
    return call_runtime_on(context, **state, **runtime, method, arguments, keystore);
}

std::expected<std::optional<std::uint32_t>, RuntimeCallFault> api_version(
    const RpcContext& context, const BlockHash& block, std::string_view trait_name) {
    if (!context.chain.is_known(block)) {
        return std::unexpected(
            RuntimeCallFault{"Api called for an unknown Block: " + unknown_header(block), true});
    }
    const auto runtime = context.chain.runtime(block);
    if (!runtime) {
        return std::unexpected(
            RuntimeCallFault{"Runtime code error: " + runtime.error().message, false});
    }
    return (*runtime)->version().api_version(trait_name);
}

bool is_too_big(const CallScope& scope) {
    return scope.out.size() > scope.context.answer_bytes_max;
}

std::expected<Extrinsic, std::string> decode_opaque_extrinsic(ByteView bytes) {
    scale::Decoder in(bytes);
    const std::uint32_t length = in.compact32();
    if (!in.ok()) {
        return std::unexpected(in.error() == scale::DecodeError::end_of_input
                                   ? std::string("Not enough data to fill buffer")
                                   : std::string("out of range decoding Compact<u32>"));
    }
    if (length > in.remaining()) {
        return std::unexpected(std::string("Not enough data to decode vector"));
    }
    return Extrinsic{to_bytes(in.take(length))};
}

Bytes encode_opaque_extrinsic(const Extrinsic& extrinsic) {
    Bytes out;
    out.reserve(extrinsic.data.size() + 5);
    scale::encode_byte_string(out, extrinsic.data);
    return out;
}

void append_header_json(std::string& out, const Header& header) {
    out.append(R"({"parentHash":)");
    append_json_hex(out, header.parent_hash);
    out.append(R"(,"number":)");
    append_json_hex_number(out, header.number);
    out.append(R"(,"stateRoot":)");
    append_json_hex(out, header.state_root);
    out.append(R"(,"extrinsicsRoot":)");
    append_json_hex(out, header.extrinsics_root);
    out.append(R"(,"digest":{"logs":)");
    append_list(out, header.digest,
                [&out](const DigestItem& item) { append_json_hex(out, scale::encode(item)); });
    out.append("}}");
}

void append_version_json(std::string& out, const RuntimeVersion& version) {
    out.append(R"({"specName":)");
    append_json_string(out, version.spec_name);
    out.append(R"(,"implName":)");
    append_json_string(out, version.impl_name);
    out.append(R"(,"authoringVersion":)");
    append_json_number(out, version.authoring_version);
    out.append(R"(,"specVersion":)");
    append_json_number(out, version.spec_version);
    out.append(R"(,"implVersion":)");
    append_json_number(out, version.impl_version);
    out.append(R"(,"apis":)");
    append_list(out, version.apis, [&out](const auto& api) {
        out.push_back('[');
        append_json_hex(out, api.first);
        out.push_back(',');
        append_json_number(out, api.second);
        out.push_back(']');
    });
    out.append(R"(,"transactionVersion":)");
    append_json_number(out, version.transaction_version);
    out.append(R"(,"systemVersion":)");
    append_json_number(out, version.system_version);
    out.append(R"(,"stateVersion":)");
    append_json_number(out, version.system_version);
    out.push_back('}');
}

}  // namespace stipple::rpc
