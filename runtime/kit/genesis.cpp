#include "kit/genesis.hpp"

#include "kit/hashing.hpp"

namespace stipple::runtime::inline kit {

GenesisReader GenesisReader::field(std::string_view name) const {
    std::string path = path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    if (present() && !value_->is(json::Kind::object)) {
        fail("not an object");
    } else if (present()) {
        for (const json::Value& member : value_->items) {
            if (member.name == name) {
                member.used = true;
                return {&member, std::move(path), complaint_};
            }
        }
    }
    return {nullptr, std::move(path), complaint_};
}

GenesisReader GenesisReader::at(std::size_t index) const {
    std::string path = path_ + "[" + decimal(index) + "]";
    if (index < size()) {
        return {&value_->items[index], std::move(path), complaint_};
    }
    return {nullptr, std::move(path), complaint_};
}

std::size_t GenesisReader::size() const {
    if (!present()) {
        return 0;
    }
    if (value_->is(json::Kind::array)) {
        return value_->items.size();
    }
    fail("not an array");
    return 0;
}

AccountId GenesisReader::account() const {
    return bytes<AccountId>();
}

Bytes GenesisReader::fixed_bytes(std::size_t size) const {
    const std::string* given = present() && value_->is(json::Kind::text) ? &value_->text : nullptr;
    if (given != nullptr) {
        if (given->starts_with("0x")) {
            const auto raw = from_hex(*given);
            if (raw && raw->size() == size) {
                return *raw;
            }
        } else if (const auto payload = decode_ss58(*given, size)) {
            return *payload;
        }
    }
    fail(size == 32 ? "not an account or 32 bytes of hex" : "not hex of the right length");
    return {};
}

uint128 GenesisReader::number_up_to(uint128 max) const {
    const uint128* number = present() && value_->is(json::Kind::number) ? &value_->number : nullptr;
    if (number == nullptr || *number > max) {
        fail("not a number in range");
        return 0;
    }
    return *number;
}

bool GenesisReader::boolean() const {
    const bool* value = present() && value_->is(json::Kind::boolean) ? &value_->truth : nullptr;
    if (value == nullptr) {
        fail("not true or false");
    }
    return value != nullptr && *value;
}

std::string GenesisReader::text() const {
    const std::string* value = present() && value_->is(json::Kind::text) ? &value_->text : nullptr;
    if (value == nullptr) {
        fail("not text");
        return {};
    }
    return *value;
}

void GenesisReader::fail(std::string_view what) const {
    if (complaint_->empty()) {
        *complaint_ =
            (path_.empty() ? std::string("the configuration") : path_) + ": " + std::string(what);
    }
}

std::optional<std::string> find_unread_field(const json::Value& document) {
    for (std::size_t i = 0; i < document.items.size(); ++i) {
        const json::Value& item = document.items[i];
        const bool member = document.is(json::Kind::object);
        const std::string name = member ? item.name : "[" + decimal(i) + "]";
        if (member && !item.used) {
            return name;
        }
        if (const auto inner = find_unread_field(item)) {
            return name + (inner->starts_with('[') ? "" : ".") + *inner;
        }
    }
    return std::nullopt;
}

std::optional<Bytes> decode_ss58(std::string_view text, std::size_t payload_bytes) {
    constexpr std::string_view kAlphabet =
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    constexpr std::size_t kTextMax = 64;
    if (text.size() > kTextMax) {
        return std::nullopt;
    }
    Bytes raw;  // big-endian once reversed
    for (const char c : text) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        auto carry = static_cast<std::uint32_t>(digit);
        for (std::uint8_t& byte : raw) {
            carry += std::uint32_t{byte} * 58;
            byte = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
        while (carry > 0) {
            raw.push_back(static_cast<std::uint8_t>(carry));
            carry >>= 8;
        }
    }
    for (std::size_t i = 0; i < text.size() && text[i] == '1'; ++i) {
        raw.push_back(0);
    }
    std::reverse(raw.begin(), raw.end());
    const std::size_t prefix_bytes = raw.empty() || raw[0] < 64 ? 1 : 2;
    if (raw.size() != prefix_bytes + payload_bytes + 2) {
        return std::nullopt;
    }
    Bytes hashed = to_bytes("SS58PRE");
    append(hashed, ByteView(raw).first(prefix_bytes + payload_bytes));
    const auto digest = blake2b_one_block(hashed.data(), hashed.size(), 64);
    if (!equal(ByteView(digest).first(2), ByteView(raw).last(2))) {
        return std::nullopt;
    }
    return to_bytes(ByteView(raw).subspan(prefix_bytes, payload_bytes));
}

}  // namespace stipple::runtime::inline kit
