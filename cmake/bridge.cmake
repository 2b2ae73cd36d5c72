# The Rust static library `bridge/`, built by cargo, and the headers that go with it: our own in
# bridge/include, Wasmtime's from its crate (conf.h made from its template with our features).
find_program(CARGO cargo HINTS $ENV{HOME}/.cargo/bin REQUIRED)
set(BRIDGE_DIR ${CMAKE_SOURCE_DIR}/bridge)
set(BRIDGE_TARGET_DIR ${CMAKE_SOURCE_DIR}/build/bridge)
set(BRIDGE_LIB ${BRIDGE_TARGET_DIR}/release/libstipple_bridge.a)

execute_process(
    COMMAND ${CARGO} metadata --format-version 1 --locked --manifest-path ${BRIDGE_DIR}/Cargo.toml
    OUTPUT_VARIABLE BRIDGE_METADATA RESULT_VARIABLE BRIDGE_METADATA_STATUS ERROR_QUIET)
if(NOT BRIDGE_METADATA_STATUS EQUAL 0)
    message(FATAL_ERROR "cargo metadata of bridge/ failed: run `make setup`")
endif()
string(REGEX MATCH "\"manifest_path\":\"([^\"]*wasmtime-c-api-impl-[0-9.]+)/Cargo.toml\"" _ "${BRIDGE_METADATA}")
set(WASMTIME_C_API_DIR ${CMAKE_MATCH_1})
if(NOT EXISTS ${WASMTIME_C_API_DIR}/include/wasmtime.h)
    message(FATAL_ERROR "the Wasmtime C headers are not in its crate: run `make setup`")
endif()
# The template has `#cmakedefine WASMTIME_FEATURE_X`: define the features Cargo.toml chooses.
foreach(feature CRANELIFT POOLING_ALLOCATOR PARALLEL_COMPILATION ADDR2LINE DEMANGLE COMPILER)
    set(WASMTIME_FEATURE_${feature} ON)
endforeach()
configure_file(${WASMTIME_C_API_DIR}/include/wasmtime/conf.h.in
    ${CMAKE_BINARY_DIR}/wasmtime-include/wasmtime/conf.h)

file(GLOB_RECURSE BRIDGE_SOURCES CONFIGURE_DEPENDS ${BRIDGE_DIR}/src/*.rs)
add_custom_command(
    OUTPUT ${BRIDGE_LIB}
    COMMAND ${CMAKE_COMMAND} -E env CARGO_TARGET_DIR=${BRIDGE_TARGET_DIR}
            ${CARGO} build --release --locked --quiet --manifest-path ${BRIDGE_DIR}/Cargo.toml
    DEPENDS ${BRIDGE_SOURCES} ${BRIDGE_DIR}/Cargo.toml ${BRIDGE_DIR}/Cargo.lock
    COMMENT "bridge (Rust)" VERBATIM)
# Who links the library waits for it by its path; a dependency of targets would keep every object
# waiting.
add_custom_target(stipple_bridge_build ALL DEPENDS ${BRIDGE_LIB})
add_library(stipple_bridge INTERFACE)
target_include_directories(stipple_bridge SYSTEM INTERFACE
    ${CMAKE_BINARY_DIR}/wasmtime-include ${WASMTIME_C_API_DIR}/include)
target_include_directories(stipple_bridge INTERFACE ${BRIDGE_DIR}/include)
target_link_libraries(stipple_bridge INTERFACE ${BRIDGE_LIB} Threads::Threads ${CMAKE_DL_LIBS} m)
