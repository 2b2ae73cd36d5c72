# To be sourced: sanitizers of clang 19 name the lines of a finding by its own symbolizer, where it is there.
symbolizer=/usr/lib/llvm-19/bin/llvm-symbolizer
if [ -x "$symbolizer" ]; then
    export ASAN_SYMBOLIZER_PATH=$symbolizer
    export TSAN_OPTIONS="${TSAN_OPTIONS:-} external_symbolizer_path=$symbolizer"
fi
