// Failure of the environment: `Result<T>` with a message that grows one layer at a time,
//     "import #120: read parent: column 3: I/O error".
//
// Bad input and bad peers get typed enums of their own (one per operation), not this. `TRY` and
// `TRY_ASSIGN` propagate either kind: they work with any std::expected whose error converts.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace stipple {

/// What went wrong outside of us, as one line for a person.
class [[nodiscard]] Error {
 public:
    Error() = default;
    explicit Error(std::string message) : message_(std::move(message)) {}
    const std::string& message() const { return message_; }
    /// Puts where it happened in front: "<where>: <message>".
    Error in(std::string_view where) && {
        message_.insert(0, std::string(where) + ": ");
        return std::move(*this);
    }
    friend bool operator==(const Error&, const Error&) = default;

 private:
    std::string message_;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message) {
    return std::unexpected(Error(std::move(message)));
}
/// Re-raises the error of a failed result with its place in front.
template <class T>
std::unexpected<Error> fail_in(std::string_view where, std::expected<T, Error>&& failed) {
    return std::unexpected(std::move(failed).error().in(where));
}

}  // namespace stipple

#define STIPPLE_CONCAT_(a, b) a##b
#define STIPPLE_CONCAT(a, b) STIPPLE_CONCAT_(a, b)

/// TRY(statement): returns the error from the enclosing function when `expression` has failed.
#define TRY(expression)                                             \
    do {                                                            \
        auto stipple_try = (expression);                            \
        if (!stipple_try) {                                         \
            return std::unexpected(std::move(stipple_try).error()); \
        }                                                           \
    } while (false)

/// TRY_ASSIGN(auto x, expression): declares or assigns x with the value, or returns the error.
#define TRY_ASSIGN(target, expression) \
    TRY_ASSIGN_(target, expression, STIPPLE_CONCAT(stipple_try_, __LINE__))
#define TRY_ASSIGN_(target, expression, name)            \
    auto name = (expression);                            \
    if (!name) {                                         \
        return std::unexpected(std::move(name).error()); \
    }                                                    \
    target = std::move(*name)
