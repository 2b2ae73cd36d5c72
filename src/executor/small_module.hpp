// For tests: modules of a few instructions, put together section by section.
//
//     SmallModule().import("ext_storage_get_version_1", "I", "I").code({kUnreachable}).wasm()
#pragma once

#include "executor/module.hpp"

namespace stipple::executor::testing {

inline constexpr std::uint8_t kUnreachable = 0x00;
inline constexpr std::uint8_t kLoop = 0x03;
inline constexpr std::uint8_t kNoResult = 0x40;
inline constexpr std::uint8_t kEnd = 0x0b;
inline constexpr std::uint8_t kBranch = 0x0c;
inline constexpr std::uint8_t kCall = 0x10;
inline constexpr std::uint8_t kDrop = 0x1a;
inline constexpr std::uint8_t kLocalGet = 0x20;
inline constexpr std::uint8_t kI32Const = 0x41;
inline constexpr std::uint8_t kI64Const = 0x42;

inline void append_leb(Bytes& out, std::int64_t value) {
    for (;;) {
        const auto byte = static_cast<std::uint8_t>(value & 0x7f);
        value >>= 7;
        if ((value == 0 && (byte & 0x40) == 0) || (value == -1 && (byte & 0x40) != 0)) {
            out.push_back(byte);
            return;
        }
        out.push_back(byte | 0x80U);
    }
}
inline void append_uleb(Bytes& out, std::size_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80U));
        value >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}
inline void append_name(Bytes& out, std::string_view name) {
    append_uleb(out, name.size());
    append(out, as_bytes(name));
}
/// What "run" was given is what it gives: (len as u64) << 32 | (ptr as u64).
inline const Bytes kEcho = {kLocalGet, 1, 0xad, kI64Const, 32, 0x86, kLocalGet, 0, 0xad, 0x84};
/// i64.const of a pointer and size.
inline Bytes push_slice(std::uint32_t address, std::uint32_t length) {
    Bytes out{kI64Const};
    append_leb(out, static_cast<std::int64_t>(std::uint64_t{length} << 32 | address));
    return out;
}

/// One exported function "run" over one imported memory, with a version section; on demand a second
/// function that "run" may call.
class SmallModule {
 public:
    /// Imported functions get the indexes 0, 1, …
    SmallModule& import(std::string_view name, std::string params, std::string results) {
        imports_.push_back({std::string(name), {std::move(params), std::move(results)}});
        return *this;
    }
    /// Instructions of "run" without the final end.
    SmallModule& code(Bytes body) {
        body_ = std::move(body);
        return *this;
    }
    SmallModule& entry(std::string name, FunctionType type) {
        entry_name_ = std::move(name);
        entry_ = std::move(type);
        return *this;
    }
    /// A function behind "run" (its index is one more), with its locals and its final end.
    SmallModule& helper(FunctionType type, Bytes body) {
        helper_ = {std::move(type), std::move(body)};
        return *this;
    }
    SmallModule& without_version() {
        versioned_ = false;
        return *this;
    }
    /// Bytes of the memory from address 1024 on.
    SmallModule& data(Bytes bytes) {
        data_ = std::move(bytes);
        return *this;
    }

    Bytes wasm() const {
        Bytes out{0, 'a', 's', 'm', 1, 0, 0, 0};
        std::vector<Bytes> types;
        std::vector<Bytes> imports;
        for (const auto& [name, type] : imports_) {
            Bytes entry;
            append_name(entry, "env");
            append_name(entry, name);
            entry.push_back(0);
            append_uleb(entry, types.size());
            imports.push_back(entry);
            types.push_back(type_entry(type));
        }
        Bytes memory;
        append_name(memory, "env");
        append_name(memory, "memory");
        append(memory, Bytes{2, 0, 1});
        imports.push_back(memory);
        const std::size_t type_index = types.size();
        types.push_back(type_entry(entry_));
        if (helper_) {
            types.push_back(type_entry(helper_->first));
        }
        add_section(out, 1, types);
        add_section(out, 2, imports);
        std::vector<Bytes> functions(helper_ ? 2 : 1);
        for (std::size_t i = 0; i < functions.size(); ++i) {
            append_uleb(functions[i], type_index + i);
        }
        add_section(out, 3, functions);
        add_section(out, 6, {Bytes{0x7f, 0, kI32Const, 0x80, 0x80, 0x02, kEnd}});  // 32768
        add_section(out, 7, exports());
        Bytes function{0};
        append(function, body_);
        function.push_back(kEnd);
        std::vector<Bytes> bodies{sized(function)};
        if (helper_) {
            bodies.push_back(sized(helper_->second));
        }
        add_section(out, 10, bodies);
        if (!data_.empty()) {
            Bytes segment{0, kI32Const, 0x80, 0x08, kEnd};
            append_uleb(segment, data_.size());
            append(segment, data_);
            add_section(out, 11, {segment});
        }
        if (versioned_) {
            RuntimeVersion version;
            version.spec_name = "small";
            add_custom(out, "runtime_version", scale::encode(version));
        }
        return out;
    }
    static void add_custom(Bytes& out, std::string_view name, ByteView contents) {
        Bytes section;
        append_name(section, name);
        append(section, contents);
        out.push_back(0);
        append_uleb(out, section.size());
        append(out, section);
    }

 private:
    static Bytes sized(const Bytes& body) {
        Bytes out;
        append_uleb(out, body.size());
        append(out, body);
        return out;
    }
    static Bytes type_entry(const FunctionType& type) {
        Bytes out{0x60};
        for (const std::string& side : {type.params, type.results}) {
            append_uleb(out, side.size());
            for (const char kind : side) {
                out.push_back(kind == 'i' ? 0x7f : 0x7e);
            }
        }
        return out;
    }
    static void add_section(Bytes& out, std::uint8_t id, const std::vector<Bytes>& entries) {
        Bytes section;
        append_uleb(section, entries.size());
        for (const Bytes& entry : entries) {
            append(section, entry);
        }
        out.push_back(id);
        append_uleb(out, section.size());
        append(out, section);
    }
    std::vector<Bytes> exports() const {
        Bytes run;
        append_name(run, entry_name_);
        run.push_back(0);
        append_uleb(run, imports_.size());
        Bytes heap_base;
        append_name(heap_base, "__heap_base");
        append(heap_base, Bytes{3, 0});
        return {run, heap_base};
    }

    std::vector<std::pair<std::string, FunctionType>> imports_;
    std::string entry_name_ = "run";
    FunctionType entry_{"ii", "I"};
    Bytes body_ = push_slice(0, 0);
    std::optional<std::pair<FunctionType, Bytes>> helper_;
    Bytes data_;
    bool versioned_ = true;
};

}  // namespace stipple::executor::testing
