"""What is understood of a pickle's calls: torch's and numpy's plain ways to write tensors, and plain containers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange, HeldBytes
from dgm_studio.checkpoints.formats.dtypes import DTYPES, LONGEST_NAME, checked_shape, damaged, shown
from dgm_studio.checkpoints.formats.pickle_objects import Call, Global, Storage, Strided

STORAGES = {
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128", "UntypedStorage": "uint8", "_UntypedStorage": "uint8",
}  # fmt: skip
"""torch's storage classes. Quantised ones are not here: their numbers mean nothing without scales."""

LARGEST_VIEW = 2**24
"""Numbers a view may have more than its storage holds (an expanded tensor repeats them)."""

_NUMPY = {"b1": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16",
          "u4": "uint32", "u8": "uint64", "f2": "float16", "f4": "float32", "f8": "float64", "c8": "complex64",
          "c16": "complex128"}  # fmt: skip
_ARRAY = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
_SCALAR = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
_BUFFER = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")


class TorchMeanings:
    """The storages named so far, those that are `parts` of others (by key), and the calls that come out as data.

    `nested` reads what `torch.storage._load_from_bytes` was given: a whole small torch file within a pickle.
    """

    def __init__(self, nested: Callable[[ByteRange], Any] | None = None) -> None:
        self.storages: dict[str, Storage] = {}
        self.parts: list[tuple[Storage, str]] = []
        self._nested = nested

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """The value where the call is one of plain data, else a Call."""
        understood = _UNDERSTOOD.get(name)
        found = understood(self, arguments) if understood is not None else None
        return Call(name, arguments) if found is None else found

    def persistent(self, key: Any) -> Any:
        """The storage of ("storage", class, key, device, count[, view]); the same key is the same storage."""
        if type(key) is not tuple or len(key) < 2:
            raise damaged("a pickle in it names a piece of data by what is no name")
        if key[0] == "module":
            return key[1]  # old torch added a class' source text; the class' name is what counts
        if key[0] != "storage" or len(key) not in (5, 6):
            raise damaged("a pickle in it names a piece of data by what is no storage")
        _, kind, name, _, count = key[:5]
        name = str(name) if type(name) is int else name
        if (
            not isinstance(kind, Global)
            or type(name) is not str
            or len(name) > LONGEST_NAME
            or type(count) is not int
            or not 0 <= count < 2**62
        ):
            raise damaged("a pickle in it names a storage by what is none")
        dtype = STORAGES.get(kind.name.rpartition(".")[2]) if kind.name.startswith("torch.") else None
        if dtype is None:
            return Call(kind.name, (name, count))
        storage = self.storages.get(name)
        if storage is None:
            storage = self.storages[name] = Storage(name, dtype, count, DTYPES[dtype].size)
        elif (storage.dtype, storage.count) != (dtype, count):
            raise damaged(f"storage {shown(name)} is named with two sizes or types")
        return self._part(storage, key[5]) if len(key) == 6 and key[5] is not None else storage

    def _part(self, root: Storage, view: Any) -> Storage:
        """An old storage that is a part of another one: (its key, offset, count), counted in numbers."""
        if type(view) is not tuple or len(view) != 3 or not all(type(one) is int for one in view[1:]):
            raise damaged(f"storage {shown(root.key)} has a part that is none")
        key, offset, count = str(view[0]) if type(view[0]) in (str, int) else "", view[1], view[2]
        if not 0 <= offset <= offset + count <= root.count or len(key) > LONGEST_NAME:
            raise damaged(f"storage {shown(root.key)} has a part outside itself")
        part = Storage(f"{root.key}/{key}", root.dtype, count, root.itemsize, begin=offset * root.itemsize)
        self.parts.append((part, root.key))
        return part

    # Tensors.

    def _tensor(self, arguments: tuple[Any, ...]) -> Any:
        if len(arguments) < 4 or not isinstance(arguments[0], Storage):
            return None
        storage, offset, shape, stride = arguments[:4]
        metadata = arguments[6] if len(arguments) > 6 and isinstance(arguments[6], dict) else {}
        conjugate, negative = metadata.get("conj") is True, metadata.get("neg") is True
        return strided(storage, storage.dtype, offset, shape, stride, conjugate, negative)

    def _typed_tensor(self, arguments: tuple[Any, ...]) -> Any:
        """`_rebuild_tensor_v3`: bytes, and the type apart."""
        if len(arguments) < 7 or not isinstance(arguments[0], Storage) or not isinstance(arguments[6], Global):
            return None
        dtype = arguments[6].name.removeprefix("torch.")
        if dtype not in DTYPES or arguments[0].itemsize != 1:
            return None
        return strided(arguments[0], dtype, *arguments[1:4])

    def _wrapped(self, arguments: tuple[Any, ...]) -> Any:
        """A parameter around a tensor, or one that went to another device."""
        return arguments[0] if arguments and isinstance(arguments[0], Strided) else None

    def _subclass(self, arguments: tuple[Any, ...]) -> Any:
        """`_rebuild_from_type_v2(function, class, arguments, state)`: the tensor that the function makes."""
        if len(arguments) != 4 or not isinstance(arguments[0], Global) or type(arguments[2]) is not tuple:
            return None
        if _UNDERSTOOD.get(arguments[0].name) is TorchMeanings._subclass:
            return None
        made = self.call(arguments[0].name, arguments[2])
        return made if isinstance(made, Strided) else None

    def _bytes_of_torch(self, arguments: tuple[Any, ...]) -> Any:
        if self._nested is None or len(arguments) != 1:
            return None
        raw = arguments[0]
        held: ByteRange | None = HeldBytes(raw) if type(raw) is bytes else raw if hasattr(raw, "part") else None
        return self._nested(held) if held is not None else None

    # Containers.

    def _dictionary(self, arguments: tuple[Any, ...]) -> Any:
        from dgm_studio.checkpoints.formats.pickle_machine import safe_key

        if not arguments or isinstance(arguments[0], Global):
            return {}
        pairs = arguments[0].items() if type(arguments[0]) is dict else arguments[0]
        if type(pairs) is list and not all(type(one) in (list, tuple) and len(one) == 2 for one in pairs):
            return None
        return {safe_key(key): value for key, value in pairs} if not isinstance(pairs, Call) else None

    def _size(self, arguments: tuple[Any, ...]) -> Any:
        return tuple(arguments[0]) if len(arguments) == 1 and type(arguments[0]) in (tuple, list) else None

    def _set(self, arguments: tuple[Any, ...]) -> Any:
        return Call("set", listed=arguments[0]) if len(arguments) == 1 and type(arguments[0]) is list else None

    def _encoded(self, arguments: tuple[Any, ...]) -> Any:
        """`_codecs.encode(text, "latin1")`: how protocol 2 writes bytes."""
        if len(arguments) != 2 or type(arguments[0]) is not str or arguments[1] not in ("latin1", "latin-1"):
            return (
                b"" if not arguments else arguments[0] if type(arguments[0]) is bytes and len(arguments) == 1 else None
            )
        try:
            return arguments[0].encode("latin-1")
        except UnicodeEncodeError:
            raise damaged("a pickle in it writes bytes as a text that is none") from None

    def _remade(self, arguments: tuple[Any, ...]) -> Any:
        """`copyreg._reconstructor(class, base, state)`: protocol 0's new object."""
        if not arguments or not isinstance(arguments[0], Global):
            return None
        return Call(arguments[0].name)

    def _list_of(self, arguments: tuple[Any, ...]) -> Any:
        """TorchScript's `build_intlist(list)` and its like, and `restore_type_tag(value, type)`."""
        return arguments[0] if arguments and type(arguments[0]) in (list, dict) else None

    # numpy.

    def _scalar(self, arguments: tuple[Any, ...]) -> Any:
        if len(arguments) != 2 or type(arguments[1]) is not bytes:
            return None
        kind = _numpy_dtype(arguments[0])
        if kind is None or kind[0].itemsize != len(arguments[1]):
            return None
        value: Any = np.frombuffer(arguments[1], kind[0])[0].item()
        return value

    def _frombuffer(self, arguments: tuple[Any, ...]) -> Any:
        if len(arguments) != 4:
            return None
        return _array(arguments[1], arguments[2], arguments[0], arguments[3] == "F")


