#include "executor/module.hpp"

#include "executor/limits.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <array>
#include <stipple_bridge_wasm.h>

namespace stipple::executor {
namespace {

constexpr std::array<std::uint8_t, 8> kPackedMagic = {0x52, 0xbc, 0x53, 0x76,
                                                      0x46, 0xdb, 0x8e, 0x05};
constexpr std::array<std::uint8_t, 4> kZstdMagic = {0x28, 0xb5, 0x2f, 0xfd};
constexpr std::array<std::uint8_t, 8> kWasmMagic = {0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0};
/// The runtime API records of the `runtime_apis` section: id and version.
constexpr std::size_t kApiRecordBytes = 12;

std::unexpected<CodeError> refuse(CodeErrorKind kind, std::string message) {
    return std::unexpected(CodeError{kind, std::move(message)});
}

std::expected<Bytes, CodeError> unpack_zstd(ByteView frame, std::size_t bytes_max) {
    struct StreamDeleter {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    const std::unique_ptr<ZSTD_DStream, StreamDeleter> stream(ZSTD_createDStream());
    if (stream == nullptr || ZSTD_isError(ZSTD_initDStream(stream.get())) != 0) {
        return refuse(CodeErrorKind::not_wasm, "no memory to decompress");
    }
    Bytes out;
    ZSTD_inBuffer in{frame.data(), frame.size(), 0};
    // Grows with what has been unpacked; the size a frame claims is not believed.
    for (std::size_t last = 1; last != 0;) {
        const std::size_t had = out.size();
        out.resize(
            std::min(bytes_max + 1, had + std::max<std::size_t>(had, ZSTD_DStreamOutSize())));
        ZSTD_outBuffer piece{out.data() + had, out.size() - had, 0};
        const std::size_t in_before = in.pos;
        last = ZSTD_decompressStream(stream.get(), &piece, &in);
        if (ZSTD_isError(last) != 0) {
            return refuse(CodeErrorKind::not_wasm, ZSTD_getErrorName(last));
        }
        out.resize(had + piece.pos);
        if (out.size() > bytes_max) {
            return refuse(CodeErrorKind::too_large,
                          fmt::format("unpacks to more than {} bytes", bytes_max));
        }
        if (last != 0 && piece.pos == 0 && in.pos == in_before) {
            return refuse(CodeErrorKind::not_wasm, "compressed data is cut off");
        }
    }
    return out;
}

/// Walks the sections of a module: id, contents. False in `well_formed` when it is cut off.
class SectionWalk {
 public:
    explicit SectionWalk(ByteView wasm) {
        if (starts_with(wasm, kWasmMagic)) {
            rest_ = wasm.subspan(kWasmMagic.size());
        }
    }
    struct Section {
        std::uint8_t id;
        ByteView contents;
    };
    std::optional<Section> next() {
        if (rest_.empty()) {
            return std::nullopt;
        }
        const std::uint8_t id = rest_[0];
        rest_ = rest_.subspan(1);
        const auto size = leb_u32(rest_);
        if (!size || *size > rest_.size()) {
            rest_ = {};
            return std::nullopt;
        }
        const ByteView contents = rest_.first(*size);
        rest_ = rest_.subspan(*size);
        return Section{id, contents};
    }
    /// Reads an unsigned LEB128 of at most 32 bits off the front.
    static std::optional<std::uint32_t> leb_u32(ByteView& in) {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 35 && !in.empty(); shift += 7) {
            const std::uint8_t byte = in[0];
            in = in.subspan(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if ((byte & 0x80U) == 0) {
                return value <= UINT32_MAX ? std::optional(static_cast<std::uint32_t>(value))
                                           : std::nullopt;
            }
        }
        return std::nullopt;
    }

 private:
    ByteView rest_;
};

/// The bridge's answer as bytes or as error text.
std::expected<Bytes, CodeError> take_answer(std::int32_t status, StippleBridgeBuffer buffer) {
    Bytes bytes(buffer.data, buffer.data + buffer.size);
    stipple_bridge_wasm_free(buffer);
    if (status == STIPPLE_WASM_OK) {
        return bytes;
    }
    return refuse(CodeErrorKind::does_not_compile, status == STIPPLE_WASM_REFUSED
                                                       ? std::string(as_text(bytes))
                                                       : std::string("the module parser panicked"));
}

class Records {
 public:
    explicit Records(ByteView bytes) : in_(bytes) {}
    bool done() const { return in_.remaining() == 0; }
    std::uint8_t byte() { return in_.u8(); }
    std::string text() { return std::string(as_text(in_.take(in_.u32()))); }
    std::string types() {
        std::string out;
        for (const std::uint8_t type : in_.take(in_.u32())) {
            out.push_back(type == 0x7f ? 'i' : type == 0x7e ? 'I' : '?');
        }
        return out;
    }

 private:
    scale::Decoder in_;
};

}  // namespace

std::expected<Bytes, CodeError> unpack_code(ByteView blob, std::size_t bytes_max) {
    ByteView frame = blob;
    if (starts_with(blob, kPackedMagic)) {
        frame = blob.subspan(kPackedMagic.size());
    } else if (!starts_with(blob, kZstdMagic)) {
        if (blob.size() > bytes_max) {
            return refuse(CodeErrorKind::too_large, fmt::format("{} bytes", blob.size()));
        }
        if (!starts_with(blob, kWasmMagic)) {
            return refuse(CodeErrorKind::not_wasm, "neither Wasm nor compressed Wasm");
        }
        return to_bytes(blob);
    }
    TRY_ASSIGN(Bytes wasm, unpack_zstd(frame, bytes_max));
    if (!starts_with(wasm, kWasmMagic)) {
        return refuse(CodeErrorKind::not_wasm, "unpacks to something other than Wasm");
    }
    return wasm;
}

std::expected<std::vector<ModuleItem>, CodeError> describe_module(ByteView wasm) {
    StippleBridgeBuffer buffer{};
    const auto status = stipple_bridge_wasm_describe(wasm.data(), wasm.size(), &buffer);
    TRY_ASSIGN(const Bytes bytes, take_answer(status, buffer));
    std::vector<ModuleItem> items;
    for (Records in(bytes); !in.done();) {
        ModuleItem& item = items.emplace_back();
        item.is_export = in.byte() == 1;
        item.kind = static_cast<ExternKind>(in.byte());
        if (!item.is_export) {
            item.module = in.text();
        }
        item.name = in.text();
        if (item.kind == ExternKind::function) {
            item.type.params = in.types();
            item.type.results = in.types();
        }
    }
    return items;
}

std::expected<Bytes, CodeError> prepare_module(ByteView wasm, HeapPages heap) {
    StippleBridgeBuffer buffer{};
    const auto status =
        stipple_bridge_wasm_prepare(wasm.data(), wasm.size(), heap.extra, heap.max, &buffer);
    return take_answer(status, buffer);
}

std::optional<ByteView> custom_section(ByteView wasm, std::string_view name) {
    SectionWalk walk(wasm);
    while (const auto section = walk.next()) {
        ByteView contents = section->contents;
        if (section->id != 0) {
            continue;
        }
        const auto size = SectionWalk::leb_u32(contents);
        if (size && *size <= contents.size() && as_text(contents.first(*size)) == name) {
            return contents.subspan(*size);
        }
    }
    return std::nullopt;
}

std::expected<std::optional<RuntimeVersion>, CodeError> read_version_sections(ByteView wasm) {
    const auto version = custom_section(wasm, "runtime_version");
    if (!version) {
        return std::nullopt;
    }
    const auto apis = custom_section(wasm, "runtime_apis").value_or(ByteView{});
    if (apis.size() % kApiRecordBytes != 0) {
        return refuse(CodeErrorKind::bad_version, "runtime_apis is cut off");
    }
    // The section leaves the list of APIs empty, yet later fields depend on the Core API in it:
    // put the list in, then decode as the answer of Core_version.
    scale::Decoder in(*version);
    in.byte_string();
    in.byte_string();
    in.take(12);
    if (!in.ok() || in.length(kApiRecordBytes) != 0) {
        return refuse(CodeErrorKind::bad_version, "runtime_version is unreadable");
    }
    const std::size_t head = version->size() - in.remaining() - 1;
    Bytes whole = to_bytes(version->first(head));
    scale::encode_compact(whole, apis.size() / kApiRecordBytes);
    append(whole, apis);
    append(whole, in.rest());
    auto decoded = scale::decode_prefix<RuntimeVersion>(whole);
    if (!decoded) {
        return refuse(CodeErrorKind::bad_version, scale::describe(decoded.error()));
    }
    return std::move(*decoded);
}

std::optional<RuntimeVersion> version_from_sections(ByteView wasm) {
    return read_version_sections(wasm).value_or(std::nullopt);
}

}  // namespace stipple::executor
