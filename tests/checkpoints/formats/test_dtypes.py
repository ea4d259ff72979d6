"""Number types: every code of eight bits as torch reads it, and back to the very same bytes; memory asked for first."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dgm_studio.checkpoints.formats.dtypes import DTYPES, decode, encode, shown
from dgm_studio.checkpoints.formats.memory import claim, free_memory
from dgm_studio.core.inspection import RefusedFile

CODES = np.arange(256, dtype=np.uint8)
EIGHT_BITS = [name for name in DTYPES if name.startswith("float8")]


@pytest.mark.parametrize("name", EIGHT_BITS)
def test_every_code_of_eight_bits_is_torchs(name: str) -> None:
    wanted = torch.from_numpy(CODES.copy()).view(getattr(torch, name)).float().numpy()
    np.testing.assert_array_equal(decode(CODES, name, (256,)), wanted)


@pytest.mark.parametrize("name", [*EIGHT_BITS, "bfloat16", "float16", "int32", "bool", "complex64"])
def test_encoding_gives_the_bytes_that_were_decoded(name: str) -> None:
    raw = CODES % 2 if name == "bool" else CODES
    found = decode(raw, name, (256 // DTYPES[name].size,))
    back = np.frombuffer(encode(found, name), np.uint8).reshape(len(found), -1)
    numbers = ~np.isnan(found)
    np.testing.assert_array_equal(back[numbers], raw.reshape(len(found), -1)[numbers])
    again = decode(np.ascontiguousarray(back.reshape(-1)), name, found.shape)
    np.testing.assert_array_equal(np.isnan(again), np.isnan(found))


def test_other_byte_orders_are_turned() -> None:
    array = np.array([1.5, -2.0], ">f4")
    assert decode(array.view(np.uint8), "float32", (2,), big_endian=True).tolist() == [1.5, -2.0]


def test_memory_is_asked_for_before_it_is_taken() -> None:
    claim(1_000)
    free = free_memory()
    assert free is None or free > 10**7
    if free is not None:
        with pytest.raises(RefusedFile, match=r"E08: This asks for .* GB; .* GB are free"):
            claim(free * 4)


def test_names_never_steer_what_shows_them() -> None:
    assert shown("a\x00b\u202ec\ud800") == "a\\x00b\\u202ec\\ud800"
    assert shown("x" * 300) == "x" * 120 + "..."
