#include "pallets/mmr_leaf/mmr_leaf.hpp"

#include "pallets/mmr_leaf/ethereum.hpp"
#include "pallets/system/system.hpp"

namespace stipple::runtime {

namespace {
BeefyAuthoritySet describe_set(const BeefyValidatorSet& set) {
    std::vector<Bytes> addresses;
    for (const crypto::EcdsaPublic& key : set.validators) {
        addresses.push_back(ethereum_address(key));
        if (addresses.back().empty()) {
            host::log(host::LogLevel::error, "runtime::beefy", "a BEEFY key is no point");
        }
    }
    return {set.id, static_cast<std::uint32_t>(addresses.size()), binary_merkle_root(addresses)};
}
}  // namespace

Hash binary_merkle_root(const std::vector<Bytes>& leaves) {
    std::vector<Hash> row;
    for (const Bytes& leaf : leaves) {
        row.push_back(host::keccak_256(leaf));
    }
    while (row.size() > 1) {
        std::vector<Hash> above;
        for (std::size_t i = 0; i < row.size(); i += 2) {
            if (i + 1 == row.size()) {
                above.push_back(row[i]);
                continue;
            }
            Bytes both = to_bytes(row[i].view());
            append(both, row[i + 1].view());
            above.push_back(host::keccak_256(both));
        }
        row = std::move(above);
    }
    return row.empty() ? Hash{} : row[0];
}

MmrLeafData MmrLeaf::leaf() {
    return {0,
            {saturating_sub(System::number.get(), 1U), System::parent_hash.get()},
            beefy_next_authorities.get(),
            wiring::mmr_leaf_extra()};
}

void MmrLeaf::on_new_validator_set(const BeefyValidatorSet& now, const BeefyValidatorSet& next) {
    // The set of this session was the next one: it need not be described twice.
    const BeefyAuthoritySet foreseen = beefy_next_authorities.get();
    beefy_authorities.set(foreseen.id == now.id && foreseen.len == now.validators.size()
                              ? foreseen
                              : describe_set(now));
    beefy_next_authorities.set(describe_set(next));
}

}  // namespace stipple::runtime
