// Preimage: bytes on chain that others know by their hash.
//
// Somebody notes the bytes and pays for them with money on hold; the chain itself (Root, or a
// pallet such as the Scheduler) requests hashes it will need. While a hash is requested its bytes
// stay, whoever noted them; noting requested bytes costs nothing. Bytes that nobody requests belong
// to who noted them, who may take them and the money back.
#pragma once

#include "kit/hold_reason.hpp"
#include "kit/pallet.hpp"
#include "pallets/preimage/bounded_call.hpp"
#include "pallets/preimage/types.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

struct Preimage : Pallet<Preimage> {
    static constexpr std::string_view kName = "Preimage";

    enum class HoldReason : std::uint8_t { preimage };
    friend constexpr EnumNames describe(HoldReason) {
        return {"pallet_preimage::pallet::HoldReason", {"Preimage"}};
    }

    using Status = PreimageStatus;
    using Requested = RequestedPreimage;
    using Unrequested = UnrequestedPreimage;
    using OwnedTicket = OwnedPreimageTicket;

    // ---- storage ----
    static constexpr StorageMap<Identity<Hash>, Optional<Status>> statuses{
        kName, "RequestStatusFor", "Who noted the bytes of a hash, and how often it is requested."};
    static constexpr StorageMap<Identity<std::tuple<Hash, std::uint32_t>>,
                                Optional<BoundedBytes<config::kMaxPreimageBytes>>>
        preimages{kName, "PreimageFor", "The bytes of a hash and a length."};
    static constexpr auto storage = list(statuses, preimages);

    // ---- events ----
    static constexpr Event<Hash> kNoted{0, "Noted", {"hash"}, "The bytes of a hash were noted."};
    static constexpr Event<Hash> kRequestedEvent{
        1, "Requested", {"hash"}, "The bytes of a hash were requested."};
    static constexpr Event<Hash> kCleared{
        2, "Cleared", {"hash"}, "The bytes of a hash were removed."};
    static constexpr auto events = list(kNoted, kRequestedEvent, kCleared);

    // ---- errors ----
    static constexpr ModuleErrorInfo kTooBig{0, "TooBig", "The bytes are too many."};
    static constexpr ModuleErrorInfo kAlreadyNoted{1, "AlreadyNoted", "The bytes are noted."};
    static constexpr ModuleErrorInfo kNotAuthorized{2, "NotAuthorized",
                                                    "The sender has not noted these bytes."};
    static constexpr ModuleErrorInfo kNotNoted{3, "NotNoted", "The bytes are not noted."};
    static constexpr ModuleErrorInfo kRequestedError{4, "Requested", "The bytes are requested."};
    static constexpr ModuleErrorInfo kNotRequested{5, "NotRequested",
                                                   "The bytes are not requested."};
    static constexpr auto errors =
        list(kTooBig, kAlreadyNoted, kNotAuthorized, kNotNoted, kRequestedError, kNotRequested);

    // ---- calls ----
    static PostDispatchResult note_preimage(const Origin& origin, const Bytes& bytes);
    static DispatchResult unnote_preimage(const Origin& origin, const Hash& hash);
    static DispatchResult request_preimage(const Origin& origin, const Hash& hash);
    static DispatchResult unrequest_preimage(const Origin& origin, const Hash& hash);
    static constexpr auto calls =
        list(call<0>(
                 "note_preimage", &note_preimage, {"bytes"},
                 +[](const Bytes& bytes) { return work(24 + bytes.size() / 500, 2, 3); },
                 "Put bytes on chain; free of charge when they were requested."),
             call<1>("unnote_preimage", &unnote_preimage, {"hash"}, work(20, 2, 3),
                     "Take back bytes that nobody requests."),
             call<2>("request_preimage", &request_preimage, {"hash"}, work(12, 1, 1),
                     "Ask for the bytes of a hash, or keep them."),
             call<3>("unrequest_preimage", &unrequest_preimage, {"hash"}, work(25, 1, 2),
                     "Take back a request; bytes that nobody pays for are removed."));

    // ---- for pallets that keep calls ----
    /// The call as it can be stored, requested until `drop`. A failure may leave changes.
    static Outcome<BoundedCall> bound(const RuntimeCall& call);
    /// The call, when its bytes are here and decode.
    static std::optional<RuntimeCall> peek(const BoundedCall& call);
    /// One more user of the call's bytes, or one less.
    static void keep(const BoundedCall& call);
    static void drop(const BoundedCall& call);

 private:
    static Outcome<bool> note(const Bytes& bytes, const std::optional<AccountId>& depositor);
    static void request(const Hash& hash);
    static DispatchResult unrequest(const Hash& hash);
    static void clear(const Hash& hash, std::uint32_t len);
    static Outcome<OwnedTicket> take_ticket(const AccountId& who, std::size_t bytes);
    static DispatchResult return_ticket(const OwnedTicket& ticket);
};

}  // namespace stipple::runtime
