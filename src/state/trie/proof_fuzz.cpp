// Any bytes as a proof: SCALE list of nodes, walked, decoded as compact, verified as omitted.
#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "scale/codec.hpp"
#include "state/trie/proof.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::state;
    const auto proof = scale::decode_prefix<std::vector<Bytes>>({data, size});
    if (!proof || proof->empty() || proof->size() > 256) {
        return 0;
    }
    const StateRoot root(crypto::blake2b_256(proof->front()).bytes);
    const Bytes key = {0x12, 0x34};
    const ProofReader reader(*proof, root);
    (void)reader.value(TrieId::main(), key);
    (void)reader.branch(TrieId::main(), Bytes{1, 2, 3});
    const auto cursor = reader.keys(TrieId::main(), {});
    for (int i = 0; i < 64 && cursor->valid(); ++i) {
        (void)cursor->value();
        cursor->next();
    }
    (void)decode_compact_proof(*proof, root);
    if (const auto compact = encode_compact_proof(*proof, root)) {
        CHECK(decode_compact_proof(*compact, root) ||
              compact->size() != proof->size());  // a tree that repeats nodes grows
    }
    const std::vector<ProvenItem> items = {{key, std::nullopt}};
    (void)verify_compact_trie_proof(*proof, root, items, StateVersion::v1);
    return 0;
}