def array_of(call: Call) -> Strided | None:
    """The numpy array that a `_reconstruct` with its state (version, shape, dtype, Fortran order, bytes) describes."""
    if call.name not in _ARRAY or type(call.state) is not tuple or len(call.state) != 5:
        return None
    _, shape, dtype, fortran, raw = call.state
    return _array(dtype, shape, raw, fortran is True)


def strided(
    storage: Storage, dtype: str, offset: Any, shape: Any, stride: Any, conjugate: bool = False, negative: bool = False
) -> Strided | None:
    """The tensor, every entry of it inside its storage (R5); None for a view that repeats too much to be shown."""
    what = f"of storage {storage.key}"
    shape = checked_shape(what, shape)
    if not isinstance(stride, (tuple, list)) or len(stride) != len(shape):
        raise damaged(f"a tensor {what} has no stride for every dimension")
    if not all(type(one) is int and 0 <= one < 2**62 for one in (offset, *stride)):
        raise damaged(f"a tensor {what} has an offset or a stride that is none")
    itemsize = DTYPES[dtype].size
    count = storage.nbytes // itemsize
    numel = math.prod(shape)
    last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    if (numel and last >= count) or (not numel and offset > count):
        raise damaged(f"a tensor {what} reaches outside it")
    if numel > count + LARGEST_VIEW:
        return None
    return Strided(storage, dtype, itemsize, offset, shape, tuple(stride), conjugate, negative)


