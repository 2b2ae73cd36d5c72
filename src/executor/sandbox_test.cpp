// The sandbox, from a runtime written for this test. In text form, shortened:
//
//     supervisor: thunk(args, size, state, index): index 9 refuses; else answers
//                     Ok(Value(I32(2 * first argument + state)))
//                 run: makes a memory of one page, instantiates the guest with imports "double" ->
//                 3,
//                     "refuse" -> 9 and the memory; writes 100 into it at 20; invokes "run"(21)
//                     with state 1000; reads 4 bytes at 16; invokes "refused" and "boom"; reads
//                     past the memory's end; instantiates rubbish; reads global "answer"; tears
//                     down
//     guest:      run(x): memory[16] = x; double(x) + memory[20]
//                 refused: calls "refuse"        boom: unreachable       answer: global 42
#include "executor/sandbox.hpp"

#include "executor/call_alone.hpp"

#include <gtest/gtest.h>

namespace stipple::executor {
namespace {

constexpr std::string_view kSupervisor =
    "0061736d01000000013e0960027f7f017f60047f7f7f7f017f60047f7e7e7f017f60067f7e7e7f7f7f01"
    "7f60027f7e017e60017f0060017f017f60027f7f017e60047f7f7f7f017e02cd020903656e7620657874"
    "5f73616e64626f785f6d656d6f72795f6e65775f76657273696f6e5f31000003656e76206578745f7361"
    "6e64626f785f6d656d6f72795f6765745f76657273696f6e5f31000103656e76206578745f73616e6462"
    "6f785f6d656d6f72795f7365745f76657273696f6e5f31000103656e76216578745f73616e64626f785f"
    "696e7374616e74696174655f76657273696f6e5f31000203656e761c6578745f73616e64626f785f696e"
    "766f6b655f76657273696f6e5f31000303656e76246578745f73616e64626f785f6765745f676c6f6261"
    "6c5f76616c5f76657273696f6e5f31000403656e76276578745f73616e64626f785f696e7374616e6365"
    "5f74656172646f776e5f76657273696f6e5f31000503656e761e6578745f616c6c6f6361746f725f6d61"
    "6c6c6f635f76657273696f6e5f31000603656e76066d656d6f7279020001030504070807070404017000"
    "020608017f00418080020b0742040b5f5f686561705f626173650300195f5f696e6469726563745f6675"
    "6e6374696f6e5f7461626c6501000372756e000a0e61667465725f74656172646f776e000b0907010041"
    "010b01090ade02040c002000ad2001ad422086840b4b01017f4108100721042003410946044020044101"
    "3a00004101200410080f0b200441003a0000200441013a0001200441003a000220042002410220002802"
    "026c6a3602034107200410080bf90101027f4101410110002102410141800841aa011008418010413110"
    "0841051003210341802020033602004184202002411441801341041002360200418820200341c0124103"
    "10084180124106100841a020411041e8071004360200418c202002411041a82041041001360200419020"
    "200341d0124107100841a0124101100841c020411041001004360200419420200341e0124104100841a0"
    "124101100841c020411041001004360200419820200241ffff0341c02041021001360200419c20410141"
    "810841091008418010413110084105100336020041b020200341f012410610081005a729000037030020"
    "03100641802041c00010080b08004103100642000b0bb20209004180080baa010061736d010000000109"
    "0260017f017f600000022a0303656e7606646f75626c65000003656e7606726566757365000103656e76"
    "066d656d6f7279020101010304030001010606017f00412a0b07210406616e7377657203000372756e00"
    "020772656675736564000304626f6f6d00040a1e031300411020003602002000100041142802006a0b04"
    "0010010b0300000b0018046e616d650111020006646f75626c650106726566757365004180100b310c0c"
    "656e7618646f75626c6501030000000c656e761872656675736501090000000c656e76186d656d6f7279"
    "0200000000004180120b060400150000000041a0120b01000041c0120b0372756e0041d0120b07726566"
    "757365640041e0120b04626f6f6d0041f0120b06616e73776572004180130b046400000000aa01046e61"
    "6d6501620a000a6d656d6f72795f6e6577010a6d656d6f72795f676574020a6d656d6f72795f73657403"
    "0b696e7374616e74696174650406696e766f6b650506676c6f62616c060874656172646f776e07066d61"
    "6c6c6f630805736c69636509057468756e6b023f03080200026174010473697a65090500046172677301"
    "0473697a65020573746174650305696e64657804036f75740a0202066d656d6f727903056775657374";

std::expected<Bytes, CallError> call_supervisor(std::string_view method) {
    return testing::call_alone(kSupervisor, method);
}

TEST(Sandbox, runs_a_module_whose_imports_are_functions_of_the_runtime) {
    const auto answer = call_supervisor("run");
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->size(), 64u);
    const auto word = [&](std::size_t index) {
        return load_le<std::uint32_t>(ByteView(*answer).subspan(index * 4));
    };
    EXPECT_EQ(word(0), 0u) << "the first instance";
    EXPECT_EQ(word(1), sandbox_code::kOk) << "memory_set";
    EXPECT_EQ(word(2), sandbox_code::kOk) << "invoke run";
    EXPECT_EQ(word(3), sandbox_code::kOk) << "memory_get";
    EXPECT_EQ(word(4), sandbox_code::kExecution) << "the runtime refused";
    EXPECT_EQ(word(5), sandbox_code::kExecution) << "the guest trapped";
    EXPECT_EQ(word(6), sandbox_code::kOutOfBounds);
    EXPECT_EQ(word(7), sandbox_code::kModule);
    Bytes result{1, 0};  // Value, I32
    append_le(result, std::uint32_t{2 * 21 + 1000 + 100});
    EXPECT_EQ(Bytes(answer->begin() + 32, answer->begin() + 38), result);
    EXPECT_EQ(word(10), 21u) << "what the guest wrote";
    const Bytes answer_global{1, 0, 42, 0, 0, 0};  // Some, I32
    EXPECT_EQ(Bytes(answer->begin() + 48, answer->begin() + 54), answer_global);
}

TEST(Sandbox, traps_the_call_when_a_number_names_no_instance) {
    const auto answer = call_supervisor("after_teardown");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, CallErrorKind::trap);
    EXPECT_NE(answer.error().message.find("no instance of this number"), std::string::npos);
}

TEST(Sandbox, values_survive_their_encoding_and_rubbish_is_refused) {
    const std::vector<SandboxValue> values = {
        {WASM_I32, 0xffffffff}, {WASM_I64, 1ULL << 40}, {WASM_F32, 7}, {WASM_F64, 1ULL << 63}};
    Bytes encoded;
    scale::encode_compact(encoded, values.size());
    for (const auto& value : values) {
        encode_sandbox_value(encoded, value);
    }
    const auto decoded = decode_sandbox_values(encoded);
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ((*decoded)[i].kind, values[i].kind);
        EXPECT_EQ((*decoded)[i].bits, values[i].bits);
    }
    encoded.pop_back();
    EXPECT_FALSE(decode_sandbox_values(encoded));
    EXPECT_FALSE(decode_sandbox_values(Bytes{4, 9, 0, 0, 0, 0}));
    EXPECT_FALSE(decode_sandbox_values(Bytes{0xfe, 0xff, 0xff, 0xff}));
}

}  // namespace
}  // namespace stipple::executor
