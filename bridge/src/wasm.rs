//! Wasm modules: validation, the memory rewrite, and the list of imports and exports.
//!
//! The rewrite copies every section byte for byte but imports, memory and exports, so that function
//! and global indexes, code and names stay as they are. One function is replaced where a module has
//! exactly it: the `memcpy` of the first runtimes (to 2020), which copies byte by byte, by one that
//! copies words and leaves the same bytes behind.
use std::ops::Range;
use std::panic::{catch_unwind, AssertUnwindSafe};
use wasm_encoder::{BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function};
use wasm_encoder::{ImportSection, MemArg, MemorySection, MemoryType, Module, RawSection};
use wasmparser::{BinaryReader, CodeSectionReader, ExternalKind, Parser, Payload, TypeRef, ValType};
use wasmparser::{Validator, WasmFeatures};

const OK: i32 = 0;
const REFUSED: i32 = 1;
const PANIC: i32 = 2;
const PAGES_MAX: u64 = 65536;
const MEMORY_NAME: &str = "memory";

#[repr(C)]
pub struct StippleBridgeBuffer {
    data: *mut u8,
    size: usize,
}

fn give(out: *mut StippleBridgeBuffer, bytes: Vec<u8>) {
    let mut boxed = bytes.into_boxed_slice();
    let buffer = StippleBridgeBuffer { data: boxed.as_mut_ptr(), size: boxed.len() };
    std::mem::forget(boxed);
    // SAFETY: the header requires `out` to point to a buffer.
    unsafe { out.write(buffer) };
}

/// SAFETY: `data` holds `size` readable bytes for the length of the call (the header's contract).
unsafe fn input<'a>(data: *const u8, size: usize) -> &'a [u8] {
    if size == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(data, size)
    }
}

fn answer(out: *mut StippleBridgeBuffer, work: impl FnOnce() -> Result<Vec<u8>, String>) -> i32 {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(bytes)) => {
            give(out, bytes);
            OK
        }
        Ok(Err(text)) => {
            give(out, text.into_bytes());
            REFUSED
        }
        Err(_) => {
            give(out, Vec::new());
            PANIC
        }
    }
}

/// What sc-executor enables for runtimes: everything beyond these is off there too.
fn features() -> WasmFeatures {
    WasmFeatures::WASM1 | WasmFeatures::SIGN_EXTENSION
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string().replace('\n', " ")
}

fn memory_type(found: wasmparser::MemoryType, extra: u64, max: u64) -> Result<MemoryType, String> {
    let minimum = found.initial + extra;
    if minimum > PAGES_MAX {
        return Err(format!("memory of {minimum} pages"));
    }
    let maximum = max.min(PAGES_MAX).max(minimum);
    let maximum = Some(if max == 0 { minimum } else { maximum });
    Ok(MemoryType { minimum, maximum, memory64: false, shared: false, page_size_log2: None })
}

fn entity(ty: TypeRef) -> Result<EntityType, String> {
    match ty {
        TypeRef::Func(index) => Ok(EntityType::Function(index)),
        TypeRef::Global(_) => Err("imports a global".into()),
        TypeRef::Table(_) => Err("imports a table".into()),
        _ => Err("imports something other than functions and one memory".into()),
    }
}

fn export_kind(kind: ExternalKind) -> Result<ExportKind, String> {
    match kind {
        ExternalKind::Func => Ok(ExportKind::Func),
        ExternalKind::Table => Ok(ExportKind::Table),
        ExternalKind::Memory => Ok(ExportKind::Memory),
        ExternalKind::Global => Ok(ExportKind::Global),
        _ => Err("exports something other than function, table, memory or global".into()),
    }
}

/// The module under construction; the memory and export sections are put in where their order says.
struct Rewrite {
    module: Module,
    memory: Option<MemoryType>,
    memory_written: bool,
    exports_written: bool,
}

impl Rewrite {
    /// Sections after `memory` in the order of the format: global 6, export 7, start 8, ...
    fn before_section(&mut self, id: u8) {
        if !self.memory_written && id > 5 {
            self.write_memory();
        }
        if !self.exports_written && id > 7 {
            self.write_exports(ExportSection::new());
        }
    }
    fn write_memory(&mut self) {
        self.memory_written = true;
        if let Some(ty) = self.memory {
            let mut section = MemorySection::new();
            section.memory(ty);
            self.module.section(&section);
        }
    }
    fn write_exports(&mut self, mut section: ExportSection) {
        self.exports_written = true;
        if self.memory.is_some() {
            section.export(MEMORY_NAME, ExportKind::Memory, 0);
        }
        self.module.section(&section);
    }
}

