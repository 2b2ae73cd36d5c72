#include "network/sync/block_line.hpp"

#include "base/check.hpp"

namespace stipple::network::sync {

void BlockLine::start(const BlockRef& anchor) {
    stop();
    active_ = true;
    tip_ = anchor;
}

void BlockLine::stop() {
    clear_windows();
    active_ = false;
}

void BlockLine::clear_windows() {
    windows_.clear();
    by_request_.clear();
    bytes_ = 0;
}

void BlockLine::set_target(BlockNumber target, std::uint32_t window_blocks) {
    CHECK(active_ && window_blocks > 0);
    while (!windows_.empty()) {
        const auto last = std::prev(windows_.end());
        if (last->second.state != State::wanted || last->first <= target) {
            break;
        }
        windows_.erase(last);
    }
    BlockNumber end = tip_.number;  // the highest block some window is for
    if (!windows_.empty()) {
        const auto& [first, window] = *std::prev(windows_.end());
        end = first + (window.count - 1);
    }
    // Numbers are compared as distances: a peer may claim the highest number there is.
    while (end < target && end - tip_.number < kLineBlocksMax) {
        const std::uint32_t count = std::min<std::uint32_t>(window_blocks, target - end);
        windows_.emplace(end + 1, Window{.count = count});
        end += count;
    }
}

std::vector<BlockLine::Want> BlockLine::wanted() const {
    std::vector<Want> wants;
    for (const auto& [first, window] : windows_) {
        if (window.state == State::wanted) {
            wants.push_back({first, window.count});
        }
        if (bytes_ > kLineBytesMax) {
            break;
        }
    }
    return wants;
}

void BlockLine::assign(const Want& window, RequestId request) {
    auto& found = windows_.at(window.first);
    CHECK(found.state == State::wanted);
    found.state = State::asked;
    by_request_.emplace(request, window.first);
}

void BlockLine::on_blocks(RequestId request, PeerKey from, std::vector<DownloadedBlock> blocks) {
    const auto asked = by_request_.find(request);
    if (asked == by_request_.end()) {
        return;
    }
    const BlockNumber first = asked->second;
    by_request_.erase(asked);
    auto& window = windows_.at(first);
    if (blocks.empty()) {
        window.state = State::wanted;
        return;
    }
    const auto given = static_cast<std::uint32_t>(blocks.size());
    CHECK(given <= window.count);
    if (given < window.count) {
        windows_.emplace(first + given, Window{.count = window.count - given});
    }
    window.count = given;
    window.state = State::ready;
    window.from = from;
    for (const auto& block : blocks) {
        window.bytes += block.bytes;
    }
    bytes_ += window.bytes;
    window.blocks = std::move(blocks);
}

void BlockLine::release(RequestId request) {
    const auto asked = by_request_.find(request);
    if (asked != by_request_.end()) {
        windows_.at(asked->second).state = State::wanted;
        by_request_.erase(asked);
    }
}

void BlockLine::drop_blocks(Window& window) {
    bytes_ -= window.bytes;
    window.bytes = 0;
    window.blocks.clear();
    window.state = State::wanted;
}

std::optional<BlockLine::Taken> BlockLine::take() {
    if (windows_.empty() || windows_.begin()->second.state != State::ready) {
        return std::nullopt;
    }
    auto& [first, window] = *windows_.begin();
    CHECK(first == tip_.number + 1);
    Taken taken;
    if (window.blocks.front().header.parent_hash != tip_.hash) {
        taken.misfit = window.from;
        drop_blocks(window);
        return taken;
    }
    bytes_ -= window.bytes;
    taken.blocks = std::move(window.blocks);
    tip_ = taken.blocks.back().ref();
    windows_.erase(windows_.begin());
    return taken;
}

bool BlockLine::is_dry() const {
    return by_request_.empty() && ready_blocks() == 0;
}

std::size_t BlockLine::ready_blocks() const {
    std::size_t count = 0;
    for (const auto& [first, window] : windows_) {
        count += window.blocks.size();
    }
    return count;
}

}  // namespace stipple::network::sync
