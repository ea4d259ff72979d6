"""From a pickle's records to the plain tree of `Opened`, every tensor under the dotted path where it stands."""

from __future__ import annotations

import math
import re
from typing import Any

from dgm_studio.checkpoints.formats.dtypes import LONGEST_NAME, MOST_TENSORS, shown, too_large
from dgm_studio.checkpoints.formats.opened import Stub, TensorRef
from dgm_studio.checkpoints.formats.pickle_meanings import array_of
from dgm_studio.checkpoints.formats.pickle_objects import Call, Global, OddKey, Storage, Strided
from dgm_studio.core.inspection import TensorEntry

DEEPEST = 128
MOST_REPEATED = 100_000
"""Entries below containers that stand at several places; beyond it they are only named."""
LONGEST_BYTES = 65_536
LONGEST_PATH = 8 * LONGEST_NAME

ABOVE = Stub("<shown above>")
DEEPER = Stub("<nested too deeply to be shown>")

PERSISTENT = "torch_utils.persistence._reconstruct_persistent_obj"
"""NVIDIA's pickles (EDM, StyleGAN): a class as source text, its name, and the object's state."""

HARMLESS = re.compile(
    r"torch\.\w+Storage|torch\.(device|dtype|Size|layout|strided|Tensor|Generator|bool|bfloat16|half|float|double|long|int"
    r"|short|q?u?int\d+|float\d+\w*|complex\d+)|torch\._utils\._rebuild_\w+|torch\.(nn|optim|distributions)\..+"
    r"|__torch__\..+|numpy\.(dtype|ndarray|random\._?\w+(\.\w+)?|_?core\.multiarray\.\w+)|collections\.\w+"
    r"|argparse\.Namespace|pathlib\.\w+|datetime\.\w+|omegaconf\..+|typing\.\w+"
    r"|(builtins|__builtin__)\.(set|frozenset|complex|slice|range|object|int|float|str|bool|list|dict|tuple|bytes"
    r"|bytearray|NoneType|type)|set|frozenset"
)
"""Where a class' name alone tells all there is to know; the others are listed as not run (E09)."""


