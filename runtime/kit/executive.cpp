#include "kit/executive.hpp"

#include "kit/metadata.hpp"
#include "kit/runtime.hpp"
#include "pallets/system/extensions.hpp"
#include "runtime_extensions.hpp"
#include "spec_version.hpp"

namespace stipple::runtime::inline kit::executive {

namespace {
using Validity = std::expected<void, TransactionValidityError>;

struct DecodedExtrinsic {
    ExtrinsicKind kind = ExtrinsicKind::bare;
    MultiAddress address;
    MultiSignature signature;
    VerifySignature authority;  ///< of a general one
    config::Extensions extensions;
    RuntimeCall call;
    ByteView extension_bytes;  ///< into the extrinsic
};

/// Of the version of the extensions that comes first; false for one that is not known.
bool decode_authority(scale::Decoder& in, VerifySignature& authority) {
    const std::uint8_t version = in.u8();
    if (version == kVerifyingExtensionsVersion) {
        decode_from(in, authority);
    }
    return version <= kVerifyingExtensionsVersion;
}

std::optional<DecodedExtrinsic> decode(const Bytes& extrinsic) {
    scale::Decoder in(extrinsic);
    DecodedExtrinsic out;
    switch (in.u8()) {
        case 0x04:
        case 0x05:
            break;
        case 0x84:
            out.kind = ExtrinsicKind::signed_v4;
            decode_from(in, out.address);
            decode_from(in, out.signature);
            break;
        case 0x45:
            out.kind = ExtrinsicKind::general;
            if (!decode_authority(in, out.authority)) {
                return std::nullopt;
            }
            break;
        default:
            return std::nullopt;
    }
    if (out.kind != ExtrinsicKind::bare) {
        const ByteView before = in.rest();
        std::apply([&](auto&... one) { (scale::decode_from(in, one), ...); }, out.extensions);
        if (!in.ok()) {
            return std::nullopt;
        }
        out.extension_bytes = before.first(before.size() - in.remaining());
    }
    decode_from(in, out.call);
    return in.finish() ? std::optional(std::move(out)) : std::nullopt;
}

/// The first error of a step over all extensions, in their order.
Validity for_each_extension(config::Extensions& extensions, auto&& step) {
    Validity verdict;
    std::apply([&](auto&... one) { (void)((bool(verdict = step(one)) && ...)); }, extensions);
    return verdict;
}

Validity check_signature(DecodedExtrinsic& extrinsic, const MultiSignature& signature,
                         const AccountId& who) {
    const bool general = extrinsic.kind == ExtrinsicKind::general;
    Bytes payload;
    payload.reserve(kSignedPlainMax);
    if (general) {
        payload.push_back(kVerifyingExtensionsVersion);
    }
    append(payload, extrinsic.call.encoded());
    append(payload, extrinsic.extension_bytes);
    TRY(for_each_extension(extrinsic.extensions, [&](const auto& extension) -> Validity {
        TRY_ASSIGN(const auto implicit, extension.implicit());
        using scale::encode_to;
        encode_to(payload, implicit);
        return {};
    }));
    if (general || payload.size() > kSignedPlainMax) {
        payload = to_bytes(host::blake2_256(payload).view());
    }
    if (!signature.verify(payload, who)) {
        return invalid<Reason::bad_proof>();
    }
    return {};
}

TransactionValidity validate_extensions(config::Extensions& extensions,
                                        const TransactionContext& context) {
    ValidTransaction all;
    TRY(for_each_extension(extensions, [&](const auto& extension) -> Validity {
        TRY_ASSIGN(auto one, extension.validate(context));
        all.combine(std::move(one));
        return {};
    }));
    return all;
}

/// The sender of a signed or general extrinsic whose signature is good.
std::expected<TransactionContext, TransactionValidityError> check(DecodedExtrinsic& extrinsic,
                                                                  std::size_t size) {
    TransactionContext context;
    context.call = &extrinsic.call;
    context.info = extrinsic.call.info();
    context.encoded_bytes = static_cast<std::uint32_t>(size);
    if (extrinsic.kind == ExtrinsicKind::general) {
        const auto* authority = std::get_if<VerifySignature::Signed>(&extrinsic.authority.value);
        if (authority == nullptr) {
            return invalid<Reason::unknown_origin>();
        }
        context.who = authority->account;
        TRY(check_signature(extrinsic, authority->signature, context.who));
    }
    if (extrinsic.kind == ExtrinsicKind::signed_v4) {
        const auto who = lookup(extrinsic.address);
        if (!who) {
            return unknown_lookup();
        }
        context.who = *who;
        TRY(check_signature(extrinsic, extrinsic.signature, *who));
    }
    return context;
}

/// The length of an extrinsic as it stands in a block, prefix included.
std::size_t size_in_block(const Bytes& extrinsic) {
    Bytes prefix;
    scale::encode_compact(prefix, extrinsic.size());
    return prefix.size() + extrinsic.size();
}

ApplyResult applied(const PostDispatchResult& result, const DispatchInfo& info) {
    if (!result && info.kind == DispatchClass::mandatory) {
        return {std::unexpected(invalid<Reason::bad_mandatory>().error())};
    }
    System::note_applied_extrinsic(result, info);
    return {ScaleResult<void, DispatchError>{without_post_info(result)}};
}

ApplyResult refuse(const TransactionValidityError& why) {
    return {std::unexpected(why)};
}

ApplyResult apply_bare(const DecodedExtrinsic& extrinsic, const TransactionContext& context) {
    const PalletEntry* pallet = find_pallet(extrinsic.call.pallet());
    if (pallet->hooks.validate_unsigned != nullptr) {
        const auto valid =
            pallet->hooks.validate_unsigned(TransactionSource::in_block, extrinsic.call);
        if (!valid) {
            return refuse(valid.error());
        }
    }
    if (const auto room = CheckWeight::take_room(context.info, context.encoded_bytes); !room) {
        return refuse(room.error());
    }
    return applied(extrinsic.call.dispatch(Origin::none()), context.info);
}

ApplyResult apply_signed(DecodedExtrinsic& extrinsic, TransactionContext& context) {
    if (const auto valid = validate_extensions(extrinsic.extensions, context); !valid) {
        return refuse(valid.error());
    }
    const auto prepared = for_each_extension(extrinsic.extensions,
                                             [&](const auto& one) { return one.prepare(context); });
    if (!prepared) {
        return refuse(prepared.error());
    }
    const PostDispatchResult result = extrinsic.call.dispatch(Origin::signed_by(context.who));
    const PostDispatchInfo& post = result ? *result : result.error().post;
    const Weight actual = post.actual_weight.value_or(context.info.weight).min(context.info.weight);
    const Pays pays = context.info.pays_fee == Pays::no ? Pays::no : post.pays_fee;
    std::apply([&](const auto&... one) { (one.post_dispatch(context, actual, pays), ...); },
               extrinsic.extensions);
    return applied(result, context.info);
}

void run_upgrade_hooks() {
    const auto last = System::last_runtime_upgrade.get();
    if (last && last->spec_version.value == config::kSpecVersion &&
        last->spec_name == config::kSpecName) {
        return;
    }
    for (const Migration& migration : runtime_migrations()) {
        host::log(host::LogLevel::info, "runtime", migration.name);
        System::register_weight(migration.run(), DispatchClass::mandatory);
    }
    for (const PalletEntry& pallet : runtime_pallets()) {
        if (pallet.hooks.on_runtime_upgrade != nullptr) {
            System::register_weight(pallet.hooks.on_runtime_upgrade(), DispatchClass::mandatory);
        }
    }
    System::last_runtime_upgrade.set({{config::kSpecVersion}, std::string(config::kSpecName)});
}

bool is_inherent(const RuntimeCall& call) {
    const PalletEntry* pallet = find_pallet(call.pallet());
    return pallet->hooks.is_inherent != nullptr && pallet->hooks.is_inherent(call);
}
}  // namespace

void initialize_block(const Header& header) {
    Header start = header;
    std::erase_if(start.digest, [](const DigestItem& item) {
        return !std::holds_alternative<PreRuntimeDigest>(item);
    });
    System::reset_events();
    System::start_block(start);
    run_upgrade_hooks();
    Weight weight = config::kBaseBlockWeight;
    for (const PalletEntry& pallet : runtime_pallets()) {
        if (pallet.hooks.on_initialize != nullptr) {
            weight += pallet.hooks.on_initialize(header.number);
        }
    }
    System::register_weight(weight, DispatchClass::mandatory);
    System::execution_phase.set(Phase::apply_extrinsic(0));
}

ApplyResult apply_extrinsic(const Bytes& extrinsic) {
    auto decoded = decode(extrinsic);
    if (!decoded) {
        return refuse(invalid<Reason::call>().error());
    }
    auto context = check(*decoded, size_in_block(extrinsic));
    if (!context) {
        return refuse(context.error());
    }
    const std::uint32_t index = System::extrinsic_index();
    host::start_transaction();
    auto result = decoded->kind == ExtrinsicKind::bare ? apply_bare(*decoded, *context)
                                                       : apply_signed(*decoded, *context);
    if (!result.value) {
        host::rollback_transaction();
        return result;
    }
    host::commit_transaction();
    // Noted outside of its layer, because a value of this length goes to the host at once.
    Bytes encoded;
    encoded.reserve(extrinsic.size() + 5);
    scale::encode_byte_string(encoded, extrinsic);
    System::note_extrinsic(index, encoded);
    return result;
}

Header finalize_block() {
    System::note_finished_extrinsics();
    const BlockNumber number = System::number.get();
    const PerClass<Weight> spent = System::block_weight.get();
    Weight left =
        config::kMaxBlockWeight.saturating_sub(spent.normal + spent.operational + spent.mandatory);
    for (const PalletEntry& pallet : runtime_pallets()) {
        if (pallet.hooks.on_idle != nullptr) {
            const Weight used = pallet.hooks.on_idle(number, left);
            System::register_weight(used, DispatchClass::mandatory);
            left = left.saturating_sub(used);
        }
    }
    for (const PalletEntry& pallet : runtime_pallets()) {
        if (pallet.hooks.on_finalize != nullptr) {
            pallet.hooks.on_finalize(number);
        }
    }
    return System::finish_block();
}

void execute_block(const Block& block) {
    initialize_block(block.header);
    bool inherents_over = false;
    for (const Extrinsic& extrinsic : block.body) {
        const auto decoded = decode(extrinsic.data);
        if (!decoded) {
            host::panic("an extrinsic of the block does not decode");
        }
        const bool inherent = decoded->kind == ExtrinsicKind::bare && is_inherent(decoded->call);
        if (inherent && inherents_over) {
            host::panic("an inherent stands behind a transaction");
        }
        inherents_over = !inherent;
        if (!apply_extrinsic(extrinsic.data).value) {
            host::panic("an extrinsic of the block may not be applied");
        }
    }
    const Header header = finalize_block();
    if (header.digest != block.header.digest) {
        host::panic("the digest of the block is another");
    }
    if (header.extrinsics_root != block.header.extrinsics_root) {
        host::panic("the extrinsics root of the block is another");
    }
    if (header.state_root != block.header.state_root) {
        host::panic("the state root of the block is another");
    }
}

TransactionValidity validate_transaction(TransactionSource source, const Bytes& extrinsic,
                                         const Hash& at) {
    Header next;
    next.number = System::number.get() + 1;
    next.parent_hash = BlockHash(at.bytes);
    System::start_block(next);
    auto decoded = decode(extrinsic);
    if (!decoded) {
        return invalid<Reason::call>();
    }
    TRY_ASSIGN(const TransactionContext context, check(*decoded, size_in_block(extrinsic)));
    if (context.info.kind == DispatchClass::mandatory) {
        return invalid<Reason::mandatory_validation>();
    }
    if (decoded->kind != ExtrinsicKind::bare) {
        return validate_extensions(decoded->extensions, context);
    }
    const PalletEntry* pallet = find_pallet(decoded->call.pallet());
    if (pallet->hooks.validate_unsigned == nullptr) {
        return no_unsigned_validator();
    }
    return pallet->hooks.validate_unsigned(source, decoded->call);
}

std::vector<Extrinsic> inherent_extrinsics(const InherentData& data) {
    std::vector<Extrinsic> out;
    for (const PalletEntry& pallet : runtime_pallets()) {
        if (pallet.hooks.create_inherent == nullptr) {
            continue;
        }
        if (const auto call = pallet.hooks.create_inherent(data)) {
            Bytes bare{0x04};
            append(bare, call->encoded());
            out.push_back({std::move(bare)});
        }
    }
    return out;
}

CheckInherentsResult check_inherents(const Block& block, const InherentData& data) {
    CheckInherentsResult result;
    for (const Extrinsic& extrinsic : block.body) {
        const auto decoded = decode(extrinsic.data);
        if (!decoded || decoded->kind != ExtrinsicKind::bare || !is_inherent(decoded->call)) {
            continue;
        }
        const PalletEntry* pallet = find_pallet(decoded->call.pallet());
        if (pallet->hooks.check_inherent == nullptr) {
            continue;
        }
        if (const auto error = pallet->hooks.check_inherent(decoded->call, data)) {
            result.okay = false;
            result.fatal_error = result.fatal_error || error->fatal;
            result.errors.values[error->id] = error->encoded_error;
        }
    }
    return result;
}

void offchain_worker(const Header& header) {
    for (const PalletEntry& pallet : runtime_pallets()) {
        if (pallet.hooks.offchain_worker != nullptr) {
            pallet.hooks.offchain_worker(header.number);
        }
    }
}

std::optional<DispatchInfo> dispatch_info_of(const Bytes& extrinsic) {
    const auto decoded = decode(extrinsic);
    return decoded ? std::optional(decoded->call.info()) : std::nullopt;
}

}  // namespace stipple::runtime::inline kit::executive

namespace stipple::runtime::inline kit {

ExtrinsicMetadata describe_extrinsic(Registry& types) {
    ExtrinsicMetadata out{types.id<MultiAddress>(),
                          types.id<RuntimeCall>(),
                          types.id<MultiSignature>(),
                          types.id<config::Extensions>(),
                          {}};
    const auto add = [&]<class Extension>(const Extension&) {
        out.extensions.push_back(
            {Extension::kName, types.id<Extension>(), types.id<typename Extension::Implicit>()});
    };
    const config::Extensions extensions;
    std::apply([&](const auto&... one) { (add(one), ...); }, extensions);
    return out;
}

}  // namespace stipple::runtime::inline kit
