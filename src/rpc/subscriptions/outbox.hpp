// What one subscription has to tell, while its peer reads it at its own pace.
//
// Messages go out as long as the connection has room, the others wait here, in order: a follower
// hears dozens of blocks at once when it begins. Bounded by kOutboxMessagesMax. Thread-safe.
#pragma once

#include "base/serving.hpp"
#include "rpc/subscriptions/limits.hpp"

#include <deque>
#include <mutex>

namespace stipple::rpc {

class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
    /// `notification` is a literal: the method name of what is sent.
    Outbox(std::shared_ptr<serving::Connection> connection, std::string_view notification,
           std::string id)
        : connection_(std::move(connection)), notification_(notification), id_(std::move(id)) {}

    /// False when too much waits, or nothing more may follow: the subscription is then to end.
    bool push(std::string_view result);
    /// The last message; what waits is dropped for it when `instead`.
    void finish(std::string_view result, bool instead);
    /// Nothing waits, and the connection has room: time for the next part of a long answer.
    bool has_room() const;
    /// Calls `go` once when that is so; never after the peer has gone.
    void when_room(std::function<void()> go);
    /// No message leaves any more.
    void close();

    const std::string& id() const { return id_; }
    const std::shared_ptr<serving::Connection>& connection() const { return connection_; }

 private:
    /// REQUIRES the lock.
    void send_waiting();
    void flush();

    const std::shared_ptr<serving::Connection> connection_;
    const std::string_view notification_;
    const std::string id_;
    mutable std::mutex mutex_;
    std::deque<std::string> waiting_;
    bool scheduled_ = false;  ///< a flush will come
    bool finished_ = false;
};

}  // namespace stipple::rpc
