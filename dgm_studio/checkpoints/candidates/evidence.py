"""What sampling needs and a file only hints at: prediction type, schedule, averages, range; each with its source.

The prediction type's ladder (first hit wins, the others are named beside it): a scheduler's settings, `__metadata__`,
marker tensors, hyper-parameters, the loss_weight buffer. What is left open, the probe and the person decide (E14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dgm_studio.checkpoints.candidates.predictions import (
    EPSILON,
    KEYS,
    SAMPLE,
    TARGETS,
    V_PREDICTION,
    VELOCITY,
    named,
)
from dgm_studio.checkpoints.candidates.schedules import (
    alphas_cumprod_of,
    buffers,
    chain,
    cosine_betas,
    scheduler_config,
)
from dgm_studio.checkpoints.candidates.wrappers import MARKERS
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import Conclusion, TensorEntry, WeightSet

SURE = 1e-2
"""Largest residual of the loss_weight buffer's true hypothesis; the others' lie above one half."""

BESIDE = 65_536
"""Bytes of a YAML file beside the checkpoint that are looked at."""


def conclude(
    opened: Opened, weights: WeightSet, tensors: Mapping[str, TensorEntry], config: Mapping[str, Any], source: str
) -> tuple[Conclusion, ...]:
    """Everything that can be said without running the network."""
    found = (
        prediction(opened, weights, config, source),
        _schedule(opened, weights),
        _averaged(weights),
        *_range(opened, tensors),
    )
    return tuple(one for one in found if one is not None)


def prediction(opened: Opened, weights: WeightSet, config: Mapping[str, Any], source: str) -> Conclusion | None:
    """The ladder's first rung that holds, with what the lower ones say; None where none does."""
    rungs = list(_rungs(opened, weights, config, source))
    if not rungs:
        return None
    value, why = rungs[0]
    for other, where in rungs[1:]:
        why += f"; {where.removeprefix('from ')} {'agrees' if other == value else f'says {other}'}"
    return Conclusion("prediction", "Prediction", value, why, TARGETS if value in TARGETS else (value,))


def _rungs(opened: Opened, weights: WeightSet, config: Mapping[str, Any], source: str) -> Iterator[tuple[str, str]]:
    scheduler, path = scheduler_config(opened.tree)
    if scheduler:
        told = named(scheduler.get("prediction_type"))
        flow = "Flow" in str(scheduler.get("_class_name", ""))
        if told or "prediction_type" not in scheduler:
            name = path.rpartition("/")[2]
            yield told or (VELOCITY if flow else EPSILON), f"from {name}" + ("" if told else " (its class's default)")
    metadata = opened.tree.get("metadata") if isinstance(opened.tree, Mapping) else None
    if isinstance(metadata, Mapping):
        for key in KEYS:
            if named(metadata.get(key)):
                yield named(metadata.get(key)), f"from the metadata's {key}"
    marks = {name.rpartition(".")[2] for name in opened.tensors} & MARKERS
    if "v_pred" in marks:
        yield V_PREDICTION, "from the marker tensor v_pred"
    yield from _hyper_parameters(config, source)
    yield from _yaml_beside(opened)
    yield from _loss_weight(opened, weights)


