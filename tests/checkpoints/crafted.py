"""Files written byte by byte, as no program would write them: pickles of given opcodes, zips with lies in them."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping

from tests.checkpoints import negatives

STOP = b"."
MAGIC = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")
ABOUT = b"\x80\x02}(X\x0d\x00\x00\x00little_endian\x88u."
"""torch's description of the machine that wrote the file."""


def text(value: str) -> bytes:
    """BINUNICODE."""
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def whole(value: int) -> bytes:
    """LONG1: any whole number."""
    raw = value.to_bytes(17, "little", signed=True)
    return b"\x8a\x11" + raw


def named(dotted: str) -> bytes:
    """GLOBAL."""
    module, _, name = dotted.rpartition(".")
    return f"c{module}\n{name}\n".encode()


def wholes(values: tuple[int, ...]) -> bytes:
    """A tuple of whole numbers."""
    return b"(" + b"".join(map(whole, values)) + b"t"


def storage(key: str = "0", kind: str = "torch.FloatStorage", count: int = 4, view: bytes | None = None) -> bytes:
    """The persistent id of a storage; `view` makes it one of the format before 1.6."""
    return b"(" + text("storage") + named(kind) + text(key) + text("cpu") + whole(count) + (view or b"") + b"tQ"


def tensor(
    of: bytes | None = None, offset: int = 0, shape: tuple[int, ...] = (4,), stride: tuple[int, ...] = (1,)
) -> bytes:
    """`_rebuild_tensor_v2(storage, offset, shape, stride, False, OrderedDict())`."""
    arguments = (
        (of or storage()) + whole(offset) + wholes(shape) + wholes(stride) + b"\x89" + b"ccollections\nOrderedDict\n)R"
    )
    return named("torch._utils._rebuild_tensor_v2") + b"(" + arguments + b"tR"


def call(dotted: str, *arguments: bytes) -> bytes:
    """REDUCE: what a pickle runs to do harm."""
    return named(dotted) + b"(" + b"".join(arguments) + b"tR"


def pickled(*steps: bytes) -> bytes:
    """A pickle of protocol 2."""
    return b"\x80\x02" + b"".join(steps) + STOP


def state_dict(**tensors: bytes) -> bytes:
    """A pickle of a dictionary of tensors."""
    return pickled(b"}(", *(text(name) + one for name, one in tensors.items()), b"u")


def zipped(entries: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of these entries."""
    return negatives.zipped(*entries.items(), method=method)


def torch_zip(pickle: bytes, method: int = zipfile.ZIP_STORED, **more: bytes) -> bytes:
    """What torch.save writes: the pickle, one storage of 16 bytes, and `more` entries beside (`data_1` is data/1)."""
    entries = {"x/data.pkl": pickle, "x/byteorder": b"little", "x/data/0": bytes(range(16)), "x/version": b"3\n"}
    return zipped(entries | {f"x/{name.replace('_', '/')}": raw for name, raw in more.items()}, method)


def legacy(
    pickle: bytes, keys: tuple[str, ...] = ("0",), counts: tuple[int, ...] = (4,), protocol: int = 1001
) -> bytes:
    """What torch.save wrote before 1.6, of float32 storages."""
    listed = pickled(b"](", *map(text, keys), b"e")
    data = b"".join(struct.pack("<q", count) + bytes(16) for count in counts)
    return MAGIC + pickled(whole(protocol)) + ABOUT + pickle + listed + data


def patched(raw: bytes, at: int, new: bytes) -> bytes:
    """`raw` with some bytes replaced; `at` counts from the end where negative."""
    at = at % len(raw)
    return raw[:at] + new + raw[at + len(new) :]


def central(raw: bytes, name: str) -> int:
    """Where the entry's record in the zip directory begins."""
    at = raw.rindex(name.encode())
    return raw.rindex(b"PK\x01\x02", 0, at)


def local(raw: bytes, name: str) -> int:
    """Where the entry's own header begins."""
    at = raw.index(name.encode())
    return raw.rindex(b"PK\x03\x04", 0, at)
