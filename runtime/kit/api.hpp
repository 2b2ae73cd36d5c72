// Runtime APIs: what the host and clients may ask of the runtime by name.
//
//     struct AccountNonceApi {
//         static constexpr std::string_view kName = "AccountNonceApi";
//         static Nonce account_nonce(const AccountId& account);
//         static constexpr auto methods =
//             list(method("account_nonce", &account_nonce, {"account"}, "The next nonce."));
//     };
//
//     RUNTIME_API(AccountNonceApi, AccountNonceApi, account_nonce)   // an export of the module
//     constexpr ApiEntry kApis[] = {api<AccountNonceApi>(1), ...};
//
// The list gives Core_version its APIs, the metadata its descriptions and native tests their way to
// call; the one macro is there because the name of a Wasm export must be a literal.
#pragma once

#include "kit/pallet.hpp"

namespace stipple::runtime::inline kit {

template <class Result, class... Args>
struct ApiMethod {
    Label name;
    Result (*function)(Args...);
    std::array<Label, sizeof...(Args) == 0 ? 1 : sizeof...(Args)> inputs;
    Label doc;
};
template <class Result, class... Args>
constexpr ApiMethod<Result, Args...> method(
    Label name, Result (*function)(Args...),
    const std::type_identity_t<std::array<Label, sizeof...(Args) == 0 ? 1 : sizeof...(Args)>>&
        inputs,
    Label doc) {
    return {name, function, inputs, doc};
}

struct ApiEntry {
    std::string_view name;
    std::array<std::uint8_t, 8> id;
    std::uint32_t version;
    // In native builds alone, null in Wasm:
    /// Vec<method> of the metadata.
    Bytes (*describe)(Registry&);
    /// Answers "method" with encoded arguments; absent when there is no such method.
    std::optional<Bytes> (*answer)(std::string_view method, ByteView arguments);
};
/// All APIs of the runtime. Defined once by each runtime.
std::span<const ApiEntry> runtime_apis();

namespace detail {
template <class T>
using Plain = std::conditional_t<std::is_void_v<T>, Unit, std::remove_cvref_t<T>>;

[[noreturn]] void bad_arguments();

template <class Result, class... Args>
Bytes answer(Result (*function)(Args...), ByteView raw) {
    scale::Decoder in(raw);
    std::tuple<std::remove_cvref_t<Args>...> arguments{};
    std::apply(
        [&](auto&... one) {
            using scale::decode_from;
            (decode_from(in, one), ...);
        },
        arguments);
    if (!in.finish()) {
        bad_arguments();
    }
    if constexpr (std::is_void_v<Result>) {
        std::apply(function, arguments);
        host::end_call();
        return {};
    } else {
        Bytes encoded = ItemBase::encode(std::apply(function, arguments));
        host::end_call();
        return encoded;
    }
}

void put_method(Bytes& out, std::string_view name, const std::vector<FieldInfo>& inputs,
                TypeId output, std::string_view doc);

template <class Api>
Bytes describe_api(Registry& types) {
    Bytes out;
    scale::encode_compact(out, std::tuple_size_v<decltype(Api::methods)>);
    const auto one = [&]<class Result, class... Args>(const ApiMethod<Result, Args...>& method) {
        std::vector<FieldInfo> inputs;
        std::size_t at = 0;
        (inputs.push_back({method.inputs[at++], types.id<std::remove_cvref_t<Args>>()}), ...);
        put_method(out, method.name, inputs, types.id<Plain<Result>>(), method.doc);
        types.put_not_deprecated(out);
    };
    std::apply([&](const auto&... methods) { (one(methods), ...); }, Api::methods);
    return out;
}
template <class Api>
std::optional<Bytes> answer_api(std::string_view name, ByteView arguments) {
    std::optional<Bytes> out;
    std::apply(
        [&](const auto&... one) {
            (void)((one.name == name && (out = answer(one.function, arguments), true)) || ...);
        },
        Api::methods);
    return out;
}
/// Hands the bytes to the host, which reads them before the instance goes.
std::uint64_t give_to_host(Bytes answer);
}  // namespace detail

template <class Api>
consteval ApiEntry api(std::uint32_t version) {
    if constexpr (kDescribesItself) {
        return {Api::kName, api_id_of(Api::kName), version, &detail::describe_api<Api>,
                &detail::answer_api<Api>};
    } else {
        return {Api::kName, api_id_of(Api::kName), version, nullptr, nullptr};
    }
}

/// Answers "Api_method" natively, as the export does in Wasm.
std::optional<Bytes> call_api(std::string_view export_name, ByteView arguments);

}  // namespace stipple::runtime::inline kit

// trait: the API's name among APIs; api: the struct; method: the function in it.
#ifdef __wasm__
#define RUNTIME_API(trait, api, method)                                                         \
    extern "C" __attribute__((export_name(#trait "_" #method))) std::uint64_t trait##_##method( \
        const std::uint8_t* data, std::size_t size) {                                           \
        namespace kit = stipple::runtime::kit;                                                  \
        return kit::detail::give_to_host(                                                       \
            kit::detail::answer(&stipple::runtime::api::method, {data, size}));                 \
    }
#else
#define RUNTIME_API(trait, api, method) static_assert(&stipple::runtime::api::method != nullptr);
#endif
