#include "kit/executive.hpp"

#include "kit/genesis_build.hpp"
#include "kit/native_host.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/timestamp/timestamp.hpp"
#include "relay/presets.hpp"
#include "runtime_config.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

/// Nodes compute the root themselves of a block's body, over extrinsics with their lengths.
TEST(Executive, gives_the_extrinsics_root_that_nodes_compute_of_the_body) {
    native_host::reset();
    ASSERT_TRUE(build_genesis(*preset(std::string("development"))));
    constexpr Slot kSlot(1'000'000);
    Header header;
    header.number = 1;
    header.digest = {babe::pre_digest_item(babe::SecondaryPlainPreDigest{0, kSlot})};
    executive::initialize_block(header);
    Bytes inherent{0x04};
    append(inherent, RuntimeCall::make(Timestamp::index(), 0,
                                       Compact<Moment>{kSlot.value * config::kSlotDurationMs})
                         .encoded());
    ASSERT_TRUE(executive::apply_extrinsic(inherent).value);
    const Header made = executive::finalize_block();
    Bytes in_body;
    scale::encode_byte_string(in_body, inherent);
    const std::vector<Bytes> body{in_body};
    EXPECT_TRUE(equal(made.extrinsics_root, host::ordered_root(body, 0)));
}

}  // namespace
}  // namespace stipple::runtime
