// Any bytes as a record: no crash, and nothing unsigned is believed.
#include "base/check.hpp"
#include "network/discovery/record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::network::discovery;
    static const AuthorityId authority =
        crypto::Sr25519Keypair::from_seed(crypto::Secret<32>({7})).public_key;
    CHECK(!verify_record(ByteView(data, size), authority, (size & 1) != 0));
    return 0;
}
