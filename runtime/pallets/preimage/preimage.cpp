#include "pallets/preimage/preimage.hpp"

#include "pallets/balances/balances.hpp"

namespace stipple::runtime {

namespace {
/// Nobody for Root, who needs no deposit and owns everything.
Outcome<std::optional<AccountId>> signed_or_root(const Origin& origin) {
    if (origin.is_root()) {
        return std::nullopt;
    }
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    return who;
}
}  // namespace

// ---- deposits ----

Outcome<Preimage::OwnedTicket> Preimage::take_ticket(const AccountId& who, std::size_t bytes) {
    const Balance amount = config::kPreimageDepositBase + config::kPreimageDepositPerByte * bytes;
    TRY(Balances::hold(hold_reason(index(), HoldReason::preimage), who, amount));
    return OwnedTicket{who, {amount}};
}

DispatchResult Preimage::return_ticket(const OwnedTicket& ticket) {
    const auto& [who, held] = ticket;
    TRY(Balances::release(hold_reason(index(), HoldReason::preimage), who, held.amount));
    return {};
}

// ---- bytes and requests ----

/// True when the bytes were requested.
Outcome<bool> Preimage::note(const Bytes& bytes, const std::optional<AccountId>& depositor) {
    if (bytes.size() > config::kMaxPreimageBytes) {
        return fail(kTooBig);
    }
    const Hash hash = host::blake2_256(bytes);
    const auto len = static_cast<std::uint32_t>(bytes.size());
    const auto known = statuses.get(hash);
    Status status{Requested{std::nullopt, 1, len}};
    if (const auto* requested = known ? std::get_if<Requested>(&known->value) : nullptr) {
        if (requested->maybe_len && depositor) {
            return fail(kAlreadyNoted);
        }
        status.value = Requested{requested->maybe_ticket, requested->count, len};
    } else if (known && depositor) {
        return fail(kAlreadyNoted);
    } else if (known) {
        status.value = Requested{std::get_if<Unrequested>(&known->value)->ticket, 1, len};
    } else if (depositor) {
        TRY_ASSIGN(OwnedTicket ticket, take_ticket(*depositor, len));
        status.value = Unrequested{ticket, len};
    }
    const bool requested = std::holds_alternative<Requested>(status.value);
    statuses.insert(hash, status);
    preimages.insert({hash, len}, {bytes});
    deposit(kNoted, hash);
    return requested;
}

void Preimage::clear(const Hash& hash, std::uint32_t len) {
    preimages.remove({hash, len});
    statuses.remove(hash);
    deposit(kCleared, hash);
}

void Preimage::request(const Hash& hash) {
    Requested now{std::nullopt, 1, std::nullopt};
    if (const auto known = statuses.get(hash)) {
        if (const auto* requested = std::get_if<Requested>(&known->value)) {
            now = *requested;
            now.count = saturating_add(now.count, 1);
        } else {
            const auto& noted = *std::get_if<Unrequested>(&known->value);
            now = {noted.ticket, 1, noted.len};
        }
    }
    statuses.insert(hash, {now});
    if (now.count == 1) {
        deposit(kRequestedEvent, hash);
    }
}

DispatchResult Preimage::unrequest(const Hash& hash) {
    const auto known = statuses.get(hash);
    const auto* requested = known ? std::get_if<Requested>(&known->value) : nullptr;
    if (requested == nullptr) {
        return fail(kNotRequested);
    }
    if (requested->count > 1) {
        Requested fewer = *requested;
        --fewer.count;
        statuses.insert(hash, {fewer});
    } else if (!requested->maybe_len) {
        statuses.remove(hash);
    } else if (requested->maybe_ticket) {
        // Whoever noted the bytes may now take them back.
        statuses.insert(hash, {Unrequested{*requested->maybe_ticket, *requested->maybe_len}});
    } else {
        clear(hash, *requested->maybe_len);
    }
    return {};
}

// ---- calls ----

PostDispatchResult Preimage::note_preimage(const Origin& origin, const Bytes& bytes) {
    TRY_ASSIGN(const auto depositor, signed_or_root(origin));
    TRY_ASSIGN(const bool requested, note(bytes, depositor));
    return PostDispatchInfo{std::nullopt, requested ? Pays::no : Pays::yes};
}

DispatchResult Preimage::unnote_preimage(const Origin& origin, const Hash& hash) {
    TRY_ASSIGN(const auto who, signed_or_root(origin));
    const auto known = statuses.get(hash);
    if (!known) {
        return fail(kNotNoted);
    }
    const auto owns = [&](const OwnedTicket& ticket) {
        return !who || *who == std::get<0>(ticket);
    };
    if (const auto* noted = std::get_if<Unrequested>(&known->value)) {
        if (!owns(noted->ticket)) {
            return fail(kNotAuthorized);
        }
        TRY(return_ticket(noted->ticket));
        clear(hash, noted->len);
        return {};
    }
    Requested requested = *std::get_if<Requested>(&known->value);
    if (!requested.maybe_ticket) {
        return who ? fail(kNotAuthorized) : unrequest(hash);
    }
    if (!owns(*requested.maybe_ticket)) {
        return fail(kNotAuthorized);
    }
    // The bytes stay while they are requested; from now on the chain keeps them for nothing.
    TRY(return_ticket(*requested.maybe_ticket));
    requested.maybe_ticket.reset();
    statuses.insert(hash, {requested});
    return {};
}

DispatchResult Preimage::request_preimage(const Origin& origin, const Hash& hash) {
    TRY(ensure_root(origin));
    request(hash);
    return {};
}

DispatchResult Preimage::unrequest_preimage(const Origin& origin, const Hash& hash) {
    TRY(ensure_root(origin));
    return unrequest(hash);
}

// ---- calls in storage ----

Outcome<BoundedCall> Preimage::bound(const RuntimeCall& call) {
    const Bytes& bytes = call.encoded();
    if (bytes.size() <= BoundedCall::kInlineMax) {
        return BoundedCall{BoundedCall::Inline{bytes}};
    }
    const auto len = static_cast<std::uint32_t>(bytes.size());
    const Hash hash = call.hash();
    request(hash);
    if (!preimages.contains({hash, len})) {
        TRY(note(bytes, std::nullopt));
    }
    return BoundedCall{BoundedCall::Lookup{hash, len}};
}

std::optional<RuntimeCall> Preimage::peek(const BoundedCall& call) {
    std::optional<BoundedBytes<config::kMaxPreimageBytes>> found;
    if (const auto* given = std::get_if<BoundedCall::Inline>(&call.value)) {
        found = {given->items};
    } else if (const auto* lookup = std::get_if<BoundedCall::Lookup>(&call.value)) {
        found = preimages.get({lookup->hash, lookup->len});
    }
    if (!found) {
        return std::nullopt;
    }
    auto decoded = scale::decode<RuntimeCall>(found->items);
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

void Preimage::keep(const BoundedCall& call) {
    if (const auto* lookup = std::get_if<BoundedCall::Lookup>(&call.value)) {
        request(lookup->hash);
    }
}

void Preimage::drop(const BoundedCall& call) {
    if (const auto* lookup = std::get_if<BoundedCall::Lookup>(&call.value)) {
        (void)unrequest(lookup->hash);  // Root may have taken the request back before
    }
}

}  // namespace stipple::runtime
