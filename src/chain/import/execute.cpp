// Executing one block: the part of import that is a pure function.
//
// Spec: sect-block-validation. The runtime sees the header without its seal; it repeats the checks
// of digest, extrinsics root and state root itself and panics when one fails. The host compares
// both roots too, so that the verdict has a name.
#include "chain/import/chain.hpp"
#include "chain/import/messages.hpp"
#include "crypto/hash.hpp"
#include "state/trie/trie.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stipple::chain {
namespace {

/// Encodes (unsealed header, body) and remembers where each encoded extrinsic lies, so that the
/// extrinsics root needs no second copy of the body.
class ExecuteArguments {
 public:
    explicit ExecuteArguments(const Block& block) {
        const Header& header = block.header;
        std::size_t body_bytes = 0;
        for (const Extrinsic& extrinsic : block.body) {
            body_bytes += extrinsic.data.size() + 5;
        }
        bytes_.reserve(body_bytes + 512);
        scale::encode_to(bytes_, header.parent_hash);
        scale::encode_compact(bytes_, header.number);
        scale::encode_to(bytes_, header.state_root);
        scale::encode_to(bytes_, header.extrinsics_root);
        const std::size_t items = header.digest.size() - (header.seal() != nullptr ? 1 : 0);
        scale::encode_compact(bytes_, items);
        for (std::size_t i = 0; i < items; ++i) {
            encode_to(bytes_, header.digest[i]);
        }
        scale::encode_compact(bytes_, block.body.size());
        ends_.reserve(block.body.size());
        body_start_ = bytes_.size();
        for (const Extrinsic& extrinsic : block.body) {
            scale::encode_byte_string(bytes_, extrinsic.data);
            ends_.push_back(bytes_.size());
        }
    }

    ByteView bytes() const { return bytes_; }
    std::vector<ByteView> extrinsics() const {
        std::vector<ByteView> views;
        views.reserve(ends_.size());
        std::size_t start = body_start_;
        for (const std::size_t end : ends_) {
            views.push_back(ByteView(bytes_).subspan(start, end - start));
            start = end;
        }
        return views;
    }

 private:
    Bytes bytes_;
    std::size_t body_start_ = 0;
    std::vector<std::size_t> ends_;
};

ExtrinsicsRoot root_of(std::span<const ByteView> items, state::StateVersion version) {
    std::vector<Bytes> keys(items.size());
    std::vector<state::trie::KeyValue> pairs(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        scale::encode_compact(keys[i], i);
        pairs[i] = {keys[i], items[i]};
    }
    std::ranges::sort(pairs,
                      [](const auto& a, const auto& b) { return compare(a.key, b.key) < 0; });
    return ExtrinsicsRoot(state::trie::root_of_sorted(pairs, version).bytes);
}

state::StateVersion version_if(bool v1) {
    return v1 ? state::StateVersion::v1 : state::StateVersion::v0;
}

ImportError call_failed(const Block& block, const executor::CallError& failure) {
    // The runtime's own comparison fails before ours can; its words tell which it was.
    const bool root_differs = failure.message.find("Storage root must match") != std::string::npos;
    ImportErrorKind kind = ImportErrorKind::environment;
    switch (failure.kind) {
        case executor::CallErrorKind::trap:
        case executor::CallErrorKind::bad_result:
            kind =
                root_differs ? ImportErrorKind::bad_state_root : ImportErrorKind::execution_failed;
            break;
        case executor::CallErrorKind::unknown_method:
            kind = ImportErrorKind::code_unusable;
            break;
        case executor::CallErrorKind::deadline:
        case executor::CallErrorKind::out_of_slots:
        case executor::CallErrorKind::environment:
            break;
    }
    const std::string claimed = root_differs
                                    ? fmt::format("the state root {} is not what execution gives: ",
                                                  block.header.state_root.hex())
                                    : "Core_execute_block: ";
    return import_error(kind, block.header, claimed + failure.message);
}

}  // namespace

bool ImportError::is_block_fault() const {
    switch (kind) {
        case ImportErrorKind::bad_block_listed:
        case ImportErrorKind::fork_block_mismatch:
        case ImportErrorKind::not_on_finalized_chain:
        case ImportErrorKind::bad_number:
        case ImportErrorKind::bad_extrinsics_root:
        case ImportErrorKind::bad_state_root:
        case ImportErrorKind::execution_failed:
            return true;
        case ImportErrorKind::already_known:
        case ImportErrorKind::unknown_parent:
        case ImportErrorKind::parent_state_missing:
        case ImportErrorKind::code_unusable:
        case ImportErrorKind::environment:
            return false;
    }
    return false;
}

bool fits_body(const Header& header, const Body& body) {
    return extrinsics_root(body, state::StateVersion::v0) == header.extrinsics_root ||
           extrinsics_root(body, state::StateVersion::v1) == header.extrinsics_root;
}

ExtrinsicsRoot extrinsics_root(const Body& body, state::StateVersion version) {
    std::vector<Bytes> encoded(body.size());
    std::vector<ByteView> views;
    views.reserve(body.size());
    for (std::size_t i = 0; i < body.size(); ++i) {
        scale::encode_byte_string(encoded[i], body[i].data);
        views.emplace_back(encoded[i]);
    }
    return root_of(views, version);
}

std::expected<state::Difference, ImportError> execute_block(
    const Block& block, const state::Reader& parent_state, const executor::Runtime& runtime,
    executor::SignatureCachePort* signatures) {
    const ExecuteArguments arguments(block);
    const RuntimeVersion& version = runtime.version();
    const ExtrinsicsRoot body_root =
        root_of(arguments.extrinsics(), version_if(version.extrinsics_root_v1()));
    if (body_root != block.header.extrinsics_root) {
        return std::unexpected(
            import_error(ImportErrorKind::bad_extrinsics_root, block.header,
                         fmt::format("the header's extrinsics root is {}, the body's is {}",
                                     block.header.extrinsics_root.hex(), body_root.hex())));
    }
    state::Overlay overlay(parent_state);
    executor::CallContext context;
    context.signatures = signatures;
    const auto answer = runtime.call("Core_execute_block", arguments.bytes(), overlay, context);
    if (!answer) {
        return std::unexpected(call_failed(block, answer.error()));
    }
    auto difference = overlay.difference(version_if(version.state_v1()));
    if (!difference) {
        return std::unexpected(
            import_error(ImportErrorKind::environment, block.header, difference.error().message()));
    }
    if (!equal(difference->root, block.header.state_root)) {
        return std::unexpected(
            import_error(ImportErrorKind::bad_state_root, block.header,
                         fmt::format("the header's state root is {}, execution gives {}",
                                     block.header.state_root.hex(), difference->root.hex())));
    }
    return *std::move(difference);
}

}  // namespace stipple::chain
