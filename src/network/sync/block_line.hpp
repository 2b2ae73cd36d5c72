// A line of blocks being downloaded by number from many peers at once, above one block we have.
//
//     anchor ══ handed on ══ tip ── [ready][asked][ready][wanted] …  target
//
// Windows may be answered in any order; they are handed on in order, and only where the first block
// of a window is a child of the tip. A window that does not fit was given by a peer on another fork
// (or the tip was): it is wanted again, and the caller is told whose it was.
//
// Spec: chap-sync. Bounds: kLineBlocksMax blocks above the tip, kLineBytesMax bytes ready.
#pragma once

#include "network/sync/effects.hpp"
#include "network/sync/limits.hpp"

#include <map>

namespace stipple::network::sync {

class BlockLine {
 public:
    struct Want {
        BlockNumber first = 0;
        std::uint32_t count = 0;
    };
    /// What take() finds at the front.
    struct Taken {
        std::vector<DownloadedBlock> blocks;
        std::optional<PeerKey> misfit;  ///< set: no blocks, this peer's window does not link
    };

    bool active() const { return active_; }
    void start(const BlockRef& anchor);
    /// Forgets everything; answers to windows asked for are then ignored.
    void stop();
    /// Forgets windows, not the tip.
    void clear_windows();

    const BlockRef& tip() const { return tip_; }
    /// Wants blocks up to `target`, as far as the bounds allow; drops wanted windows above it.
    void set_target(BlockNumber target, std::uint32_t window_blocks);
    /// Lowest first. Only the lowest while too many bytes wait.
    std::vector<Want> wanted() const;
    void assign(const Want& window, RequestId request);
    /// Blocks from the window's first on, at most as many as asked for; none: it is wanted again.
    void on_blocks(RequestId request, PeerKey from, std::vector<DownloadedBlock> blocks);
    void release(RequestId request);
    /// The next blocks in order; absent while the front is not here.
    std::optional<Taken> take();

    std::size_t asked() const { return by_request_.size(); }
    /// Nothing is asked for and nothing waits.
    bool is_dry() const;
    std::size_t ready_blocks() const;

 private:
    enum class State : std::uint8_t { wanted, asked, ready };
    struct Window {
        std::uint32_t count = 0;
        State state = State::wanted;
        std::vector<DownloadedBlock> blocks{};
        std::size_t bytes = 0;
        PeerKey from{};
    };
    void drop_blocks(Window& window);

    bool active_ = false;
    BlockRef tip_;
    std::map<BlockNumber, Window> windows_;  ///< by first block, adjacent, from tip + 1
    std::map<RequestId, BlockNumber> by_request_;
    std::size_t bytes_ = 0;
};

}  // namespace stipple::network::sync
