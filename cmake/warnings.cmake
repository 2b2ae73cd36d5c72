# The warnings every target of ours compiles with (docs: CONTRIBUTING.md, "Warnings").
add_library(stipple_warnings INTERFACE)
target_compile_options(stipple_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
    -Wnon-virtual-dtor
    $<$<BOOL:${STIPPLE_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc 12 reports these falsely under optimisation for std::optional, std::variant, std::string
    # and std::vector growth; clang and the sanitizer presets cover what they would find.
    target_compile_options(stipple_warnings INTERFACE
        -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict
        -Wno-stringop-overread -Wno-dangling-pointer -Wno-free-nonheap-object)
endif()
