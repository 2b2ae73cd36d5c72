#include "network/messages/state_request.hpp"

#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::network {
namespace {

using libp2p::ProtobufReader;
using libp2p::ProtobufWriter;

constexpr std::uint32_t kBlock = 1;
constexpr std::uint32_t kStart = 2;
constexpr std::uint32_t kNoProof = 3;
constexpr std::uint32_t kTries = 1;
constexpr std::uint32_t kProof = 2;
constexpr std::uint32_t kTrieRoot = 1;
constexpr std::uint32_t kEntries = 2;
constexpr std::uint32_t kComplete = 3;
constexpr std::uint32_t kKey = 1;
constexpr std::uint32_t kValue = 2;

constexpr std::size_t kTrieRootBytes = 32;

Decoded<StateEntry> read_entry(ByteView bytes) {
    ProtobufReader reader(bytes);
    StateEntry entry;
    while (const auto field = reader.next()) {
        if (field->number == kKey) {
            entry.key = to_bytes(reader.bytes(*field));
        } else if (field->number == kValue) {
            entry.value = to_bytes(reader.bytes(*field));
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    return entry;
}

/// `entries_left` bounds all tries of one response together.
Decoded<StateEntries> read_trie(ByteView bytes, std::size_t& entries_left) {
    ProtobufReader reader(bytes, kStateEntriesMax + 64);
    StateEntries trie;
    while (const auto field = reader.next()) {
        if (field->number == kTrieRoot) {
            trie.trie_root = to_bytes(reader.bytes(*field));
        } else if (field->number == kEntries) {
            if (entries_left == 0) {
                return std::unexpected(MessageError::over_limit);
            }
            --entries_left;
            auto entry = read_entry(reader.bytes(*field));
            if (!entry) {
                return std::unexpected(entry.error());
            }
            trie.entries.push_back(std::move(*entry));
        } else if (field->number == kComplete) {
            trie.complete = reader.boolean(*field);
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    if (!trie.trie_root.empty() && trie.trie_root.size() != kTrieRootBytes) {
        return std::unexpected(MessageError::bad_value);
    }
    return trie;
}

}  // namespace

Bytes encode(const StateRequest& request) {
    ProtobufWriter out;
    out.bytes(kBlock, request.block);
    for (const auto& key : request.start) {
        out.bytes(kStart, key);
    }
    out.number_unless_zero(kNoProof, request.no_proof ? 1 : 0);
    return out.take();
}

Decoded<StateRequest> decode_state_request(ByteView bytes) {
    if (bytes.size() > kRequestBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    ProtobufReader reader(bytes);
    StateRequest request;
    bool has_block = false;
    while (const auto field = reader.next()) {
        if (field->number == kBlock) {
            const auto hash = BlockHash::from(reader.bytes(*field));
            if (!hash) {
                return std::unexpected(MessageError::bad_value);
            }
            request.block = *hash;
            has_block = true;
        } else if (field->number == kStart) {
            const ByteView key = reader.bytes(*field);
            if (request.start.size() >= kStateStartKeysMax || key.size() > kStorageKeyBytesMax) {
                return std::unexpected(MessageError::over_limit);
            }
            request.start.push_back(to_bytes(key));
        } else if (field->number == kNoProof) {
            request.no_proof = reader.boolean(*field);
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    if (!has_block) {
        return std::unexpected(MessageError::missing_field);
    }
    return request;
}

Bytes encode(const StateResponse& response) {
    ProtobufWriter out;
    for (const auto& trie : response.tries) {
        ProtobufWriter nested;
        nested.bytes_unless_empty(kTrieRoot, trie.trie_root);
        for (const auto& entry : trie.entries) {
            ProtobufWriter item;
            item.bytes_unless_empty(kKey, entry.key).bytes_unless_empty(kValue, entry.value);
            nested.message(kEntries, item);
        }
        nested.number_unless_zero(kComplete, trie.complete ? 1 : 0);
        out.message(kTries, nested);
    }
    out.bytes_unless_empty(kProof, response.proof);
    return out.take();
}

Decoded<StateResponse> decode_state_response(ByteView bytes) {
    if (bytes.size() > kResponseBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    ProtobufReader reader(bytes, kStateTriesMax + 64);
    StateResponse response;
    std::size_t entries_left = kStateEntriesMax;
    while (const auto field = reader.next()) {
        if (field->number == kTries) {
            if (response.tries.size() >= kStateTriesMax) {
                return std::unexpected(MessageError::over_limit);
            }
            auto trie = read_trie(reader.bytes(*field), entries_left);
            if (!trie) {
                return std::unexpected(trie.error());
            }
            response.tries.push_back(std::move(*trie));
        } else if (field->number == kProof) {
            response.proof = to_bytes(reader.bytes(*field));
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    return response;
}

}  // namespace stipple::network
