"""ONNX by our own reading of its protocol buffers: inputs, outputs, operators, initialisers; nothing is run (R10)."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dgm_studio.checkpoints.formats.cursor import Cursor, Window
from dgm_studio.checkpoints.formats.dtypes import (
    DTYPES,
    MOST_TENSORS,
    checked_name,
    checked_shape,
    damaged,
    decode,
    shown,
    too_large,
)
from dgm_studio.checkpoints.formats.memory import claim
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.protobuf import BYTES, NARROW, VARINT, WIDE, Message, signed, varint
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile, TensorEntry

MOST_FIELDS = 1_000_000
"""Of all messages together: 100,000 initialisers have 600,000."""
MOST_VALUES = 4_096
"""Inputs and outputs of the graph."""
MOST_STRETCHES = 4_096
"""Pieces of one tensor; writers make one."""
DEEPEST = 8
"""Graphs inside a graph (If, Loop)."""
NAMES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
    17: "float8_e4m3fn", 18: "float8_e4m3fnuz", 19: "float8_e5m2", 20: "float8_e5m2fnuz", 21: "uint4", 22: "int4",
    23: "float4_e2m1", 24: "float8_e8m0fnu",
}  # fmt: skip
"""TensorProto.DataType (onnx.proto)."""
_WHOLE = (5, 7, 11)


class _Place(NamedTuple):
    """Where a tensor's numbers stand: raw bytes, or a typed field's stretches; `file` is a sibling's name."""

    file: str
    field: int
    stretches: tuple[tuple[int, int], ...]


