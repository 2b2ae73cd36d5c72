// Any plain struct as bytes and back, field by field: what the core's events and effects are
// written with.
//
// These values cross threads, not the wire: most have no encoding of the protocol, and there are
// about a hundred of them. So a struct is written as its fields in order, found by reflection
// (Boost.PFR); a field that is added is written from then on without anybody's doing. What a field
// is made of is SCALE: numbers, options, sequences, an index before the alternative of a variant.
// A type that is not plain says how by a specialisation of `Codec` (Multiaddr, WriteBatch).
//
//     write(out, event)            appends
//     read(in, event)              the decoder keeps the first error
//     shape<Event>(out)            the types all the way down: two programs that give the same text
//                                  read each other's bytes
//
// Callbacks are written as whether there was one, and read as one that does nothing. Counts of
// bytes that wait (shared_ptr<void>) are not written at all.
//
// Spec: sect-scale-codec (the parts). Bounds: those of scale::Decoder: no length is believed before
// its bytes are there, since no item of a sequence here is without bytes.
#pragma once

#include "base/result.hpp"
#include "scale/codec.hpp"

#include <boost/pfr.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <typeinfo>
#include <variant>

namespace stipple::node::recording {

template <class T>
struct Codec;

template <class T>
void write(Bytes& out, const T& value) {
    Codec<T>::write(out, value);
}
template <class T>
void read(scale::Decoder& in, T& value) {
    Codec<T>::read(in, value);
}
template <class T>
void shape(std::string& out) {
    Codec<T>::shape(out);
    out += ',';
}

namespace as_scale {
using scale::decode_from;
using scale::encode_to;
template <class T>
void write(Bytes& out, const T& value) {
    encode_to(out, value);
}
template <class T>
void read(scale::Decoder& in, T& value) {
    decode_from(in, value);
}
}  // namespace as_scale

/// Numbers, text, and the strong types of hashes and numbers: SCALE writes them itself.
template <class T>
concept AsScale = !std::is_aggregate_v<T> && !std::is_enum_v<T>;

template <class T>
struct Codec {
    static void write(Bytes& out, const T& value) {
        if constexpr (std::is_enum_v<T>) {
            scale::encode_to(out, static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (AsScale<T>) {
            as_scale::write(out, value);
        } else if constexpr (!std::is_empty_v<T>) {
            boost::pfr::for_each_field(value,
                                       [&out](const auto& field) { recording::write(out, field); });
        }
    }
    static void read(scale::Decoder& in, T& value) {
        if constexpr (std::is_enum_v<T>) {
            value = static_cast<T>(in.integer<std::underlying_type_t<T>>());
        } else if constexpr (AsScale<T>) {
            as_scale::read(in, value);
        } else if constexpr (!std::is_empty_v<T>) {
            boost::pfr::for_each_field(value, [&in](auto& field) { recording::read(in, field); });
        }
    }
    static void shape(std::string& out) {
        out += typeid(T).name();
        if constexpr (!std::is_enum_v<T> && !AsScale<T> && !std::is_empty_v<T>) {
            out += '{';
            fields(out, std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
            out += '}';
        }
    }

 private:
    template <std::size_t... I>
    static void fields(std::string& out, std::index_sequence<I...>) {
        (recording::shape<boost::pfr::tuple_element_t<I, T>>(out), ...);
    }
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
    static void write(Bytes& out, const std::array<T, N>& values) {
        for (const T& value : values) {
            recording::write(out, value);
        }
    }
    static void read(scale::Decoder& in, std::array<T, N>& values) {
        for (T& value : values) {
            recording::read(in, value);
        }
    }
    static void shape(std::string& out) {
        out += std::to_string(N);
        recording::shape<T>(out += " times ");
    }
};

template <class T>
struct Codec<std::vector<T>> {
    static void write(Bytes& out, const std::vector<T>& values) {
        if constexpr (std::is_same_v<T, std::uint8_t>) {
            scale::encode_byte_string(out, values);
        } else {
            scale::encode_compact(out, values.size());
            for (const auto& value : values) {
                recording::write<T>(out, value);
            }
        }
    }
    static void read(scale::Decoder& in, std::vector<T>& values) {
        values.clear();
        if constexpr (std::is_same_v<T, std::uint8_t>) {
            values = to_bytes(in.byte_string());
        } else {
            const std::size_t count = in.length();
            for (std::size_t i = 0; i < count && in.ok(); ++i) {
                T value{};
                recording::read(in, value);
                values.push_back(std::move(value));
            }
        }
    }
    static void shape(std::string& out) { recording::shape<T>(out += "vector "); }
};

template <class T>
struct Codec<std::optional<T>> {
    static void write(Bytes& out, const std::optional<T>& value) {
        out.push_back(value ? 1 : 0);
        if (value) {
            recording::write(out, *value);
        }
    }
    static void read(scale::Decoder& in, std::optional<T>& value) {
        value.reset();
        if (in.option()) {
            recording::read(in, value.emplace());
        }
    }
    static void shape(std::string& out) { recording::shape<T>(out += "optional "); }
};

template <class A, class B>
struct Codec<std::pair<A, B>> {
    static void write(Bytes& out, const std::pair<A, B>& value) {
        recording::write(out, value.first);
        recording::write(out, value.second);
    }
    static void read(scale::Decoder& in, std::pair<A, B>& value) {
        recording::read(in, value.first);
        recording::read(in, value.second);
    }
    static void shape(std::string& out) {
        recording::shape<A>(out += "pair ");
        recording::shape<B>(out);
    }
};

template <class T>
struct Codec<std::shared_ptr<T>> {
    static void write(Bytes& out, const std::shared_ptr<T>& value) {
        if constexpr (!std::is_void_v<T>) {
            out.push_back(value ? 1 : 0);
            if (value) {
                recording::write<std::remove_const_t<T>>(out, *value);
            }
        }
    }
    static void read(scale::Decoder& in, std::shared_ptr<T>& value) {
        value.reset();
        if constexpr (!std::is_void_v<T>) {
            if (in.option()) {
                auto fresh = std::make_shared<std::remove_const_t<T>>();
                recording::read(in, *fresh);
                value = std::move(fresh);
            }
        }
    }
    static void shape(std::string& out) {
        out += "shared ";
        if constexpr (!std::is_void_v<T>) {
            recording::shape<std::remove_const_t<T>>(out);
        }
    }
};

template <class... Arguments>
struct Codec<std::function<void(Arguments...)>> {
    using Function = std::function<void(Arguments...)>;
    static void write(Bytes& out, const Function& value) { out.push_back(value ? 1 : 0); }
    static void read(scale::Decoder& in, Function& value) {
        value = nullptr;
        if (in.option()) {
            value = [](const auto&...) {};
        }
    }
    static void shape(std::string& out) { out += "call"; }
};

template <class Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
    using Span = std::chrono::duration<Rep, Period>;
    static void write(Bytes& out, Span value) {
        scale::encode_to(out, static_cast<std::int64_t>(value.count()));
    }
    static void read(scale::Decoder& in, Span& value) {
        value = Span(static_cast<Rep>(in.integer<std::int64_t>()));
    }
    static void shape(std::string& out) { out += typeid(Span).name(); }
};

/// An index and the alternative; an alternative may be a variant itself.
template <class... Ts>
struct Codec<std::variant<Ts...>> {
    using Variant = std::variant<Ts...>;
    static void write(Bytes& out, const Variant& value) {
        static_assert(sizeof...(Ts) <= 256);
        out.push_back(static_cast<std::uint8_t>(value.index()));
        std::visit([&out](const auto& what) { recording::write(out, what); }, value);
    }
    static void read(scale::Decoder& in, Variant& value) { read_from<0>(in, in.u8(), value); }
    static void shape(std::string& out) {
        out += "variant(";
        (recording::shape<Ts>(out), ...);
        out += ')';
    }

 private:
    template <std::size_t I>
    static void read_from(scale::Decoder& in, std::size_t index, Variant& value) {
        if constexpr (I == sizeof...(Ts)) {
            in.fail(scale::DecodeError::bad_variant);
        } else if (index == I) {
            std::variant_alternative_t<I, Variant> what{};
            recording::read(in, what);
            value = std::move(what);
        } else {
            read_from<I + 1>(in, index, value);
        }
    }
};

template <class T, class E>
struct Codec<std::expected<T, E>> {
    static void write(Bytes& out, const std::expected<T, E>& value) {
        out.push_back(value ? 0 : 1);
        if (!value) {
            recording::write(out, value.error());
        } else if constexpr (!std::is_void_v<T>) {
            recording::write(out, *value);
        }
    }
    static void read(scale::Decoder& in, std::expected<T, E>& value) {
        if (in.option()) {
            E error{};
            recording::read(in, error);
            value = std::unexpected(std::move(error));
        } else if constexpr (std::is_void_v<T>) {
            value = {};
        } else {
            T what{};
            recording::read(in, what);
            value = std::move(what);
        }
    }
    static void shape(std::string& out) {
        if constexpr (!std::is_void_v<T>) {
            recording::shape<T>(out);
        }
        recording::shape<E>(out += "or ");
    }
};

template <>
struct Codec<Error> {
    static void write(Bytes& out, const Error& error) { scale::encode_to(out, error.message()); }
    static void read(scale::Decoder& in, Error& error) {
        std::string message;
        scale::decode_from(in, message);
        error = Error(std::move(message));
    }
    static void shape(std::string& out) { out += "error"; }
};

}  // namespace stipple::node::recording
