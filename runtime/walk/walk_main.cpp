// stipple_random_walk STEPS [SEED]: the long walk; one seed after another, each for some blocks.
#include "walk/walk.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>

namespace {
std::uint64_t number(const char* text) {
    std::uint64_t value = 0;
    std::from_chars(text, text + std::strlen(text), value);
    return value;
}
}  // namespace

int main(int argc, char** argv) {
    using namespace stipple;
    constexpr std::uint64_t kStepsOfSeed = 50'000;
    const std::uint64_t wanted = argc > 1 ? number(argv[1]) : 1'000'000;
    std::uint64_t seed = argc > 2 ? number(argv[2]) : 1;
    std::uint64_t done = 0;
    std::uint64_t successes = 0;
    for (; done < wanted; ++seed) {
        runtime::walk::Walk walk(Seed{seed});
        while (walk.steps() < kStepsOfSeed && done + walk.steps() < wanted) {
            if (const auto broken = walk.next_block()) {
                std::fprintf(stderr, "%s\n", broken->c_str());
                return 1;
            }
        }
        done += walk.steps();
        successes += walk.successes();
    }
    std::printf("%llu steps, %llu of them done\n", static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(successes));
    return 0;
}
