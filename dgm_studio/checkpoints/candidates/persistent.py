"""NVIDIA's persistent pickles: objects that carry their own class as source text; only their settings are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dgm_studio.checkpoints.candidates.plain_tree import plain, state_of, stubs
from dgm_studio.checkpoints.formats.opened import Stub

MAKER = "_reconstruct_persistent_obj"


@dataclass(frozen=True)
class Persistent:
    """One such object: its class, what it was made with, whether its source text travels along."""

    class_name: str
    settings: Mapping[str, Any]


def persistent(tree: Any) -> tuple[Persistent, ...]:
    """All of them, outermost first."""
    return tuple(_of(one) for one in stubs(tree) if one.name.endswith(MAKER))


def _of(stub: Stub) -> Persistent:
    first = next((one for one in stub.arguments if isinstance(one, Mapping)), {})
    state = state_of(stub) or state_of(first.get("state"))
    settings = plain(state.get("_init_kwargs", {}))
    return Persistent(str(first.get("class_name", "")), settings if isinstance(settings, dict) else {})


def bars(name: str, count: int) -> str:
    """E10's sentence."""
    return (
        f"This is {name} pickle. It carries its own Python program, which this app never runs. {count:,} tensors "
        "and the settings were read. To sample, use the program that wrote it; to keep the weights without it, export "
        "the tensors as safetensors."
    )
