# How everything is compiled: baseline x86-64-v2 (AVX2 is chosen at run time), ccache and mold where
# the machine has them.
find_program(CCACHE ccache)
if(CCACHE)
    # Without these words ccache does not keep what was compiled with a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-march=x86-64-v2)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")
# Debug sections double the time to link; compressing them keeps the binaries small.
add_compile_options(-fno-omit-frame-pointer $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess> -fdiagnostics-color=auto)
# The precompiled headers alone make gcc collect garbage all the time: with half a GiB of heap before
# it begins, compiling takes a twentieth less.
add_compile_options("$<$<COMPILE_LANG_AND_ID:CXX,GNU>:SHELL:--param ggc-min-heapsize=524288>")
add_compile_definitions($<$<BOOL:${STIPPLE_DCHECK}>:STIPPLE_DCHECK=1>)
if(STIPPLE_SANITIZE)
    add_compile_options(-fsanitize=${STIPPLE_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${STIPPLE_SANITIZE})
endif()
if(STIPPLE_LIBFUZZER)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
include_directories(${CMAKE_SOURCE_DIR}/src)
