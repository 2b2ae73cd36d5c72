#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace stipple {
void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "stipple: internal error: CHECK(%s) failed at %s:%d\n", condition, file,
                 line);
    std::abort();
}
}  // namespace stipple
