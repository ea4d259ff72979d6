"""Fixtures: files that are programs (TorchScript, torch.export, ONNX), GGUF, numpy, and the studio's own."""

from __future__ import annotations

import shutil
import struct
import warnings
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

import dgm_studio
from tests.checkpoints.fixtures import fixture
from tests.checkpoints.fixtures_torch_files import mlp

SHIPPED = Path(dgm_studio.__file__).parent.parent / "resources" / "checkpoints"


def net() -> nn.Module:
    """A denoiser of points."""
    found = nn.Sequential(nn.Linear(3, 16), nn.SiLU(), nn.Linear(16, 16), nn.SiLU(), nn.Linear(16, 2))
    found.load_state_dict(mlp())
    return found.eval()


@fixture("torchscript")
def _script(folder: Path) -> Path:
    path, trace = folder / "traced.pt", cast(Any, torch.jit.trace)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(trace(net(), torch.zeros(1, 3)), path)
    return path


@fixture("pt2")
def _pt2(folder: Path) -> Path:
    path = folder / "exported.pt2"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(net(), (torch.zeros(1, 3),)), path)
    return path


@fixture("onnx")
def _onnx(folder: Path) -> Path:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = {name: tensor.numpy() for name, tensor in mlp().items()}
    nodes, at = [], "x"
    for layer in ("0", "2", "4"):
        nodes.append(helper.make_node("Gemm", [at, f"{layer}.weight", f"{layer}.bias"], [f"h{layer}"], transB=1))
        at = f"h{layer}"
        if layer != "4":
            nodes.append(helper.make_node("Relu", [at], [f"r{layer}"]))
            at = f"r{layer}"
    graph = helper.make_graph(
        nodes,
        "denoiser",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info(at, TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / "denoiser.onnx"
    onnx.save(model, str(path))
    return path


@fixture("gguf")
def _gguf(folder: Path) -> Path:
    """Version 3 by the format's own description: strings are a length and bytes, data are aligned to 32 bytes."""

    def text(word: str) -> bytes:
        return struct.pack("<Q", len(word)) + word.encode()

    values = np.arange(32, dtype="<f4")
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 2)
    head += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    head += text("llama.block_count") + struct.pack("<II", 4, 2)
    head += text("token_embd.weight") + struct.pack("<IQQIQ", 2, 8, 4, 0, 0)
    path = folder / "tiny.gguf"
    path.write_bytes(head + b"\0" * (-len(head) % 32) + values.tobytes())
    return path


@fixture("npz")
def _npz(folder: Path) -> Path:
    path = folder / "weights.npz"
    arrays = {name: tensor.numpy() for name, tensor in mlp().items()}
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


@fixture("npy")
def _npy(folder: Path) -> Path:
    path = folder / "points.npy"
    np.save(path, np.arange(12, dtype=np.float32).reshape(6, 2))
    return path


@fixture("native-pictures")
def _pictures(folder: Path) -> Path:
    return Path(shutil.copy(SHIPPED / "fashion-vae.safetensors", folder))


@fixture("native-text")
def _text(folder: Path) -> Path:
    return Path(shutil.copy(SHIPPED / "kjv-masked-char.safetensors", folder))


@fixture("native-classifier")
def _classifier(folder: Path) -> Path:
    return Path(shutil.copy(SHIPPED / "glyph-classifier.safetensors", folder))
