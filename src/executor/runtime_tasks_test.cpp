// Runtime tasks, from a runtime written for this test. In text form, shortened:
//
//     wrapper(entry, bytes): adds entry to the first byte       (place 1 in the table)
//     reader(entry, bytes): ext_storage_get(bytes)              (place 2)
//     run: spawns wrapper with 2 and "abc", then with 1 and "ab"; answers the join of the first
//     reads: spawns reader     joins_nothing: joins a number that was never given
#include "executor/call_alone.hpp"

#include <gtest/gtest.h>

namespace stipple::executor {
namespace {

constexpr std::string_view kRuntime =
    "0061736d01000000011a0460037f7f7e017e60017e017e60027f7f017e60037f7f7f017e027e0403656e"
    "76216578745f72756e74696d655f7461736b735f737061776e5f76657273696f6e5f31000003656e7620"
    "6578745f72756e74696d655f7461736b735f6a6f696e5f76657273696f6e5f31000103656e7619657874"
    "5f73746f726167655f6765745f76657273696f6e5f31000103656e76066d656d6f727902000103070602"
    "03030202020404017000030608017f00418080020b0749050b5f5f686561705f626173650300195f5f69"
    "6e6469726563745f66756e6374696f6e5f7461626c6501000372756e000605726561647300070d6a6f69"
    "6e735f6e6f7468696e6700080908010041010b0204050a6c060c002000ad2001ad422086840b15002001"
    "200020012d00006a3a00002001200210030b0a0020012002100310020b2501017e410141024180084103"
    "100310002102410141014180084102100310001a200210010b0f00410241004180084103100310000b06"
    "00420710010b0b0a01004180080b036162630070046e616d65012b060005737061776e01046a6f696e02"
    "036765740305736c6963650407777261707065720506726561646572023c04030200026174010473697a"
    "6504030005656e74727901026174020473697a6505030005656e74727901026174020473697a65060102"
    "056669727374";

std::expected<Bytes, CallError> call_runtime(std::string_view method) {
    return testing::call_alone(kRuntime, method);
}

TEST(RuntimeTasks, run_in_instances_of_their_own_and_answer_once_joined) {
    const auto answer = call_runtime("run");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(as_text(*answer), "cbc");
}

TEST(RuntimeTasks, have_no_state) {
    const auto answer = call_runtime("reads");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, CallErrorKind::trap);
    EXPECT_NE(answer.error().message.find("a runtime task has no state"), std::string::npos)
        << answer.error().message;
}

TEST(RuntimeTasks, that_were_never_spawned_cannot_be_joined) {
    const auto answer = call_runtime("joins_nothing");
    ASSERT_FALSE(answer);
    EXPECT_NE(answer.error().message.find("no runtime task of this number"), std::string::npos);
}

}  // namespace
}  // namespace stipple::executor
