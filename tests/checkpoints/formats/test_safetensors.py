"""safetensors by our own reading, against the library that writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import RefusedFile
from tests.checkpoints.small_files import safetensors_bytes

DTYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
    torch.float32, torch.float64, torch.complex64, torch.float8_e4m3fn, torch.float8_e5m2,
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_type_reads_as_torch_has_it(dtype: torch.dtype, tmp_path: Path) -> None:
    raw = torch.randint(0, 256, (3, 4, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    tensor = (raw % 2).bool() if dtype == torch.bool else raw.reshape(-1).view(dtype).reshape(3, -1)
    save_file({"a": tensor, "empty": torch.zeros(0, 3, dtype=dtype)}, tmp_path / "a.safetensors")
    opened = open_checkpoint(tmp_path / "a.safetensors")
    found = opened.read("a")
    small = dtype in (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2)
    wanted = (tensor.float() if small else tensor).numpy()
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)
    assert opened.read("empty").shape == (0, 3)
    assert opened.tensors["a"].dtype == str(dtype).removeprefix("torch.")


def test_the_table_says_where_each_tensor_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    data = np.arange(6, dtype="<f4").tobytes()
    path.write_bytes(safetensors_bytes({"a": (2,), "b": (2, 2)}, data, title="x"))
    opened = open_checkpoint(path)
    assert opened.tree == {"metadata": {"title": "x"}}
    assert opened.size == path.stat().st_size
    entry = opened.tensors["b"]
    assert path.read_bytes()[entry.offset : entry.offset + entry.nbytes] == data[8:]
    assert opened.read("b").tolist() == [[2, 3], [4, 5]]
    assert opened.verify("b") is None


def test_bytes_after_the_end_are_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(safetensors_bytes({"a": (2,)}) + b"tail")
    (finding,) = open_checkpoint(tmp_path / "a.safetensors").findings
    assert (finding.code, finding.level) == ("E05", "warning")
    assert "4 extra bytes" in finding.text


def test_a_file_rewritten_meanwhile_is_not_mixed_up(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors_bytes({"a": (2,)}))
    opened = open_checkpoint(path)
    path.write_bytes(safetensors_bytes({"b": (1,), "a": (2,)}))
    with pytest.raises(RefusedFile) as refused:
        opened.read("a")
    assert refused.value.code == "E16"
    replaced = open_checkpoint(path)
    (tmp_path / "new").write_bytes(path.read_bytes())
    (tmp_path / "new").replace(path)
    with pytest.raises(RefusedFile, match="E16"):
        replaced.read("b")
