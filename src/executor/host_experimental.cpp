// Elliptic curves and key types that only experimental runtimes import.
//
// Spec: none; host-api.md sections 3 and 9. They are here by name so that such a runtime loads and
// runs as far as it does without them; a call traps and says why.
#include "executor/host_table.hpp"

namespace stipple::executor {
namespace {

void refuse(HostCall& call) {
    call.trap("experimental cryptography is not supported");
}
GuestBytes one_point(HostCall& call, ByteView) {
    refuse(call);
    return {};
}
GuestBytes two_points(HostCall& call, ByteView, ByteView) {
    refuse(call);
    return {};
}
GuestPointer generate(HostCall& call, std::span<const std::uint8_t, 4>, ByteView) {
    refuse(call);
    return {};
}
GuestBytes sign(HostCall& call, std::span<const std::uint8_t, 4>, std::uint32_t, ByteView) {
    refuse(call);
    return {};
}

template <auto Function>
constexpr HostFunction row(std::string_view name) {
    return host_function<Function>(name, HostFunctionFlag::experimental);
}
constexpr std::array kFunctions = {
    row<generate>("ext_crypto_bls381_generate_version_1"),
    row<generate>("ext_crypto_ecdsa_bls381_generate_version_1"),
    row<generate>("ext_crypto_bls377_generate_version_1"),
    row<generate>("ext_crypto_ecdsa_bls377_generate_version_1"),
    row<generate>("ext_crypto_bandersnatch_generate_version_1"),
    row<sign>("ext_crypto_bls381_generate_proof_of_possession_version_1"),
    row<sign>("ext_crypto_bandersnatch_sign_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_381_multi_miller_loop_version_1"),
    row<one_point>("ext_elliptic_curves_bls12_381_final_exponentiation_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_381_msm_g1_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_381_msm_g2_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_381_mul_projective_g1_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_381_mul_projective_g2_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_377_multi_miller_loop_version_1"),
    row<one_point>("ext_elliptic_curves_bls12_377_final_exponentiation_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_377_msm_g1_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_377_msm_g2_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_377_mul_projective_g1_version_1"),
    row<two_points>("ext_elliptic_curves_bls12_377_mul_projective_g2_version_1"),
    row<two_points>("ext_elliptic_curves_bw6_761_multi_miller_loop_version_1"),
    row<one_point>("ext_elliptic_curves_bw6_761_final_exponentiation_version_1"),
    row<two_points>("ext_elliptic_curves_bw6_761_msm_g1_version_1"),
    row<two_points>("ext_elliptic_curves_bw6_761_msm_g2_version_1"),
    row<two_points>("ext_elliptic_curves_bw6_761_mul_projective_g1_version_1"),
    row<two_points>("ext_elliptic_curves_bw6_761_mul_projective_g2_version_1"),
    row<two_points>("ext_elliptic_curves_ed_on_bls12_377_msm_version_1"),
    row<two_points>("ext_elliptic_curves_ed_on_bls12_377_mul_projective_version_1"),
    row<two_points>("ext_elliptic_curves_ed_on_bls12_381_bandersnatch_sw_msm_version_1"),
    row<two_points>("ext_elliptic_curves_ed_on_bls12_381_bandersnatch_te_msm_version_1"),
    row<two_points>("ext_elliptic_curves_ed_on_bls12_381_bandersnatch_sw_mul_projective_version_1"),
    row<two_points>("ext_elliptic_curves_ed_on_bls12_381_bandersnatch_te_mul_projective_version_1"),
};

}  // namespace

std::span<const HostFunction> experimental_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
