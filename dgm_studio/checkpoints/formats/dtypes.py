"""The closed list of number types a tensor may have (R5), and how raw little-endian bytes become numpy."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import RefusedFile

MOST_DIMS = 16
MOST_TENSORS = 200_000
LONGEST_NAME = 1_024
LARGEST_NUMEL = 2**62
"""Beyond it byte counts overflow 64 bits in everybody else's reader."""


class DType(NamedTuple):
    """`size` bytes each (0: packed below a byte), `numpy` the type its bytes are viewed as before decoding."""

    size: int
    numpy: str


DTYPES: dict[str, DType] = {
    "bool": DType(1, "|b1"),
    "uint8": DType(1, "|u1"),
    "int8": DType(1, "|i1"),
    "uint16": DType(2, "<u2"),
    "int16": DType(2, "<i2"),
    "uint32": DType(4, "<u4"),
    "int32": DType(4, "<i4"),
    "uint64": DType(8, "<u8"),
    "int64": DType(8, "<i8"),
    "float16": DType(2, "<f2"),
    "float32": DType(4, "<f4"),
    "float64": DType(8, "<f8"),
    "complex64": DType(8, "<c8"),
    "complex128": DType(16, "<c16"),
    "bfloat16": DType(2, "<u2"),
    "float8_e4m3fn": DType(1, "|u1"),
    "float8_e5m2": DType(1, "|u1"),
    "float8_e4m3fnuz": DType(1, "|u1"),
    "float8_e5m2fnuz": DType(1, "|u1"),
    "float8_e8m0fnu": DType(1, "|u1"),
}
"""By torch's names."""

_MINIFLOATS = {
    "float8_e4m3fn": (4, 3, 7, "fn"),
    "float8_e5m2": (5, 2, 15, "ieee"),
    "float8_e4m3fnuz": (4, 3, 8, "fnuz"),
    "float8_e5m2fnuz": (5, 2, 16, "fnuz"),
}
"""Exponent bits, mantissa bits, bias, and which codes are no numbers (Micikevicius et al. 2022; fnuz: Noune et al.)."""


def decode(raw: Array, dtype: str, shape: tuple[int, ...], big_endian: bool = False) -> Array:
    """Raw bytes (n,) uint8 as the tensor, of `shape`; bfloat16 and float8 come as float32."""
    kind = np.dtype(DTYPES[dtype].numpy)
    flat = raw.view(kind.newbyteorder(">")).astype(kind) if big_endian else raw.view(kind)
    if dtype == "bool":
        flat = raw.view(np.uint8) != 0  # a byte of 2 viewed as a bool breaks numpy's own arithmetic
    elif dtype == "bfloat16":
        flat = (flat.astype(np.uint32) << np.uint32(16)).view(np.float32)
    elif dtype.startswith("float8"):
        flat = _table(dtype)[flat]
    out: Array = flat.reshape(shape)
    return out


def checked_shape(name: str, shape: object) -> tuple[int, ...]:
    """The shape as whole numbers within the limits; RefusedFile E23 where it is none (R5)."""
    if not isinstance(shape, (list, tuple)) or len(shape) > MOST_DIMS:
        raise damaged(f"the shape of tensor {shown(name)} is no list of at most {MOST_DIMS} sizes")
    if not all(type(size) is int and 0 <= size <= LARGEST_NUMEL for size in shape):
        raise damaged(f"the shape of tensor {shown(name)} is not made of whole numbers")
    if math.prod(size for size in shape if size) > LARGEST_NUMEL:
        raise damaged(f"the shape of tensor {shown(name)} has more numbers than any file")
    return tuple(shape)


def checked_name(name: str) -> str:
    """A tensor's name within the limits; RefusedFile E23 where it is longer."""
    if len(name) > LONGEST_NAME:
        raise damaged(f"a tensor's name has {len(name):,} characters")
    return name


def shown(text: str, most: int = 120) -> str:
    """A name from a file for a sentence: what does not print (NUL, right-to-left marks) is written as escapes."""
    plain = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text[:most])
    return plain + "..." if len(text) > most else plain


def damaged(what: str) -> RefusedFile:
    """E23: the bytes are not what the format says; `what` is a clause."""
    return RefusedFile("E23", f"Damaged: {what}. The file is not what its format says; copy or download it again.")


def too_large(what: str) -> RefusedFile:
    """E26: beyond the limits within which files are read; `what` is a clause."""
    return RefusedFile("E26", f"Not opened: {what}, more than any model this reader knows. Check where it comes from.")


def _table(dtype: str) -> Array:
    """The 256 values of a type of eight bits, (256,) float32."""
    codes = np.arange(256)
    if dtype == "float8_e8m0fnu":  # an exponent alone (OCP microscaling formats)
        return np.where(codes == 255, np.nan, np.exp2(codes.astype(np.float64) - 127)).astype(np.float32)
    exponents, mantissas, bias, style = _MINIFLOATS[dtype]
    sign = np.where(codes >> 7, -1.0, 1.0)
    exponent, mantissa = (codes >> mantissas) & (2**exponents - 1), codes & (2**mantissas - 1)
    fraction = mantissa / 2**mantissas
    small = fraction * 2.0 ** (1 - bias)
    values = sign * np.where(exponent == 0, small, (1 + fraction) * np.exp2(exponent.astype(np.float64) - bias))
    if style == "fnuz":
        values[128] = np.nan  # where minus zero would be
    elif style == "fn":
        values[[127, 255]] = np.nan
    else:
        top = exponent == 2**exponents - 1
        values = np.where(top, np.where(mantissa == 0, sign * np.inf, np.nan), values)
    out: Array = values.astype(np.float32)
    return out


def encode(array: Array, dtype: str) -> bytes:
    """Back to the raw little-endian bytes that `decode` read as `array`, bit by bit but for the payload of a NaN."""
    kind = np.dtype(DTYPES[dtype].numpy)
    flat = np.ascontiguousarray(array).reshape(-1)
    if dtype == "bfloat16":
        return (flat.astype("<f4").view("<u4") >> np.uint32(16)).astype("<u2").tobytes()
    if dtype.startswith("float8"):
        codes = {bits: code for code, bits in enumerate(_table(dtype).view(np.uint32).tolist())}
        different, where = np.unique(flat.astype(np.float32).view(np.uint32), return_inverse=True)
        return np.array([codes[int(bits)] for bits in different], np.uint8)[where].tobytes()
    return flat.astype(kind).tobytes()
