#include "sim/toy/runtime.hpp"

#include "chain/pool/validity.hpp"
#include "primitives/inherents.hpp"
#include "sim/toy/clockwork.hpp"
#include "sim/toy/offences.hpp"

#include <fmt/format.h>

#include <map>

namespace stipple::sim::toy {
namespace {

constexpr std::string_view kHeadKey = "toy:head";
constexpr std::string_view kDraftKey = "toy:draft";
constexpr std::string_view kAccountPrefix = "toy:a";
constexpr std::uint8_t kTimestampCall = 0;
constexpr std::uint8_t kTransferCall = 1;
constexpr std::uint8_t kStalledCall = 5;  // reports lie between
// InvalidTransaction, by its SCALE index.
constexpr std::uint8_t kBadCall = 0;
constexpr std::uint8_t kFuture = 2;
constexpr std::uint8_t kStale = 3;
constexpr std::uint64_t kLongevity = 64;
constexpr auto kRootVersion = state::StateVersion::v1;

/// The block being made.
struct Draft {
    Header header;
    Body body;
};
void encode_to(Bytes& out, const Draft& draft) {
    encode_to(out, draft.header);
    scale::encode_to(out, draft.body);
}
void decode_from(scale::Decoder& in, Draft& draft) {
    decode_from(in, draft.header);
    scale::decode_from(in, draft.body);
}

struct Transfer {
    std::uint32_t account = 0;
    std::uint32_t nonce = 0;
    static auto fields(auto& self) { return std::tie(self.account, self.nonce); }
};

/// What a call ends with instead of an answer.
struct Panic {
    std::string message;
};
template <class T>
using Outcome = std::expected<T, Panic>;

std::unexpected<Panic> panic(std::string message) {
    return std::unexpected(Panic{std::move(message)});
}

Bytes account_key(std::uint32_t account) {
    Bytes key = to_bytes(kAccountPrefix);
    append_le(key, account);
    return key;
}

/// One call of the runtime: the overlay, read and written by name.
class Call {
 public:
    Call(const Rules& rules, state::Overlay& overlay, executor::OffchainPort* offchain)
        : rules_(rules), overlay_(overlay), offchain_(offchain) {}

    Outcome<Bytes> initialize(ByteView arguments);
    Outcome<Bytes> execute(ByteView arguments);
    Outcome<Bytes> inherents(ByteView arguments);
    Outcome<Bytes> apply(ByteView arguments);
    Outcome<Bytes> finalize();
    Outcome<Bytes> validate(ByteView arguments);
    Outcome<Bytes> babe_configuration();
    Outcome<Bytes> grandpa_authorities();
    Outcome<Bytes> beefy_genesis();
    Outcome<Bytes> beefy_validators();
    Outcome<Bytes> mmr_root();
    /// Of the key behind a number: a slot or a set, which make no difference here.
    Outcome<Bytes> own_key(ByteView arguments);
    Outcome<Bytes> submit(OffenceKind kind, ByteView arguments);

 private:
    template <class T>
    Outcome<std::optional<T>> read(ByteView key) {
        const auto value = overlay_.get_view(state::TrieId::main(), key);
        if (!value) {
            return panic("state: " + value.error().message());
        }
        if (!*value) {
            return std::nullopt;
        }
        auto decoded = scale::decode<T>(**value);
        if (!decoded) {
            return panic("state: a damaged value");
        }
        return std::optional<T>(*std::move(decoded));
    }
    template <class T>
    Outcome<T> must_read(std::string_view key) {
        TRY_ASSIGN(auto value, read<T>(as_bytes(key)));
        return value ? Outcome<T>(*std::move(value)) : panic(fmt::format("{} is missing", key));
    }
    template <class T>
    void write(ByteView key, const T& value) {
        overlay_.set(state::TrieId::main(), key, scale::encode(value));
    }

    Outcome<Draft> begin(const Header& header);
    /// The InvalidTransaction index, or absent when it is applied.
    Outcome<std::optional<std::uint8_t>> apply_one(const Extrinsic& extrinsic);
    Outcome<Header> finish(Draft draft, bool with_root);