/// `memcpy(to, from, count) -> to` of compiler-builtins as rustc compiled it then:
/// `if count != 0 { at = to; do { *at++ = *from++ } while --count }`.
const BYTE_COPY: &[u8] = b"\x01\x01\x7f\x02\x40\x20\x02\x45\x0d\x00\x20\x00\x21\x03\x03\x40\x20\x03\x20\x01\
\x2d\x00\x00\x3a\x00\x00\x20\x03\x41\x01\x6a\x21\x03\x20\x01\x41\x01\x6a\x21\x01\x20\x02\x41\x7f\x6a\x22\
\x02\x0d\x00\x0b\x0b\x20\x00\x0b";

/// The same by words while there are eight bytes left, unless `to` lies less than eight bytes behind
/// `from`: copying byte by byte then repeats what it has just written. What a copy that leaves the
/// memory writes before it traps is seen by nobody.
fn word_copy() -> Function {
    let (to, from, count, at) = (0, 1, 2, 3);
    let here = MemArg { offset: 0, align: 0, memory_index: 0 };
    let mut function = Function::new([(1, wasm_encoder::ValType::I32)]);
    function
        .instructions()
        .local_get(to)
        .local_set(at)
        // 1. Words.
        .block(BlockType::Empty)
        .local_get(count)
        .i32_const(8)
        .i32_lt_u()
        .br_if(0)
        .local_get(to)
        .local_get(from)
        .i32_sub()
        .i32_const(8)
        .i32_lt_u()
        .br_if(0)
        .loop_(BlockType::Empty)
        .local_get(at)
        .local_get(from)
        .i64_load(here)
        .i64_store(here)
        .local_get(at)
        .i32_const(8)
        .i32_add()
        .local_set(at)
        .local_get(from)
        .i32_const(8)
        .i32_add()
        .local_set(from)
        .local_get(count)
        .i32_const(8)
        .i32_sub()
        .local_tee(count)
        .i32_const(7)
        .i32_gt_u()
        .br_if(0)
        .end()
        .end()
        // 2. What is left.
        .block(BlockType::Empty)
        .local_get(count)
        .i32_eqz()
        .br_if(0)
        .loop_(BlockType::Empty)
        .local_get(at)
        .local_get(from)
        .i32_load8_u(here)
        .i32_store8(here)
        .local_get(at)
        .i32_const(1)
        .i32_add()
        .local_set(at)
        .local_get(from)
        .i32_const(1)
        .i32_add()
        .local_set(from)
        .local_get(count)
        .i32_const(-1)
        .i32_add()
        .local_tee(count)
        .br_if(0)
        .end()
        .end()
        .local_get(to)
        .end();
    function
}

/// The code section with that function replaced; none where there is nothing to replace.
fn faster_code(wasm: &[u8], range: &Range<usize>) -> Result<Option<CodeSection>, String> {
    let bodies = CodeSectionReader::new(BinaryReader::new(&wasm[range.clone()], range.start));
    let mut section = CodeSection::new();
    let mut found = false;
    for body in bodies.map_err(text)? {
        let bytes = &wasm[body.map_err(text)?.range()];
        if bytes == BYTE_COPY {
            section.function(&word_copy());
            found = true;
        } else {
            section.raw(bytes);
        }
    }
    Ok(found.then_some(section))
}

fn prepare(wasm: &[u8], extra: u64, max: u64) -> Result<Vec<u8>, String> {
    Validator::new_with_features(features()).validate_all(wasm).map_err(text)?;
    let mut state = Rewrite {
        module: Module::new(),
        memory: None,
        memory_written: false,
        exports_written: false,
    };
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(text)?;
        match &payload {
            Payload::ImportSection(reader) => {
                let mut section = ImportSection::new();
                for import in reader.clone().into_imports() {
                    let import = import.map_err(text)?;
                    match import.ty {
                        TypeRef::Memory(found) => {
                            state.memory = Some(memory_type(found, extra, max)?);
                        }
                        ty => {
                            section.import(import.module, import.name, entity(ty)?);
                        }
                    }
                }
                state.module.section(&section);
            }
            Payload::MemorySection(reader) => {
                for found in reader.clone() {
                    state.memory = Some(memory_type(found.map_err(text)?, extra, max)?);
                }
                state.write_memory();
            }
            Payload::ExportSection(reader) => {
                state.before_section(7);
                let mut section = ExportSection::new();
                for export in reader.clone() {
                    let export = export.map_err(text)?;
                    if export.name == MEMORY_NAME {
                        if export.kind != ExternalKind::Memory {
                            return Err("`memory` is not a memory".into());
                        }
                        continue;
                    }
                    section.export(export.name, export_kind(export.kind)?, export.index);
                }
                state.write_exports(section);
            }
            Payload::CodeSectionStart { range, .. } => {
                state.before_section(10);
                match faster_code(wasm, range)? {
                    Some(section) => state.module.section(&section),
                    None => state.module.section(&RawSection { id: 10, data: &wasm[range.clone()] }),
                };
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    if id != 0 {
                        state.before_section(id);
                    }
                    state.module.section(&RawSection { id, data: &wasm[range] });
                }
            }
        }
    }
    state.before_section(u8::MAX);
    if state.memory.is_none() {
        return Err("has no memory".into());
    }
    Ok(state.module.finish())
}

