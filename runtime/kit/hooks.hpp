// What a pallet may do besides its calls, found by the names of its static functions.
//
//     Weight on_runtime_upgrade()                      once, in the first block of new code
//     Weight on_initialize(BlockNumber)                before the inherents of each block
//     Weight on_idle(BlockNumber, Weight remaining)    after the transactions, if there is room
//     void on_finalize(BlockNumber)                    at the end of each block
//     void offchain_worker(BlockNumber)                after import, outside of the state
//     optional<RuntimeCall> create_inherent(const InherentData&)
//     optional<InherentError> check_inherent(const RuntimeCall&, const InherentData&)
//     bool is_inherent(const RuntimeCall&)             asked of calls of this pallet
//     TransactionValidity validate_unsigned(TransactionSource, const RuntimeCall&)
//     void genesis(GenesisReader& config)              the pallet's part of the genesis config
//
// Hooks run in the order of the pallet list; on_finalize and on_runtime_upgrade too.
#pragma once

#include "kit/call.hpp"
#include "kit/genesis.hpp"
#include "kit/validity.hpp"
#include "primitives/inherents.hpp"

namespace stipple::runtime::inline kit {

/// Why an inherent does not fit the outside: told to the host under the inherent's id.
struct InherentError {
    InherentId id;
    Bytes encoded_error;
    bool fatal = true;
};

struct Hooks {
    Weight (*on_runtime_upgrade)() = nullptr;
    Weight (*on_initialize)(BlockNumber) = nullptr;
    Weight (*on_idle)(BlockNumber, Weight remaining) = nullptr;
    void (*on_finalize)(BlockNumber) = nullptr;
    void (*offchain_worker)(BlockNumber) = nullptr;
    std::optional<RuntimeCall> (*create_inherent)(const InherentData&) = nullptr;
    std::optional<InherentError> (*check_inherent)(const RuntimeCall&,
                                                   const InherentData&) = nullptr;
    bool (*is_inherent)(const RuntimeCall&) = nullptr;
    TransactionValidity (*validate_unsigned)(TransactionSource, const RuntimeCall&) = nullptr;
    void (*genesis)(GenesisReader&) = nullptr;
};

template <class P>
constexpr Hooks hooks_of() {
    Hooks hooks;
    if constexpr (requires { &P::on_runtime_upgrade; }) {
        hooks.on_runtime_upgrade = &P::on_runtime_upgrade;
    }
    if constexpr (requires { &P::on_initialize; }) {
        hooks.on_initialize = &P::on_initialize;
    }
    if constexpr (requires { &P::on_idle; }) {
        hooks.on_idle = &P::on_idle;
    }
    if constexpr (requires { &P::on_finalize; }) {
        hooks.on_finalize = &P::on_finalize;
    }
    if constexpr (requires { &P::offchain_worker; }) {
        hooks.offchain_worker = &P::offchain_worker;
    }
    if constexpr (requires { &P::create_inherent; }) {
        hooks.create_inherent = &P::create_inherent;
    }
    if constexpr (requires { &P::check_inherent; }) {
        hooks.check_inherent = &P::check_inherent;
    }
    if constexpr (requires { &P::is_inherent; }) {
        hooks.is_inherent = &P::is_inherent;
    }
    if constexpr (requires { &P::validate_unsigned; }) {
        hooks.validate_unsigned = &P::validate_unsigned;
    }
    if constexpr (requires { &P::genesis; }) {
        hooks.genesis = &P::genesis;
    }
    return hooks;
}

}  // namespace stipple::runtime::inline kit
