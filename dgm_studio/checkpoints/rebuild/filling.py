"""Filling a network with a file's tensors: built on the meta device, every shape compared, then read one by one."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.core.inspection import RefusedFile

Net = TypeVar("Net", bound=nn.Module)

NAMED = 3
"""Tensors that do not fit and are named; of the others only the number is told."""
SLICE = 1 << 22
"""Numbers that are read between two yields."""
SPARE = 0.9
"""The share of the free memory that weights may take."""


def filling(
    build: Callable[[], Net],
    asked: Asked,
    names: Mapping[str, str] | None = None,
    device: str = "cpu",
    own: Iterable[str] = (),
) -> Generator[None, None, Net]:
    """The network that `build` makes, in eval mode and without gradients, with the weight set's numbers as float32.

    `names` maps the network's names to the model's where they differ; `own` are buffers that the network computes for
    itself, as they come out on the device, and which the file need not have. Tensors that are one in the network (tied
    weights) are read once, by the first name that the file has. RefusedFile E13 where shapes differ or tensors are
    missing, E08 where memory does not suffice; nothing is allocated before both are known.
    """
    with torch.device("meta"):
        net = build()
    wanted = dict(net.state_dict(keep_vars=True))
    kept = set(own)
    given = {name: (names or {}).get(name, name) for name in wanted}
    groups: dict[int, list[str]] = {}
    for name, tensor in wanted.items():
        if name not in kept:
            groups.setdefault(id(tensor), []).append(name)
    sources = {tuple(group): _source(group, given, asked) for group in groups.values()}
    _compare(sources, wanted, given, asked)
    _afford(sum(wanted[group[0]].numel() * 4 for group in sources))
    done = 0
    for group, source in sources.items():
        like = wanted[group[0]]
        numbers = torch.from_numpy(np.array(asked.read(source)))  # a copy: what is read may be read-only
        tensor = numbers.to(device, torch.float32 if like.is_floating_point() else like.dtype)
        # One object for all its names, so that what was tied stays tied.
        put = nn.Parameter(tensor, requires_grad=False) if isinstance(like, nn.Parameter) else tensor
        for name in group:
            _put(net, name, put)
        done += tensor.numel()
        if done >= SLICE:
            done = 0
            yield
    yield
    left = [name for name, tensor in (*net.named_parameters(), *net.named_buffers()) if tensor.is_meta]
    if left:
        raise RuntimeError(f"these tensors of the network were never filled: {', '.join(left[:NAMED])}")
    return net.eval().requires_grad_(False)


def _source(group: list[str], given: Mapping[str, str], asked: Asked) -> str:
    """What the file calls the tensor of these names, "" where it has none."""
    return next((given[name] for name in group if given[name] in asked.tensors), "")


def _compare(
    sources: Mapping[tuple[str, ...], str], wanted: Mapping[str, Tensor], given: Mapping[str, str], asked: Asked
) -> None:
    missing, other = [], []
    for group, source in sources.items():
        want = tuple(wanted[group[0]].shape)
        have = asked.shape(source) if source else None
        if have is None:
            missing.append(f"{given[group[0]]} {want} is missing")
        elif have != want:
            other.append(f"{source} is {have}, the network has {want}")
    wrong = [*other, *missing]
    if wrong:
        more = f", and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise RefusedFile(
            "E13",
            f"This is no complete model of its kind: {len(wrong)} tensors do not fit: {'; '.join(wrong[:NAMED])}{more}. "
            "It can be inspected; to run it, choose other settings or a complete file.",
        )


def _afford(needed: int) -> None:
    """Refused before memory is asked for, where the system tells how much there is."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return
    if needed > SPARE * free and needed > 1 << 28:
        raise RefusedFile(
            "E08",
            f"This model asks for {needed / 2**30:.1f} GB; {free / 2**30:.1f} GB are free. "
            "Look at its tensors only, or open it on a machine with more memory.",
        )


def _put(net: nn.Module, name: str, tensor: Tensor) -> None:
    path, _, last = name.rpartition(".")
    module = net.get_submodule(path)
    if isinstance(tensor, nn.Parameter):
        module._parameters[last] = tensor
    else:
        module._buffers[last] = tensor