class Onnx(Opened):
    """`tree` has metadata, `inputs` and `outputs` (name, dtype, shape with numbers or names of axes), `operators` by
    how often they occur, `domains` of operators that are not ONNX's own; tensors are the graph's initialisers."""

    kind = "onnx"
    title = "ONNX graph"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._source = Source(path)
        self.size = self._source.size
        self._places: dict[str, _Place] = {}
        self._operators: Counter[str] = Counter()
        self._domains: Counter[str] = Counter()
        self.tensors: dict[str, TensorEntry] = {}
        self.tree: Any = {"metadata": {}, "inputs": [], "outputs": [], "operators": {}, "domains": {}}
        self.findings = ()
        self._model(Message(Window(self._source), 0, self.size, [MOST_FIELDS]))
        # An initialiser may stand among the inputs as well: that one is not asked for.
        self.tree["inputs"] = [one for one in self.tree["inputs"] if one["name"] not in self.tensors]
        self.tree["operators"] = dict(self._operators.most_common())
        self.tree["domains"] = dict(self._domains)
        self.files = tuple(sorted({place.file for place in self._places.values() if place.file}))

    def read(self, name: str) -> Array:
        """The initialiser, of a plain sibling file where it lies there; E27 for packed types and texts."""
        entry, place = self.tensors[name], self._places[name]
        if entry.dtype not in DTYPES:
            raise RefusedFile(
                "E27",
                f"Tensor {shown(name)} holds {entry.dtype}, which is listed and not unpacked here. Save it as "
                "float16 or float32 to see its numbers.",
            )
        claim(2 * entry.nbytes)
        source = Source(_beside(self.path, place.file)) if place.file else self._source
        if place.field in _WHOLE:
            raw = _from_whole(source, place, entry)
        else:
            parts = [source.array(begin, end - begin) for begin, end in place.stretches]
            raw = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.uint8), *parts])
        if raw.size != entry.nbytes:
            raise damaged(f"tensor {shown(name)} has {raw.size:,} bytes, its shape and type ask for {entry.nbytes:,}")
        return decode(raw, entry.dtype, entry.shape)

    def _model(self, model: Message) -> None:
        metadata = self.tree["metadata"]
        texts = {2: "producer_name", 3: "producer_version", 4: "domain", 6: "doc_string"}
        for field in model.fields():
            if field.number in texts and field.wire == BYTES:
                metadata[texts[field.number]] = model.text(field)
            elif field.number in (1, 5) and field.wire == VARINT:
                metadata["ir_version" if field.number == 1 else "model_version"] = signed(field.value)
            elif field.number == 7 and field.wire == BYTES:
                self._graph(model.inside(field), 0)
            elif field.number == 8 and field.wire == BYTES:
                domain, version = _pair(model.inside(field))
                metadata[f"opset {domain or 'ai.onnx'}"] = version
            elif field.number == 14 and field.wire == BYTES:
                key, value = _texts(model.inside(field))
                metadata[key] = value

    def _graph(self, graph: Message, depth: int) -> None:
        if depth > DEEPEST:
            raise too_large(f"it has graphs inside graphs, more than {DEEPEST} deep")
        for field in graph.fields():
            if field.wire != BYTES:
                continue
            if field.number == 1:
                self._node(graph.inside(field), depth)
            elif field.number == 5:
                self._initialiser(graph.inside(field))
            elif depth == 0 and field.number == 2:
                self.tree["metadata"]["graph"] = graph.text(field)
            elif depth == 0 and field.number in (11, 12):
                values = self.tree["inputs" if field.number == 11 else "outputs"]
                # Before IR 4 every initialiser stands among the inputs as well.
                if len(values) >= MOST_VALUES + len(self.tensors):
                    raise too_large(f"it has more than {MOST_VALUES:,} inputs or outputs")
                values.append(_value(graph.inside(field)))

    def _node(self, node: Message, depth: int) -> None:
        kind = domain = ""
        for field in node.fields():
            if field.wire != BYTES:
                continue
            if field.number == 4:
                kind = node.text(field, 200)
            elif field.number == 7:
                domain = node.text(field, 200)
            elif field.number == 5:
                attribute = node.inside(field)
                for inner in attribute.fields():
                    if inner.number in (6, 11) and inner.wire == BYTES:
                        self._graph(attribute.inside(inner), depth + 1)
        self._operators[kind] += 1
        if domain not in ("", "ai.onnx"):
            self._domains[domain] += 1

    def _initialiser(self, tensor: Message) -> None:
        sizes: list[int] = []
        kind, name, outside, number = 0, "", {}, 9
        stretches: list[tuple[int, int]] = []
        for field in tensor.fields():
            if field.number == 1:
                sizes += [field.value] if field.wire == VARINT else _packed(tensor, field.begin, field.end)
            elif field.number == 2:
                kind = field.value
            elif field.number == 8 and field.wire == BYTES:
                name = tensor.text(field)
            elif field.number in (4, 5, 7, 9, 10, 11) and field.wire in (BYTES, VARINT, WIDE, NARROW):
                number = field.number
                stretches.append((field.begin, field.end))
            elif field.number == 13 and field.wire == BYTES:
                key, value = _texts(tensor.inside(field))
                outside[key] = value
        if len(stretches) > MOST_STRETCHES:
            raise damaged(f"tensor {shown(name)} stands in {len(stretches):,} pieces")
        if kind not in NAMES:
            raise damaged(f"tensor {shown(name)} is of the unknown type {kind:,}")
        if checked_name(name) in self.tensors:
            raise damaged(f"it names tensor {shown(name)} twice")
        if len(self.tensors) >= MOST_TENSORS:
            raise too_large(f"it has more than {MOST_TENSORS:,} tensors")
        dtype, shape = NAMES[kind], checked_shape(name, sizes)
        nbytes = DTYPES[dtype].size * math.prod(shape) if dtype in DTYPES else sum(b - a for a, b in stretches)
        file = ""
        if outside:
            file = _sibling(outside.get("location", ""), name)
            _beside(self.path, file)  # said at once: what runs the graph opens that file by itself
            begin = _digits(outside.get("offset", "0"), name)
            number, stretches = 9, [(begin, begin + nbytes)]
        self._places[name] = _Place(file, number, tuple(stretches))
        whole = number == 9 and len(stretches) == 1
        self.tensors[name] = TensorEntry(name, dtype, shape, nbytes, file, stretches[0][0] if whole else -1)


def _sibling(location: str, name: str) -> str:
    """A file beside the graph and nothing else (CVE-2022-25882, CVE-2024-27318)."""
    if not location or location in (".", "..") or any(one in location for one in "/\\:\0"):
        raise RefusedFile(
            "E28",
            f"This ONNX file asks for the numbers of {shown(name)} from {shown(location, 60) or 'nowhere'}, which is "
            "no file beside it. Not opened; ask its author for one file, or for both in one folder.",
        )
    return location


