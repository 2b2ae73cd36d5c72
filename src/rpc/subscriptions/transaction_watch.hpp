// One watched transaction: statuses of the pool become notifications of one subscription.
//
// The pool may report before the subscription is answered; such statuses wait (kEarlyStatusesMax).
#pragma once

#include "rpc/subscriptions/hub.hpp"

namespace stipple::rpc {

/// "ready", {"inBlock":"0x…"} and so on.
std::string status_json(const TransactionStatus& status);

struct EventHub::TransactionWatch {
 public:
    /// Sends or keeps; true when it was sent (the subscription exists).
    bool on_status(const TransactionStatus& status);
    /// The subscription is answered: sends what waited. True when the last status was among that.
    bool begin(ConnectionPointer connection, std::string_view notification, std::string id);
    Key key() const;

 private:
    void send(const TransactionStatus& status);
    mutable std::mutex mutex_;
    ConnectionPointer connection_;
    std::string_view notification_;
    std::string id_;
    std::vector<TransactionStatus> early_;
};

}  // namespace stipple::rpc
