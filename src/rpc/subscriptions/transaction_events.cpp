#include "rpc/subscriptions/transaction_events.hpp"

namespace stipple::rpc {
namespace {

TransactionEvent plain(std::string_view name) {
    return {R"({"event":")" + std::string(name) + R"("})", false};
}

TransactionEvent last(std::string_view name, std::string_view error) {
    std::string text = R"({"event":")" + std::string(name) + R"(","error":)";
    append_json_string(text, error);
    return {text + "}", true};
}

TransactionEvent in_block(std::string_view name, const BlockHash& block, std::size_t index,
                          bool is_last) {
    std::string text = R"({"event":")" + std::string(name) + R"(","block":{"hash":)";
    append_json_hex(text, block);
    text.append(R"(,"index":)").append(std::to_string(index)).append("}}");
    return {std::move(text), is_last};
}

}  // namespace

TransactionEvent undecodable_event() {
    return last("invalid", "Extrinsic bytes cannot be decoded");
}

TransactionEvent refused_event(const RpcError& error) {
    // The codes are those of author_submitExtrinsic, which says the same in other words.
    std::string detail =
        unescape_json(error.data.size() < 2
                          ? std::string_view()
                          : std::string_view(error.data).substr(1, error.data.size() - 2))
            .value_or("");
    constexpr std::string_view kCustom = "Custom error: ";
    switch (error.code) {
        case 1010:
            if (detail.starts_with(kCustom)) {
                return last("invalid", "Invalid transaction with custom error: " +
                                           detail.substr(kCustom.size()));
            }
            return last("invalid", "Invalid transaction: " + detail);
        case 1011:
            return last("invalid", "Unknown transaction validity: " + detail);
        case 1012:
            return last("invalid", error.message);
        case 1013:
            return last("invalid", "Transaction is already imported");
        case 1014:
            return last("invalid", "The priority of the transaction is too low");
        case 1015:
            return last("invalid", "The transaction contains a cyclic dependency");
        case 1016:
            return last("invalid", "The transaction could not enter the pool because of the limit");
        case 1018:
            return last("invalid",
                        "Transaction cannot be propagated and the local node does not author "
                        "blocks");
        case 1019:
            return last("invalid",
                        "Transaction does not provide any tags, so the pool cannot identify it");
        case 1002:
            return last("invalid", error.message);
        default:
            return last("error", error.message);
    }
}

std::optional<std::size_t> TransactionEvents::index_in(const BlockHash& block,
                                                       const ExtrinsicHash& hash) {
    if (indices_.empty() || indexed_block_ != block) {
        indices_.clear();
        const auto body = context_.chain.body(block);
        if (!body || !*body) {
            return std::nullopt;
        }
        indexed_block_ = block;
        for (std::size_t i = 0; i < (*body)->size(); ++i) {
            indices_.emplace((**body)[i].hash(), i);
        }
    }
    const auto found = indices_.find(hash);
    return found == indices_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<TransactionEvent> TransactionEvents::event_of(const ExtrinsicHash& hash,
                                                            const TransactionStatus& status) {
    using Kind = TransactionStatus::Kind;
    switch (status.kind) {
        case Kind::future:
        case Kind::ready:
            return plain("validated");
        case Kind::broadcast:
            return std::nullopt;
        case Kind::in_block: {
            const auto index = index_in(status.block, hash);
            // The block may have gone again by now; that it was retracted comes next then.
            return index ? std::optional(
                               in_block("bestChainBlockIncluded", status.block, *index, false))
                         : std::nullopt;
        }
        case Kind::retracted:
            return TransactionEvent{R"({"event":"bestChainBlockIncluded","block":null})", false};
        case Kind::finalized: {
            const auto index = index_in(status.block, hash);
            return index ? in_block("finalized", status.block, *index, true)
                         : last("error", "the finalized block " + status.block.hex() +
                                             " is not on record any more");
        }
        case Kind::finality_timeout:
            return last("dropped", "Maximum number of finality watchers has been reached");
        case Kind::usurped:
            return last("invalid", "Extrinsic was rendered invalid by another extrinsic");
        case Kind::dropped:
            return last("dropped", "Extrinsic dropped from the pool due to exceeding limits");
        case Kind::invalid:
            return last("invalid", "Extrinsic marked as invalid");
    }
    return std::nullopt;
}

void TransactionEvents::tell(std::shared_ptr<Outbox> outbox, const ExtrinsicHash& hash,
                             const TransactionStatus& status, std::function<void()> ended) {
    const bool taken = strand_.post([this, outbox, hash, status, ended] {
        const auto event = event_of(hash, status);
        if (!event) {
            return;
        }
        if (event->is_last) {
            outbox->finish(event->text, false);
            ended();
        } else {
            outbox->push(event->text);
        }
    });
    if (!taken) {
        outbox->finish(last("dropped", "the node is busy").text, false);
        ended();
    }
}

}  // namespace stipple::rpc
