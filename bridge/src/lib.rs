//! The Rust side of Stipple. Each module exports one group of C functions, declared in
//! `include/stipple_bridge_<module>.h`, and nothing else: pointer and length in, status out, no panic across.
pub use wasmtime_c_api::*;
mod crypto;
mod wasm;
