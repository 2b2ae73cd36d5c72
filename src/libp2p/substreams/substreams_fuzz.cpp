// Every machine under arbitrary bytes, cuts, allowances, times and calls from above: it takes no
// more than is there, writes no more than is allowed, holds no more than its bound, and ends.
#include "libp2p/multiformats/protobuf.hpp"
#include "libp2p/substreams/identify.hpp"
#include "libp2p/substreams/notifications.hpp"
#include "libp2p/substreams/ping.hpp"
#include "libp2p/substreams/request.hpp"
#include "tests/support/bytecode.hpp"

namespace stipple::libp2p {
namespace {

constexpr std::size_t kMessageMax = 200;

/// Runs `machine` until it ends or the input does; `on_event` and `meddle` act from above.
template <class Machine, class OnEvent, class Meddle>
void drive(Machine& machine, fuzzing::Bytecode& choices, OnEvent on_event, Meddle meddle) {
    Bytes input;
    Bytes output;
    Instant now;
    bool ended = false;
    bool output_ended = false;
    while (choices.more()) {
        const std::uint8_t what = choices.next();
        if (!ended) {
            append(input, choices.take(what & 0x1f));
            ended = (what & 0xe0) == 0xe0;
        }
        if ((what & 0xe0) == 0x20) {
            now = now + std::chrono::seconds(choices.next());
        }
        if ((what & 0xe0) == 0x40) {
            meddle(machine, choices.next());
        }
        const std::size_t allowance = (what & 0xe0) == 0x60 ? choices.next() : 64;
        const std::size_t before = output.size();
        ByteExchange exchange{.now = now,
                              .unread = input,
                              .input_ended = ended,
                              .output = &output,
                              .allowance = allowance,
                              .wake_at = std::nullopt};
        const SubstreamStep step = machine.exchange(exchange);
        CHECK(output.size() - before == allowance - exchange.allowance);
        CHECK(!output_ended || output.size() == before);
        CHECK(!exchange.wake_at || *exchange.wake_at > now);
        output_ended = output_ended || exchange.output_ended;
        input.erase(input.begin(),
                    input.begin() + static_cast<long>(input.size() - exchange.unread.size()));
        if (step == SubstreamStep::event) {
            on_event(machine);
        } else if (step != SubstreamStep::waiting) {
            return;
        }
    }
}

void nothing(auto&, std::uint8_t) {}

void fuzz_notifications(fuzzing::Bytecode& choices, bool out) {
    const NotificationsConfig config{
        .message_bytes_max = kMessageMax, .queue_messages_max = 3, .queue_bytes_max = 500};
    if (out) {
        NotificationsOut machine(config, Bytes(3, 1), Instant{});
        drive(
            machine, choices, [](auto&) {},
            [](NotificationsOut& it, std::uint8_t choice) {
                if (choice == 255) {
                    it.close();
                } else {
                    it.send(Bytes(choice, 2));
                }
                CHECK(it.queued_bytes() <= 500 + 2 * kMessageMax);
            });
        return;
    }
    NotificationsIn machine(config, Instant{});
    const auto decide = [](NotificationsIn& it, std::uint8_t choice) {
        if (choice == 255) {
            it.close();
        } else if (it.offered()) {
            choice % 4 == 0 ? it.reject() : it.accept(Bytes(choice % 32, 1));
        }
        CHECK(it.held_bytes() <= kHandshakeBytesMax);
    };
    drive(
        machine, choices,
        [](NotificationsIn& it) {
            if (it.has_message()) {
                CHECK(it.take_message().size() <= kMessageMax);
            }
        },
        decide);
}

void fuzz_request_in(fuzzing::Bytecode& choices, bool repeats) {
    RequestIn machine(
        {.request_bytes_max = kMessageMax, .timeout = std::chrono::seconds(20), .repeats = repeats},
        Instant{});
    drive(
        machine, choices, [](RequestIn& it) { CHECK(it.take_request().size() <= kMessageMax); },
        [](RequestIn& it, std::uint8_t choice) {
            if (it.awaits_answer()) {
                choice % 4 == 0 ? it.refuse() : it.answer(Bytes(choice, 1));
            }
        });
}

void fuzz_machine(std::uint8_t kind, fuzzing::Bytecode& choices) {
    const auto ignore = [](auto&) {};
    if (kind == 0) {
        PingOut machine({}, Seed{choices.next()}, Instant{});
        drive(
            machine, choices, [](PingOut& it) { CHECK(it.take_round_trip().has_value()); },
            nothing<PingOut>);
    } else if (kind == 1) {
        PingIn machine;
        drive(machine, choices, ignore, nothing<PingIn>);
    } else if (kind == 2) {
        IdentifyReceive machine(Instant{});
        drive(machine, choices, ignore, nothing<IdentifyReceive>);
    } else if (kind == 3) {
        RequestOut machine(
            {.response_bytes_max = kMessageMax, .deadline = {std::chrono::seconds(20)}},
            Bytes(choices.next(), 1));
        drive(machine, choices, ignore, nothing<RequestOut>);
    } else if (kind < 6) {
        fuzz_request_in(choices, kind == 4);
    } else {
        fuzz_notifications(choices, kind == 6);
    }
}

/// What decodes encodes to something that decodes to the same, unless it was cut to size.
void fuzz_identify(ByteView message) {
    const auto info = decode_identify(message);
    if (!info) {
        return;
    }
    const Bytes encoded = encode_identify(*info);
    CHECK(encoded.size() <= kIdentifySentBytesMax);
    const auto again = decode_identify(encoded);
    CHECK(again.has_value());
    CHECK(again->agent_version == info->agent_version);
    if (encoded.size() + kMultiaddrBytesMax < kIdentifySentBytesMax) {
        CHECK(*again == *info);
    }
}

}  // namespace
}  // namespace stipple::libp2p

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple::libp2p;
    if (size == 0) {
        return 0;
    }
    stipple::fuzzing::Bytecode choices(data + 1, size - 1);
    const std::uint8_t kind = data[0] % 9;
    if (kind == 8) {
        fuzz_identify(choices.take(size - 1));
    } else {
        fuzz_machine(kind, choices);
    }
    return 0;
}