def _hyper_parameters(config: Any, source: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Words in what the training was started with, outermost first."""
    if not isinstance(config, Mapping) or depth > 6:
        return
    for key in KEYS:
        if named(config.get(key)):
            yield named(config[key]), f"{source}: {key}"
            return
    if isinstance(config.get("predict_xstart"), bool):
        yield (SAMPLE if config["predict_xstart"] else EPSILON), f"{source}: predict_xstart"
        return
    for inner in config.values():
        inside = next(_hyper_parameters(inner, source, depth + 1), None)
        if inside is not None:
            yield inside
            return


def _yaml_beside(opened: Opened) -> Iterator[tuple[str, str]]:
    """`parameterization: v` in the file's own .yaml or in Hydra's folder beside it."""
    path = Path(opened.path)
    if opened.files or path.is_dir():
        return
    for beside in (path.with_suffix(".yaml"), path.with_suffix(".yml"), path.parent / ".hydra" / "config.yaml"):
        try:
            with beside.open("rb") as file:
                text = file.read(BESIDE).decode("utf-8", "replace")
        except (OSError, ValueError):
            continue
        for key in KEYS:
            told = re.search(rf"^\s*{re.escape(key)}:\s*[\"']?([\w-]+)", text, re.MULTILINE)
            if told and named(told.group(1)):
                yield named(told.group(1)), f"from {beside.name}: {key}"
                return


def _loss_weight(opened: Opened, weights: WeightSet) -> Iterator[tuple[str, str]]:
    found = buffers(opened, weights, ("loss_weight",)).get("loss_weight")
    left = chain(opened, weights)
    if found is None or left is None or len(left[0]) != len(found[1]):
        return
    residuals = weight_residuals(found[1], left[0])
    best, next_best = sorted(residuals, key=lambda name: residuals[name])[:2]
    if residuals[best] <= SURE and residuals[next_best] >= 10 * SURE:
        yield best, f"from the loss_weight buffer (residual {residuals[best]:.0e}, next {residuals[next_best]:.2g})"


def weight_residuals(loss_weight: Array, alphas_cumprod: Array) -> dict[str, float]:
    """How badly each hypothesis fits the weights (T,) of the loss: with snr = abar / (1 - abar) they are c / snr for
    epsilon, c for the clean sample, c / (snr + 1) for v, where c = min(snr, largest c) whether min-SNR clipped or not
    (Hang et al. 2023). The residual is the largest |c / min(snr, max c) - 1|, at most 1e9."""
    snr = alphas_cumprod / np.maximum(1.0 - alphas_cumprod, 1e-20)
    usable = np.isfinite(loss_weight) & (snr > 0) & (alphas_cumprod < 1)
    if usable.sum() < 2:
        return dict.fromkeys(TARGETS, 1e9)
    weight, snr = loss_weight[usable], snr[usable]
    found = {}
    with np.errstate(all="ignore"):  # any file's numbers: what overflows fits no hypothesis
        for name, c in ((EPSILON, weight * snr), (SAMPLE, weight), (V_PREDICTION, weight * (snr + 1.0))):
            worst = float(np.abs(c / np.minimum(snr, c.max()) - 1.0).max()) if c.max() > 0 else 1e9
            found[name] = worst if worst < 1e9 else 1e9
    return found


def _schedule(opened: Opened, weights: WeightSet) -> Conclusion | None:
    left = chain(opened, weights)
    if left is None:
        return None
    values, source = left
    return Conclusion("schedule", "Noise schedule", f"{_kind(values)}, {len(values):,} steps", source)


def _kind(left: Array) -> str:
    """Which known chain alphas_cumprod (T,) is."""
    steps = len(left)
    if steps < 2 or not bool(np.all(left > 0)):
        return "of its own (no signal left at its end)" if steps and left[-1] == 0 else "of its own"
    first, last = 1.0 - left[0], 1.0 - left[-1] / left[-2]
    for kind in ("linear", "scaled_linear", "sigmoid"):
        config = {"beta_schedule": kind, "beta_start": first, "beta_end": last, "num_train_timesteps": steps}
        same = alphas_cumprod_of(config)
        if same is not None and np.allclose(same, left, atol=2e-4):
            return f"{kind} ({first:.3g} to {last:.3g})"
    if np.allclose(np.cumprod(1.0 - cosine_betas(steps)), left, atol=2e-4):
        return "cosine"
    return "of its own"


def _averaged(weights: WeightSet) -> Conclusion:
    averaged = "ema" in weights.id
    how = "by its name" if averaged else "no average is named here"
    return Conclusion("averaged", "Averaged (EMA)", averaged, how)


def _range(opened: Opened, tensors: Mapping[str, TensorEntry]) -> Iterator[Conclusion]:
    """The range of pictures and whether the predicted clean picture is kept inside it, where there are convolutions."""
    if not any(len(entry.shape) == 4 for entry in tensors.values()):
        return
    yield Conclusion("range", "Range of pictures", "-1 to 1", "assumed", ("-1 to 1", "0 to 1"))
    scheduler, path = scheduler_config(opened.tree)
    if isinstance(scheduler.get("clip_sample"), bool):
        bound = scheduler.get("clip_sample_range", 1.0)
        value = float(bound) if scheduler["clip_sample"] and isinstance(bound, (int, float)) else 0.0
        yield Conclusion("clip", "Clean picture kept within", value, f"from {path.rpartition('/')[2]}")