def _numpy_dtype(found: Any) -> tuple[Any, str] | None:
    """numpy's dtype and its name here, of `numpy.dtype("f4", ...)` with its state (version, byte order, ...)."""
    if not isinstance(found, Call) or found.name != "numpy.dtype" or not found.arguments:
        return None
    code, state = found.arguments[0], found.state
    if type(code) is not str or code not in _NUMPY or (state is not None and type(state) is not tuple):
        return None
    order = state[1] if state and len(state) > 1 else "|"
    if order not in ("<", ">", "|", "="):
        return None
    return np.dtype(("<" if order in "|=" else order) + code), _NUMPY[code]


def _array(dtype: Any, shape: Any, raw: Any, fortran: bool) -> Strided | None:
    """A numpy array's bytes as a tensor; None where they are no plain numbers (objects, records, texts)."""
    kind = _numpy_dtype(dtype)
    stretch: ByteRange | None = HeldBytes(raw) if type(raw) is bytes else raw if hasattr(raw, "part") else None
    if kind is None or stretch is None:
        return None
    sizes = checked_shape("of a numpy array", shape)
    count = math.prod(sizes)
    if count * kind[0].itemsize != stretch.size:
        raise damaged("a numpy array in it has another size than its shape says")
    storage = Storage("", kind[1], count, kind[0].itemsize, stretch, kind[0].byteorder == ">")
    steps = sizes if fortran else sizes[::-1]
    strides = [math.prod(steps[:at]) for at in range(len(steps))]
    return strided(storage, kind[1], 0, sizes, strides if fortran else strides[::-1])


_T = TorchMeanings
_UNDERSTOOD: dict[str, Callable[[TorchMeanings, tuple[Any, ...]], Any]] = {
    "torch._utils._rebuild_tensor": _T._tensor,
    "torch._utils._rebuild_tensor_v2": _T._tensor,
    "torch._utils._rebuild_tensor_v3": _T._typed_tensor,
    "torch._utils._rebuild_parameter": _T._wrapped,
    "torch._utils._rebuild_parameter_with_state": _T._wrapped,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _T._wrapped,
    "torch._utils._rebuild_xla_tensor": _T._wrapped,
    "torch.nn.parameter.Parameter": _T._wrapped,
    "torch.autograd.variable.Variable": _T._wrapped,
    "torch._tensor._rebuild_from_type": _T._subclass,
    "torch._tensor._rebuild_from_type_v2": _T._subclass,
    "torch.storage._load_from_bytes": _T._bytes_of_torch,
    "torch.Size": _T._size,
    "torch.jit._pickle.build_intlist": _T._list_of,
    "torch.jit._pickle.build_doublelist": _T._list_of,
    "torch.jit._pickle.build_boollist": _T._list_of,
    "torch.jit._pickle.build_tensorlist": _T._list_of,
    "torch.jit._pickle.restore_type_tag": _T._list_of,
    "collections.OrderedDict": _T._dictionary,
    "collections.defaultdict": _T._dictionary,
    "collections.Counter": _T._dictionary,
    "builtins.dict": _T._dictionary,
    "builtins.set": _T._set,
    "builtins.frozenset": _T._set,
    "__builtin__.set": _T._set,
    "__builtin__.frozenset": _T._set,
    "builtins.bytearray": _T._encoded,
    "builtins.bytes": _T._encoded,
    "__builtin__.bytes": _T._encoded,
    "__builtin__.bytearray": _T._encoded,
    "_codecs.encode": _T._encoded,
    "copyreg._reconstructor": _T._remade,
    "copy_reg._reconstructor": _T._remade,
    **dict.fromkeys(_SCALAR, _T._scalar),
    **dict.fromkeys(_BUFFER, _T._frombuffer),
}
