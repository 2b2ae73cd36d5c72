// The smallest pallet, as the README shows it (CMakeLists.txt takes it from there).
#include "kit/native_host.hpp"
#include "kit/runtime.hpp"

#include <gtest/gtest.h>

#include <greeter.hpp>

namespace stipple::runtime {
namespace {

TEST(Readme, shows_a_pallet_that_is_whole) {
    native_host::reset();
    constexpr PalletEntry kEntry = pallet<Greeter>(60);
    EXPECT_EQ(kEntry.name, "Greeter");
    const AccountId who{};
    Greeter::greetings.insert(who, 10);
    EXPECT_EQ(Greeter::greetings.get(who), 10U);
    EXPECT_EQ(Greeter::greet(Origin::none(), who).error(), DispatchError::bad_origin());
}

}  // namespace
}  // namespace stipple::runtime
