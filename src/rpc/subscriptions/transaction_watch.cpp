#include "rpc/subscriptions/transaction_watch.hpp"

#include "rpc/codec/request.hpp"

namespace stipple::rpc {
namespace {

std::string tagged(std::string_view name, ByteView hash) {
    std::string out = "{\"";
    out.append(name).append("\":");
    append_json_hex(out, hash);
    out.push_back('}');
    return out;
}

}  // namespace

std::string status_json(const TransactionStatus& status) {
    using Kind = TransactionStatus::Kind;
    switch (status.kind) {
        case Kind::future:
            return "\"future\"";
        case Kind::ready:
            return "\"ready\"";
        case Kind::broadcast: {
            std::string out = R"({"broadcast":)";
            append_list(out, status.peers,
                        [&out](const std::string& peer) { append_json_string(out, peer); });
            out.push_back('}');
            return out;
        }
        case Kind::in_block:
            return tagged("inBlock", status.block);
        case Kind::retracted:
            return tagged("retracted", status.block);
        case Kind::finality_timeout:
            return tagged("finalityTimeout", status.block);
        case Kind::finalized:
            return tagged("finalized", status.block);
        case Kind::usurped:
            return tagged("usurped", status.other);
        case Kind::dropped:
            return "\"dropped\"";
        case Kind::invalid:
            return "\"invalid\"";
    }
    return "null";
}

void EventHub::TransactionWatch::send(const TransactionStatus& status) {
    connection_->push(notification(notification_, id_, status_json(status)));
}

bool EventHub::TransactionWatch::on_status(const TransactionStatus& status) {
    const std::lock_guard lock(mutex_);
    if (connection_ == nullptr) {
        if (early_.size() < kEarlyStatusesMax) {
            early_.push_back(status);
        }
        return false;
    }
    send(status);
    return true;
}

bool EventHub::TransactionWatch::begin(ConnectionPointer connection, std::string_view notification,
                                       std::string id) {
    const std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
    notification_ = notification;
    id_ = std::move(id);
    bool last = false;
    for (const TransactionStatus& status : early_) {
        send(status);
        last = last || status.is_last();
    }
    early_.clear();
    return last;
}

EventHub::Key EventHub::TransactionWatch::key() const {
    const std::lock_guard lock(mutex_);
    return {connection_->id(), id_};
}

}  // namespace stipple::rpc
