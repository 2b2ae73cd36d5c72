"""Reads metadata V15 as a client does: the type registry, pallets, extrinsic, runtime APIs."""


class Reader:
    """SCALE."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError("cut off")
        self.at += count
        return self.data[self.at - count:self.at]

    def u8(self):
        return self.take(1)[0]

    def u32(self):
        return int.from_bytes(self.take(4), "little")

    def compact(self):
        first = self.u8()
        if first & 3 == 0:
            return first >> 2
        if first & 3 == 1:
            return (first | self.u8() << 8) >> 2
        if first & 3 == 2:
            return int.from_bytes(bytes([first]) + self.take(3), "little") >> 2
        return int.from_bytes(self.take((first >> 2) + 4), "little")

    def blob(self):
        return self.take(self.compact())

    def text(self):
        return self.blob().decode()

    def option(self, read):
        return read() if self.u8() else None

    def list(self, read):
        return [read() for _ in range(self.compact())]


SHAPES = ["composite", "variant", "sequence", "array", "tuple", "primitive", "compact", "bits"]
HASHERS = ["Blake2_128", "Blake2_256", "Blake2_128Concat", "Twox128", "Twox256", "Twox64Concat", "Identity"]


class Metadata:
    """Everything as plain lists and dictionaries; `types[id]` is {path, shape, ...}."""

    def __init__(self, encoded):
        self.reader = reader = Reader(encoded)
        if reader.take(4) != b"meta" or reader.u8() != 15:
            raise ValueError("not metadata V15")
        self.types = dict(reader.list(self._type))
        self.pallets = {one["name"]: one for one in reader.list(self._pallet)}
        self.extrinsic_version = reader.u8()
        self.extrinsic = {name: reader.compact() for name in ("address", "call", "signature", "extra")}
        self.extensions = reader.list(lambda: (reader.text(), reader.compact(), reader.compact()))
        reader.compact()  # the runtime
        self.apis = dict(reader.list(self._api))
        self.outer = {name: reader.compact() for name in ("call", "event", "error")}

    def _type(self):
        reader = self.reader
        number = reader.compact()
        made = {"path": "::".join(reader.list(reader.text))}
        reader.list(lambda: (reader.text(), reader.option(reader.compact)))
        made["shape"] = shape = SHAPES[reader.u8()]
        if shape == "composite":
            made["fields"] = reader.list(self._field)
        elif shape == "variant":
            made["cases"] = {case["name"]: case for case in reader.list(self._case)}
        elif shape == "array":
            made["length"] = reader.u32()
            made["items"] = [reader.compact()]
        elif shape == "tuple":
            made["items"] = reader.list(reader.compact)
        elif shape == "primitive":
            made["kind"] = reader.u8()
        else:
            made["items"] = [reader.compact() for _ in range(2 if shape == "bits" else 1)]
        reader.list(reader.text)
        return number, made

    def _field(self):
        reader = self.reader
        name, kind = reader.option(reader.text), reader.compact()
        reader.option(reader.text)
        reader.list(reader.text)
        return name or "", kind

    def _case(self):
        reader = self.reader
        name, fields, index = reader.text(), reader.list(self._field), reader.u8()
        reader.list(reader.text)
        return {"name": name, "fields": fields, "index": index}

    def _pallet(self):
        reader = self.reader
        made = {"name": reader.text()}
        prefix_and_entries = reader.option(lambda: (reader.text(), reader.list(self._entry)))
        made["prefix"], entries = prefix_and_entries or (None, [])
        made["storage"] = {entry["name"]: entry for entry in entries}
        made["calls"] = reader.option(reader.compact)
        made["events"] = reader.option(reader.compact)
        made["constants"] = {name: (kind, value) for name, kind, value in reader.list(self._constant)}
        made["errors"] = reader.option(reader.compact)
        made["index"] = reader.u8()
        reader.list(reader.text)
        return made

    def _entry(self):
        reader = self.reader
        made = {"name": reader.text(), "modifier": ["optional", "default"][reader.u8()]}
        if reader.u8():
            made["hashers"] = reader.list(lambda: HASHERS[reader.u8()])
            made["key"] = reader.compact()
        made["value"] = reader.compact()
        made["fallback"] = reader.blob()
        reader.list(reader.text)
        return made

    def _constant(self):
        reader = self.reader
        name, kind, value = reader.text(), reader.compact(), reader.blob()
        reader.list(reader.text)
        return name, kind, value

    def _api(self):
        reader = self.reader
        name = reader.text()
        methods = {}
        for _ in range(reader.compact()):
            method = reader.text()
            inputs = reader.list(lambda: (reader.text(), reader.compact()))
            methods[method] = (inputs, reader.compact())
            reader.list(reader.text)
        reader.list(reader.text)
        return name, methods

    def cases(self, kind):
        return {} if kind is None else self.types[kind]["cases"]


class Comparison:
    """Whether two types, each of its own registry, encode alike and have the same names."""

    # Enums of a whole runtime: what stands in both is compared pallet by pallet.
    OUTER = ("RuntimeCall", "RuntimeEvent", "RuntimeError", "RuntimeHoldReason", "RuntimeFreezeReason")

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.known = {}

    def difference(self, a, b):
        """Absent, or where and how they differ."""
        if (a, b) not in self.known:
            self.known[a, b] = None  # types may hold themselves
            self.known[a, b] = self._compare(self._bare(self.ours, a), self._bare(self.theirs, b))
        return self.known[a, b]

    @staticmethod
    def _bare(side, number):
        """Past wrappers that add no byte and no name: one unnamed field, a tuple of one."""
        while True:
            kind = side.types[number]
            if kind["shape"] == "composite" and len(kind["fields"]) == 1 and kind["fields"][0][0] == "":
                number = kind["fields"][0][1]
            elif kind["shape"] == "tuple" and len(kind["items"]) == 1:
                number = kind["items"][0]
            else:
                return kind

    def _compare(self, a, b):
        if a["path"].split("::")[-1] in self.OUTER and b["path"].split("::")[-1] in self.OUTER:
            return None
        if a["shape"] != b["shape"]:
            return f"{a['path'] or a['shape']} is {a['shape']}, theirs {b['path']} {b['shape']}"
        if a["shape"] == "primitive":
            return None if a["kind"] == b["kind"] else f"primitive {a['kind']}, theirs {b['kind']}"
        if a["shape"] == "composite":
            return self.fields(a["fields"], b["fields"], a["path"])
        if a["shape"] == "variant":
            return self._cases(a, b)
        if a["shape"] == "array" and a["length"] != b["length"]:
            return f"array of {a['length']}, theirs {b['length']}"
        if len(a["items"]) != len(b["items"]):
            return f"{len(a['items'])} items, theirs {len(b['items'])}"
        for x, y in zip(a["items"], b["items"]):
            if (why := self.difference(x, y)) is not None:
                return why
        return None

    def _cases(self, a, b):
        for name in a["cases"].keys() & b["cases"].keys():
            case, other = a["cases"][name], b["cases"][name]
            if case["index"] != other["index"]:
                return f"{a['path']}::{name} is {case['index']}, theirs {other['index']}"
            if (why := self.fields(case["fields"], other["fields"], f"{a['path']}::{name}")) is not None:
                return why
        only = sorted(a["cases"].keys() ^ b["cases"].keys())
        return f"{a['path']}: alike but for {', '.join(only)}" if only else None

    def fields(self, a, b, where):
        if [name for name, _ in a] != [name for name, _ in b]:
            return f"{where} has ({', '.join(n for n, _ in a)}), theirs ({', '.join(n for n, _ in b)})"
        for (name, x), (_, y) in zip(a, b):
            if (why := self.difference(x, y)) is not None:
                return f"{where}.{name}: {why}"
        return None
