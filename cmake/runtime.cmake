# stipple_wasm_runtime(<target> OUTPUT <file> SOURCES <.cpp ...> INCLUDES <dirs> [DEFINES ...]
#                      [GENERATED <files>] [FAST <pattern>] [OBJECTS_OF <target> EXCEPT <.cpp ...>])
#
# Compiles a runtime for wasm32 with clang 19 and links it into one module that every Wasm executor
# of the field accepts: MVP instructions and mutable globals, memory imported from the host, no WASI.
# The Rust node refuses even sign extension. Paths are mapped away, so the bytes depend on the
# sources and the compiler alone. With OBJECTS_OF the objects of another runtime are linked, and only
# the sources under EXCEPT are compiled again, with the DEFINES. Sources whose names match FAST are
# compiled for speed, all others for size.
find_program(PYTHON3 python3 REQUIRED)
# ccache may turn absolute paths into relative ones: both are mapped.
file(RELATIVE_PATH stipple_wasm_up ${CMAKE_BINARY_DIR}/runtime ${CMAKE_SOURCE_DIR})
string(REGEX REPLACE "/$" "" stipple_wasm_up ${stipple_wasm_up})
# Takes a third off the linked module: it inlines, merges and drops across all objects.
find_program(STIPPLE_WASM_OPT wasm-opt REQUIRED)
# Each call gets memory of its own, all zeros, which therefore need not be written.
set(STIPPLE_WASM_OPT_FLAGS -Oz --enable-mutable-globals --zero-filled-memory)
find_program(STIPPLE_WASM_CLANG NAMES clang++-19 clang++)
set(STIPPLE_WASM_FLAGS
    --target=wasm32-wasi -mcpu=mvp -mmutable-globals
    -std=c++23 -fno-exceptions -fno-rtti -fno-threadsafe-statics -fvisibility=hidden
    -ffunction-sections -fdata-sections -DNDEBUG
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${stipple_wasm_up}=.
    -Wall -Wextra -Werror)
set(STIPPLE_WASM_LINK_FLAGS
    --target=wasm32-wasi -nostartfiles -nodefaultlibs -Wl,-O2 -fuse-ld=lld
    -Wl,--no-entry,--import-memory,--export=__heap_base,--export=__data_end,--export-table
    -Wl,--gc-sections,--strip-all,-z,stack-size=1048576 -lc++ -lc
    /usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a)

# The standard library, parsed once for each level of optimisation: most of the time of most sources.
# The objects are the same bytes with and without.
set(STIPPLE_WASM_WORDS ${CMAKE_SOURCE_DIR}/runtime/kit/wasm_words.hpp)
function(stipple_wasm_precompile)
    set(text "#pragma once\n#include \"${STIPPLE_WASM_WORDS}\"\n")
    foreach(header algorithm array compare concepts cstddef cstdint cstring expected functional map memory
            optional set span string string_view tuple unordered_map utility variant vector)
        string(APPEND text "#include <${header}>\n")
    endforeach()
    foreach(level -Oz -O2)
        set(header ${CMAKE_CURRENT_BINARY_DIR}/stipple_wasm${level}.hpp)
        file(CONFIGURE OUTPUT ${header} CONTENT "${text}" @ONLY)
        add_custom_command(OUTPUT ${header}.pch
            COMMAND ${STIPPLE_WASM_CLANG} ${STIPPLE_WASM_FLAGS} ${level} -fpch-instantiate-templates
                -I${CMAKE_SOURCE_DIR}/src -MD -MF ${header}.d -x c++-header ${header} -o ${header}.pch
            DEPENDS ${header} DEPFILE ${header}.d COMMENT "wasm32 precompiled header ${level}" VERBATIM)
        list(APPEND made ${header}.pch)
    endforeach()
    add_custom_target(stipple_wasm_precompiled DEPENDS ${made})
endfunction()

function(stipple_wasm_runtime target)
    cmake_parse_arguments(ARG "" "OUTPUT;OBJECTS_OF;FAST" "SOURCES;INCLUDES;DEFINES;EXCEPT;GENERATED" ${ARGN})
    list(TRANSFORM ARG_INCLUDES PREPEND -I)
    list(TRANSFORM ARG_DEFINES PREPEND -D)
    # The lowest rows of src/, as they are.
    list(APPEND ARG_SOURCES
        ${CMAKE_SOURCE_DIR}/src/base/bytes.cpp ${CMAKE_SOURCE_DIR}/src/scale/codec.cpp
        ${CMAKE_SOURCE_DIR}/src/scale/decoder.cpp ${CMAKE_SOURCE_DIR}/src/primitives/header.cpp
        ${CMAKE_SOURCE_DIR}/src/primitives/runtime_version.cpp
        ${CMAKE_SOURCE_DIR}/src/primitives/babe.cpp ${CMAKE_SOURCE_DIR}/src/primitives/grandpa.cpp)
    set(objects "")
    foreach(source ${ARG_SOURCES})
        file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR} ${source})
        string(REPLACE "/" "_" name ${name})
        if(ARG_OBJECTS_OF AND NOT source IN_LIST ARG_EXCEPT)
            list(APPEND objects ${CMAKE_CURRENT_BINARY_DIR}/${ARG_OBJECTS_OF}.dir/${name}.o)
            continue()
        endif()
        set(object ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir/${name}.o)
        # Generated files are included by sources named so.
        set(needs "")
        if(name MATCHES "metadata_wasm")
            set(needs ${ARG_GENERATED})
        endif()
        set(size -Oz)
        if(ARG_FAST AND name MATCHES "${ARG_FAST}")
            set(size -O2)
        endif()
        set(precompiled ${CMAKE_CURRENT_BINARY_DIR}/stipple_wasm${size}.hpp.pch)
        add_custom_command(OUTPUT ${object}
            COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${STIPPLE_WASM_CLANG} ${STIPPLE_WASM_FLAGS} ${size}
                ${ARG_DEFINES} -include-pch ${precompiled} -I${CMAKE_SOURCE_DIR}/src ${ARG_INCLUDES}
                -MD -MF ${object}.d -c ${source} -o ${object}
            DEPENDS ${source} ${precompiled} ${needs} DEPFILE ${object}.d
            COMMENT "wasm32 ${name}" VERBATIM)
        list(APPEND objects ${object})
    endforeach()
    get_filename_component(folder ${ARG_OUTPUT} DIRECTORY)
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir ${folder})
    add_custom_command(OUTPUT ${ARG_OUTPUT}
        COMMAND ${STIPPLE_WASM_CLANG} ${objects} ${STIPPLE_WASM_LINK_FLAGS} -o ${ARG_OUTPUT}
        COMMAND ${STIPPLE_WASM_OPT} ${STIPPLE_WASM_OPT_FLAGS} ${ARG_OUTPUT} -o ${ARG_OUTPUT}
        COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/tools/wasm_sections.py ${ARG_OUTPUT} ${objects}
        DEPENDS ${objects} ${CMAKE_SOURCE_DIR}/tools/wasm_sections.py COMMENT "linking ${ARG_OUTPUT}" VERBATIM)
    add_custom_target(${target} ALL DEPENDS ${ARG_OUTPUT})
    add_dependencies(${target} stipple_wasm_precompiled)
    if(ARG_OBJECTS_OF)
        add_dependencies(${target} ${ARG_OBJECTS_OF})
    endif()
endfunction()
