# stipple_module(<name> USES <modules> [LINKS <outside targets>] [PRECOMPILED <kind>]
#                [TOGETHER [ALONE <sources>]])
#
# Makes the current folder one library target `stipple_<name>`. The suffix of a file decides what it
# is: x.cpp library, x_test.cpp unit test, x_fuzz.cpp fuzzer, x_bench.cpp benchmark. USES names our
# own modules and is the architecture: tools/tidy.py compares it with the includes and with the table
# of rows. LINKS names outside libraries.
set(STIPPLE_BENCHES "" CACHE INTERNAL "")

# Parsing the standard library, Boost.JSON and GoogleTest costs more than most of our sources: it is
# done once for libraries and once for tests. The core of the node, whose header reaches nearly every
# module, is a kind of its own. Each source pays for what the header holds all the same (gcc
# instantiates the templates its inline functions use), so what few libraries use stays out of theirs.
# Sources include what they use in any case; `-DSTIPPLE_PCH=OFF` shows who does not.
option(STIPPLE_PCH "Precompiled headers of the standard library, Boost.JSON, GoogleTest and the core" ON)
# A precompiled header serves only who defines the same macros.
add_compile_definitions(FMT_SHARED BOOST_JSON_DYN_LINK BOOST_JSON_NO_LIB BOOST_CONTAINER_DYN_LINK
    BOOST_CONTAINER_NO_LIB GTEST_HAS_PTHREAD=1)
file(WRITE ${CMAKE_BINARY_DIR}/empty.cpp.new "")
configure_file(${CMAKE_BINARY_DIR}/empty.cpp.new ${CMAKE_BINARY_DIR}/empty.cpp COPYONLY)
set(STIPPLE_PCH_HEADERS
    <algorithm> <array> <atomic> <chrono> <compare> <concepts> <condition_variable> <cstddef> <cstdint>
    <cstring> <deque> <expected> <filesystem> <functional> <map> <memory> <mutex> <optional> <set>
    <span> <string> <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <boost/json.hpp>)
set(STIPPLE_PCH_LIBRARY ${STIPPLE_PCH_HEADERS})
list(REMOVE_ITEM STIPPLE_PCH_LIBRARY <condition_variable> <filesystem> <thread> <boost/json.hpp>)

# Called once, after the libraries that tests link are known.
function(stipple_precompile)
    if(NOT STIPPLE_PCH)
        return()
    endif()
    set(core ${CMAKE_SOURCE_DIR}/src/node/core.hpp)
    foreach(kind library node)
        add_library(stipple_pch_${kind} STATIC ${CMAKE_BINARY_DIR}/empty.cpp)
        target_link_libraries(stipple_pch_${kind} PRIVATE stipple_warnings)
        add_executable(stipple_pch_${kind}_test ${CMAKE_BINARY_DIR}/empty.cpp)
        target_link_libraries(stipple_pch_${kind}_test PRIVATE stipple_test_support stipple_warnings
            stipple_test_speed GTest::gtest GTest::gmock GTest::gtest_main)
        # ccache has given the header of another state of the sources: the compiler alone makes these.
        set_target_properties(stipple_pch_${kind} stipple_pch_${kind}_test PROPERTIES
            CXX_COMPILER_LAUNCHER "")
    endforeach()
    set(test_headers ${STIPPLE_PCH_HEADERS} <gtest/gtest.h> <gmock/gmock.h>)
    target_precompile_headers(stipple_pch_library PRIVATE ${STIPPLE_PCH_LIBRARY})
    target_precompile_headers(stipple_pch_library_test PRIVATE ${test_headers})
    target_precompile_headers(stipple_pch_node PRIVATE ${STIPPLE_PCH_HEADERS} ${core})
    target_precompile_headers(stipple_pch_node_test PRIVATE ${test_headers} ${core})
endfunction()

# Tests run for milliseconds, and optimising them fully takes a sixth of their compilation, naming
# their lines for debuggers a tenth; what they test keeps -O2 and its lines.
add_library(stipple_test_speed INTERFACE)
target_compile_options(stipple_test_speed INTERFACE "$<$<CONFIG:Release>:-O1;-g0>")

function(stipple_use_precompiled target kind)
    if(STIPPLE_PCH)
        target_precompile_headers(${target} REUSE_FROM stipple_pch_${kind})
    endif()
