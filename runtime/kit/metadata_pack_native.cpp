#include "base/check.hpp"
#include "kit/metadata_pack.hpp"
#include "kit/metadata_versions.hpp"

#include <algorithm>
#include <unordered_map>

namespace stipple::runtime::inline kit {

namespace {
constexpr std::size_t kShortest = 6;  // a shorter copy costs as much as its bytes
/// Of the places where the next bytes stood before, so many of the latest are compared.
constexpr std::size_t kTriesMax = 64;

struct Copy {
    std::size_t distance = 0;
    std::size_t length = 0;
};

/// Where each run of kShortest bytes stood, by its bytes.
class Places {
 public:
    explicit Places(ByteView text) : text_(text) {}
    /// Everything before `end` may be copied from now on.
    void learn_until(std::size_t end) {
        for (; learnt_ < end && learnt_ + kShortest <= text_.size(); ++learnt_) {
            places_[run(learnt_)].push_back(learnt_);
        }
    }
    /// The longest earlier text equal to what stands at `at`, the nearest of equal ones.
    Copy longest(std::size_t at) const {
        Copy best;
        if (at + kShortest > text_.size()) {
            return best;
        }
        const auto known = places_.find(run(at));
        if (known == places_.end()) {
            return best;
        }
        const std::vector<std::size_t>& all = known->second;
        const std::size_t tries = std::min(all.size(), kTriesMax);
        for (std::size_t i = 0; i < tries; ++i) {
            const std::size_t from = all[all.size() - 1 - i];
            std::size_t length = kShortest;
            while (at + length < text_.size() && text_[from + length] == text_[at + length]) {
                ++length;
            }
            if (length > best.length) {
                best = {at - from, length};
            }
        }
        return best;
    }

 private:
    std::string run(std::size_t at) const {
        return {text_.begin() + static_cast<std::ptrdiff_t>(at),
                text_.begin() + static_cast<std::ptrdiff_t>(at + kShortest)};
    }
    ByteView text_;
    std::size_t learnt_ = 0;
    std::unordered_map<std::string, std::vector<std::size_t>> places_;
};

void put_step(Bytes& out, ByteView literal, Copy copy) {
    scale::encode_compact(out, literal.size());
    append(out, literal);
    scale::encode_compact(out, copy.distance);
    scale::encode_compact(out, copy.length);
}
}  // namespace

Bytes pack_metadata(std::span<const Bytes> texts) {
    CHECK(texts.size() == std::size(kMetadataVersions));
    Bytes out;
    Bytes all;
    for (const Bytes& text : texts) {
        scale::encode_to(out, static_cast<std::uint32_t>(text.size()));
        append(all, text);
    }
    Places places(all);
    std::size_t written = 0;
    for (std::size_t at = 0; at < all.size();) {
        places.learn_until(at);
        const Copy copy = places.longest(at);
        if (copy.length < kShortest) {
            ++at;
            continue;
        }
        put_step(out, ByteView(all).subspan(written, at - written), copy);
        at += copy.length;
        written = at;
    }
    if (written < all.size()) {
        put_step(out, ByteView(all).subspan(written), {});
    }
    return out;
}

}  // namespace stipple::runtime::inline kit
