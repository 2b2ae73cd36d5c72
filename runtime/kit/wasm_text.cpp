// std::string for a Wasm build. The library's own copy stands in one object with the conversions
// of floating-point numbers, which bring stdio and its imports along; so it is made here.
#include <string>

#define INSTANTIATE(...) template __VA_ARGS__;
_LIBCPP_BEGIN_NAMESPACE_STD
#ifdef _LIBCPP_ABI_STRING_OPTIMIZED_EXTERNAL_INSTANTIATION
_LIBCPP_STRING_UNSTABLE_EXTERN_TEMPLATE_LIST(INSTANTIATE, char)
#else
_LIBCPP_STRING_V1_EXTERN_TEMPLATE_LIST(INSTANTIATE, char)
#endif
template string operator+ <char, char_traits<char>, allocator<char>>(char const*, string const&);
_LIBCPP_END_NAMESPACE_STD
