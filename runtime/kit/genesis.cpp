#include "kit/genesis.hpp"

#include "kit/hashing.hpp"

namespace stipple::runtime::inline kit {

GenesisReader GenesisReader::field(std::string_view name) const {
    std::string path = path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    if (present()) {
        if (const json::Object* object = value_->object()) {
            for (const json::Member& member : *object) {
                if (member.name == name) {
                    member.used = true;
                    return {&member.value, std::move(path), complaint_};
                }
            }
        } else {
            fail("not an object");
        }
    }
    return {nullptr, std::move(path), complaint_};
}

GenesisReader GenesisReader::at(std::size_t index) const {
    std::string path = path_ + "[" + std::to_string(index) + "]";
    if (index < size()) {
        return {&(*value_->array())[index], std::move(path), complaint_};
    }
    return {nullptr, std::move(path), complaint_};
}

std::size_t GenesisReader::size() const {
    if (!present()) {
        return 0;
    }
    if (const json::Array* items = value_->array()) {
        return items->size();
    }
    fail("not an array");
    return 0;
}

AccountId GenesisReader::account() const {
    return bytes<AccountId>();
}

Bytes GenesisReader::fixed_bytes(std::size_t size) const {
    const std::string* given = present() ? value_->text() : nullptr;
    if (given != nullptr) {
        if (given->starts_with("0x")) {
            const auto raw = from_hex(*given);
            if (raw && raw->size() == size) {
                return *raw;
            }
        } else if (const auto account = decode_ss58(*given); account && size == 32) {
            return to_bytes(account->view());
        }
    }
    fail(size == 32 ? "not an account or 32 bytes of hex" : "not hex of the right length");
    return {};
}

uint128 GenesisReader::number_up_to(uint128 max) const {
    const uint128* number = present() ? value_->number() : nullptr;
    if (number == nullptr || *number > max) {
        fail("not a number in range");
        return 0;
    }
    return *number;
}

bool GenesisReader::boolean() const {
    const bool* value = present() ? value_->boolean() : nullptr;
    if (value == nullptr) {
        fail("not true or false");
    }
    return value != nullptr && *value;
}

std::string GenesisReader::text() const {
    const std::string* value = present() ? value_->text() : nullptr;
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
    if (const json::Object* object = document.object()) {
        for (const json::Member& member : *object) {
            if (!member.used) {
                return member.name;
            }
            if (const auto inner = find_unread_field(member.value)) {
                return member.name + (inner->starts_with('[') ? "" : ".") + *inner;
            }
        }
    } else if (const json::Array* items = document.array()) {
        for (std::size_t i = 0; i < items->size(); ++i) {
            if (const auto inner = find_unread_field((*items)[i])) {
                return "[" + std::to_string(i) + "]" + (inner->starts_with('[') ? "" : ".") +
                       *inner;
            }
        }
    }
    return std::nullopt;
}

std::optional<AccountId> decode_ss58(std::string_view text) {
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
    if (raw.size() != prefix_bytes + 32 + 2) {
        return std::nullopt;
    }
    Bytes hashed = to_bytes("SS58PRE");
    append(hashed, ByteView(raw).first(prefix_bytes + 32));
    const auto digest = blake2b_one_block(hashed.data(), hashed.size(), 64);
    if (!equal(ByteView(digest).first(2), ByteView(raw).last(2))) {
        return std::nullopt;
    }
    return AccountId::copy(ByteView(raw).subspan(prefix_bytes, 32));
}

}  // namespace stipple::runtime::inline kit
