// From a typed C++ function to a row of the host function table.
//
// The parameters and the result of the C++ function say everything: the Wasm signature, the kinds
// in the generated documentation, and how values come out of and go into the instance. So a row is
// written once:
//
//     GuestBytes storage_get(HostCall& call, ByteView key);
//     host_function<storage_get>("ext_storage_get_version_1")
#pragma once

#include "executor/host_call.hpp"

#include <wasmtime.h>

#include <array>
#include <span>
#include <string_view>

namespace stipple::executor {

/// `ordinary` functions belong to every node; `obsolete` ones serve old blocks; `newer` ones no
/// runtime in the field uses yet; `experimental` ones are behind features of a runtime; `parachain`
/// ones serve runtimes of parachains.
enum class HostFunctionFlag : std::uint8_t { ordinary, obsolete, newer, experimental, parachain };

inline constexpr std::size_t kHostParametersMax = 6;
using HostCallback = wasm_trap_t* (*)(void*, wasmtime_caller_t*, wasmtime_val_raw_t*, std::size_t);

struct HostFunction {
    std::string_view name;
    HostFunctionFlag flag = HostFunctionFlag::ordinary;
    std::array<char, kHostParametersMax> params{};  ///< 'i' or 'I' each
    std::array<std::string_view, kHostParametersMax> kinds{};
    std::size_t param_count = 0;
    char result = 0;  ///< 'i', 'I' or 0
    std::string_view result_kind;
    HostCallback callback = nullptr;
};

/// -1 stands for absent.
struct OptionalU32 {
    std::optional<std::uint32_t> value;
};
struct OptionalBytes {
    std::optional<ByteView> bytes;
};

/// How a parameter type crosses: its Wasm type, its name in the documentation, how it is read.
template <class T>
struct Parameter;
template <>
struct Parameter<std::uint32_t> {
    static constexpr char kWasm = 'i';
    static constexpr std::string_view kKind = "u32";
    static std::uint32_t read(HostCall&, const wasmtime_val_raw_t& raw) {
        return static_cast<std::uint32_t>(raw.i32);
    }
};
template <>
struct Parameter<std::uint64_t> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "u64";
    static std::uint64_t read(HostCall&, const wasmtime_val_raw_t& raw) {
        return static_cast<std::uint64_t>(raw.i64);
    }
};
template <>
struct Parameter<MutableByteView> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "out ps";
    static MutableByteView read(HostCall& call, const wasmtime_val_raw_t& raw) {
        const auto packed = static_cast<std::uint64_t>(raw.i64);
        return call.bytes_at(static_cast<std::uint32_t>(packed),
                             static_cast<std::uint32_t>(packed >> 32));
    }
};
template <>
struct Parameter<ByteView> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "ps";
    static ByteView read(HostCall& call, const wasmtime_val_raw_t& raw) {
        return Parameter<MutableByteView>::read(call, raw);
    }
};
template <>
struct Parameter<OptionalU32> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "oi";
    static OptionalU32 read(HostCall& call, const wasmtime_val_raw_t& raw) {
        if (raw.i64 == -1) {
            return {};
        }
        if (raw.i64 < 0 || raw.i64 > UINT32_MAX) {
            call.trap("optional integer out of range");
            return {};
        }
        return {static_cast<std::uint32_t>(raw.i64)};
    }
};
template <>
struct Parameter<OptionalBytes> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "ops";
    static OptionalBytes read(HostCall& call, const wasmtime_val_raw_t& raw) {
        if (raw.i64 == -1) {
            return {};
        }
        return {Parameter<ByteView>::read(call, raw)};
    }
};
template <std::size_t N>
constexpr std::string_view fixed_kind() {
    switch (N) {
        case 4:
            return "p4";
        case 8:
            return "p8";
        case 12:
            return "p12";
        case 16:
            return "p16";
        case 32:
            return "p32";
        case 33:
            return "p33";
        case 38:
            return "p38";
        case 64:
            return "p64";
        case 65:
            return "p65";
        default:
            return "p";
    }
}
/// A buffer of N bytes at the address; reading past the memory's end traps, and the dead buffer
/// that then stands in is never looked at, since the glue stops before the function is called.
template <class Byte, std::size_t N>
    requires(N != std::dynamic_extent)
struct Parameter<std::span<Byte, N>> {
    static constexpr char kWasm = 'i';
    static constexpr std::string_view kKind = fixed_kind<N>();
    static std::span<Byte, N> read(HostCall& call, const wasmtime_val_raw_t& raw) {
        static std::array<std::uint8_t, N> dead{};
        const auto bytes = call.bytes_at(static_cast<std::uint32_t>(raw.i32), N);
        return std::span<Byte, N>(bytes.size() == N ? bytes.data() : dead.data(), N);
    }
};

