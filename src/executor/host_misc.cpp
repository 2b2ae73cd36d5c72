// Modules `misc`, `logging`, `panic_handler`, `allocator`, `input`, `wasm_tracing` and the proof
// size of parachain runtimes.
//
// Spec: sect-misc-api, sect-logging-api, sect-allocator-api; host-api.md section 6; RFC-0145.
#include "base/log.hpp"
#include "executor/host_storage.hpp"
#include "executor/host_table.hpp"
#include "executor/limits.hpp"

namespace stipple::executor {
namespace {

constexpr std::string_view kTarget = "runtime";

/// Continuation bytes that follow a UTF-8 lead byte; absent for what is none.
std::optional<std::size_t> utf8_tail(std::uint8_t lead) {
    if (lead < 0x80) {
        return 0;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        return 2;
    }
    return lead >= 0xf0 && lead <= 0xf4 ? std::optional<std::size_t>(3) : std::nullopt;
}
bool is_utf8(ByteView text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto tail = utf8_tail(text[i]);
        if (!tail || text.size() - i <= *tail) {
            return false;
        }
        for (std::size_t j = 1; j <= *tail; ++j) {
            if ((text[i + j] & 0xc0U) != 0x80) {
                return false;
            }
        }
        const std::uint8_t second = *tail == 0 ? std::uint8_t{0} : text[i + 1];
        const bool overlong =
            (text[i] == 0xe0 && second < 0xa0) || (text[i] == 0xf0 && second < 0x90);
        const bool out_of_range =
            (text[i] == 0xed && second > 0x9f) || (text[i] == 0xf4 && second > 0x8f);
        if (overlong || out_of_range) {
            return false;
        }
        i += 1 + *tail;
    }
    return true;
}

void print_num(HostCall&, std::uint64_t value) {
    log(LogLevel::debug, kTarget, "{}", value);
}
void print_utf8(HostCall&, ByteView text) {
    if (is_utf8(text)) {
        log(LogLevel::debug, kTarget, "{}", as_text(text));
    }
}
void print_hex(HostCall&, ByteView bytes) {
    if (log_enabled(LogLevel::debug, kTarget)) {
        log_message(LogLevel::debug, kTarget, to_hex(bytes));
    }
}
void log_entry(HostCall& call, std::uint32_t level, ByteView target, ByteView message) {
    if (!is_utf8(message) || !is_utf8(target)) {
        return;
    }
    const auto known = level >= 2 && level <= 5 ? static_cast<LogLevel>(level) : LogLevel::error;
    if (known == LogLevel::error) {
        call.last_error_log = as_text(message.first(std::min(message.size(), kPanicMessageMax)));
    }
    if (log_enabled(known, as_text(target))) {
        log_message(known, as_text(target), as_text(message));
    }
}
/// At least `error`, so that a panic message always reaches CallError.
std::uint32_t log_max_level(HostCall&) {
    return static_cast<std::uint32_t>(std::max(log_level_max(), LogLevel::error));
}
void abort_on_panic(HostCall& call, ByteView message) {
    call.panic_message = as_text(message.first(std::min(message.size(), kPanicMessageMax)));
    call.trap("runtime panicked: " + *call.panic_message);
}

std::optional<Bytes> version_of(HostCall& call, ByteView wasm) {
    return call.versions == nullptr ? std::nullopt : call.versions->version_of(wasm);
}
GuestBytes runtime_version(HostCall& call, ByteView wasm) {
    return call.give_option(view_of(version_of(call, wasm)));
}
OptionalU32 runtime_version_v2(HostCall& call, ByteView wasm, MutableByteView out) {
    const auto version = version_of(call, wasm);
    if (!version) {
        return {};
    }
    copy_if_fits(*version, out);
    return {static_cast<std::uint32_t>(version->size())};
}
OptionalU32 last_cursor(HostCall& call, MutableByteView out) {
    if (!call.last_cursor) {
        return {};
    }
    const auto size = static_cast<std::uint32_t>(call.last_cursor->size());
    if (copy_if_fits(*call.last_cursor, out)) {
        call.last_cursor.reset();
    }
    return {size};
}

GuestPointer allocator_malloc(HostCall& call, std::uint32_t size) {
    const auto address = call.allocator.allocate(call.memory, size);
    if (!address) {
        call.trap(describe(address.error()));
        return {};
    }
    return {*address};
}
void allocator_free(HostCall& call, std::uint32_t address) {
    if (const auto freed = call.allocator.free(call.memory, address); !freed) {
        call.trap(describe(freed.error()));
    }
}

void input_read(HostCall& call, MutableByteView out) {
    if (!call.input) {
        call.trap("the input was read before");
        return;
    }
    if (!copy_if_fits(*call.input, out)) {
        call.trap("the buffer for the input is too small");
    }
    call.input.reset();
}

// Tracing spans are for profiling builds of a runtime; none is ever recorded here.
bool tracing_enabled(HostCall&, ByteView) {
    return false;
}
std::uint64_t tracing_enter_span(HostCall&, ByteView) {
    return 0;
}
void tracing_event(HostCall&, ByteView) {}
void tracing_exit(HostCall&, std::uint64_t) {}

std::uint64_t storage_proof_size(HostCall& call) {
    return call.context.proof_size ? call.context.proof_size() : UINT64_MAX;
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr auto kExperimental = HostFunctionFlag::experimental;
constexpr std::array kFunctions = {
    host_function<print_num>("ext_misc_print_num_version_1"),
    host_function<print_utf8>("ext_misc_print_utf8_version_1"),
    host_function<print_hex>("ext_misc_print_hex_version_1"),
    host_function<runtime_version>("ext_misc_runtime_version_version_1"),
    host_function<runtime_version_v2>("ext_misc_runtime_version_version_2", kNewer),
    host_function<last_cursor>("ext_misc_last_cursor_version_1", kNewer),
    host_function<log_entry>("ext_logging_log_version_1"),
    host_function<log_max_level>("ext_logging_max_level_version_1"),
    host_function<abort_on_panic>("ext_panic_handler_abort_on_panic_version_1"),
    host_function<allocator_malloc>("ext_allocator_malloc_version_1"),
    host_function<allocator_free>("ext_allocator_free_version_1"),
    host_function<input_read>("ext_input_read_version_1", kNewer),
    host_function<tracing_enabled>("ext_wasm_tracing_enabled_version_1", kExperimental),
    host_function<tracing_enter_span>("ext_wasm_tracing_enter_span_version_1", kExperimental),
    host_function<tracing_event>("ext_wasm_tracing_event_version_1", kExperimental),
    host_function<tracing_exit>("ext_wasm_tracing_exit_version_1", kExperimental),
    host_function<storage_proof_size>("ext_storage_proof_size_storage_proof_size_version_1",
                                      HostFunctionFlag::parachain),
};

}  // namespace

std::span<const HostFunction> misc_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
