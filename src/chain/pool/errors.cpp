#include "chain/pool/errors.hpp"

#include "chain/pool/transaction.hpp"

#include <fmt/format.h>

namespace stipple::chain::pool {

RpcErrorFacts rpc_error(const PoolError& error) {
    switch (error.kind) {
        case PoolErrorKind::invalid:
            return {1010, "Invalid Transaction", describe(error.invalid)};
        case PoolErrorKind::unknown:
            return {1011, "Unknown Transaction Validity", describe(error.unknown)};
        case PoolErrorKind::banned:
            return {1012, "Transaction is temporarily banned", std::nullopt};
        case PoolErrorKind::already_imported:
            // The Rust node prints an opaque value here; clients compare with nothing else.
            return {1013, "Transaction Already Imported", "Any { .. }"};
        case PoolErrorKind::too_low_priority:
            return {1014,
                    fmt::format("Priority is too low: ({} vs {})", error.old_priority,
                                error.new_priority),
                    "The transaction has too low priority to replace another transaction already "
                    "in the pool."};
        case PoolErrorKind::cycle:
            return {1015, "Cycle Detected", std::nullopt};
        case PoolErrorKind::immediately_dropped:
            return {1016, "Immediately Dropped",
                    "The transaction couldn't enter the pool because of the limit"};
        case PoolErrorKind::unactionable:
            return {1018, "Unactionable",
                    "The transaction is unactionable since it is not propagable and the local node "
                    "does not author blocks"};
        case PoolErrorKind::no_tags:
            return {1019, "No tags provided",
                    "Transaction does not provide any tags, so the pool can't identify it"};
        case PoolErrorKind::environment:
            return {1002, fmt::format("Verification Error: {}", error.message),
                    fmt::format("RuntimeApi(\"{}\")", error.message)};
    }
    return {};
}

bool is_retriable(PoolErrorKind kind) {
    return kind == PoolErrorKind::banned || kind == PoolErrorKind::immediately_dropped ||
           kind == PoolErrorKind::environment;
}

const char* status_name(StatusKind kind) {
    switch (kind) {
        case StatusKind::future:
            return "future";
        case StatusKind::ready:
            return "ready";
        case StatusKind::broadcast:
            return "broadcast";
        case StatusKind::in_block:
            return "inBlock";
        case StatusKind::retracted:
            return "retracted";
        case StatusKind::finality_timeout:
            return "finalityTimeout";
        case StatusKind::finalized:
            return "finalized";
        case StatusKind::usurped:
            return "usurped";
        case StatusKind::dropped:
            return "dropped";
        case StatusKind::invalid:
            return "invalid";
    }
    return "";
}

bool is_last(StatusKind kind) {
    return kind >= StatusKind::finality_timeout;
}

}  // namespace stipple::chain::pool
