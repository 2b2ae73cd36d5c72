// Module `hashing`: version 1 answers on the runtime's heap, version 2 into a given buffer.
//
// Spec: sect-hashing-api; host-api.md section 4.
#include "crypto/hash.hpp"
#include "executor/host_table.hpp"

namespace stipple::executor {
namespace {

template <auto Hash>
GuestPointer hash_v1(HostCall& call, ByteView data) {
    return call.give_fixed(Hash(data));
}
template <auto Hash>
inline constexpr std::size_t kDigestBytes = decltype(Hash(ByteView{}))::kSize;

template <auto Hash>
void hash_v2(HostCall&, ByteView data, std::span<std::uint8_t, kDigestBytes<Hash>> out) {
    std::ranges::copy(Hash(data).bytes, out.begin());
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr std::array kFunctions = {
    host_function<hash_v1<crypto::keccak_256>>("ext_hashing_keccak_256_version_1"),
    host_function<hash_v2<crypto::keccak_256>>("ext_hashing_keccak_256_version_2", kNewer),
    host_function<hash_v1<crypto::keccak_512>>("ext_hashing_keccak_512_version_1"),
    host_function<hash_v2<crypto::keccak_512>>("ext_hashing_keccak_512_version_2", kNewer),
    host_function<hash_v1<crypto::sha2_256>>("ext_hashing_sha2_256_version_1"),
    host_function<hash_v2<crypto::sha2_256>>("ext_hashing_sha2_256_version_2", kNewer),
    host_function<hash_v1<crypto::blake2b_128>>("ext_hashing_blake2_128_version_1"),
    host_function<hash_v2<crypto::blake2b_128>>("ext_hashing_blake2_128_version_2", kNewer),
    host_function<hash_v1<crypto::blake2b_256>>("ext_hashing_blake2_256_version_1"),
    host_function<hash_v2<crypto::blake2b_256>>("ext_hashing_blake2_256_version_2", kNewer),
    host_function<hash_v1<crypto::twox_64>>("ext_hashing_twox_64_version_1"),
    host_function<hash_v2<crypto::twox_64>>("ext_hashing_twox_64_version_2", kNewer),
    host_function<hash_v1<crypto::twox_128>>("ext_hashing_twox_128_version_1"),
    host_function<hash_v2<crypto::twox_128>>("ext_hashing_twox_128_version_2", kNewer),
    host_function<hash_v1<crypto::twox_256>>("ext_hashing_twox_256_version_1"),
    host_function<hash_v2<crypto::twox_256>>("ext_hashing_twox_256_version_2", kNewer),
};

}  // namespace

std::span<const HostFunction> hashing_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
