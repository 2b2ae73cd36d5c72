// The part of GoogleTest that unit tests of pallets use, for wasm32: the library itself needs
// exceptions, files and threads. Tests include <gtest/gtest.h> and get this one in a Wasm build, so
// that the same sources run natively and in the node's executor.
//
// Spec: none (test support). A test registers itself when the module's constructors run; a failed
// expectation notes where, and units_wasm.cpp answers the host with what was noted.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <vector>

namespace testing {

class Test {
 public:
    Test() = default;
    Test(const Test&) = delete;
    Test& operator=(const Test&) = delete;
    virtual ~Test() = default;
    virtual void SetUp() {}
    virtual void TearDown() {}
    virtual void TestBody() {}  // not pure: the trap for that brings stdio along
};

/// One test, in the list of all.
struct Registered {
    const char* suite;
    const char* name;
    void (*run)();
    Registered* next = nullptr;

    Registered(const char* of, const char* called, void (*runs)())
        : suite(of), name(called), run(runs), next(first()) {
        first() = this;
    }
    static Registered*& first() {
        static Registered* head = nullptr;
        return head;
    }
};
template <class T>
void run_one() {
    T made;
    Test& test = made;
    test.SetUp();
    test.TestBody();
    test.TearDown();
}

/// What did not hold in the test at hand. Never destroyed: the C library's part for that would bring
/// a second allocator along.
inline std::vector<std::string>& failures() {
    static auto* const noted = new std::vector<std::string>;
    return *noted;
}

/// A failure; what is streamed into it belongs to its text.
class Note {
 public:
    Note(const char* file, int line, const char* what) {
        failures().push_back(std::string(file) + ":" + text_of(line) + ": " + what);
    }
    template <class T>
    Note& operator<<(const T& value) {
        failures().back() += " " + text_of(value);
        return *this;
    }

 private:
    static std::string text_of(const auto& value) {
        if constexpr (std::constructible_from<std::string, decltype(value)>) {
            return std::string(value);
        } else if constexpr (std::integral<std::remove_cvref_t<decltype(value)>>) {
            std::string digits;
            for (auto left = static_cast<unsigned long long>(value); left > 0; left /= 10) {
                digits.insert(digits.begin(), static_cast<char>('0' + left % 10));
            }
            return digits.empty() ? "0" : digits;
        } else {
            return "(a value)";
        }
    }
};
/// Ends the test: `return Ended() = Note(...) << ...;`
struct Ended {
    void operator=(const Note&) const {}
};

}  // namespace testing

#define UNITS_DEFINE(suite, name, base)                                                         \
    class suite##_##name##_Test : public base {                                                 \
     public:                                                                                    \
        void TestBody() override;                                                               \
    };                                                                                          \
    ::testing::Registered suite##_##name##_registered(#suite, #name,                            \
                                                      &::testing::run_one<suite##_##name##_Test>); \
    void suite##_##name##_Test::TestBody()
#define TEST(suite, name) UNITS_DEFINE(suite, name, ::testing::Test)
#define TEST_F(suite, name) UNITS_DEFINE(suite, name, suite)

// The switch keeps an `else` behind the macro away from the `if` in it.
#define UNITS_EXPECT(condition, text) \
    switch (0)                        \
    default:                          \
        if (condition) {              \
        } else                        \
            ::testing::Note(__FILE__, __LINE__, text)
#define UNITS_ASSERT(condition, text) \
    switch (0)                        \
    default:                          \
        if (condition) {              \
        } else                        \
            return ::testing::Ended() = ::testing::Note(__FILE__, __LINE__, text)

#define EXPECT_TRUE(a) UNITS_EXPECT(static_cast<bool>(a), #a)
#define EXPECT_FALSE(a) UNITS_EXPECT(!static_cast<bool>(a), "not " #a)
#define EXPECT_EQ(a, b) UNITS_EXPECT((a) == (b), #a " == " #b)
#define EXPECT_NE(a, b) UNITS_EXPECT((a) != (b), #a " != " #b)
#define EXPECT_LT(a, b) UNITS_EXPECT((a) < (b), #a " < " #b)
#define EXPECT_LE(a, b) UNITS_EXPECT((a) <= (b), #a " <= " #b)
#define EXPECT_GT(a, b) UNITS_EXPECT((a) > (b), #a " > " #b)
#define EXPECT_GE(a, b) UNITS_EXPECT((a) >= (b), #a " >= " #b)
#define ASSERT_TRUE(a) UNITS_ASSERT(static_cast<bool>(a), #a)
#define ASSERT_FALSE(a) UNITS_ASSERT(!static_cast<bool>(a), "not " #a)
#define ASSERT_EQ(a, b) UNITS_ASSERT((a) == (b), #a " == " #b)
