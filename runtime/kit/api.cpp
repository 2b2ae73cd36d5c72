#include "kit/api.hpp"

namespace stipple::runtime::inline kit {

namespace detail {
void bad_arguments() {
    host::panic("a runtime API was called with arguments that do not decode");
}

void put_method(Bytes& out, std::string_view name, const std::vector<FieldInfo>& inputs,
                TypeId output, std::string_view doc) {
    scale::encode_byte_string(out, as_bytes(name));
    scale::encode_compact(out, inputs.size());
    for (const FieldInfo& input : inputs) {
        scale::encode_byte_string(out, as_bytes(input.name));
        scale::encode_compact(out, input.type);
    }
    scale::encode_compact(out, output);
    scale::encode_to(out, std::vector<std::string>{std::string(doc)});
}

std::uint64_t give_to_host(Bytes answer) {
    auto* kept = new Bytes(std::move(answer));
    return static_cast<std::uint64_t>(kept->size()) << 32 |
           static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(kept->data()));
}
}  // namespace detail

std::optional<Bytes> call_api(std::string_view export_name, ByteView arguments) {
    for (const ApiEntry& entry : runtime_apis()) {
        if (export_name.starts_with(entry.name) && export_name.size() > entry.name.size() &&
            export_name[entry.name.size()] == '_') {
            if (auto answer = entry.answer(export_name.substr(entry.name.size() + 1), arguments)) {
                return answer;
            }
        }
    }
    return std::nullopt;
}

}  // namespace stipple::runtime::inline kit
