"""Puts custom sections into a linked Wasm module, which the linker itself cannot make from C++ data.

    wasm_sections.py MODULE OBJECT...

Data that a source places in `.custom_section.NAME` is a data segment of that name in its object file. Each such
segment of the objects is appended to MODULE as the custom section NAME, in the order given. A module that already
has a section of that name is refused: it was finished before.
"""
import pathlib
import sys

MAGIC = b"\0asm\1\0\0\0"
PREFIX = ".custom_section."
CUSTOM, DATA = 0, 11
SEGMENT_INFO = 5  # subsection of the "linking" section


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def leb(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError("cut off")
        self.at += count
        return self.data[self.at - count:self.at]

    def text(self):
        return self.take(self.leb()).decode()

    def done(self):
        return self.at == len(self.data)


def leb(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sections(module):
    """(id, contents) of each."""
    if module[:8] != MAGIC:
        raise ValueError("not a Wasm module")
    reader = Reader(module[8:])
    while not reader.done():
        kind = reader.leb()
        yield kind, reader.take(reader.leb())


def custom_sections(module):
    """Contents by name."""
    found = {}
    for kind, contents in sections(module):
        if kind == CUSTOM:
            reader = Reader(contents)
            name = reader.text()
            found[name] = contents[reader.at:]
    return found


def data_segments(contents):
    reader = Reader(contents)
    for _ in range(reader.leb()):
        if reader.leb() != 0:
            raise ValueError("a data segment that is not active")
        if reader.leb() != 0x41:
            raise ValueError("a data segment at a computed address")
        reader.leb()
        if reader.leb() != 0x0B:
            raise ValueError("a data segment at a computed address")
        yield reader.take(reader.leb())


def segment_names(contents):
    reader = Reader(contents)
    reader.text()
    reader.leb()  # version
    while not reader.done():
        kind = reader.leb()
        part = Reader(reader.take(reader.leb()))
        if kind == SEGMENT_INFO:
            for _ in range(part.leb()):
                yield part.text()
                part.leb()  # alignment
                part.leb()  # flags


def wanted(data):
    """The custom sections one object asks for."""
    segments, names = [], []
    for kind, contents in sections(data):
        if kind == DATA:
            segments = list(data_segments(contents))
        elif kind == CUSTOM and Reader(contents).text() == "linking":
            names = list(segment_names(contents))
    return [(name[len(PREFIX):], segment) for name, segment in zip(names, segments) if name.startswith(PREFIX)]


def with_sections(module, objects):
    known = set(custom_sections(module))
    for data in objects:
        for name, contents in wanted(data):
            if name in known:
                raise ValueError(f"the module has a section {name!r} already")
            known.add(name)
            body = leb(len(name)) + name.encode() + contents
            module += bytes([CUSTOM]) + leb(len(body)) + body
    return module


def main():
    path, *objects = map(pathlib.Path, sys.argv[1:])
    try:
        made = with_sections(path.read_bytes(), [one.read_bytes() for one in objects])
    except (ValueError, IndexError) as error:
        sys.exit(f"wasm_sections: {path}: {error}")
    path.write_bytes(made)


if __name__ == "__main__":
    main()
