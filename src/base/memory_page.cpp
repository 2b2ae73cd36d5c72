#include "base/memory_page.hpp"

#include "base/check.hpp"

namespace stipple {
namespace {

std::size_t common_prefix(ByteView a, ByteView b) {
    const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(ends.first - a.begin());
}

void copy(std::uint8_t* to, ByteView from) {
    if (!from.empty()) {
        std::memcpy(to, from.data(), from.size());
    }
}

}  // namespace

MemoryPage::MemoryPage(const MemoryPage& other)
    : size_(other.size_), prefix_size_(other.prefix_size_), apart_(other.apart_) {
    std::copy_n(other.prefix_.begin(), prefix_size_, prefix_.begin());
    std::copy_n(other.heads_.begin(), size_, heads_.begin());
    gather(other);
}

ByteView MemoryPage::key(std::size_t at) const {
    const Slot& slot = slots_[at];
    if (slot.key_size == kApart) {
        return {apart_[slot.at].row.get(), apart_[slot.at].key_size};
    }
    return {arena_.data() + slot.at, slot.key_size};
}

ByteView MemoryPage::value(std::size_t at) const {
    const Slot& slot = slots_[at];
    if (slot.key_size == kApart) {
        const Apart& apart = apart_[slot.at];
        return {apart.row.get() + apart.key_size, apart.value_size};
    }
    return {arena_.data() + slot.at + slot.key_size, slot.value_size};
}

// The next eight bytes as a number, as if zeros followed the key: when it is below another key's,
// so is the key; when they are equal, either may be.
std::uint64_t MemoryPage::head_of(ByteView key) const {
    const ByteView tail = key.subspan(prefix_size_);
    if (tail.size() >= sizeof(std::uint64_t)) {
        return load_be<std::uint64_t>(tail.first(sizeof(std::uint64_t)));
    }
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < tail.size(); ++i) {
        head |= std::uint64_t{tail[i]} << (56 - 8 * i);
    }
    return head;
}

MemoryPage::Place MemoryPage::find(ByteView key) const {
    const std::size_t common = std::min<std::size_t>(key.size(), prefix_size_);
    const int order = compare(key.first(common), ByteView(prefix_).first(common));
    if (order < 0 || (order == 0 && common < prefix_size_)) {
        return {0, false};
    }
    if (order > 0) {
        return {size_, false};
    }
    const auto begin = heads_.begin();
    const auto equals = std::equal_range(begin, begin + size_, head_of(key));
    auto first = static_cast<std::size_t>(equals.first - begin);
    auto last = static_cast<std::size_t>(equals.second - begin);
    const ByteView tail = key.subspan(prefix_size_);
    while (first < last) {
        const std::size_t half = first + (last - first) / 2;
        const int below = compare(this->key(half).subspan(prefix_size_), tail);
        if (below == 0) {
            return {half, true};
        }
        (below < 0 ? first : last) = below < 0 ? half + 1 : half;
    }
    return {first, false};
}

bool MemoryPage::has_room(ByteView key, ByteView value) const {
    return size_ < kRowsMax &&
           (lies_apart(key, value) || live_ + key.size() + value.size() <= kArenaBytes);
}

void MemoryPage::insert(std::size_t at, ByteView key, ByteView value) {
    DCHECK(has_room(key, value));
    if (size_ == 0) {
        prefix_size_ = static_cast<std::uint16_t>(std::min(key.size(), kPrefixMax));
        copy(prefix_.data(), key.first(prefix_size_));
    } else {
        shorten_prefix(common_prefix(key, ByteView(prefix_).first(prefix_size_)));
    }
    const Slot slot = store(key, value);
    std::copy_backward(heads_.begin() + at, heads_.begin() + size_, heads_.begin() + size_ + 1);
    std::copy_backward(slots_.begin() + at, slots_.begin() + size_, slots_.begin() + size_ + 1);
    heads_[at] = head_of(key);
    slots_[at] = slot;
    ++size_;
}

void MemoryPage::shorten_prefix(std::size_t size) {
    if (size < prefix_size_) {
        prefix_size_ = static_cast<std::uint16_t>(size);
        for (std::size_t i = 0; i < size_; ++i) {
            heads_[i] = head_of(key(i));
        }
    }
}

bool MemoryPage::replace(std::size_t at, ByteView key, ByteView value) {
    const Slot before = slots_[at];
    if (before.key_size != kApart && value.size() <= before.value_size) {
        copy(arena_.data() + before.at + before.key_size, value);
        slots_[at].value_size = static_cast<std::uint16_t>(value.size());
        live_ = static_cast<std::uint16_t>(live_ - (before.value_size - value.size()));
        return true;
    }
    if (!lies_apart(key, value) &&
        live_ - bytes_in_arena(before) + key.size() + value.size() > kArenaBytes) {
        return false;
    }
    release(before);
    slots_[at] = Slot{};  // nothing, should store() compact the arena
    slots_[at] = store(key, value);
    return true;
}

