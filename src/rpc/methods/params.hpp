// The parameters of one call, read one after the other as the method asks.
//
// JSON-RPC 2.0 section 4.2: an array by position, or an object by name (snake_case or camelCase). A
// missing or null optional is absent; more parameters than asked for are ignored. A wrong one gives
// "Invalid params" whose data says what was found, what was expected and where, in the words that
// clients of the field know. Bounded by kListItemsMax and the size of the request.
#pragma once

#include "primitives/ids.hpp"
#include "rpc/codec/rpc_error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stipple::rpc {

class Params {
 public:
    /// `raw` is the text of the params member, empty when there is none; outlives this.
    explicit Params(std::string_view raw);

    RpcResult<BlockHash> hash(std::string_view name);
    RpcResult<std::optional<BlockHash>> optional_hash(std::string_view name);
    RpcResult<Bytes> bytes(std::string_view name);
    RpcResult<std::optional<Bytes>> optional_bytes(std::string_view name);
    RpcResult<std::vector<Bytes>> bytes_list(std::string_view name);
    RpcResult<std::optional<std::vector<Bytes>>> optional_bytes_list(std::string_view name);
    RpcResult<bool> boolean(std::string_view name);
    /// One hash or a list of hashes.
    RpcResult<std::vector<BlockHash>> hash_or_hashes(std::string_view name);
    RpcResult<std::string> text(std::string_view name);
    RpcResult<std::optional<std::string>> optional_text(std::string_view name);
    RpcResult<std::uint32_t> u32(std::string_view name);
    RpcResult<std::optional<std::uint32_t>> optional_u32(std::string_view name);
    RpcResult<std::uint64_t> u64(std::string_view name);
    RpcResult<std::vector<std::uint32_t>> u32_list(std::string_view name);
    /// The raw JSON of the next parameter, absent when missing or null.
    RpcResult<std::optional<std::string_view>> optional_raw(std::string_view name);
    /// The raw JSON of the items of a list.
    RpcResult<std::vector<std::string_view>> raw_list(std::string_view name);

 private:
    /// Where a value stands: for positions, counted from the separator before it.
    struct Piece {
        std::string_view from;   ///< text from behind the separator on
        std::string_view value;  ///< raw JSON of the value, within `from`
    };
    RpcResult<std::optional<Piece>> next(std::string_view name);
    RpcResult<std::optional<Piece>> next_present(std::string_view name);
    RpcResult<Piece> next_required(std::string_view name);
    static RpcError error_at(const Piece& piece, std::string reason, bool before_value = false);
    static RpcError wrong_type(const Piece& piece, std::string_view expected);
    static RpcResult<std::string> string_of(const Piece& piece, std::string_view expected);
    static RpcResult<Bytes> bytes_of(const Piece& piece);
    static RpcResult<BlockHash> hash_of(const Piece& piece);
    static RpcResult<std::uint64_t> integer_of(const Piece& piece, std::uint64_t max,
                                               std::string_view type);
    static RpcResult<std::vector<Piece>> items_of(const Piece& piece);

    std::string_view rest_;    ///< array: the separator and what follows
    std::string_view object_;  ///< by name
    std::string_view bad_;     ///< neither array nor object
};

/// Hex with or without 0x, as parameters are written: an odd digit stands alone in front, white
/// space is skipped.
struct HexFault {
    char character;
    std::size_t index;
};
std::expected<Bytes, HexFault> parse_hex_text(std::string_view text);

}  // namespace stipple::rpc
