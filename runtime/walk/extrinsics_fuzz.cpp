// Bytes become blocks of the reference runtime, natively: raw extrinsics, calls by any account,
// drawn calls, ends of blocks. Nothing may panic, calls must encode as they decoded, and at the
// end of each block all that a walk looks at must hold (walk/walk.hpp).
#include "kit/executive.hpp"
#include "kit/genesis_build.hpp"
#include "kit/native_host.hpp"
#include "presets.hpp"
#include "walk/draw.hpp"
#include "walk/pallets.hpp"
#include "walk/walk.hpp"

#include <cstdio>
#include <cstdlib>

namespace {
using namespace stipple;
using namespace stipple::runtime;

// A run stays short, so that many are made: what takes more blocks is the walk's.
constexpr unsigned kItemsMax = 32;
constexpr BlockNumber kBlocksMax = 6;

class Chain {
 public:
    /// In its first block, which is begun once and then copied for each run.
    static Chain begun();
    /// All but the sudo key's: what Root may do by force sets the invariants aside.
    static const std::vector<AccountId>& actors();
    void begin(std::uint64_t slots) {
        Header header;
        header.number = parent_.number + 1;
        header.parent_hash = BlockHash(host::blake2_256(scale::encode(parent_)).bytes);
        slot_ = slot_ + slots;
        header.digest = {babe::pre_digest_item(babe::SecondaryPlainPreDigest{0, slot_})};
        executive::initialize_block(header);
        Bytes inherent{0x04};
        append(inherent, RuntimeCall::make(Timestamp::index(), 0,
                                           Compact<Moment>{slot_.value * config::kSlotDurationMs})
                             .encoded());
        CHECK(executive::apply_extrinsic(inherent).value.has_value());
    }
    void end() {
        parent_ = executive::finalize_block();
        if (const auto broken = walk::find_broken_invariant()) {
            std::fprintf(stderr, "%s\n", broken->c_str());
            std::abort();
        }
    }
    BlockNumber number() const { return parent_.number; }

 private:
    struct Start;
    Header parent_;
    Slot slot_{1'000'000};
};

struct Chain::Start {
    Chain chain;
    std::vector<AccountId> actors;
    native_host::Pairs storage;

    static const Start& get() {
        static const Start kMade = make();
        return kMade;
    }
    static Start make() {
        native_host::reset();
        CHECK(build_genesis(*preset("local_testnet")).has_value());
        Start out;
        System::account.for_each([&](const auto& keys, const AccountInfo&) {
            if (Sudo::key.get() != std::get<0>(keys)) {
                out.actors.push_back(std::get<0>(keys));
            }
            return true;
        });
        std::ranges::sort(out.actors);
        out.chain.parent_.state_root = HeaderStateRoot::copy(host::storage_root());
        out.chain.begin(1);
        out.storage = native_host::storage();
        return out;
    }
};
Chain Chain::begun() {
    const Start& start = Start::get();
    native_host::reset();
    native_host::storage() = start.storage;
    return start.chain;
}
const std::vector<AccountId>& Chain::actors() {
    return Start::get().actors;
}

/// An author who sets the time twice, or another's inherent in place of his own, loses his block: a
/// panic is the answer there, as in the field. The pool never takes one.
bool is_time(ByteView call) {
    return !call.empty() && call[0] == Timestamp::index();
}

void run_raw(scale::Decoder& in) {
    const Bytes extrinsic = to_bytes(in.take(in.u8()));
    if (extrinsic.empty() || !is_time(ByteView(extrinsic).subspan(1))) {
        (void)executive::apply_extrinsic(extrinsic);
    }
}

void run(const RuntimeCall& call, const Origin& origin) {
    System::note_applied_extrinsic(call.dispatch(origin), call.info());
}

void run_encoded(scale::Decoder& in) {
    const std::uint8_t who = in.u8();
    RuntimeCall call;
    const ByteView before = in.rest();
    decode_from(in, call);
    if (!in.ok()) {
        return;
    }
    CHECK(equal(call.encoded(), before.first(before.size() - in.remaining())));
    const auto& actors = Chain::actors();
    if (who != 0xff) {
        run(call, Origin::signed_by(actors[who % actors.size()]));
    } else if (!is_time(call.encoded())) {
        run(call, Origin::none());
    }
}

void run_drawn(scale::Decoder& in, BlockNumber now) {
    const std::uint8_t who = in.u8();
    Prng prng(Seed{in.u32()});
    walk::Drawer from{prng, Chain::actors(), now};
    const RuntimeCall call = walk::draw_call(from);
    run(call, who == 0xff ? Origin::root() : Origin::signed_by(from.account()));
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    enum class Step : std::uint8_t { raw, call, drawn, next_block, kinds };
    Chain chain = Chain::begun();
    scale::Decoder in(ByteView(data, size));
    for (unsigned i = 0; i < kItemsMax && in.ok() && in.remaining() > 0; ++i) {
        switch (static_cast<Step>(in.u8() % static_cast<std::uint8_t>(Step::kinds))) {
            case Step::raw:
                run_raw(in);
                break;
            case Step::call:
                run_encoded(in);
                break;
            case Step::drawn:
                run_drawn(in, chain.number());
                break;
            default:
                if (chain.number() + 1 == kBlocksMax) {
                    in.take(in.remaining());
                    break;
                }
                chain.end();
                chain.begin(std::uint64_t{in.u8()} + 1);
        }
    }
    chain.end();
    return 0;
}
