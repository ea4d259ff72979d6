"""Which files of a folder are its weights: by an index, by the libraries' own names, or the only one there is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from dgm_studio.checkpoints.formats.dtypes import damaged, shown
from dgm_studio.checkpoints.formats.json_reader import read_json

SUFFIXES = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".onnx", ".gguf", ".npz", ".h5", ".keras")
"""What weights may end in; among files of one name the first suffix here is taken."""
NAMES = ("diffusion_pytorch_model", "model", "pytorch_model", "diffusion_model", "adapter_model", "ema_model")
"""What diffusers and transformers call their weights."""
BESIDE = ("training_args", "optimizer", "scheduler", "random_states", "rng_state", "scaler", "openvino", "sampler")
"""Beginnings of files that lie beside weights and are none."""
INDEX = ".index.json"
EMA = "_ema"
"""After a component's name: its averaged copy, which an index does not list (diffusers' training scripts)."""
STEPS = re.compile(r"(checkpoint|ckpt|step|epoch|global_step)[-_]?\d", re.I)
"""Subfolders that a training leaves behind, one model each."""


@dataclass
class Weights:
    """`chosen` are the files by component ("" for the top, "unet"); `others` stood beside a chosen one; `unclear` could
    be weights as well as their neighbours; `missing` are files an index names that are not there; `mapped` are the
    tensors an index promises, by file."""

    chosen: dict[str, list[str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    mapped: dict[str, set[str]] = field(default_factory=dict)


def find_weights(files: Mapping[str, Path], listed: Collection[str] | None = None) -> Weights:
    """The weights among a folder's files; RefusedFile E23 where an index names a file outside its own folder.

    Of subfolders those count that a pipeline's model_index.json has `listed`; without one, those of a folder that has
    no weights at its top, unless they are other steps of one training ("checkpoint-500").
    """
    out = Weights()
    for component in sorted({_component(name) for name in files}):
        here = [name for name in files if _component(name) == component]
        loose = [name for name in here if _is_weights(name)]
        indexes = [name for name in here if name.endswith(INDEX)]
        alone = not out.chosen.get("") and not STEPS.match(PurePosixPath(component).name)
        if component and not (alone if listed is None else component.removesuffix(EMA) in listed):
            out.unclear += loose
        elif indexes:
            _by_index(files, component, min(indexes, key=_rank), out)
            out.others += [name for name in loose if name not in out.mapped]
        elif known := sorted((name for name in loose if _stem(name) in NAMES), key=_rank):
            out.chosen[component] = known[:1]
            out.others += [name for name in loose if name != known[0]]
        elif len(loose) == 1 and any(name.endswith("config.json") for name in here):
            out.chosen[component] = loose
        else:
            out.unclear += loose
    if not out.chosen and len(out.unclear) == 1:
        only = out.unclear.pop()
        out.chosen[_component(only)] = [only]
    return out


def _by_index(files: Mapping[str, Path], component: str, index: str, out: Weights) -> None:
    """The shards of a *.index.json: {"weight_map": {tensor: file}}, files being plain siblings."""
    found: Any = read_json(files[index])
    table = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(table, dict) or not all(isinstance(one, str) for one in table.values()):
        raise damaged(f"{shown(index)} has no weight_map")
    for tensor, shard in table.items():
        if not shard or "/" in shard or "\\" in shard or shard in (".", ".."):
            raise damaged(f"{shown(index)} names {shown(shard)}, which is no file beside it")
        out.mapped.setdefault(f"{component}/{shard}" if component else shard, set()).add(tensor)
    mine = sorted(name for name in out.mapped if _component(name) == component)
    out.chosen[component] = [name for name in mine if name in files]
    out.missing += [name for name in mine if name not in files]


def _is_weights(name: str) -> bool:
    last = PurePosixPath(name).name.lower()
    return last.endswith(SUFFIXES) and not last.startswith((*BESIDE, "."))


def _component(name: str) -> str:
    parent = str(PurePosixPath(name).parent)
    return "" if parent == "." else parent


def _stem(name: str) -> str:
    """ "model" of "model.fp16.safetensors": a variant is the same weights in another precision."""
    return PurePosixPath(name).name.split(".")[0]


def _rank(name: str) -> tuple[int, int, int, str]:
    """Full precision before a variant, safetensors before a pickle, the libraries' order of names."""
    last = PurePosixPath(name).name.removesuffix(INDEX).lower()
    suffix = next((at for at, one in enumerate(SUFFIXES) if last.endswith(one)), len(SUFFIXES))
    stem = _stem(name)
    return last.count("."), suffix, NAMES.index(stem) if stem in NAMES else len(NAMES), name


def few(names: Iterable[str], most: int = 6) -> str:
    """The first names for a sentence."""
    listed = list(names)
    rest = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(shown(name) for name in listed[:most]) + rest
