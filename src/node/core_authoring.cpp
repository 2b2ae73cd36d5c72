// Blocks on order (development chains).
#include "node/core.hpp"

namespace stipple::node {

void Core::seal(Instant now, SealOrder order, EffectList& effects) {
    authoring_ = true;
    seal_ready_ = false;
    effects.emplace_back(AuthorSlot{.slot = {},
                                    .offline = false,
                                    .deadline = now + kSealTime,
                                    .transactions = pool_.ready(),
                                    .order = std::move(order)});
}

void Core::seal_on_order(Instant now, EffectList& effects) {
    if (authoring_ || peering_.takes_state()) {
        return;
    }
    if (!orders_.empty()) {
        SealOrder order = std::move(orders_.front());
        orders_.pop_front();
        seal(now, std::move(order), effects);
    } else if (next_seal_at_ && *next_seal_at_ <= now) {
        next_seal_at_ = now + std::chrono::milliseconds(*config_.sealing.block_time_ms);
        SealOrder order;
        order.finalize = true;
        seal(now, std::move(order), effects);
    } else if (config_.sealing.mode == SealingFlags::Mode::instant && seal_ready_ &&
               pool_.counts().ready > 0) {
        SealOrder order;
        order.create_empty = false;
        order.finalize = true;
        seal(now, std::move(order), effects);
    }
}

void Core::on_event(Instant /*now*/, SealRequested& event, EffectList& /*effects*/) {
    const bool too_many = orders_.size() >= kSealOrdersMax;
    if (too_many || !config_.author) {
        if (event.order.reply) {
            event.order.reply(std::unexpected(too_many ? "too many blocks are ordered already"
                                                       : "this node does not author"));
        }
        return;
    }
    orders_.push_back(std::move(event.order));
}

}  // namespace stipple::node
