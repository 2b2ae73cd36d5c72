// Why the pool refuses a transaction, and how JSON-RPC says so.
#pragma once

#include "chain/pool/validity.hpp"

#include <optional>
#include <string>

namespace stipple::chain::pool {

enum class PoolErrorKind : std::uint8_t {
    invalid,              ///< the runtime says no
    unknown,              ///< the runtime cannot tell
    banned,               ///< refused for some time after it was invalid, dropped or included
    already_imported,     ///< in the pool, or being validated
    too_low_priority,     ///< another with the same tag has no lower priority
    cycle,                ///< it would come before itself
    immediately_dropped,  ///< the pool is full of better ones
    unactionable,         ///< may not be propagated, and this node does not author
    no_tags,              ///< provides no tag, so has no identity
    environment,          ///< could not be validated; no verdict on the transaction
};

struct PoolError {
    PoolErrorKind kind = PoolErrorKind::invalid;
    InvalidTransaction invalid{};
    UnknownTransaction unknown{};
    std::uint64_t old_priority = 0;  ///< too_low_priority
    std::uint64_t new_priority = 0;
    std::string message{};  ///< environment
};

/// The error object of author_submitExtrinsic and its kin.
struct RpcErrorFacts {
    int code = 0;
    std::string message;
    std::optional<std::string> data;
    friend bool operator==(const RpcErrorFacts&, const RpcErrorFacts&) = default;
};
RpcErrorFacts rpc_error(const PoolError& error);
/// The same worth trying again later (a full pool, a ban)?
bool is_retriable(PoolErrorKind kind);

}  // namespace stipple::chain::pool
