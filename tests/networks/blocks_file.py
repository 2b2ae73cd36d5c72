"""From recorded BlockResponse messages (protobuf, hex in YAML) to the binary file that `import-blocks` reads."""


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """(number, bytes) of every length-delimited field of a message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        size, at = varint(data, at)
        if key & 7 == 2:
            yield key >> 3, data[at:at + size]
            at += size


def compact(value):
    """A SCALE compact of what occurs here: fewer than 2^30."""
    if value < 1 << 6:
        return bytes([value << 2])
    if value < 1 << 14:
        return (value << 2 | 1).to_bytes(2, "little")
    return (value << 2 | 2).to_bytes(4, "little")


def number_of(header):
    """The number is a compact behind the parent's hash."""
    size = {0: 1, 1: 2, 2: 4}[header[32] & 3]
    return int.from_bytes(header[32:32 + size], "little") >> 2


def blocks_of(text):
    """{number: SCALE block} of every block with a header and a body."""
    found = {}
    for line in text.splitlines():
        if ": 0x" not in line:
            continue
        for tag, block in fields(bytes.fromhex(line.split(": 0x")[1].strip().strip('"'))):
            if tag != 1:
                continue
            parts = list(fields(block))
            header = next((value for inner, value in parts if inner == 2), None)
            body = [value for inner, value in parts if inner == 3]
            if header and body:
                found[number_of(header)] = header + compact(len(body)) + b"".join(body)
    return found


def write(text, path):
    """How many blocks the file has: a count, then signed blocks without justifications."""
    blocks = blocks_of(text)
    with open(path, "wb") as file:
        file.write(len(blocks).to_bytes(8, "little"))
        for number in sorted(blocks):
            file.write(blocks[number] + b"\0")
    return len(blocks)
