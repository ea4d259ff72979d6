"""A file's tree as plain data: settings that stood in objects are read out of them, nothing of them is run."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from dgm_studio.checkpoints.formats.opened import Opened, Stub, TensorRef

DEEPEST = 32
"""Nesting that is followed; deeper stands as "<...>"."""

MOST = 20_000
"""Entries of a tree that are shown."""

LONGEST = 4_096
"""Characters of a text that are shown."""

SETTINGS = (
    "hyper_parameters", "config", "args", "cfg", "hparams", "model_config", "model_args", "init_kwargs", "kwargs",
    "opt", "options", "params", "settings",
)  # fmt: skip
"""Keys under which training programs keep what the network was built with, likeliest first."""


def plain(node: Any) -> Any:
    """The tree as dicts, lists, numbers and strings: tensors, bytes and objects stand as a string in angle brackets,
    a dict of nothing but tensors as their count; argparse.Namespace and OmegaConf's containers as the dicts they are.
    """
    left = [MOST]
    return _plain(node, 0, left)


def _plain(node: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0:
        return "<...>"
    if node is None or isinstance(node, (bool, int, float)):
        return node
    if isinstance(node, str):
        return node if len(node) <= LONGEST else f"{node[:LONGEST]}<... {len(node):,} characters>"
    if isinstance(node, TensorRef):
        return f"<tensor {node.name}>"
    if isinstance(node, bytes):
        return f"<{len(node):,} bytes>"
    if isinstance(node, Mapping):
        if len(node) > 1 and all(isinstance(value, TensorRef) for value in node.values()):
            return f"<{len(node):,} tensors>"
        return {str(key)[:LONGEST]: _plain(value, depth + 1, left) for key, value in node.items() if left[0] >= 0}
    if isinstance(node, (list, tuple, set, frozenset)):
        if len(node) > 1 and all(isinstance(value, TensorRef) for value in node):
            return f"<{len(node):,} tensors>"
        return [_plain(value, depth + 1, left) for value in node if left[0] >= 0]
    if isinstance(node, Stub):
        return _plain_stub(node, depth, left)
    return f"<{type(node).__name__}>"


def _plain_stub(node: Stub, depth: int, left: list[int]) -> Any:
    state = state_of(node)
    name = node.name.rpartition(".")[2]
    if node.name.startswith("omegaconf.") and "_val" in state:
        return _plain(state["_val"], depth + 1, left)
    if node.name.startswith("omegaconf.") and "_content" in state:
        return _plain(state["_content"], depth + 1, left)
    if name in ("Namespace", "SimpleNamespace", "EasyDict", "AttrDict", "DotDict", "ConfigDict", "dotdict", "Munch"):
        first = next((one for one in node.arguments if isinstance(one, Mapping)), {})
        return _plain({**first, **state}, depth + 1, left)
    if not state and not node.arguments:
        return f"<{node.name}>"
    inside = {"arguments": list(node.arguments)} if node.arguments else {}
    told = _plain({**inside, **state}, depth + 1, left)
    return {"<class>": node.name, **told} if isinstance(told, dict) else f"<{node.name}>"


def state_of(node: Any) -> Mapping[str, Any]:
    """The attributes an object was given; {} where it has none that are named."""
    state = node.state if isinstance(node, Stub) else node
    if isinstance(state, tuple) and len(state) == 2:  # (__dict__, __slots__)
        state = {**_named(state[0]), **_named(state[1])}
    return _named(state)


def _named(state: Any) -> dict[str, Any]:
    return {str(key): value for key, value in state.items()} if isinstance(state, Mapping) else {}


def stubs(node: Any, depth: int = 0) -> Iterator[Stub]:
    """Every object of a class that is not run, outermost first."""
    seen: set[int] = set()
    ahead = deque([(node, depth)])
    while ahead and len(seen) < MOST:
        one, deep = ahead.popleft()
        if deep > DEEPEST or id(one) in seen or isinstance(one, (str, bytes, int, float, bool, TensorRef)):
            continue
        seen.add(id(one))
        if isinstance(one, Stub):
            yield one
            ahead += [(value, deep + 1) for value in (*one.arguments, one.state)]
        elif isinstance(one, Mapping):
            ahead += [(value, deep + 1) for value in one.values()]
        elif isinstance(one, (list, tuple)):
            ahead += [(value, deep + 1) for value in one]


def settings_of(opened: Opened, component: str = "") -> tuple[dict[str, Any], str]:
    """What the network was built with and where it stood: a component's config.json, a safetensors' `config` (where
    k-diffusion keeps its whole JSON), Lightning's hyper_parameters, an argparse.Namespace; ({}, "") without any."""
    tree = opened.tree if isinstance(opened.tree, Mapping) else {}
    for path in ([f"{component}/config.json"] if component else []) + ["config.json"]:
        if isinstance(tree.get(path), Mapping):
            return plain(tree[path]), f"from {path}"
    metadata = tree.get("metadata")
    if isinstance(metadata, Mapping):
        inner = _from_json(metadata.get("config"))
        return (inner, "from the file's metadata") if inner else ({}, "")
    for key in SETTINGS:
        found = tree.get(key)
        if found is None:
            continue
        flat = plain(found)
        if isinstance(flat, dict) and not _holds_tensors(flat):
            return {name: value for name, value in flat.items() if name != "<class>"}, f"from the file's '{key}'"
    return {}, ""


def _holds_tensors(flat: Any) -> bool:
    if isinstance(flat, dict):
        return any(_holds_tensors(one) for one in flat.values())
    return isinstance(flat, str) and flat[:1] == "<" and (flat.startswith("<tensor ") or flat.endswith(" tensors>"))


def unfolded(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """safetensors' metadata, texts to texts: those that hold JSON as the tree that they are."""
    return {name: _from_json(one) or one for name, one in metadata.items()}


def _from_json(text: Any) -> dict[str, Any]:
    if not isinstance(text, str) or not 2 <= len(text) <= 4 << 20:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return plain(found) if isinstance(found, dict) else {}