endfunction()

# The sources and tests of a module that says TOGETHER are compiled four at a time, but for those that
# are long enough ALONE: what they all instantiate is made once for the group, a third of the time of
# the largest modules. Other presets compile each source by itself: they show a missing include, and
# their compile commands are those that editors and clang-tidy want.
option(STIPPLE_TOGETHER "Compile the sources of large modules in groups" OFF)

function(stipple_together target alone)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${STIPPLE_TOGETHER} UNITY_BUILD_BATCH_SIZE 4)
    set_source_files_properties(${alone} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

function(stipple_module name)
    cmake_parse_arguments(ARG "TOGETHER" "PRECOMPILED" "USES;LINKS;TEST_USES;ALONE" ${ARGN})
    if(NOT ARG_PRECOMPILED)
        set(ARG_PRECOMPILED library)
    endif()
    file(GLOB all CONFIGURE_DEPENDS *.cpp)
    file(GLOB tests CONFIGURE_DEPENDS *_test.cpp)
    file(GLOB fuzzers CONFIGURE_DEPENDS *_fuzz.cpp)
    file(GLOB benches CONFIGURE_DEPENDS *_bench.cpp)
    set(sources ${all})
    list(REMOVE_ITEM sources ${tests} ${fuzzers} ${benches} ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)

    set(target stipple_${name})
    set(deps "")
    foreach(use ${ARG_USES})
        list(APPEND deps stipple_${use})
    endforeach()
    if(sources)
        add_library(${target} STATIC ${sources})
        target_link_libraries(${target} PUBLIC ${deps} ${ARG_LINKS} PRIVATE stipple_warnings)
        stipple_use_precompiled(${target} ${ARG_PRECOMPILED})
        if(ARG_TOGETHER)
            stipple_together(${target} "${ARG_ALONE}")
        endif()
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${deps} ${ARG_LINKS})
    endif()

    set(test_deps "")
    foreach(use ${ARG_TEST_USES})
        list(APPEND test_deps stipple_${use})
    endforeach()
    if(tests)
        add_executable(${target}_test ${tests})
        target_link_libraries(${target}_test PRIVATE ${target} ${test_deps} stipple_test_support
            stipple_warnings stipple_test_speed GTest::gtest GTest::gmock GTest::gtest_main)
        stipple_use_precompiled(${target}_test ${ARG_PRECOMPILED}_test)
        if(ARG_TOGETHER)
            stipple_together(${target}_test "")
        endif()
        gtest_discover_tests(${target}_test DISCOVERY_MODE PRE_TEST
            PROPERTIES LABELS unit TIMEOUT 300)
    endif()
    foreach(fuzzer ${fuzzers})
        get_filename_component(stem ${fuzzer} NAME_WE)
        stipple_fuzzer(${target} ${stem} ${fuzzer} "${test_deps}")
    endforeach()
    foreach(bench ${benches})
        get_filename_component(stem ${bench} NAME_WE)
        add_executable(${target}_${stem} EXCLUDE_FROM_ALL ${bench})
        target_link_libraries(${target}_${stem} PRIVATE ${target} ${test_deps} stipple_test_support
            stipple_warnings benchmark::benchmark)
        set(STIPPLE_BENCHES ${STIPPLE_BENCHES} ${target}_${stem} CACHE INTERNAL "")
    endforeach()
endfunction()

# With libFuzzer the program also explores (tools/fuzz.sh); under ctest it replays the kept corpus.
function(stipple_fuzzer target stem source test_deps)
    set(program ${target}_${stem})
    set(replay ${program} ${CMAKE_SOURCE_DIR}/tests/corpus/${stem})
    add_executable(${program} ${source})
    if(STIPPLE_LIBFUZZER)
        target_link_options(${program} PRIVATE -fsanitize=fuzzer)
        list(APPEND replay -runs=0)
    else()
        target_link_libraries(${program} PRIVATE stipple_fuzz_replay)
    endif()
    add_test(NAME fuzz.${stem} COMMAND ${replay})
    set_tests_properties(fuzz.${stem} PROPERTIES LABELS unit TIMEOUT 120)
    target_link_libraries(${program} PRIVATE ${target} ${test_deps} stipple_test_support stipple_test_speed
        stipple_warnings)
    stipple_use_precompiled(${program} library_test)
endfunction()
