// What the author tells the runtime about the outside: a sorted map of 8-byte ids to encoded
// values.
//
// Spec: defn-inherent-data. protocols.md section 5 lists the ids.
#pragma once

#include "scale/codec.hpp"

#include <map>

namespace stipple {

struct InherentIdTag;
using InherentId = FixedBytes<8, InherentIdTag>;
inline InherentId inherent_id(std::string_view text) {
    return InherentId::copy(as_bytes(text));
}

struct InherentData {
    std::map<InherentId, Bytes> values;
    template <class T>
    void put(std::string_view id, const T& value) {
        values[inherent_id(id)] = scale::encode(value);
    }
    static auto fields(auto& self) { return std::tie(self.values); }
};

}  // namespace stipple
