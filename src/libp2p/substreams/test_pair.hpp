// For tests: two machines of a substream back to back, their bytes cut and delayed at will.
//
// Spec: none; a test helper.
#pragma once

#include "libp2p/byte_exchange.hpp"
#include "libp2p/substreams/step.hpp"

namespace stipple::libp2p::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// One direction: bytes on the way and bytes that arrived.
struct Direction {
    Bytes on_the_way;
    Bytes arrived;
    bool ended = false;

    void deliver(std::size_t count) {
        count = std::min(count, on_the_way.size());
        arrived.insert(arrived.end(), on_the_way.begin(),
                       on_the_way.begin() + static_cast<long>(count));
        on_the_way.erase(on_the_way.begin(), on_the_way.begin() + static_cast<long>(count));
    }
    bool end_arrived() const { return ended && on_the_way.empty(); }
};

/// A side that only a test writes for.
struct Script {
    Bytes input;
    bool input_ended = false;
    Bytes output;
    bool output_ended = false;
    std::size_t allowance = 1 << 20;
    Instant now;
    std::optional<Instant> wake_at;

    template <class Machine>
    SubstreamStep run(Machine& machine) {
        ByteExchange exchange{.now = now,
                              .unread = input,
                              .input_ended = input_ended,
                              .output = &output,
                              .allowance = allowance,
                              .wake_at = std::nullopt};
        const SubstreamStep step = machine.exchange(exchange);
        allowance = exchange.allowance;
        output_ended = output_ended || exchange.output_ended;
        wake_at = exchange.wake_at;
        const auto taken = static_cast<long>(input.size() - exchange.unread.size());
        input.erase(input.begin(), input.begin() + taken);
        return step;
    }
    Script& feed(ByteView bytes) {
        append(input, bytes);
        return *this;
    }
};

template <class Left, class Right>
class Pair {
 public:
    Pair(Left& left, Right& right) : left_(left), right_(right) {}

    /// Bytes delivered and allowed per step.
    std::size_t cut = 1 << 20;
    Instant now;

    SubstreamStep step_left() { return step(left_, to_left_, to_right_); }
    SubstreamStep step_right() { return step(right_, to_right_, to_left_); }
    bool left_ended() const { return to_right_.ended; }
    bool right_ended() const { return to_left_.ended; }

    /// Steps both until `done` or until 100 000 steps have passed.
    template <class Done>
    bool run(Done done, SubstreamStep* left = nullptr, SubstreamStep* right = nullptr) {
        for (int i = 0; i < 100'000; ++i) {
            const SubstreamStep a = step_left();
            const SubstreamStep b = step_right();
            if (left != nullptr) {
                *left = a;
            }
            if (right != nullptr) {
                *right = b;
            }
            if (done(a, b)) {
                return true;
            }
        }
        return false;
    }

 private:
    template <class Machine>
    SubstreamStep step(Machine& machine, Direction& in, Direction& out) {
        in.deliver(cut);
        ByteExchange exchange{.now = now,
                              .unread = in.arrived,
                              .input_ended = in.end_arrived(),
                              .output = &out.on_the_way,
                              .allowance = cut,
                              .wake_at = std::nullopt};
        const SubstreamStep step = machine.exchange(exchange);
        const auto taken = static_cast<long>(in.arrived.size() - exchange.unread.size());
        in.arrived.erase(in.arrived.begin(), in.arrived.begin() + taken);
        out.ended = out.ended || exchange.output_ended;
        return step;
    }

    Left& left_;
    Right& right_;
    Direction to_left_;
    Direction to_right_;
};

/// Length prefix and message.
inline Bytes framed(ByteView message) {
    Bytes out;
    std::size_t size = message.size();
    while (size >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(size | 0x80));
        size >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(size));
    append(out, message);
    return out;
}

}  // namespace stipple::libp2p::test
