#include "executor/host_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace stipple::executor {
namespace {

struct Group {
    std::string_view title;
    std::span<const HostFunction> (*functions)();
};
constexpr std::array kGroups = {
    Group{"Storage", storage_functions},
    Group{"Child storage", child_storage_functions},
    Group{"Signatures", crypto_functions},
    Group{"Keystore", keystore_functions},
    Group{"Hashing", hashing_functions},
    Group{"Trie", trie_functions},
    Group{"Misc, logging, allocator, input, tracing", misc_functions},
    Group{"Offchain", offchain_functions},
    Group{"Offchain HTTP", http_functions},
    Group{"Obsolete", obsolete_functions},
    Group{"Experimental cryptography (traps when called)", experimental_functions},
};

const std::map<std::string_view, const HostFunction*>& by_name() {
    static const auto index = [] {
        std::map<std::string_view, const HostFunction*> map;
        for (const HostFunction* row : host_functions()) {
            CHECK(map.emplace(row->name, row).second);
        }
        return map;
    }();
    return index;
}

std::string_view flag_name(HostFunctionFlag flag) {
    switch (flag) {
        case HostFunctionFlag::ordinary:
            return "";
        case HostFunctionFlag::obsolete:
            return "obsolete";
        case HostFunctionFlag::newer:
            return "newer";
        case HostFunctionFlag::experimental:
            return "experimental";
        case HostFunctionFlag::parachain:
            return "parachain";
    }
    return "";
}

}  // namespace

const std::vector<const HostFunction*>& host_functions() {
    static const auto all = [] {
        std::vector<const HostFunction*> rows;
        for (const Group& group : kGroups) {
            for (const HostFunction& row : group.functions()) {
                rows.push_back(&row);
            }
        }
        return rows;
    }();
    return all;
}

const HostFunction* find_host_function(std::string_view name) {
    const auto found = by_name().find(name);
    return found == by_name().end() ? nullptr : found->second;
}

FunctionType wasm_type(const HostFunction& function) {
    return {std::string(function.params.data(), function.param_count),
            function.result == 0 ? std::string{} : std::string(1, function.result)};
}

std::vector<std::string> unknown_imports(const std::vector<ModuleItem>& items) {
    std::vector<std::string> unknown;
    for (const ModuleItem& item : items) {
        if (item.is_export || item.kind == ExternKind::memory) {
            continue;
        }
        const HostFunction* row = find_host_function(item.name);
        if (item.kind != ExternKind::function || item.module != "env" || row == nullptr) {
            unknown.push_back(item.module + "." + item.name);
        } else if (wasm_type(*row) != item.type) {
            unknown.push_back(item.name + " with another signature");
        }
    }
    return unknown;
}

std::string host_functions_document() {
    std::string out =
        "# Host functions\n\n"
        "Generated from the table in `src/executor` (its test writes it with "
        "`STIPPLE_WRITE_DOCS=1`).\n\n"
        "Kinds: `ps` pointer and size in an i64, `pN` pointer to N bytes, `p` pointer to a result "
        "on the\nruntime's heap, `oi` optional u32 and `ops` optional `ps` in an i64 (-1 = "
        "absent), "
        "`b` boolean, `out`\na buffer the host fills. All are imported from module `env`.\n";
    for (const Group& group : kGroups) {
        out += fmt::format("\n## {}\n\n| function | parameters | result | |\n|---|---|---|---|\n",
                           group.title);
        for (const HostFunction& row : group.functions()) {
            std::string kinds;
            for (std::size_t i = 0; i < row.param_count; ++i) {
                kinds += (i == 0 ? "" : ", ") + std::string(row.kinds[i]);
            }
            out += fmt::format("| `{}` | {} | {} | {} |\n", row.name, kinds, row.result_kind,
                               flag_name(row.flag));
        }
    }
    out += fmt::format("\n{} functions.\n", host_functions().size());
    return out;
}

}  // namespace stipple::executor
