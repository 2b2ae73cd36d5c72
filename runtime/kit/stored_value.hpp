// The raw value of a storage key, as a read gives it.
//
// A view into memory that the host side keeps, or bytes of its own. The view holds until the next
// use of the host: decode first.
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::inline kit {

class StoredValue {
 public:
    StoredValue() = default;
    explicit StoredValue(ByteView kept) : view_(kept), present_(true) {}
    explicit StoredValue(std::optional<Bytes> own)
        : own_(own ? *std::move(own) : Bytes{}), view_(own_), present_(own.has_value()) {}
    StoredValue(StoredValue&&) = default;  // what a vector holds stays where it is
    StoredValue& operator=(StoredValue&&) = delete;

    explicit operator bool() const { return present_; }
    ByteView bytes() const { return view_; }

 private:
    Bytes own_;
    ByteView view_;
    bool present_ = false;
};

}  // namespace stipple::runtime::inline kit