def _beside(graph: Path, name: str) -> Path:
    """The file beside the graph; RefusedFile E28 for a link that leads out of the folder (CVE-2026-34446)."""
    path = graph.parent / name
    if path.is_symlink() and not path.resolve().is_relative_to(graph.resolve().parent):
        raise RefusedFile(
            "E28",
            f"This ONNX file keeps numbers in {shown(name, 60)}, a link that leads out of its folder. Not opened; "
            "copy the file itself beside it.",
        )
    return path


def _digits(text: str, name: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise damaged(f"the place of tensor {shown(name)} in its file is no number")
    return int(text)


def _value(value: Message) -> dict[str, Any]:
    """An input or output: name, dtype and shape, an axis being a number or a name ("" where it has none)."""
    out: dict[str, Any] = {"name": "", "dtype": "", "shape": []}
    for field in value.fields():
        if field.number == 1 and field.wire == BYTES:
            out["name"] = value.text(field, 1_024)
        elif field.number == 2 and field.wire == BYTES:
            kind = value.inside(field)
            for tensor in (kind.inside(one) for one in kind.fields() if one.number == 1 and one.wire == BYTES):
                for part in tensor.fields():
                    if part.number == 1 and part.wire == VARINT:
                        out["dtype"] = NAMES.get(part.value, "")
                    elif part.number == 2 and part.wire == BYTES:
                        out["shape"] = _axes(tensor.inside(part))
    return out


def _axes(shape: Message) -> list[int | str]:
    axes: list[int | str] = []
    for field in shape.fields():
        if field.number == 1 and field.wire == BYTES and len(axes) < 64:
            axis, one = shape.inside(field), ""
            known: int | str = one
            for part in axis.fields():
                known = signed(part.value) if part.wire == VARINT else axis.text(part, 200)
            axes.append(known)
    return axes


def _pair(opset: Message) -> tuple[str, int]:
    domain, version = "", 0
    for field in opset.fields():
        if field.number == 1 and field.wire == BYTES:
            domain = opset.text(field, 200)
        elif field.number == 2 and field.wire == VARINT:
            version = signed(field.value)
    return domain, version


def _texts(entry: Message) -> tuple[str, str]:
    found = {field.number: entry.text(field) for field in entry.fields() if field.wire == BYTES}
    return found.get(1, ""), found.get(2, "")


def _packed(message: Message, begin: int, end: int) -> list[int]:
    cursor, out = Cursor(message.window, begin, end), []
    while cursor.at < end:
        out.append(varint(cursor))
        if len(out) > 64:
            raise damaged("a shape in it has more than 64 sizes")
    return out


def _from_whole(source: Source, place: _Place, entry: TensorEntry) -> Array:
    """Numbers that stand as varints, one by one: int32_data, int64_data, uint64_data."""
    values: list[int] = []
    for begin, end in place.stretches:
        cursor = Cursor(source, begin, end)
        while cursor.at < end:
            values.append(varint(cursor))
            if len(values) > entry.numel:
                raise damaged(f"tensor {shown(entry.name)} has more numbers than its shape")
    size = DTYPES[entry.dtype].size
    out: Array = np.array(values, "<u8").view(np.uint8).reshape(-1, 8)[:, :size].reshape(-1)
    return np.ascontiguousarray(out)


def _recognises(head: Head) -> bool:
    """ir_version first, then known fields until the graph: protocol buffers have no signature."""
    if len(head.first) < 4 or head.first[0] != 0x08 or not 1 <= head.first[1] < 64:
        return False
    try:
        for field in _first_fields(head):
            if field == (7, BYTES):
                return True
    except Refused:
        pass
    return False


def _first_fields(head: Head) -> list[tuple[int, int]]:
    """The top fields whose beginnings stand in the first bytes; one of an unknown number ends the list."""
    known = {1: VARINT, 2: BYTES, 3: BYTES, 4: BYTES, 5: VARINT, 6: BYTES, 7: BYTES, 8: BYTES, 14: BYTES}
    out, at, data = [], 0, head.first

    def number() -> int:
        nonlocal at
        value = shift = 0
        while at < len(data) and shift < 64:
            byte, at = data[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
        raise damaged("a number in it does not end")

    while at < len(data):
        key = number()
        if known.get(key >> 3) != key & 7:
            break
        out.append((key >> 3, key & 7))
        value = number()
        at += value if key & 7 == BYTES else 0
        if key >> 3 == 7:
            break
    return out


FORMAT = Format("onnx", "ONNX graph", _recognises, Onnx, order=70)
