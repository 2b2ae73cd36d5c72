// stipple_runtime_metadata FILE: writes all versions of the metadata, packed, as numbers for
// kit/metadata_wasm.cpp. Runs while the runtime is built, so that no Wasm code describes types.
#include "kit/metadata.hpp"
#include "kit/metadata_pack.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    using namespace stipple;
    if (argc != 2) {
        std::fputs("usage: stipple_runtime_metadata FILE\n", stderr);
        return EXIT_FAILURE;
    }
    std::vector<Bytes> texts;
    for (const std::uint32_t version : runtime::kMetadataVersions) {
        texts.push_back(runtime::metadata(version).value_or(Bytes{}));
    }
    const Bytes packed = runtime::pack_metadata(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (runtime::unpack_metadata(packed, i) != texts[i]) {
            std::fputs("what was packed does not unpack\n", stderr);
            return EXIT_FAILURE;
        }
    }
    std::FILE* file = std::fopen(argv[1], "w");
    if (file == nullptr) {
        std::perror(argv[1]);
        return EXIT_FAILURE;
    }
    constexpr std::size_t kPerLine = 24;
    for (std::size_t i = 0; i < packed.size(); ++i) {
        std::fprintf(file, "%u,%s", unsigned{packed[i]}, i % kPerLine == kPerLine - 1 ? "\n" : "");
    }
    return std::fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
