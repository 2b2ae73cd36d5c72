#include "rpc/subscriptions/archive_queries.hpp"

namespace stipple::rpc {
namespace {

using Run = std::variant<StorageRun, StorageDiffRun>;

/// One query under way.
class Answering : public std::enable_shared_from_this<Answering> {
 public:
    Answering(bool is_difference, std::shared_ptr<Outbox> outbox, RunSlow run_slow,
              std::function<void()> ended)
        : event_(is_difference ? "storageDiff" : "storage"),
          outbox_(std::move(outbox)),
          run_slow_(std::move(run_slow)),
          ended_(std::move(ended)) {}

    void fail(std::string_view error) {
        std::string text = R"({"event":")" + event_ + R"(Error","error":)";
        append_json_string(text, error);
        finish(text + "}");
    }
    void begin(Run run) {
        run_.emplace(std::move(run));
        step();
    }

 private:
    void finish(std::string_view text) {
        outbox_->finish(text, false);
        ended_();
    }
    void step() {
        for (std::size_t sent = 0; sent < kOperationBytes;) {
            if (!outbox_->has_room()) {
                outbox_->when_room([self = shared_from_this()] { self->step_later(); });
                return;
            }
            StorageItems items;
            const auto more =
                std::visit([&](auto& run) { return run.next(items, kStorageItemsBytes); }, *run_);
            if (!more) {
                fail(more.error().message());
                return;
            }
            for (const std::string& members : items.members) {
                if (!outbox_->push(R"({"event":")" + event_ + "\"," + members + "}")) {
                    ended_();  // stopped, or the peer has gone
                    return;
                }
            }
            if (!*more) {
                finish(R"({"event":")" + event_ + R"(Done"})");
                return;
            }
            sent += items.bytes + 1;
        }
        step_later();  // other calls run in between
    }
    void step_later() {
        if (!run_slow_([self = shared_from_this()] { self->step(); })) {
            fail("the node is busy");
        }
    }

    const std::string event_;
    const std::shared_ptr<Outbox> outbox_;
    const RunSlow run_slow_;
    const std::function<void()> ended_;
    std::optional<Run> run_;
};

std::expected<ReaderPointer, std::string> state_of(const RpcContext& context,
                                                   const BlockHash& block) {
    auto state = state_at(context, block);
    if (!state) {
        return std::unexpected(state.error().message);
    }
    return std::move(*state);
}

std::expected<Run, std::string> storage_run(const RpcContext& context, const ArchiveQuery& query) {
    const auto bad = [](const std::string& text) {
        return std::unexpected("Invalid parameter: " + text);
    };
    auto queries = parse_queries(query.items, true);
    if (!queries) {
        return bad(queries.error());
    }
    std::optional<Bytes> child_key;
    if (query.child_trie) {
        auto bytes = parse_hex_parameter(*query.child_trie);
        if (!bytes) {
            return bad(bytes.error());
        }
        child_key = std::move(*bytes);
    }
    TRY_ASSIGN(auto state, state_of(context, query.block));
    return StorageRun(std::move(state), std::move(child_key), std::move(*queries));
}

std::expected<Run, std::string> difference_run(const RpcContext& context,
                                               const ArchiveQuery& query) {
    BlockHash previous;
    if (query.previous) {
        previous = *query.previous;
    } else {
        const auto header = context.chain.header(query.block);
        if (!header || !*header) {
            return std::unexpected("Block header is not present: " + query.block.hex());
        }
        previous = (*header)->parent_hash;
    }
    auto queries = parse_diff_items(query.diff_items);
    if (!queries) {
        return std::unexpected("Invalid parameter: " + queries.error());
    }
    TRY_ASSIGN(auto after, state_of(context, query.block));
    TRY_ASSIGN(auto before, state_of(context, previous));
    return StorageDiffRun(std::move(before), std::move(after), std::move(*queries));
}

}  // namespace

RpcResult<ArchiveQuery> read_archive_query(Params& params, bool is_difference) {
    ArchiveQuery query;
    query.is_difference = is_difference;
    TRY_ASSIGN(query.block, params.hash("hash"));
    if (is_difference) {
        TRY_ASSIGN(query.diff_items, storage_diff_items(params, "items"));
        TRY_ASSIGN(query.previous, params.optional_hash("previous_hash"));
    } else {
        TRY_ASSIGN(query.items, storage_queries(params, "items"));
        TRY_ASSIGN(query.child_trie, params.optional_text("child_trie"));
    }
    return query;
}

void answer_archive_query(const RpcContext& context, const ArchiveQuery& query,
                          std::shared_ptr<Outbox> outbox, RunSlow run_slow,
                          std::function<void()> ended) {
    const auto answering = std::make_shared<Answering>(query.is_difference, std::move(outbox),
                                                       std::move(run_slow), std::move(ended));
    auto run = query.is_difference ? difference_run(context, query) : storage_run(context, query);
    if (run) {
        answering->begin(std::move(*run));
    } else {
        answering->fail(run.error());
    }
}

}  // namespace stipple::rpc