MemoryPage::Slot MemoryPage::store(ByteView key, ByteView value) {
    Slot slot;
    if (lies_apart(key, value)) {
        const auto row = std::make_shared_for_overwrite<std::uint8_t[]>(key.size() + value.size());
        copy(row.get(), key);
        copy(row.get() + key.size(), value);
        slot.at = static_cast<std::uint16_t>(apart_.size());
        slot.key_size = kApart;
        apart_.push_back({row, key.size(), value.size()});
        return slot;
    }
    const std::size_t size = key.size() + value.size();
    if (used_ + size > kArenaBytes) {
        compact();
    }
    slot.at = used_;
    slot.key_size = static_cast<std::uint16_t>(key.size());
    slot.value_size = static_cast<std::uint16_t>(value.size());
    copy(arena_.data() + used_, key);
    copy(arena_.data() + used_ + key.size(), value);
    used_ = static_cast<std::uint16_t>(used_ + size);
    live_ = static_cast<std::uint16_t>(live_ + size);
    return slot;
}

// The row stays named by its slot until the caller writes that.
void MemoryPage::release(const Slot& slot) {
    if (slot.key_size != kApart) {
        live_ = static_cast<std::uint16_t>(live_ - bytes_in_arena(slot));
        return;
    }
    const auto last = static_cast<std::uint16_t>(apart_.size() - 1);
    if (slot.at != last) {
        const auto moved = std::find_if(slots_.begin(), slots_.begin() + size_, [&](const Slot& s) {
            return s.key_size == kApart && s.at == last;
        });
        apart_[slot.at] = std::move(apart_[last]);
        moved->at = slot.at;
    }
    apart_.pop_back();
}

void MemoryPage::gather(const MemoryPage& other) {
    if (other.live_ == other.used_) {
        std::copy_n(other.slots_.begin(), size_, slots_.begin());
        copy(arena_.data(), ByteView(other.arena_).first(other.used_));
        used_ = live_ = other.live_;
        return;
    }
    used_ = 0;
    for (std::size_t i = 0; i < size_; ++i) {
        const Slot& from = other.slots_[i];
        slots_[i] = from;
        if (from.key_size != kApart) {
            slots_[i].at = used_;
            copy(arena_.data() + used_,
                 ByteView(other.arena_).subspan(from.at, bytes_in_arena(from)));
            used_ = static_cast<std::uint16_t>(used_ + bytes_in_arena(from));
        }
    }
    live_ = used_;
}

void MemoryPage::compact() {
    const MemoryPage before(*this);
    std::copy_n(before.slots_.begin(), size_, slots_.begin());
    copy(arena_.data(), ByteView(before.arena_).first(before.used_));
    used_ = live_ = before.live_;
}

void MemoryPage::erase(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
        const Slot gone = slots_[i];
        slots_[i] = Slot{};
        release(gone);
    }
    std::copy(heads_.begin() + last, heads_.begin() + size_, heads_.begin() + first);
    std::copy(slots_.begin() + last, slots_.begin() + size_, slots_.begin() + first);
    size_ = static_cast<std::uint16_t>(size_ - (last - first));
}

MemoryPage::Slot MemoryPage::share(const MemoryPage& other, const Slot& slot) {
    Slot ours = slot;
    ours.at = static_cast<std::uint16_t>(apart_.size());
    apart_.push_back(other.apart_[slot.at]);
    return ours;
}

void MemoryPage::append(const MemoryPage& other, std::size_t first) {
    if (first == other.size_) {
        return;
    }
    // Ordered keys: what the first and the last begin with, all begin with.
    const ByteView lowest = size_ == 0 ? other.key(first) : key(0);
    const std::size_t common =
        std::min(common_prefix(lowest, other.key(other.size_ - 1)), kPrefixMax);
    if (size_ == 0) {
        prefix_size_ = static_cast<std::uint16_t>(common);
        copy(prefix_.data(), lowest.first(common));
    } else {
        shorten_prefix(common);
    }
    for (std::size_t i = first; i < other.size_; ++i) {
        const Slot& from = other.slots_[i];
        const ByteView key = other.key(i);
        slots_[size_] = from.key_size == kApart ? share(other, from) : store(key, other.value(i));
        heads_[size_] = head_of(key);
        ++size_;
    }
}

std::size_t MemoryPage::middle() const {
    CHECK(size_ >= 2);
    const std::size_t weight = live_ + kSlotWeight * size_;
    std::size_t below = 0;
    std::size_t at = 0;
    while (at + 1 < size_ && 2 * below < weight) {
        below += bytes_in_arena(slots_[at]) + kSlotWeight;
        ++at;
    }
    return at;
}

}  // namespace stipple
