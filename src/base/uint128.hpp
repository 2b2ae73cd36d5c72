// 128-bit unsigned integers: balances, VRF outputs, BABE thresholds.
#pragma once

namespace stipple {
__extension__ typedef unsigned __int128 uint128;  // not ISO, but in every compiler we use
}