    const Rules& rules_;
    state::Overlay& overlay_;
    executor::OffchainPort* const offchain_;
};

Outcome<Draft> Call::begin(const Header& header) {
    TRY_ASSIGN(Head head, must_read<Head>(kHeadKey));
    const auto pre_digest = babe::find_pre_digest(header);
    if (!pre_digest) {
        return panic("no pre-digest");
    }
    if (header.number != head.number + 1) {
        return panic("not the next block");
    }
    const Slot slot = babe::slot_of(*pre_digest);
    head.number = header.number;
    Draft draft{header, {}};
    draft.header.state_root = {};
    draft.header.extrinsics_root = {};
    // What the header brings from its author; what the runtime adds comes behind.
    std::erase_if(draft.header.digest, [](const DigestItem& item) {
        return !std::holds_alternative<PreRuntimeDigest>(item);
    });
    turn_epoch(rules_, slot, head, draft.header.digest);
    if (rules_.beefy) {
        add_to_history(header.parent_hash, head, draft.header.digest);
    }
    write(as_bytes(kHeadKey), head);
    return draft;
}

Outcome<std::optional<std::uint8_t>> Call::apply_one(const Extrinsic& extrinsic) {
    if (extrinsic.data.empty()) {
        return kBadCall;
    }
    const ByteView arguments = ByteView(extrinsic.data).subspan(1);
    if (extrinsic.data[0] == kTimestampCall) {
        const auto time = scale::decode<std::uint64_t>(arguments);
        TRY_ASSIGN(Head head, must_read<Head>(kHeadKey));
        if (!time || *time <= head.timestamp) {
            return kBadCall;
        }
        head.timestamp = *time;
        write(as_bytes(kHeadKey), head);
        return std::nullopt;
    }
    if (extrinsic.data[0] == kStalledCall) {
        const auto stall = scale::decode<Stall>(arguments);
        TRY_ASSIGN(Head head, must_read<Head>(kHeadKey));
        if (!stall || is_noted(head, *stall)) {
            return kStale;
        }
        head.stall = Stall{.finalized = stall->finalized, .gone = stall->gone};
        write(as_bytes(kHeadKey), head);
        return std::nullopt;
    }
    if (extrinsic.data[0] != kTransferCall) {
        const auto offence = find_offence(rules_, extrinsic);
        if (!offence) {
            return kBadCall;
        }
        TRY_ASSIGN(const auto reported, read<BlockNumber>(*offence));
        if (reported) {
            return kStale;
        }
        TRY_ASSIGN(const Head head, must_read<Head>(kHeadKey));
        write(*offence, head.number);
        return std::nullopt;
    }
    const auto transfer = scale::decode_prefix<Transfer>(arguments);
    if (!transfer) {
        return kBadCall;
    }
    const Bytes key = account_key(transfer->account);
    TRY_ASSIGN(const auto nonce, read<std::uint32_t>(key));
    if (transfer->nonce != nonce.value_or(0)) {
        return transfer->nonce < nonce.value_or(0) ? kStale : kFuture;
    }
    write(key, transfer->nonce + 1);
    return std::nullopt;
}

Outcome<Header> Call::finish(Draft draft, bool with_root) {
    draft.header.extrinsics_root = chain::extrinsics_root(draft.body, state::StateVersion::v0);
    if (with_root) {
        const auto root = overlay_.root(kRootVersion);
        if (!root) {
            return panic("root: " + root.error().message());
        }
        draft.header.state_root = HeaderStateRoot(root->bytes);
    }
    return std::move(draft.header);
}

Outcome<Bytes> Call::initialize(ByteView arguments) {
    const auto header = scale::decode<Header>(arguments);
    if (!header) {
        return panic("initialize_block: not a header");
    }
    TRY_ASSIGN(const Draft draft, begin(*header));
    write(as_bytes(kDraftKey), draft);
    return Bytes{0};  // every extrinsic is welcome
}

Outcome<Bytes> Call::execute(ByteView arguments) {
    const auto block = scale::decode<Block>(arguments);
    if (!block) {
        return panic("execute_block: not a block");
    }
    TRY_ASSIGN(Draft draft, begin(block->header));
    for (const Extrinsic& extrinsic : block->body) {
        TRY_ASSIGN(const auto refused, apply_one(extrinsic));
        if (refused) {
            return panic("execute_block: an extrinsic does not apply");
        }
    }
    draft.body = block->body;
    // The host compares the state root itself; here it would be computed twice.
    TRY_ASSIGN(const Header header, finish(std::move(draft), false));
    if (header.digest != block->header.digest) {
        return panic("execute_block: Digest must match that calculated");
    }
    if (header.extrinsics_root != block->header.extrinsics_root) {
        return panic("execute_block: Transaction trie root must be valid");
    }
    return Bytes{};
}

Outcome<Bytes> Call::inherents(ByteView arguments) {
    const auto data = scale::decode<InherentData>(arguments);
    if (!data) {
        return panic("inherent_extrinsics: not inherent data");
    }
    const auto time = data->values.find(inherent_id("timstap0"));
    if (time == data->values.end()) {
        return panic("inherent_extrinsics: no timestamp");
    }
    Extrinsic timestamp{{kTimestampCall}};
    append(timestamp.data, time->second);
    return scale::encode(Body{timestamp});
}

Outcome<Bytes> Call::apply(ByteView arguments) {
    const auto extrinsic = scale::decode<Extrinsic>(arguments);
    if (!extrinsic) {
        return panic("apply_extrinsic: not an extrinsic");
    }
    TRY_ASSIGN(const auto refused, apply_one(*extrinsic));
    if (refused) {
        return Bytes{1, 0, *refused};
    }
    TRY_ASSIGN(Draft draft, must_read<Draft>(kDraftKey));
    draft.body.push_back(*extrinsic);
    write(as_bytes(kDraftKey), draft);
    return Bytes{0, 0};
}

Outcome<Bytes> Call::finalize() {
    TRY_ASSIGN(Draft draft, must_read<Draft>(kDraftKey));
    overlay_.set(state::TrieId::main(), as_bytes(kDraftKey), std::nullopt);
    TRY_ASSIGN(const Header header, finish(std::move(draft), true));
    return scale::encode(header);
}

Outcome<Bytes> Call::validate(ByteView arguments) {
    scale::Decoder in(arguments);
    const auto source = static_cast<chain::pool::Source>(in.u8());
    Extrinsic extrinsic;
    decode_from(in, extrinsic);
    const auto refuse = [](std::uint8_t kind) { return Bytes{1, 0, kind}; };
    if (!in.ok() || extrinsic.data.empty()) {
        return refuse(kBadCall);
    }
    const auto valid = [&](const std::vector<Bytes>& required, const Bytes& provided,
                           bool propagates) {
        Bytes answer{0};
        scale::encode_to(answer, std::uint64_t{extrinsic.data.size()});
        scale::encode_to(answer, required);
        scale::encode_to(answer, std::vector<Bytes>{provided});
        scale::encode_to(answer, kLongevity);
        scale::encode_to(answer, propagates);
        return answer;
    };
    const ByteView call = ByteView(extrinsic.data).subspan(1);
    if (extrinsic.data[0] == kStalledCall) {
        const auto stall = scale::decode<Stall>(call);
        TRY_ASSIGN(const Head head, must_read<Head>(kHeadKey));
        return !stall || is_noted(head, *stall) ? refuse(kStale)
                                                : valid({}, to_bytes(kHeadKey), true);
    }
    if (extrinsic.data[0] != kTransferCall) {
        // As in the field: whoever saw it reports it, and takes no reports of others.
        const auto offence = source == chain::pool::Source::external
                                 ? std::nullopt
                                 : find_offence(rules_, extrinsic);
        if (!offence) {
            return refuse(kBadCall);
        }
        TRY_ASSIGN(const auto reported, read<BlockNumber>(*offence));
        return reported ? refuse(kStale) : valid({}, *offence, false);
    }
    const auto transfer = scale::decode_prefix<Transfer>(call);
    if (!transfer) {
        return refuse(kBadCall);
    }
    TRY_ASSIGN(const auto nonce, read<std::uint32_t>(account_key(transfer->account)));
    if (transfer->nonce < nonce.value_or(0)) {
        return refuse(kStale);
    }
    const auto tag = [&](std::uint32_t at) {
        return scale::encode(Transfer{transfer->account, at});
    };
    std::vector<Bytes> required;
    if (transfer->nonce > nonce.value_or(0)) {
        required.push_back(tag(transfer->nonce - 1));
    }
    return valid(required, tag(transfer->nonce), true);
}

Outcome<Bytes> Call::babe_configuration() {
    return scale::encode(babe::Configuration{.slot_duration_ms = rules_.slot_duration_ms,
                                             .epoch_length_slots = rules_.epoch_length_slots,
                                             .c = rules_.share,
                                             .authorities = rules_.babe_authorities(0),
                                             .randomness = {},
                                             .allowed_slots = rules_.allowed_slots});
}

Outcome<Bytes> Call::grandpa_authorities() {
    TRY_ASSIGN(const Head head, must_read<Head>(kHeadKey));
    return scale::encode(rules_.grandpa_authorities(head.session, head.gone));
}

Outcome<Bytes> Call::beefy_genesis() {
    return scale::encode(rules_.beefy ? std::optional<BlockNumber>(1) : std::nullopt);
}

Outcome<Bytes> Call::beefy_validators() {
    TRY_ASSIGN(const Head head, must_read<Head>(kHeadKey));
    return scale::encode(std::optional(rules_.beefy_validators(head.session, head.gone)));
}

Outcome<Bytes> Call::mmr_root() {
    TRY_ASSIGN(const Head head, must_read<Head>(kHeadKey));
    Bytes answer{0};
    append(answer, head.history);
    return answer;
}

Outcome<Bytes> Call::own_key(ByteView arguments) {
    constexpr std::size_t kNumberBytes = 8;
    return scale::encode(arguments.size() < kNumberBytes
                             ? std::nullopt
                             : find_owner(rules_, arguments.subspan(kNumberBytes)));
}

Outcome<Bytes> Call::submit(OffenceKind kind, ByteView arguments) {
    const Bytes extrinsic = scale::encode(report(kind, arguments));
    return Bytes{offchain_ != nullptr && offchain_->submit_transaction(extrinsic)
                     ? std::uint8_t{1}
                     : std::uint8_t{0}};
}

using Entry = Outcome<Bytes> (*)(Call& call, ByteView arguments);
const std::map<std::string_view, Entry>& entries() {
    static const std::map<std::string_view, Entry> kEntries = {
        {"Core_initialize_block", [](Call& call, ByteView in) { return call.initialize(in); }},
        {"Core_execute_block", [](Call& call, ByteView in) { return call.execute(in); }},
        {"BlockBuilder_inherent_extrinsics",
         [](Call& call, ByteView in) { return call.inherents(in); }},
        {"BlockBuilder_apply_extrinsic", [](Call& call, ByteView in) { return call.apply(in); }},
        {"BlockBuilder_finalize_block", [](Call& call, ByteView) { return call.finalize(); }},
        {"TaggedTransactionQueue_validate_transaction",
         [](Call& call, ByteView in) { return call.validate(in); }},
        {"BabeApi_configuration", [](Call& call, ByteView) { return call.babe_configuration(); }},
        {"GrandpaApi_grandpa_authorities",
         [](Call& call, ByteView) { return call.grandpa_authorities(); }},
        {"BeefyApi_beefy_genesis", [](Call& call, ByteView) { return call.beefy_genesis(); }},
        {"BeefyApi_validator_set", [](Call& call, ByteView) { return call.beefy_validators(); }},
        {"MmrApi_mmr_root", [](Call& call, ByteView) { return call.mmr_root(); }},
        {"BabeApi_generate_key_ownership_proof",
         [](Call& call, ByteView in) { return call.own_key(in); }},
        {"GrandpaApi_generate_key_ownership_proof",
         [](Call& call, ByteView in) { return call.own_key(in); }},
        {"BeefyApi_generate_key_ownership_proof",
         [](Call& call, ByteView in) { return call.own_key(in); }},
        {"BabeApi_submit_report_equivocation_unsigned_extrinsic",
         [](Call& call, ByteView in) { return call.submit(OffenceKind::double_seal, in); }},
        {"GrandpaApi_submit_report_equivocation_unsigned_extrinsic",
         [](Call& call, ByteView in) { return call.submit(OffenceKind::double_vote, in); }},
        {"BeefyApi_submit_report_double_voting_unsigned_extrinsic",
         [](Call& call, ByteView in) { return call.submit(OffenceKind::double_commitment, in); }},
    };
    return kEntries;
}

}  // namespace

Runtime::Runtime(Rules rules) : rules_(std::move(rules)) {
    version_.spec_name = "stipple-toy";
    version_.impl_name = "stipple-toy";
    version_.spec_version = 1;
    version_.system_version = 1;
    for (const auto& [name, version] :
         std::initializer_list<std::pair<const char*, std::uint32_t>>{{"Core", 5},
                                                                      {"BlockBuilder", 6},
                                                                      {"TaggedTransactionQueue", 3},
                                                                      {"BabeApi", 2},
                                                                      {"GrandpaApi", 3}}) {
        version_.apis.emplace_back(api_id(name), version);
    }
    if (rules_.beefy) {
        version_.apis.emplace_back(api_id("BeefyApi"), 6);
        version_.apis.emplace_back(api_id("MmrApi"), 3);
    }
}

bool Runtime::has_export(std::string_view method) const {
    return entries().contains(method);
}

std::expected<Bytes, executor::CallError> Runtime::call(
    std::string_view method, ByteView arguments, state::Overlay& overlay,
    const executor::CallContext& context) const {
    const auto entry = entries().find(method);
    if (entry == entries().end()) {
        return std::unexpected(
            executor::CallError{executor::CallErrorKind::unknown_method, std::string(method), {}});
    }
    Call call(rules_, overlay, context.offchain);
    auto outcome = entry->second(call, arguments);
    if (!outcome) {
        return std::unexpected(executor::CallError{
            executor::CallErrorKind::trap, std::move(outcome.error().message), {}});
    }
    return *std::move(outcome);
}

std::shared_ptr<const executor::NativeRuntime> find_runtime(ByteView code) {
    auto rules = decode_code(code);
    return rules ? std::make_shared<const Runtime>(*std::move(rules)) : nullptr;
}

chain::ChainSpec chain_spec(const Rules& rules) {
    chain::ChainSpec spec;
    spec.name = "Toy chain";
    spec.id = "stipple_toy";
    spec.chain_type = "Development";
    chain::RawGenesis genesis;
    genesis.top.emplace(to_bytes(state::kCodeKey), encode_code(rules));
    genesis.top.emplace(to_bytes(kHeadKey), scale::encode(Head{}));
    spec.genesis = std::move(genesis);
    return spec;
}

Extrinsic note_stalled(const Stall& stall) {
    Extrinsic extrinsic{{kStalledCall}};
    scale::encode_to(extrinsic.data, stall);
    return extrinsic;
}

std::optional<std::uint32_t> next_nonce(const chain::Chain& chain, std::uint32_t account) {
    const auto state = chain.state(chain.heads().best.hash);
    const auto value =
        state ? (*state)->get(account_key(account)) : Result<std::optional<Bytes>>(std::nullopt);
    if (!value || !*value) {
        return value ? std::optional<std::uint32_t>(0) : std::nullopt;
    }
    const auto nonce = scale::decode<std::uint32_t>(**value);
    return nonce ? std::optional(*nonce) : std::nullopt;
}

Extrinsic transfer(std::uint32_t account, std::uint32_t nonce, ByteView payload) {
    Extrinsic extrinsic{{kTransferCall}};
    scale::encode_to(extrinsic.data, Transfer{account, nonce});
    append(extrinsic.data, payload);
    return extrinsic;
}

}  // namespace stipple::sim::toy