template <class T>
struct Returned;
template <>
struct Returned<void> {
    static constexpr char kWasm = 0;
    static constexpr std::string_view kKind = "()";
};
template <>
struct Returned<std::uint32_t> {
    static constexpr char kWasm = 'i';
    static constexpr std::string_view kKind = "u32";
    static void write(wasmtime_val_raw_t& raw, std::uint32_t value) {
        raw.i32 = static_cast<std::int32_t>(value);
    }
};
template <>
struct Returned<std::int32_t> {
    static constexpr char kWasm = 'i';
    static constexpr std::string_view kKind = "i32";
    static void write(wasmtime_val_raw_t& raw, std::int32_t value) { raw.i32 = value; }
};
template <>
struct Returned<bool> {
    static constexpr char kWasm = 'i';
    static constexpr std::string_view kKind = "b";
    static void write(wasmtime_val_raw_t& raw, bool value) { raw.i32 = value ? 1 : 0; }
};
template <>
struct Returned<std::uint64_t> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "u64";
    static void write(wasmtime_val_raw_t& raw, std::uint64_t value) {
        raw.i64 = static_cast<std::int64_t>(value);
    }
};
template <>
struct Returned<std::int64_t> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "i64";
    static void write(wasmtime_val_raw_t& raw, std::int64_t value) { raw.i64 = value; }
};
template <>
struct Returned<OptionalU32> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "oi";
    static void write(wasmtime_val_raw_t& raw, OptionalU32 value) {
        raw.i64 = value.value ? std::int64_t{*value.value} : -1;
    }
};
template <>
struct Returned<GuestPointer> {
    static constexpr char kWasm = 'i';
    static constexpr std::string_view kKind = "p";
    static void write(wasmtime_val_raw_t& raw, GuestPointer value) {
        raw.i32 = static_cast<std::int32_t>(value.address);
    }
};
template <>
struct Returned<GuestBytes> {
    static constexpr char kWasm = 'I';
    static constexpr std::string_view kKind = "ps";
    static void write(wasmtime_val_raw_t& raw, GuestBytes value) {
        raw.i64 = static_cast<std::int64_t>(value.packed);
    }
};

/// The call that runs in the store of this caller; refreshes the memory's bounds when it can grow.
HostCall& host_call_of(wasmtime_caller_t* caller);
/// The trap that unwinds the Wasm stack of a failed call.
wasm_trap_t* unwind(const HostCall& call, std::string_view function);

template <auto Function, class Result, class... Arguments>
struct Glue {
    static wasm_trap_t* enter(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                              std::size_t) {
        HostCall& call = host_call_of(caller);
        run(call, values, std::index_sequence_for<Arguments...>{});
        if (call.failed()) [[unlikely]] {
            return unwind(call, static_cast<const HostFunction*>(env)->name);
        }
        return nullptr;
    }
    template <std::size_t... I>
    static void run(HostCall& call, wasmtime_val_raw_t* values, std::index_sequence<I...>) {
        const std::tuple<Arguments...> arguments{Parameter<Arguments>::read(call, values[I])...};
        if (call.failed() || call.check_deadline()) [[unlikely]] {
            return;
        }
        if constexpr (std::is_void_v<Result>) {
            Function(call, std::get<I>(arguments)...);
        } else {
            Returned<Result>::write(values[0], Function(call, std::get<I>(arguments)...));
        }
    }
};

template <auto Function, class Result, class... Arguments>
constexpr HostFunction make_host_function(std::string_view name, HostFunctionFlag flag,
                                          Result (*)(HostCall&, Arguments...)) {
    static_assert(sizeof...(Arguments) <= kHostParametersMax);
    HostFunction row;
    row.name = name;
    row.flag = flag;
    ((row.params[row.param_count] = Parameter<Arguments>::kWasm,
      row.kinds[row.param_count++] = Parameter<Arguments>::kKind),
     ...);
    row.result = Returned<Result>::kWasm;
    row.result_kind = Returned<Result>::kKind;
    row.callback = Glue<Function, Result, Arguments...>::enter;
    return row;
}
template <auto Function>
constexpr HostFunction host_function(std::string_view name,
                                     HostFunctionFlag flag = HostFunctionFlag::ordinary) {
    return make_host_function<Function>(name, flag, Function);
}

}  // namespace stipple::executor
