// Reading the genesis configuration: JSON with a path for every complaint.
//
// A pallet's genesis hook gets a reader at its part of the document and asks for the fields it
// knows. The first complaint is kept and everything after it reads as empty; when all hooks have
// run, a field that nobody asked for is a complaint too, so a misspelt name never goes unnoticed:
//
//     config.field("balances").each([](GenesisReader entry) {
//         endow(entry.at(0).account(), entry.at(1).number<Balance>());
//     });
//
// gives "balances.balances[3][0]: not an account" when the fourth address is wrong.
#pragma once

#include "kit/json.hpp"

namespace stipple::runtime::inline kit {

/// The first complaint of a genesis configuration: "path: what is wrong"; empty when there is none.
using GenesisComplaint = std::string;

class GenesisReader {
 public:
    /// REQUIRES document and complaint outlive the reader.
    GenesisReader(const json::Value* value, std::string path, GenesisComplaint* complaint)
        : value_(value), path_(std::move(path)), complaint_(complaint) {}

    /// False for a field that is missing or null.
    bool present() const { return value_ != nullptr && !value_->is(json::Kind::null); }
    /// A member of an object; an absent reader when it is missing.
    GenesisReader field(std::string_view name) const;
    /// An item of an array of fixed length.
    GenesisReader at(std::size_t index) const;
    void each(auto&& visit) const {
        for (std::size_t i = 0; i < size(); ++i) {
            visit(at(i));
        }
    }
    /// Items of an array; 0 for an absent reader.
    std::size_t size() const;

    /// An address in SS58 (any prefix) or 32 bytes in hex.
    AccountId account() const;
    /// `N` bytes: hex with 0x, or for 32 bytes an SS58 address.
    template <class Fixed>
    Fixed bytes() const {
        const Bytes raw = fixed_bytes(Fixed::kSize);
        return raw.size() == Fixed::kSize ? Fixed::copy(raw) : Fixed{};
    }
    template <class T>
    T number() const {
        return static_cast<T>(number_up_to(static_cast<T>(~T{0})));
    }
    bool is_text() const { return value_ != nullptr && value_->is(json::Kind::text); }
    bool boolean() const;
    std::string text() const;

    void fail(std::string_view what) const;
    bool ok() const { return complaint_->empty(); }

 private:
    Bytes fixed_bytes(std::size_t size) const;
    uint128 number_up_to(uint128 max) const;

    const json::Value* value_;
    std::string path_;
    GenesisComplaint* complaint_;
};

/// The path of the first field that nobody has read, if there is one.
std::optional<std::string> find_unread_field(const json::Value& document);

/// The key bytes of an SS58 address of this many bytes; absent when it is none.
std::optional<Bytes> decode_ss58(std::string_view text, std::size_t payload_bytes);

}  // namespace stipple::runtime::inline kit
