"""The file of a small network that judges pictures: half precision, what it is in the metadata, nothing of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from dgm_studio.core.atomic import write_bytes
from dgm_studio.core.errors import Refused
from dgm_studio.core.resources import resource
from dgm_studio.nets.init import init

Net = TypeVar("Net", bound=nn.Module)


def shipped(name: str | None) -> Path | None:
    """The file that ships under this name; None where there is none."""
    path = resource("checkpoints") / f"{name}.safetensors"
    return path if name is not None and path.is_file() else None


@contextmanager
def opened(path: Path, file_format: str, kind: str) -> Iterator[tuple[dict[str, str], dict[str, Tensor]]]:
    """Metadata and tensors; Refused where the file, or what is then made of it, is not `kind` ("a classifier")."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata.get("format") != file_format:
            raise ValueError("it is of another kind")
        yield metadata, tensors
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise Refused(f"'{path.name}' cannot be read as {kind}: {reason}. Choose another copy.") from error


def filled(build: Callable[[], Net], tensors: Mapping[str, Tensor], device: str) -> Net:
    """The network with these weights, frozen and in eval mode."""
    with torch.device("meta"):
        net = build()
    init(net, torch.Generator(device), device)
    net.load_state_dict(dict(tensors))
    return net.eval().requires_grad_(False)


def figures_of(metadata: Mapping[str, str]) -> dict[str, float]:
    """What was measured of it on held-out pictures."""
    return {str(name): float(value) for name, value in json.loads(metadata["figures"]).items()}


def write(path: Path, net: nn.Module, metadata: dict[str, str]) -> None:
    """Write it atomically, weights in half precision."""
    state = net.state_dict()
    tensors = {name: (held.half() if held.is_floating_point() else held).contiguous() for name, held in state.items()}
    write_bytes(path, to_bytes(tensors, metadata))
