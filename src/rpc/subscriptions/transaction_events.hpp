// transactionWatch_v1: what becomes of one transaction, in the words of the specification.
//
// The pool tells statuses on the core thread; where a block is named its body is read for the
// transaction's index, on a strand of workers, so that the core never waits and order is kept.
//
// Spec: json-rpc-interface-spec, transactionWatch_v1_submitAndWatch
#pragma once

#include "rpc/methods/registry.hpp"
#include "rpc/subscriptions/outbox.hpp"
#include "rpc/subscriptions/strand.hpp"

#include <unordered_map>

namespace stipple::rpc {

struct TransactionEvent {
    std::string text;
    bool is_last = false;
};

/// Why the pool refused a transaction, as an event.
TransactionEvent refused_event(const RpcError& error);
/// The event of extrinsic bytes that are none.
TransactionEvent undecodable_event();

class TransactionEvents {
 public:
    TransactionEvents(const RpcContext& context, RunSlow run_slow)
        : context_(context), strand_(std::move(run_slow), kTransactionEventsMax) {}

    /// Tells a status later; `ended` follows the last one. Any thread, REQUIRES no lock that
    /// `ended` takes.
    void tell(std::shared_ptr<Outbox> outbox, const ExtrinsicHash& hash,
              const TransactionStatus& status, std::function<void()> ended);

    /// Absent when there is nothing to tell. On the strand only.
    std::optional<TransactionEvent> event_of(const ExtrinsicHash& hash,
                                             const TransactionStatus& status);

 private:
    std::optional<std::size_t> index_in(const BlockHash& block, const ExtrinsicHash& hash);

    const RpcContext& context_;
    // The block that was read last: its transactions are told one after the other.
    BlockHash indexed_block_;
    std::unordered_map<ExtrinsicHash, std::size_t> indices_;
    Strand strand_;
};

}  // namespace stipple::rpc
