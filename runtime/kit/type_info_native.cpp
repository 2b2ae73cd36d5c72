#include "kit/type_info.hpp"

namespace stipple::runtime::inline kit {

namespace {
enum class Shape : std::uint8_t { composite, variant, sequence, array, tuple, primitive, compact };

void put_text(Bytes& out, std::string_view text) {
    scale::encode_byte_string(out, as_bytes(text));
}
void put_optional_text(Bytes& out, std::string_view text) {
    out.push_back(text.empty() ? 0 : 1);
    if (!text.empty()) {
        put_text(out, text);
    }
}
void put_docs(Bytes& out, std::string_view doc) {
    out.push_back(doc.empty() ? 0 : 4);
    if (!doc.empty()) {
        put_text(out, doc);
    }
}

/// A path is written as its segments; the definition follows path and parameters.
Bytes begin(std::string_view path, const std::vector<TypeParameter>& parameters, Shape shape) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        const std::size_t end = path.find("::");
        segments.emplace_back(path.substr(0, end));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end + 2);
    }
    Bytes out = scale::encode(segments);
    scale::encode_compact(out, parameters.size());
    for (const TypeParameter& parameter : parameters) {
        put_text(out, parameter.name);
        out.push_back(parameter.type ? 1 : 0);
        if (parameter.type) {
            scale::encode_compact(out, *parameter.type);
        }
    }
    out.push_back(static_cast<std::uint8_t>(shape));
    return out;
}

void put_fields(Bytes& out, const std::vector<FieldInfo>& fields) {
    scale::encode_compact(out, fields.size());
    for (const FieldInfo& field : fields) {
        put_optional_text(out, field.name);
        scale::encode_compact(out, field.type);
        put_optional_text(out, field.type_name);
        put_docs(out, {});
    }
}

Bytes of_one(Shape shape, TypeId inner) {
    Bytes out = begin({}, {}, shape);
    scale::encode_compact(out, inner);
    put_docs(out, {});
    return out;
}
}  // namespace

Bytes Registry::primitive(Primitive kind) {
    Bytes out = begin({}, {}, Shape::primitive);
    out.push_back(static_cast<std::uint8_t>(kind));
    put_docs(out, {});
    return out;
}

Bytes Registry::sequence(TypeId item) {
    return of_one(Shape::sequence, item);
}

Bytes Registry::array(std::uint32_t count, TypeId item) {
    Bytes out = begin({}, {}, Shape::array);
    scale::encode_to(out, count);
    scale::encode_compact(out, item);
    put_docs(out, {});
    return out;
}

Bytes Registry::tuple(const std::vector<TypeId>& items) {
    Bytes out = begin({}, {}, Shape::tuple);
    scale::encode_compact(out, items.size());
    for (const TypeId item : items) {
        scale::encode_compact(out, item);
    }
    put_docs(out, {});
    return out;
}

Bytes Registry::compact(TypeId inner) {
    return of_one(Shape::compact, inner);
}

Bytes Registry::composite(std::string_view path, const std::vector<FieldInfo>& fields,
                          const std::vector<TypeParameter>& parameters) {
    Bytes out = begin(path, parameters, Shape::composite);
    put_fields(out, fields);
    put_docs(out, {});
    return out;
}

Bytes Registry::variant(std::string_view path, const std::vector<CaseInfo>& cases,
                        const std::vector<TypeParameter>& parameters, std::string_view doc) {
    Bytes out = begin(path, parameters, Shape::variant);
    scale::encode_compact(out, cases.size());
    for (const CaseInfo& one : cases) {
        put_text(out, one.name);
        put_fields(out, one.fields);
        out.push_back(one.index);
        put_docs(out, one.doc);
    }
    put_docs(out, doc);
    return out;
}

std::optional<TypeId> Registry::find(const void* key) const {
    const auto known = ids_.find(key);
    return known == ids_.end() ? std::nullopt : std::optional<TypeId>(known->second);
}

TypeId Registry::reserve(const void* key) {
    const auto id = static_cast<TypeId>(types_.size());
    ids_.emplace(key, id);
    types_.emplace_back();
    return id;
}

void Registry::fill(TypeId id, Bytes description) {
    types_[id] = std::move(description);
}

Bytes Registry::encode() const {
    Bytes out;
    scale::encode_compact(out, types_.size());
    for (TypeId id = 0; id < types_.size(); ++id) {
        scale::encode_compact(out, id);
        append(out, types_[id]);
    }
    return out;
}

}  // namespace stipple::runtime::inline kit
