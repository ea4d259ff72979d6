"""What torch wrote is read bit for bit: against `torch.load(weights_only=True)`, which is called nowhere else."""

from __future__ import annotations

import argparse
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.formats.opened import Opened, Stub, TensorRef
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import RefusedFile

DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.complex64, torch.complex128, torch.uint16, torch.uint32, torch.uint64,
    torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz,
]  # fmt: skip
SMALL = (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz)


class Block(nn.Module):
    """A class of the user's own, saved whole; one child stands under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
        self.tied = self.inner
        self.scale = nn.Parameter(torch.arange(3.0))
        self.register_buffer("steps", torch.arange(4))
        self.config = {"dim": 3}
        self.loose = torch.ones(2)


def _numbers(tensor: Tensor) -> Any:
    tensor = tensor.detach().resolve_conj().resolve_neg()
    return (tensor.float() if tensor.dtype in SMALL else tensor).numpy()


def _tensors(value: Any, path: str = "") -> dict[str, Tensor]:
    """Every tensor of a plain tree by its dotted path."""
    if isinstance(value, Tensor):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    found: dict[str, Tensor] = {}
    for key, one in items:
        found |= _tensors(one, f"{path}.{key}" if path else str(key))
    return found


def _same_as_torch(path: Path) -> Opened:
    opened = open_checkpoint(path)
    _same(opened, _tensors(torch.load(path, weights_only=True)))  # noqa: TID251 -- the truth that is compared with
    return opened


def _same(opened: Opened, truth: dict[str, Tensor]) -> None:
    assert list(opened.tensors) == list(truth)
    for name, tensor in truth.items():
        read, entry = opened.read(name), opened.tensors[name]
        assert read.shape == entry.shape == tuple(tensor.shape), name
        assert entry.dtype == str(tensor.dtype).removeprefix("torch."), name
        assert entry.nbytes == tensor.numel() * tensor.element_size()
        assert read.dtype == _numbers(tensor).dtype, name
        if tensor.dtype in SMALL:  # what a NaN's bits are in a wider type is nobody's business
            assert np.array_equal(read, _numbers(tensor), equal_nan=True), name
        else:
            assert read.tobytes() == np.ascontiguousarray(_numbers(tensor)).tobytes(), name


def _save(value: Any, path: Path, new: bool = True) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=new)
    return path


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_type_of_number_is_read_bit_for_bit(dtype: torch.dtype, new: bool, tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    raw = torch.randint(0, 256, (48 * dtype.itemsize,), generator=generator, dtype=torch.uint8)
    tensor = (raw % 2 == 0) if dtype == torch.bool else raw.view(dtype)  # all bit patterns: NaN and infinities too
    tree = {"a": tensor, "b": tensor.reshape(6, 8), "none": tensor[:0], "one": tensor[3]}
    path = _save(tree, tmp_path / "x.pt", new)
    if new or dtype not in (torch.uint16, torch.uint32, torch.uint64, *SMALL[1:]):
        _same_as_torch(path)
    else:  # written so by torch, which cannot read it again
        _same(open_checkpoint(path), tree)


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_views_share_their_storage_and_keep_their_strides(new: bool, tmp_path: Path) -> None:
    base = torch.arange(120.0)
    complex_numbers = torch.view_as_complex(base.clone().view(60, 2))
    tree = {
        "base": base,
        "turned": base.view(4, 5, 6).permute(2, 0, 1),
        "part": base.view(10, 12)[2:7:2, 1:9:3],
        "repeated": base[7:8].expand(5, 3),
        "scalar": base[11],
        "empty": base[120:],
        "conjugate": complex_numbers.conj(),
        "negative": complex_numbers.clone().conj().imag,
    }
    opened = _same_as_torch(_save(tree, tmp_path / "x.pt", new))
    shared = {entry.storage for name, entry in opened.tensors.items() if name not in ("conjugate", "negative")}
    assert len(shared) == 1
    assert opened.tensors["scalar"].offset == opened.tensors["base"].offset + 44


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_a_lightning_dict_and_its_optimizer(new: bool, tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    tree = {
        "epoch": 3,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": net.state_dict(),
        "optimizer_states": [optimizer.state_dict()],
        "hyper_parameters": {
            "lr": 1e-3,
            "size": torch.Size([2, 3]),
            "dtype": torch.float16,
            "names": ("a", b"b", None),
        },
    }
    opened = _same_as_torch(_save(tree, tmp_path / "last.ckpt", new))
    assert opened.tree["state_dict"]["0.weight"] == TensorRef("state_dict.0.weight")
    assert opened.tree["hyper_parameters"] == {
        "lr": 1e-3, "size": (2, 3), "dtype": Stub("torch.float16"), "names": ("a", b"b", None),
    }  # fmt: skip
    assert opened.findings == ()
    assert opened.verify("state_dict.0.weight") is (True if new else None)


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_a_whole_module_is_walked_to_the_names_of_its_state(new: bool, tmp_path: Path) -> None:
    net = Block()
    opened = open_checkpoint(_save(net, tmp_path / "whole.pt", new))
    state = net.state_dict()
    assert set(opened.tensors) == {*state, "loose"}
    for name, tensor in state.items():
        assert np.array_equal(opened.read(name), tensor.numpy()), name
    assert opened.tree.name.endswith("Block")
    assert opened.tree.state["config"] == {"dim": 3}
    assert [one.code for one in opened.findings] == ["E09"]
    assert "Block" in opened.findings[0].text


@pytest.mark.parametrize("protocol", range(6))
def test_a_raw_pickle_of_modules_and_arrays(protocol: int, tmp_path: Path) -> None:
    net, path = Block(), tmp_path / "net.pkl"
    arrays = {
        "small": np.arange(6, dtype=">f4").reshape(2, 3),
        "large": np.random.default_rng(0).normal(size=(80, 41)),
        "columns": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "none": np.zeros((0, 3)),
        "half": np.float16(0.1) * np.ones(3, np.float16),
    }
    path.write_bytes(pickle.dumps({"ema": net, "arrays": arrays, "scalar": np.float64(2.5)}, protocol))
    opened = open_checkpoint(path)
    for name, tensor in net.state_dict().items():
        assert np.array_equal(opened.read(f"ema.{name}"), tensor.numpy()), name
    for name, array in arrays.items():
        read = opened.read(f"arrays.{name}")
        assert read.shape == array.shape, name
        assert np.array_equal(read, array), name
    assert opened.tree["scalar"] == 2.5


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_classes_are_shown_with_their_state_and_not_run(new: bool, tmp_path: Path) -> None:
    path = _save(
        {"args": argparse.Namespace(dim=3, mults=[1, 2]), "path": Path("a/b"), "set": {1}}, tmp_path / "x.pt", new
    )
    tree = open_checkpoint(path).tree
    assert tree["args"] == Stub("argparse.Namespace", (), {"dim": 3, "mults": [1, 2]})
    assert tree["path"] == Stub("pathlib.PosixPath", ("a", "b"))
    assert tree["set"] == Stub("set", (1,))


def test_tensors_without_numbers_of_their_own_are_opaque(tmp_path: Path) -> None:
    sparse = torch.eye(3).to_sparse()
    path = _save(
        {"meta": torch.empty(2, 3, device="meta"), "sparse": sparse, "weight": torch.ones(2)}, tmp_path / "x.pt"
    )
    opened = open_checkpoint(path)
    assert opened.tree["meta"].name == "torch._utils._rebuild_meta_tensor_no_storage"
    assert opened.tree["sparse"].name == "torch._utils._rebuild_sparse_tensor"
    assert np.array_equal(opened.read("weight"), np.ones(2))


def test_the_numbers_of_a_big_endian_machine(tmp_path: Path) -> None:
    tensors = {"f": torch.randn(7, generator=torch.Generator().manual_seed(0)), "b": torch.ones(3).bfloat16()}
    with (
        zipfile.ZipFile(_save(tensors, tmp_path / "little.pt")) as little,
        zipfile.ZipFile(tmp_path / "big.pt", "w") as big,
    ):
        for name in little.namelist():
            raw = little.read(name)
            if name.endswith("data/0"):
                raw = np.frombuffer(raw, "<f4").astype(">f4").tobytes()
            elif name.endswith("data/1"):
                raw = np.frombuffer(raw, "<u2").astype(">u2").tobytes()
            big.writestr(name, b"big" if name.endswith("byteorder") else raw)
    opened = open_checkpoint(tmp_path / "big.pt")
    assert np.array_equal(opened.read("f"), tensors["f"].numpy())
    assert np.array_equal(opened.read("b"), np.ones(3))


def test_a_damaged_number_is_found_by_its_checksum_and_the_rest_is_read(tmp_path: Path) -> None:
    path = _save({"good": torch.ones(40), "bad": torch.full((40,), 2.0)}, tmp_path / "x.pt")
    opened = open_checkpoint(path)
    raw = bytearray(path.read_bytes())
    raw[opened.tensors["bad"].offset + 5] ^= 1
    path.write_bytes(raw)
    opened = open_checkpoint(path)
    assert opened.verify("good") is True
    assert opened.verify("bad") is False
    assert np.array_equal(opened.read("good"), np.ones(40))
    with pytest.raises(RefusedFile, match="E06"):
        opened.read("bad")


def test_a_file_rewritten_while_open_is_refused(tmp_path: Path) -> None:
    path = _save({"a": torch.ones(40)}, tmp_path / "x.pt")
    opened = open_checkpoint(path)
    _save({"a": torch.zeros(41)}, path)
    with pytest.raises(RefusedFile, match="E16"):
        opened.read("a")


def test_the_tail_after_the_end_is_a_warning(tmp_path: Path) -> None:
    for new in (True, False):
        path = _save({"a": torch.ones(40)}, tmp_path / "x.pt", new)
        path.write_bytes(path.read_bytes() + b"\0" * 100)
        opened = open_checkpoint(path)
        assert [one.code for one in opened.findings] == ["E05"]
        assert "100" in opened.findings[0].text
        assert np.array_equal(opened.read("a"), np.ones(40))


def test_the_same_name_twice_gets_a_number(tmp_path: Path) -> None:
    opened = open_checkpoint(_save({"a.b": torch.zeros(1), "a": {"b": torch.ones(1)}}, tmp_path / "x.pt"))
    assert list(opened.tensors) == ["a.b", "a.b (2)"]
    assert opened.read("a.b (2)") == 1


def test_a_shared_dictionary_is_listed_under_each_of_its_names(tmp_path: Path) -> None:
    state = OrderedDict(w=torch.ones(2))
    opened = open_checkpoint(_save({"model": state, "ema": state}, tmp_path / "x.pt"))
    assert list(opened.tensors) == ["model.w", "ema.w"]


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_torchscript_gives_weights_and_text(tmp_path: Path) -> None:
    linear = nn.Linear(3, 4)
    net = nn.Sequential(linear, nn.ReLU())
    torch.jit.script(net).save(tmp_path / "net.pt")  # type: ignore[no-untyped-call]
    opened = open_checkpoint(tmp_path / "net.pt")
    assert opened.kind == "torchscript"
    assert opened.findings[0].code == "E11"
    assert np.array_equal(opened.read("0.weight"), linear.weight.detach().numpy())
    assert any("def forward" in text for text in opened.tree["code"].values())


@pytest.mark.filterwarnings("default")
def test_an_exported_program_gives_weights_and_its_graph(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).eval()
    torch.export.save(torch.export.export(net, (torch.zeros(5, 3),)), tmp_path / "net.pt2")
    opened = open_checkpoint(tmp_path / "net.pt2")
    assert opened.kind == "pt2"
    assert opened.findings[0].code == "E11"
    for name, tensor in net.state_dict().items():
        assert np.array_equal(opened.read(name), tensor.numpy()), name
        assert opened.verify(name) is True
    assert "graph_module" in opened.tree["graph"]