fn put_text(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(&(name.len() as u32).to_le_bytes());
    out.extend_from_slice(name.as_bytes());
}

fn put_types(out: &mut Vec<u8>, types: &[ValType]) {
    out.extend_from_slice(&(types.len() as u32).to_le_bytes());
    out.extend(types.iter().map(|ty| match ty {
        ValType::I32 => 0x7f,
        ValType::I64 => 0x7e,
        ValType::F32 => 0x7d,
        ValType::F64 => 0x7c,
        _ => 0,
    }));
}

fn describe(wasm: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut types: Vec<Option<(Vec<ValType>, Vec<ValType>)>> = Vec::new();
    let mut functions: Vec<u32> = Vec::new();
    let put_function = |out: &mut Vec<u8>,
                        types: &[Option<(Vec<ValType>, Vec<ValType>)>],
                        index: u32|
     -> Result<(), String> {
        let Some(Some((params, results))) = types.get(index as usize) else {
            return Err("a function has no type".into());
        };
        put_types(out, params);
        put_types(out, results);
        Ok(())
    };
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(text)? {
            Payload::TypeSection(reader) => {
                for ty in reader.into_iter_err_on_gc_types() {
                    let ty = ty.map_err(text)?;
                    types.push(Some((ty.params().to_vec(), ty.results().to_vec())));
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import.map_err(text)?;
                    let kind = match import.ty {
                        TypeRef::Func(_) => 0,
                        TypeRef::Table(_) => 1,
                        TypeRef::Memory(_) => 2,
                        TypeRef::Global(_) => 3,
                        _ => 4,
                    };
                    out.extend_from_slice(&[0, kind]);
                    put_text(&mut out, import.module);
                    put_text(&mut out, import.name);
                    if let TypeRef::Func(index) = import.ty {
                        put_function(&mut out, &types, index)?;
                        functions.push(index);
                    }
                }
            }
            Payload::FunctionSection(reader) => {
                for index in reader {
                    functions.push(index.map_err(text)?);
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export.map_err(text)?;
                    let kind = match export.kind {
                        ExternalKind::Func => 0,
                        ExternalKind::Table => 1,
                        ExternalKind::Memory => 2,
                        ExternalKind::Global => 3,
                        _ => 4,
                    };
                    out.extend_from_slice(&[1, kind]);
                    put_text(&mut out, export.name);
                    if kind == 0 {
                        let Some(index) = functions.get(export.index as usize) else {
                            return Err("exports a function that is not there".into());
                        };
                        put_function(&mut out, &types, *index)?;
                    }
                }
            }
            Payload::CodeSectionStart { .. } => break,
            _ => {}
        }
    }
    Ok(out)
}

#[no_mangle]
pub extern "C" fn stipple_bridge_wasm_free(buffer: StippleBridgeBuffer) {
    if !buffer.data.is_null() {
        // SAFETY: `give` made it from a boxed slice of this length.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(buffer.data, buffer.size)) });
    }
}

#[no_mangle]
pub extern "C" fn stipple_bridge_wasm_prepare(
    wasm: *const u8,
    size: usize,
    extra_pages: u32,
    max_pages: u32,
    out: *mut StippleBridgeBuffer,
) -> i32 {
    // SAFETY: see `input`.
    let wasm = unsafe { input(wasm, size) };
    answer(out, || prepare(wasm, extra_pages.into(), max_pages.into()))
}

#[no_mangle]
pub extern "C" fn stipple_bridge_wasm_describe(
    wasm: *const u8,
    size: usize,
    out: *mut StippleBridgeBuffer,
) -> i32 {
    // SAFETY: see `input`.
    let wasm = unsafe { input(wasm, size) };
    answer(out, || describe(wasm))
}
