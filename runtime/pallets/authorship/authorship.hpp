// Authorship: which account wrote the block at hand.
#pragma once

#include "kit/pallet.hpp"

namespace stipple::runtime {

namespace wiring {
/// The account of the author that the digest of the block names.
std::optional<AccountId> find_author();
}  // namespace wiring

struct Authorship : Pallet<Authorship> {
    static constexpr std::string_view kName = "Authorship";
    static constexpr StorageValue<Optional<AccountId>> author_of_block{kName, "Author",
                                                                       "Author of current block."};
    static constexpr auto storage = list(author_of_block);

    static Weight on_initialize(BlockNumber) {
        (void)author();
        return work(2, 1, 1);
    }
    static void on_finalize(BlockNumber) { author_of_block.clear(); }

    static std::optional<AccountId> author() {
        if (const auto known = author_of_block.get()) {
            return known;
        }
        const auto found = wiring::find_author();
        if (found) {
            author_of_block.set(*found);
        }
        return found;
    }
};

}  // namespace stipple::runtime
