#include "base/key_value_store.hpp"

#include "base/check.hpp"

namespace stipple {

const char* column_name(Column column) {
    static constexpr const char* kNames[kColumnCount] = {
        "meta",          "values",   "nodes",        "value_history",  "node_history", "journal",
        "block_changes", "headers",  "bodies",       "justifications", "block_hashes", "leaves",
        "consensus",     "offchain", "transactions", "values_2",       "nodes_2"};
    const auto index = static_cast<std::size_t>(column);
    CHECK(index < kColumnCount);
    return kNames[index];
}

}  // namespace stipple
