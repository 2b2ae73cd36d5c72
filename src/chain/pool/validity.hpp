// What the runtime says of a transaction.
//
// Spec: sect-rte-validate-transaction, defn-transaction-validity-error. The runtime names the tags
// a transaction provides (identity, as "account, nonce") and requires (what must come before), its
// priority, for how many blocks this verdict holds, and whether peers may be told.
//
//   result = 0 ‖ priority u64 ‖ requires Vec<Vec<u8>> ‖ provides Vec<Vec<u8>> ‖ longevity u64 ‖
//            propagate bool
//          | 1 ‖ 0 ‖ InvalidTransaction  | 1 ‖ 1 ‖ UnknownTransaction
//
// The call has three shapes (host-api.md section C): version 1 takes the extrinsic, 2 adds the
// source in front, 3 the block's hash behind; before 3 the block is initialised first.
#pragma once

#include "executor/executor.hpp"
#include "primitives/block.hpp"

#include <expected>
#include <string>

namespace stipple::chain::pool {

/// Where a transaction came from, as the runtime sees it.
enum class Source : std::uint8_t { in_block = 0, local = 1, external = 2 };

using Tag = Bytes;

struct ValidTransaction {
    std::uint64_t priority = 0;
    std::vector<Tag> requires_tags{};
    std::vector<Tag> provides_tags{};
    std::uint64_t longevity = 0;  ///< blocks
    bool propagate = true;
    friend bool operator==(const ValidTransaction&, const ValidTransaction&) = default;
};

enum class InvalidKind : std::uint8_t {
    call = 0,
    payment = 1,
    future = 2,
    stale = 3,
    bad_proof = 4,
    ancient_birth_block = 5,
    exhausts_resources = 6,
    custom = 7,  ///< with a code of the runtime
    bad_mandatory = 8,
    mandatory_validation = 9,
    bad_signer = 10,
    indeterminate_implicit = 11,
    unknown_origin = 12,
};
struct InvalidTransaction {
    InvalidKind kind = InvalidKind::call;
    std::uint8_t custom_code = 0;
    friend bool operator==(const InvalidTransaction&, const InvalidTransaction&) = default;
};
/// The sentence clients show, as every node words it.
std::string describe(const InvalidTransaction& invalid);

enum class UnknownKind : std::uint8_t { cannot_lookup = 0, no_unsigned_validator = 1, custom = 2 };
struct UnknownTransaction {
    UnknownKind kind = UnknownKind::cannot_lookup;
    std::uint8_t custom_code = 0;
    friend bool operator==(const UnknownTransaction&, const UnknownTransaction&) = default;
};
std::string describe(const UnknownTransaction& unknown);

using ValidityError = std::variant<InvalidTransaction, UnknownTransaction>;
using TransactionValidity = std::expected<ValidTransaction, ValidityError>;

/// Decodes what the runtime returned, whole input; tags are bounded by limits.hpp.
std::expected<TransactionValidity, scale::DecodeError> decode_validity(ByteView result);
/// The counterpart, for tests and other runtimes' hosts.
Bytes encode_validity(const TransactionValidity& validity);

/// Arguments of the call for a version of the API. REQUIRES 1 <= version.
Bytes encode_validate_arguments(std::uint32_t api_version, Source source,
                                const Extrinsic& extrinsic, const BlockHash& at);

/// Asks the runtime of block `at`, over that block's state. An error is no verdict: the runtime
/// trapped, the deadline passed, the state is not readable.
Result<TransactionValidity> validate_transaction(const executor::Runtime& runtime,
                                                 const state::Reader& state_at, const BlockRef& at,
                                                 Source source, const Extrinsic& extrinsic,
                                                 const executor::CallContext& context);

}  // namespace stipple::chain::pool
