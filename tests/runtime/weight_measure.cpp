#include "tests/runtime/weight_measure.hpp"

#include "pallets/system/system.hpp"

namespace stipple::bench {

using runtime::System;

Result<std::optional<state::StoredValue>> NotingReader::value(const state::TrieId& trie,
                                                              ByteView key) const {
    auto found = below_.value(trie, key);
    const Bytes whole = found && *found ? *below_.get(trie, key).value() : Bytes{};
    read_[to_bytes(key)] = key.size() + whole.size();
    return found;
}

Extrinsic Sender::sign(const Sent& sent) {
    if (!sent.by) {
        Bytes bare{0x04};
        append(bare, sent.call.encoded());
        return {std::move(bare)};
    }
    return BenchChain::signed_by(*sent.by, sent.call.encoded(), nonces_[*sent.by]++);
}

namespace {
/// Whether the events have one of System with this index, of this extrinsic.
bool has_event(ByteView events, std::uint32_t extrinsic, std::uint8_t index) {
    Bytes head{0};
    scale::encode_to(head, extrinsic);
    head.insert(head.end(), {System::index(), index});
    return !std::ranges::search(events, head).empty();
}
/// A call that fails writes nothing: it must not be taken for a cheap one.
bool has_failure(const authoring::BuiltBlock& built) {
    const auto& values = built.difference->tries.at(state::TrieId::main()).values;
    const ByteView events = values.at(System::events_log.key())->bytes;
    for (std::uint32_t i = 1; i < built.body.size(); ++i) {  // 0 is the inherent
        // Events are found by their first bytes alone, which others may have in their middle.
        if (has_event(events, i, System::kExtrinsicFailed.index) &&
            !has_event(events, i, System::kExtrinsicSuccess.index)) {
            return true;
        }
    }
    return false;
}
}  // namespace

Prepared prepare(const WeightCase& one) {
    Prepared out;
    if (one.prepare[0] == nullptr) {
        return out;
    }
    auto builder = our_chain().begin_block(out.state);
    const auto apply = [&](const Sent& sent) {
        const auto applied = builder.apply(out.sender.sign(sent));
        out.has_failure = out.has_failure || applied != authoring::Applied::included;
    };
    for (std::uint32_t i = 0; i < one.times; ++i) {
        apply({alice(), endowment(i)});
    }
    for (const auto& step : one.prepare) {
        for (std::uint32_t i = 0; step != nullptr && i < one.times; ++i) {
            apply(step(i));
        }
    }
    auto built = std::move(builder).finish();
    CHECK(built.has_value());
    out.has_failure = out.has_failure || has_failure(*built);
    out.state.apply(*built->difference);
    out.block = {built->header.hash(), built->header.number};
    note_prepared(built->header);
    return out;
}

Measured run_block(const Prepared& prepared, std::uint32_t times, const MakeSent& make,
                   bool verifies_signatures) {
    const NotingReader reader(prepared.state);
    auto builder = our_chain().begin_block(reader, prepared.block);
    Sender sender = prepared.sender;
    std::vector<Extrinsic> all;
    for (std::uint32_t i = 0; i < times; ++i) {
        all.push_back(sender.sign(make(i)));
    }
    constexpr std::uint8_t kSignedV4 = 0x84;
    const KnownSignatures& signatures = our_chain().signatures;
    bool all_included = true;
    const double began = cpu_seconds();
    for (const Extrinsic& extrinsic : all) {
        if (verifies_signatures) {
            signatures.known_left = extrinsic.data[0] == kSignedV4 ? 1 : 0;
        }
        all_included = builder.apply(extrinsic) == authoring::Applied::included && all_included;
    }
    const double micros = 1e6 * (cpu_seconds() - began) / times;
    signatures.known_left = KnownSignatures::kAll;
    auto built = std::move(builder).finish();
    CHECK(built.has_value());
    return {micros, reader.read(), built->difference->tries.at(state::TrieId::main()).values.size(),
            !all_included || has_failure(*built)};
}

Sent plain(const Sent& sent) {
    // Nobody may remark: what is unsigned is measured beside a remark of Alice.
    return {sent.by.value_or(alice()), remark(sent.call.encoded().size())};
}

Cost cost_of(const WeightCase& one, const Prepared& prepared) {
    const Measured first = run_block(prepared, 1, one.make, one.verifies_signatures);
    const Measured base =
        run_block(prepared, 1, [&](std::uint32_t i) { return plain(one.make(i)); }, false);
    Cost cost;
    for (const auto& [key, size] : first.read) {
        if (!base.read.contains(key)) {
            cost.reads += 1;
            cost.proof_bytes += static_cast<double>(size);
        }
    }
    cost.writes = static_cast<double>(first.writes > base.writes ? first.writes - base.writes : 0);
    cost.declared = one.make(0).call.info().weight;
    return cost;
}

}  // namespace stipple::bench
