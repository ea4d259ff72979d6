"""Filling a network with a file's tensors: built on the meta device, every shape compared, then read one by one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.formats.memory import claim
from dgm_studio.core.inspection import RefusedFile

Net = TypeVar("Net", bound=nn.Module)
Sources = dict[tuple[str, ...], str]

NAMED = 3
"""Tensors that do not fit and are named; of the others only the number is told."""
SLICE = 1 << 21
"""Numbers that are read between two yields."""


def filling(
    build: Callable[[], Net],
    asked: Asked,
    names: Mapping[str, str] | None = None,
    device: str = "cpu",
    own: Iterable[str] = (),
) -> Generator[None, None, Net]:
    """The network that `build` makes, in eval mode and without gradients, with the weight set's numbers as float32.

    `names` maps the network's names to the model's where they differ. Tensors that are one in the network (tied
    weights) are read once, by the first name that the file has. Buffers that are not saved stay as the network makes
    them, and so do those of `own` that the file lacks. RefusedFile E13 where shapes differ or tensors are missing, E08
    where memory does not suffice; nothing is allocated before both are known.
    """
    with torch.device("meta"):
        plan = build()
    sources = _sources(plan, names or {}, frozenset(own), asked)
    wanted = plan.state_dict(keep_vars=True)
    _compare(sources, wanted, names or {}, asked)
    claim(sum(wanted[group[0]].numel() * 4 for group in sources))
    yield
    with _Hollow():
        net = build()
    done = 0
    for group, source in sources.items():
        like = wanted[group[0]]
        numbers = torch.from_numpy(np.array(asked.read(source)))  # a copy: what was read may be read-only
        tensor = numbers.to(device, torch.float32 if like.is_floating_point() else like.dtype)
        # One object for all its names, so that what was tied stays tied.
        put = nn.Parameter(tensor, requires_grad=False) if isinstance(like, nn.Parameter) else tensor
        for name in group:
            _put(net, name, put)
        done += tensor.numel()
        if done >= SLICE:
            done = 0
            yield
    left = [name for name, tensor in (*net.named_parameters(), *net.named_buffers()) if tensor.is_meta]
    if left:
        raise RuntimeError(f"tensors of the network were never filled: {', '.join(left[:NAMED])}")
    return net.to(device).eval().requires_grad_(False)


class _Hollow(TorchFunctionMode):
    """What modules take for weights (torch.empty) gets no memory; what they compute for themselves does."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **{**(kwargs or {}), **({"device": "meta"} if func is torch.empty else {})})


def _sources(plan: nn.Module, names: Mapping[str, str], own: frozenset[str], asked: Asked) -> Sources:
    """What the file calls each tensor of the network, "" where it has none, by all the network's names of it."""
    groups: dict[int, list[str]] = {}
    for name, tensor in plan.state_dict(keep_vars=True).items():
        groups.setdefault(id(tensor), []).append(name)
    found = {}
    for group in groups.values():
        source = next((given for name in group if (given := names.get(name, name)) in asked.tensors), "")
        if source or not own.issuperset(group):
            found[tuple(group)] = source
    return found


def _compare(sources: Sources, wanted: Mapping[str, Tensor], names: Mapping[str, str], asked: Asked) -> None:
    missing, other = [], []
    for group, source in sources.items():
        want, have = tuple(wanted[group[0]].shape), asked.shape(source)
        if have is None:
            missing.append(f"{names.get(group[0], group[0])} {want} is missing")
        elif have != want:
            other.append(f"{source} is {have}, the network has {want}")
    wrong = [*other, *missing]
    if wrong:
        more = f"; and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise RefusedFile(
            "E13",
            f"The network is recognised, but {len(wrong)} tensors do not fit: {'; '.join(wrong[:NAMED])}{more}. "
            "It can be inspected; to run it, choose other settings or a complete file.",
        )


def _put(net: nn.Module, name: str, tensor: Tensor) -> None:
    path, _, last = name.rpartition(".")
    module = net.get_submodule(path)
    if isinstance(tensor, nn.Parameter):
        module._parameters[last] = tensor
    else:
        module._buffers[last] = tensor
