#include "rpc/subscriptions/service.hpp"

#include "rpc/codec/request.hpp"

namespace stipple::rpc {

using serving::Connection;
using serving::ContentType;
using serving::Progress;
using serving::Reply;
using serving::Request;
using serving::Verb;

RpcService::RpcService(const ServiceConfig& config, const RpcContext& context, Seed seed,
                       Submit submit)
    : config_(config),
      context_(context),
      registry_(context),
      submit_(std::move(submit)),
      hub_(
          context, seed,
          [this](std::function<void()> job) {
              return this->submit(serving::ConnectionId{0}, std::move(job));
          },
          config.subscriptions_per_connection_max) {}

bool RpcService::submit(serving::ConnectionId owner, std::function<void()> job) const {
    if (!submit_) {
        job();
        return true;
    }
    return submit_(owner, gate_.guarded(std::move(job)));
}

bool RpcService::unsafe_allowed(const Connection& connection) const {
    switch (config_.policy) {
        case MethodPolicy::safe:
            return false;
        case MethodPolicy::unsafe:
            return true;
        case MethodPolicy::automatic:
            return connection.from_loopback_listener();
    }
    return false;
}

bool RpcService::is_slow(const Message& message) const {
    for (const Call& call : message.calls) {
        const Method* method =
            call.kind == Call::Kind::call ? registry_.find(call.name()) : nullptr;
        if (method != nullptr && method->cost == Cost::slow) {
            return true;
        }
    }
    return false;
}

RpcResult<> RpcService::run(const Call& call, const Method& method, Answering& who,
                            std::string& out) const {
    const ConnectionPointer& connection = who.connection;
    if (method.kind == Method::Kind::connected_call) {
        if (connection == nullptr) {
            return std::unexpected(internal_error());
        }
        return hub_.connected_call(method.connected, connection->id(), Params(call.params), out,
                                   who.after);
    }
    if (method.kind != Method::Kind::call) {
        // Subscriptions need a connection that stays; a batch cannot make them.
        if (method.kind == Method::Kind::subscribe || connection == nullptr ||
            !connection->is_websocket()) {
            return std::unexpected(internal_error());
        }
        Params params(call.params);
        TRY_ASSIGN(const std::string id, params.text("subscription"));
        out.append(hub_.unsubscribe(connection->id(), method.topic, id) ? "true" : "false");
        return {};
    }
    if (method.access == Access::unsafe && !who.unsafe_allowed) {
        return std::unexpected(unsafe_denied());
    }
    CallScope scope{.context = context_,
                    .params = Params(call.params),
                    .unsafe_allowed = who.unsafe_allowed,
                    .out = out,
                    .method_names = &registry_.names()};
    return method.function(scope);
}

void RpcService::answer_call(const Call& call, Answering& who, std::string& out) const {
    const ConnectionPointer& connection = who.connection;
    if (call.kind == Call::Kind::broken) {
        append_error(out, call.id, call.error);
        return;
    }
    const std::size_t before = out.size();
    const Method* method = registry_.find(call.name());
    RpcResult<> done;
    if (method == nullptr) {
        done = std::unexpected(method_not_found());
    } else if (connection != nullptr && !connection->take_call()) {
        done = std::unexpected(rate_limited());
    } else {
        begin_result(out, call.id);
        done = run(call, *method, who, out);
        finish_result(out);
        if (done && out.size() - before > context_.answer_bytes_max) {
            done = std::unexpected(too_big_response(context_.answer_bytes_max));
        }
    }
    if (!done) {
        out.resize(before);
        append_error(out, call.id, done.error());
    }
    if (observer_ && method != nullptr) {
        observer_(call.name(), connection != nullptr && connection->is_websocket(),
                  done.has_value());
    }
}

void RpcService::answer_message(const Message& message, Answering& who, std::string& out) const {
    if (message.kind != Message::Kind::batch) {
        if (message.calls[0].kind != Call::Kind::notification) {
            answer_call(message.calls[0], who, out);
        }
        return;
    }
    const std::size_t start = out.size();
    for (const Call& call : message.calls) {
        if (call.kind == Call::Kind::notification) {
            continue;
        }
        out.push_back(out.size() == start ? '[' : ',');
        answer_call(call, who, out);
        if (out.size() - start > context_.answer_bytes_max) {
            out.resize(start);
            append_error(out, "null", too_big_batch_response(context_.answer_bytes_max));
            return;
        }
    }
    if (out.size() != start) {
        out.push_back(']');
    }
}

std::string RpcService::answer(std::string_view body, bool unsafe_allowed, bool& malformed) const {
    Message message;
    parse_message(body, config_.batch_calls_max, message);
    malformed = message.kind == Message::Kind::malformed;
    std::string out;
    const ConnectionPointer nobody;
    Answering who{.connection = nobody, .unsafe_allowed = unsafe_allowed};
    answer_message(message, who, out);
    return out;
}

Reply RpcService::health_reply(bool readiness) const {
    if (!context_.ports.health) {
        return {.status = 500, .type = ContentType::json, .body = {}};
    }
    const Health health = context_.ports.health();
    if (readiness) {
        const bool ready = (!health.is_syncing && health.peers > 0) || !health.should_have_peers;
        return {.status = ready ? 200U : 500U, .type = ContentType::json, .body = {}};
    }
    Reply reply;
    reply.body = "{\"peers\":" + std::to_string(health.peers) +
                 ",\"isSyncing\":" + (health.is_syncing ? "true" : "false") +
                 ",\"shouldHavePeers\":" + (health.should_have_peers ? "true" : "false") + "}";
    return reply;
}

void RpcService::page_reply(const Request& request, Reply& reply) const {
    if (request.path == "/health" || request.path == "/health/readiness") {
        if (request.verb == Verb::get) {
            reply = health_reply(request.path != "/health");
        } else {
            reply = {.status = 405, .type = ContentType::json, .body = {}};
        }
        return;
    }
    if (request.verb == Verb::get && pages_) {
        if (auto page = pages_(request.path)) {
            reply = std::move(*page);
            return;
        }
    }
    reply = {.status = 405,
             .type = ContentType::text,
             .body = "Used HTTP Method is not allowed. POST is required\n"};
}

Progress RpcService::on_request(const ConnectionPointer& connection, const Request& request,
                                Reply& reply) {
    if (request.verb != Verb::post || request.path.starts_with("/health")) {
        page_reply(request, reply);
        return Progress::done;
    }
    if (!request.is_json) {
        reply = {.status = 415,
                 .type = ContentType::text,
                 .body =
                     "Supplied content type is not allowed. Content-Type: application/json is "
                     "required\n"};
        return Progress::done;
    }
    thread_local Message message;  // keeps its memory from one request to the next
    parse_message(request.body, config_.batch_calls_max, message);
    if (is_slow(message)) {
        const bool taken = answer_later(connection, request.body, [connection](std::string body) {
            connection->reply(Reply{.body = std::move(body)});
        });
        if (taken) {
            return Progress::later;
        }
        append_error(reply.body, message.calls[0].id, server_is_busy());
        return Progress::done;
    }
    reply.status = message.kind == Message::Kind::malformed ? 400 : 200;
    Answering who{.connection = connection, .unsafe_allowed = unsafe_allowed(*connection)};
    answer_message(message, who, reply.body);
    return Progress::done;
}

bool RpcService::answer_later(const ConnectionPointer& connection, std::string_view text,
                              std::function<void(std::string)> send) {
    return submit(
        connection->id(), [this, connection, body = std::string(text), send = std::move(send)] {
            Message message;
            parse_message(body, config_.batch_calls_max, message);
            Answering who{.connection = connection, .unsafe_allowed = unsafe_allowed(*connection)};
            std::string answer;
            answer_message(message, who, answer);
            send(std::move(answer));
            for (const auto& next : who.after) {
                next();
            }
        });
}

bool RpcService::subscribe_later(const ConnectionPointer& connection, const Message& message,
                                 std::string_view text) {
    const Call& call = message.calls[0];
    const Method* method = message.kind == Message::Kind::single && call.kind == Call::Kind::call
                               ? registry_.find(call.name())
                               : nullptr;
    if (method == nullptr || method->kind != Method::Kind::subscribe) {
        return false;
    }
    const bool unsafe = unsafe_allowed(*connection);
    const auto subscribe = [this, connection, method, unsafe](const Call& made) {
        RpcResult<> done = connection->take_call() ? hub_.subscribe(connection, *method, made.id,
                                                                    Params(made.params), unsafe)
                                                   : std::unexpected(rate_limited());
        if (!done) {
            std::string answer;
            append_error(answer, made.id, done.error());
            connection->answer(std::move(answer));
        }
    };
    if (method->cost == Cost::quick) {
        subscribe(call);
        return true;
    }
    const bool taken = submit(connection->id(), [this, subscribe, body = std::string(text)] {
        Message owned;
        parse_message(body, config_.batch_calls_max, owned);
        subscribe(owned.calls[0]);
    });
    if (!taken) {
        std::string busy;
        append_error(busy, call.id, server_is_busy());
        connection->answer(std::move(busy));
    }
    return true;
}

Progress RpcService::on_message(const ConnectionPointer& connection, std::string_view text,
                                std::string& answer) {
    thread_local Message message;
    parse_message(text, config_.batch_calls_max, message);
    if (subscribe_later(connection, message, text)) {
        return Progress::later;
    }
    if (is_slow(message)) {
        const bool taken = answer_later(connection, text, [connection](std::string body) {
            connection->answer(std::move(body));
        });
        if (taken) {
            return Progress::later;
        }
        append_error(answer, message.calls[0].id, server_is_busy());
        return Progress::done;
    }
    Answering who{.connection = connection, .unsafe_allowed = unsafe_allowed(*connection)};
    answer_message(message, who, answer);
    return Progress::done;
}

void RpcService::on_close(serving::ConnectionId connection) {
    hub_.on_close(connection);
}

}  // namespace stipple::rpc
