// A variant of many alternatives whose special members are compiled in one source.
//
//     using Event = CompiledOnce<std::variant<A, B, …>>;          the header
//     extern template struct stipple::CompiledOnce<…>;
//     template struct stipple::CompiledOnce<…>;                    one source
//
// Copying, moving and destroying a variant is a table of functions for all alternatives. Every
// source that touches a list of them would instantiate these anew: more than a second for each
// source of the core. Otherwise it is the variant: std::visit and std::get_if take it as one.
#pragma once

#include <variant>

namespace stipple {

template <class Variant>
struct CompiledOnce : Variant {
    using Variant::Variant;
    CompiledOnce(const CompiledOnce& other);
    CompiledOnce(CompiledOnce&& other) noexcept;
    CompiledOnce& operator=(const CompiledOnce& other);
    CompiledOnce& operator=(CompiledOnce&& other) noexcept;
    ~CompiledOnce();
};

// Not in the class: only what is not inline is left to the source that instantiates it.
template <class Variant>
CompiledOnce<Variant>::CompiledOnce(const CompiledOnce& other) = default;
template <class Variant>
CompiledOnce<Variant>::CompiledOnce(CompiledOnce&& other) noexcept = default;
template <class Variant>
CompiledOnce<Variant>& CompiledOnce<Variant>::operator=(const CompiledOnce& other) = default;
template <class Variant>
CompiledOnce<Variant>& CompiledOnce<Variant>::operator=(CompiledOnce&& other) noexcept = default;
template <class Variant>
CompiledOnce<Variant>::~CompiledOnce() = default;

}  // namespace stipple
