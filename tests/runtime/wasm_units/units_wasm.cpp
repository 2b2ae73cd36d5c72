// Unit tests of pallets as exports of a Wasm module: `units_list` names them, `units_run` runs the
// one with this number and answers what did not hold.
#include "kit/api.hpp"
#include "kit/native_host.hpp"
#include "kit/raw_host.hpp"
#include "kit/storage_buffer.hpp"

#include <gtest/gtest.h>

// All constructors of the module; who calls it himself gets no calls of it around each export.
extern "C" void __wasm_call_ctors();

namespace stipple::runtime {

/// Tests begin with it on both hosts; here the state is that of the call.
void native_host::reset() {
    storage_buffer().reset();
    // Key by key: the prefix of all keys is one that the host does not clear.
    while (const auto key = raw_host::next_key({})) {
        raw_host::clear(*key);
    }
}

namespace {
std::vector<std::string> list_units() {
    __wasm_call_ctors();
    std::vector<std::string> names;
    for (const auto* one = ::testing::Registered::first(); one != nullptr; one = one->next) {
        names.push_back(std::string(one->suite) + "." + one->name);
    }
    return names;
}
std::vector<std::string> run_unit(std::uint32_t number) {
    __wasm_call_ctors();
    const auto* one = ::testing::Registered::first();
    for (; one != nullptr && number > 0; --number) {
        one = one->next;
    }
    if (one == nullptr) {
        return {"no such test"};
    }
    one->run();
    return ::testing::failures();
}
}  // namespace
}  // namespace stipple::runtime

namespace kit = stipple::runtime::kit;

extern "C" __attribute__((export_name("units_list"))) std::uint64_t units_list(
    const std::uint8_t* data, std::size_t size) {
    return kit::detail::give_to_host(
        kit::detail::answer(&stipple::runtime::list_units, {data, size}));
}
extern "C" __attribute__((export_name("units_run"))) std::uint64_t units_run(
    const std::uint8_t* data, std::size_t size) {
    return kit::detail::give_to_host(
        kit::detail::answer(&stipple::runtime::run_unit, {data, size}));
}