class TreeMaker:
    """Walks one pickle's object once: `tree`, `tensors` and `entries` by name, `classes` that are not run."""

    def __init__(self, root: Any) -> None:
        self.tensors: dict[str, Strided] = {}
        self.classes: dict[str, None] = {}
        self._active: set[int] = set()
        self._seen: set[int] = set()
        self._repeated = 0
        self._within_seen = 0
        self._anonymous = 0
        self.tree = self._settled(root, "", 0)

    @property
    def entries(self) -> dict[str, TensorEntry]:
        """The tensors as the table shows them."""
        return {name: _entry(name, tensor) for name, tensor in self.tensors.items()}

    def _settled(self, value: Any, path: str, depth: int) -> Any:
        if value is None or type(value) in (str, int, float, bool, complex):
            return value
        if type(value) is bytes:
            return value if len(value) <= LONGEST_BYTES else Stub("bytes", (len(value),))
        if isinstance(value, Strided):
            return self._named(value, path)
        if isinstance(value, Storage):
            return self._named(Strided(value, value.dtype, value.itemsize, 0, (value.count,), (1,)), path)
        if isinstance(value, Global):
            return self._stub(value.name)
        if not isinstance(value, (dict, list, tuple, Call, OddKey)):
            return Stub("bytes", (value.size,))
        if depth > DEEPEST or len(path) > LONGEST_PATH:
            return DEEPER
        return self._container(value, path, depth + 1)

    def _container(self, value: Any, path: str, depth: int) -> Any:
        mark = id(value)
        if mark in self._active:
            return ABOVE  # a circle
        again = mark in self._seen
        if again and isinstance(value, Call) and _children(value) is None:
            # An object once in full: whole trainers hold each other, and every path would be walked.
            array = array_of(value)
            return ABOVE if array is None and (value.state or value.keyed) else self._call(value, path, depth)
        if again or self._within_seen:
            self._repeated += 1 + _entries_of(value)
            if self._repeated > MOST_REPEATED:
                return ABOVE
        self._seen.add(mark)
        self._active.add(mark)
        self._within_seen += again
        try:
            if isinstance(value, Call):
                return self._call(value, path, depth)
            if isinstance(value, OddKey):
                return self._settled(value.value, path, depth)
            return self._plain(value, path, depth)
        finally:
            self._within_seen -= again
            self._active.discard(mark)

    def _plain(self, value: Any, path: str, depth: int) -> Any:
        if isinstance(value, dict):
            keys = [self._key(key, at) for at, key in enumerate(value)]
            return {
                key: self._settled(one, _join(path, key), depth) for key, one in zip(keys, value.values(), strict=True)
            }
        found = [self._settled(one, _join(path, at), depth) for at, one in enumerate(value)]
        return tuple(found) if isinstance(value, tuple) else found

    def _key(self, key: Any, at: int) -> Any:
        if isinstance(key, Global):
            return f"<{self._stub(key.name).name}>"
        if not isinstance(key, OddKey):
            return key
        if type(key.value) is tuple and len(key.value) <= 16 and all(_short(one) for one in key.value):
            return str(key.value)
        if isinstance(key.value, Call):
            self._stub(key.value.name)
        return f"<key {at}>"

    def _call(self, call: Call, path: str, depth: int) -> Any:
        array = array_of(call)
        if array is not None:
            return self._named(array, path)
        if call.name in ("set", "frozenset"):
            return Stub(
                call.name, tuple(self._settled(one, _join(path, at), depth) for at, one in enumerate(call.listed or ()))
            )
        if call.name == PERSISTENT and len(call.arguments) == 1:
            return self._persistent(call, path, depth)
        items = self._items(call, path, depth)
        if items is not None and call.state is None and not _worth(call.arguments):
            self._stub(call.name)
            return items  # a class of dictionaries or lists (EasyDict): what it holds is what counts
        arguments = tuple(
            self._settled(one, _join(path, "arguments", at), depth) for at, one in enumerate(call.arguments)
        )
        state = self._state(call, path, depth)
        if items is not None:
            state = {**(state if isinstance(state, dict) else {"state": state}), "items": items}
        return self._stub(call.name, arguments, state)

    def _items(self, call: Call, path: str, depth: int) -> Any:
        if call.keyed:
            return self._plain(call.keyed, path, depth)
        return self._plain(call.listed, path, depth) if call.listed else None

    def _state(self, call: Call, path: str, depth: int) -> Any:
        """The state of an object; a module's parameters, buffers and modules are named as torch names them."""
        children = _children(call)
        if children is None:
            return self._settled(call.state, path, depth)
        return {
            key: self._settled(one, path if key in ("_parameters", "_buffers", "_modules") else _join(path, key), depth)
            for key, one in children.items()
            if type(key) is str
        }

    def _persistent(self, call: Call, path: str, depth: int) -> Any:
        described = call.arguments[0]
        described = described.keyed if isinstance(described, Call) else described
        if not isinstance(described, dict):
            return self._stub(call.name)
        known = {key: one for key, one in described.items() if key != "state" and type(one) in (str, int, float, bool)}
        state = self._state(Call(call.name, (), described.get("state")), path, depth)
        return self._stub(call.name, (known,), state)

    def _stub(self, name: str, arguments: tuple[Any, ...] = (), state: Any = None) -> Stub:
        if len(self.classes) < 10_000 and not HARMLESS.fullmatch(name):
            self.classes[name] = None
        return Stub(name, arguments, state)

    def _named(self, tensor: Strided, path: str) -> TensorRef:
        name = path or "tensor"
        if len(name) > LONGEST_NAME - 16:
            name = name[: LONGEST_NAME - 16] + "..."
        if name in self.tensors:
            self._anonymous += 1
            name = f"{name} ({self._anonymous + 1})"
        if len(self.tensors) >= MOST_TENSORS:
            raise too_large(f"it holds more than {MOST_TENSORS:,} tensors")
        self.tensors[name] = tensor
        return TensorRef(name)


def _entries_of(value: Any) -> int:
    """Entries that are walked with a container."""
    if isinstance(value, Call):
        return len(value.arguments) + len(value.keyed or ()) + len(value.listed or ())
    return len(value) if isinstance(value, (dict, list, tuple)) else 1


def _short(part: Any) -> bool:
    return type(part) is int or (type(part) is str and len(part) <= LONGEST_NAME)


def _children(call: Call) -> dict[Any, Any] | None:
    """A torch module's attributes; None for another class' object."""
    state = call.state
    return state if isinstance(state, dict) and "_parameters" in state and "_modules" in state else None


def _worth(arguments: tuple[Any, ...]) -> bool:
    return any(isinstance(one, (Strided, Call, dict, list)) and one not in ({}, []) for one in arguments)


def _join(path: str, *keys: Any) -> str:
    told = [(key if isinstance(key, str) else str(key))[:LONGEST_PATH] for key in keys]
    return ".".join((path, *told) if path else told)


def _entry(name: str, tensor: Strided) -> TensorEntry:
    storage = tensor.storage
    at = storage.stretch.at if storage.stretch is not None else -1
    offset = at + storage.begin + tensor.offset * tensor.itemsize if at >= 0 else -1
    nbytes = math.prod(tensor.shape) * tensor.itemsize
    return TensorEntry(name, tensor.dtype, tensor.shape, nbytes, offset=offset, storage=shown(storage.key))
