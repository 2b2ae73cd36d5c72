// Which slots of the epoch our keys may author in, as an operator asks for it.
#include "consensus/babe/slot_claim.hpp"
#include "crypto/ss58.hpp"
#include "node/rpc_wiring.hpp"

namespace stipple::node {

std::expected<std::vector<rpc::AuthorshipReport>, std::string> epoch_authorship(
    const chain::Chain& chain, const chain::Keystore& keystore, std::uint16_t address_format) {
    const auto encoded = call_runtime(chain, chain.heads().best.hash, "BabeApi_current_epoch", {});
    if (!encoded) {
        return std::unexpected(encoded.error().message());
    }
    const auto epoch = scale::decode<babe::Epoch>(*encoded);
    if (!epoch) {
        return std::unexpected("unreadable epoch");
    }
    babe::ClaimKeys own;
    for (const auto& key : keystore.public_keys(chain::kBabeKey, chain::KeyScheme::sr25519)) {
        own.keys.push_back(crypto::Sr25519Public::copy(key));
    }
    own.vrf_in_out = [&](const auto& key, const auto& transcript) {
        return keystore.vrf_in_out(chain::kBabeKey, key, transcript);
    };
    own.vrf_sign = [&](const auto& key, const auto& transcript) {
        return keystore.vrf_sign(chain::kBabeKey, key, transcript);
    };
    const babe::EpochView view{.data = std::make_shared<const babe::Epoch>(*epoch),
                               .index = epoch->index,
                               .start = epoch->start};
    std::map<crypto::Sr25519Public, rpc::AuthorshipReport> by_author;
    for (Slot slot = epoch->start; slot < epoch->end(); slot = slot + 1) {
        const auto claim = babe::claim_slot(view, slot, own);
        if (!claim) {
            continue;
        }
        rpc::AuthorshipReport& report = by_author[claim->author];
        if (std::holds_alternative<babe::PrimaryPreDigest>(claim->pre_digest)) {
            report.primary.push_back(slot.value);
        } else if (babe::vrf_of(claim->pre_digest) == nullptr) {
            report.secondary.push_back(slot.value);
        } else {
            report.secondary_vrf.push_back(slot.value);
        }
    }
    std::vector<rpc::AuthorshipReport> reports;
    for (auto& [author, report] : by_author) {
        report.address = crypto::ss58_encode(author, address_format);
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace stipple::node
