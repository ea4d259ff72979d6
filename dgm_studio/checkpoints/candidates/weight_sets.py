"""Copies of the weights inside a file: wrappers stripped in order, averages (EMA) and parts told apart.

An average is found by the name over it (`ema`, `params_ema`, ema_pytorch's `ema.ema_model.`), by names with their dots
taken out (CompVis' LitEma), or as a list without names (torch_ema's `shadow_params`), which is laid on the raw copy in
the order of its parameters, every shape compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.candidates.schedule_names import SCHEDULE
from dgm_studio.checkpoints.candidates.wrappers import (
    AVERAGED,
    COUNTERS,
    GENERATORS,
    MOMENTS,
    NOT_WEIGHTS,
    PARTS,
    RAW,
    SIDES,
)
from dgm_studio.checkpoints.formats.opened import Opened, Stub
from dgm_studio.core.inspection import TensorEntry, WeightSet

EMA, ONLINE, ORDINARY = "ema", "online", ""

BESIDE = ("discriminator", "vae", "vqvae", "text_encoder", "text_encoder_2", "safety_checker")
"""Parts that do not make anything alone, or that another part uses: named last."""

_BY_NAME = re.compile(r"(?:^|[_-])ema[_-]?(0\.\d+)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:(?:shadow_params|params|shadow)\.)?\d+")
_OPTIMISER = re.compile(r"(?:^|\.)state\.\d+\.\w+$")
_RUNNING = ("running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True)
class _Copy:
    """Names (the model's own to the file's) under one place of the file, still to be told what they are."""

    names: Mapping[str, str]
    part: str = ""
    kind: str = ORDINARY
    stripped: tuple[str, ...] = ()


def weight_sets(opened: Opened) -> tuple[WeightSet, ...]:
    """All copies of the weights, averages before what they average; empty where the file holds no weights."""
    copies = [copy for group in _by_folder(opened) for copy in _split(group, opened.tree)]
    plain = {copy.part: copy for copy in copies if copy.kind == ORDINARY}
    plain = {**{copy.part: copy for copy in copies if copy.kind == ONLINE}, **plain}
    averages = [_laid_over(copy, plain.get(copy.part), opened.tensors) for copy in copies if copy.kind == EMA]
    told = _told_averaged(opened) if not averages else ("", "")
    found: dict[str, WeightSet] = {}
    for copy in (*averages, *plain.values()):
        made = _set(copy, told)
        if made.names and made.id not in found:
            found[made.id] = made
    order = sorted({*plain, *(copy.part for copy in averages)}, key=lambda part: (part in BESIDE, part != ""))
    return tuple(sorted(found.values(), key=lambda one: (order.index(_part(one.id)), "ema" not in one.id)))


def _part(name: str) -> str:
    part = re.sub(r"(^|-)ema(-[\d.]+)?$", "", name)
    return "" if part == "raw" else part


def _set(copy: _Copy, told: tuple[str, str]) -> WeightSet:
    tail, how = told if copy.kind != EMA else ("ema", "")
    title = SIDES.get(copy.part, f"'{copy.part}'" if copy.part else "")
    what = f"Averaged weights ({how or 'EMA'})" if tail else "Weights as trained"
    return WeightSet(
        "-".join(word for word in (copy.part, tail) if word) or "raw",
        f"{title}: {what[0].lower()}{what[1:]}" if title else what,
        dict(copy.names),
        copy.stripped,
    )


def _told_averaged(opened: Opened) -> tuple[str, str]:
    """("ema-0.9999", why) for a file that is an average by its name alone (guided-diffusion's ema_0.9999_010000.pt), or
    by its metadata (the studio's own slim ones); ("", "") for others."""
    metadata = opened.tree.get("metadata") if isinstance(opened.tree, Mapping) else None
    if isinstance(metadata, Mapping) and '"slim": true' in str(metadata.get("fit", "")):
        return "ema", "EMA, as the file's metadata say"
    found = None if opened.files else _BY_NAME.search(Path(opened.path).stem)
    if found is None:
        return "", ""
    name = f"ema-{found.group(1)}" if found.group(1) else "ema"
    return name, f"{name}, by the file's name"


def _by_folder(opened: Opened) -> list[_Copy]:
    """One copy a component of a folder ("unet", "vae"), the top's own without a part; a file is one copy."""
    groups: dict[str, dict[str, str]] = {}
    for name, entry in opened.tensors.items():
        if name.rpartition(".")[2] in MOMENTS or _OPTIMISER.search(name):
            continue
        folder = entry.file.replace("\\", "/").rpartition("/")[0]
        own = name.removeprefix(folder.replace("/", ".") + ".").removeprefix(folder + "/") if folder else name
        groups.setdefault(folder, {})[own] = name
    copies = []
    for folder, names in groups.items():
        averaged = folder.removesuffix("_ema") if folder.endswith("_ema") else ""
        copies.append(_Copy(names, averaged or folder, EMA if averaged else ORDINARY))
    return copies


def _split(copy: _Copy, node: Any) -> list[_Copy]:
    """The copies inside: by the tree where the file keeps dicts apart, else by the heads of the names."""
    heads, loose = _heads(copy.names)
    inner = node if isinstance(node, Mapping) else {}
    kept_apart = {head for head in heads if isinstance(inner.get(head), (Mapping, list, tuple, Stub))}
    kept_apart -= {head for head in kept_apart if not _known(head) and _is_module(heads[head], inner[head])}
    if kept_apart:
        return _split_apart(copy, heads, loose, kept_apart, inner)
    if len(heads) > 1:
        heads = {head: names for head, names in heads.items() if head not in NOT_WEIGHTS} if _wraps(heads) else heads
    if len(heads) == 1:
        (head,) = heads
        if _known(head):
            loose = {name: file for name, file in loose.items() if name not in COUNTERS}
            kind = EMA if head in AVERAGED else copy.kind
            stripped = (*copy.stripped, f"{head}.")
            return _split(_Copy({**heads[head], **loose}, copy.part, kind, stripped), inner.get(head))
        return [copy]
    averaged = [head for head in heads if head in AVERAGED]
    online = [head for head in heads if head == "online_model"]
    parts = [head for head in heads if head in PARTS]
    if not averaged and not online and len(parts) < 2 and not (parts and heads.keys() & RAW):
        return [copy]
    return _split_heads(copy, heads, loose, averaged, online, parts)


def _split_heads(
    copy: _Copy,
    heads: Mapping[str, dict[str, str]],
    loose: Mapping[str, str],
    averaged: list[str],
    online: list[str],
    parts: list[str],
) -> list[_Copy]:
    """A module that holds copies and parts of itself as attributes: each head on its own, the rest together."""
    found = []
    for head in (*averaged, *online, *parts):
        kind = EMA if head in averaged else ONLINE if copy.kind == EMA else copy.kind
        inside = _Copy(heads[head], _part_of(head, heads, copy.part), kind, (*copy.stripped, f"{head}."))
        found += _split(inside, None)
    rest = {head: names for head, names in heads.items() if head not in (*averaged, *online, *parts)}
    if rest:
        names = {f"{head}.{own}": file for head, inside in rest.items() for own, file in inside.items()}
        kept = {own: file for own, file in loose.items() if own not in COUNTERS}
        found += _split(replace(copy, names={**names, **kept}), None)
    return found


def _split_apart(
    copy: _Copy,
    heads: Mapping[str, dict[str, str]],
    loose: Mapping[str, str],
    kept_apart: set[str],
    node: Mapping[str, Any],
) -> list[_Copy]:
    """A dict of dicts, as training programs save: the model, its average, optimisers."""
    models = [head for head in heads if head in kept_apart and head not in NOT_WEIGHTS]
    known = [head for head in models if _known(head)]
    found = []
    for head in models:
        if known and head not in known and not any(name.endswith(("weight", "bias")) for name in heads[head]):
            continue
        kind = EMA if head in AVERAGED else copy.kind
        part = _part_of(head, heads, copy.part if head in known else head)
        found += _split(_Copy(heads[head], part, kind, (*copy.stripped, head)), node[head])
    rest = {
        f"{head}.{own}": file
        for head, names in heads.items()
        if head not in kept_apart and head not in NOT_WEIGHTS
        for own, file in names.items()
    }
    if rest and not found:
        found += _split(replace(copy, names={**rest, **loose}), None)
    return found


def _part_of(head: str, beside: Iterable[str], otherwise: str) -> str:
    """A generator's average is the generator's where one of them stands beside a discriminator."""
    if head in GENERATORS and any(PARTS.get(one) for one in beside):
        return "generator"
    return PARTS.get(head, otherwise)


def _heads(names: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Names by their first part, and those without a dot."""
    heads: dict[str, dict[str, str]] = {}
    loose = {}
    for own, file in names.items():
        head, dot, rest = own.partition(".")
        if dot:
            heads.setdefault(head, {})[rest] = file
        else:
            loose[own] = file
    return heads, loose


def _is_module(names: Mapping[str, str], node: Any) -> bool:
    """A dict that is nothing but one layer's tensors ({"weight": ..., "bias": ...}) is part of the model."""
    return isinstance(node, Mapping) and bool(names) and set(names) <= {"weight", "bias", *_RUNNING}


def _known(head: str) -> bool:
    return head in RAW or head in AVERAGED or head in PARTS


def _wraps(heads: Iterable[str]) -> bool:
    return any(head in RAW or head in AVERAGED for head in heads)


def _laid_over(average: _Copy, raw: _Copy | None, tensors: Mapping[str, TensorEntry]) -> _Copy:
    """An average under the raw copy's names, with what it does not average (buffers) taken from there."""
    own = {name: file for name, file in average.names.items() if name not in COUNTERS}
    if raw is None or not own:
        return replace(average, names=own)
    if all(_NUMBERED.fullmatch(name) for name in own):
        own = _in_order(own, raw.names, tensors)
    elif not own.keys() & raw.names.keys():
        own = _without_dots(own, raw)
    if own and own.keys() <= raw.names.keys():
        own = {name: own.get(name, file) for name, file in raw.names.items()}
    return replace(average, names=own)


def _in_order(
    numbered: Mapping[str, str], raw: Mapping[str, str], tensors: Mapping[str, TensorEntry]
) -> dict[str, str]:
    """A list of averages laid on the raw names in order, shapes compared: the i-th average belongs to the next name of
    its shape, buffers are passed over; nothing where they do not all find their place."""
    listed = [numbered[name] for name in sorted(numbered, key=lambda name: int(name.rpartition(".")[2]))]
    found: dict[str, str] = {}
    names = iter((name, file) for name, file in raw.items() if not name.endswith(_RUNNING) and name not in SCHEDULE)
    for file in listed:
        place = next((name for name, own in names if tensors[own].shape == tensors[file].shape), None)
        if place is None:
            return {}
        found[place] = file
    return found


def _without_dots(flat: Mapping[str, str], raw: _Copy) -> dict[str, str]:
    """CompVis' LitEma keeps "diffusion_model.out.2.weight" as "diffusion_modelout2weight"."""
    tails = ["".join(raw.stripped[at:]).replace(".", "") for at in range(len(raw.stripped) + 1)]
    places = {tail + name.replace(".", ""): name for name in raw.names for tail in tails}
    return {places[name]: file for name, file in flat.items() if name in places} or dict(flat)
