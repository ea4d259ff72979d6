"""Noise schedules: found as buffers, computed from a scheduler's settings, and compared with each other.

With alphas_cumprod_t = prod_{s <= t} (1 - betas_s) one buffer tells all others. Formulas: Ho et al. 2020 (linear),
Rombach et al. 2022 (linear in sqrt beta), Nichol and Dhariwal 2021 (squared cosine), Lin et al. 2024 (no signal left at
the end).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dgm_studio.checkpoints.candidates.schedule_names import SCHEDULE
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.inspection import WARNING, Curve, Finding, RefusedFile, WeightSet

SHOWN = {
    "betas": "Noise added in each step, βₜ",
    "alphas_cumprod": "Signal left, ᾱₜ",
    "alpha_cumprod": "Signal left, ᾱₜ",
    "alphas_bar": "Signal left, ᾱₜ",
    "alpha_bars": "Signal left, ᾱₜ",
    "sigmas": "Noise level σ",
    "discrete_sigmas": "Noise level σ",
    "loss_weight": "Weight of the loss",
    "p2_loss_weight": "Weight of the loss (P2)",
    "lvlb_weights": "Weight of the variational bound",
}
"""Buffers that are drawn as curves."""

CUMULATED = ("alphas_cumprod", "alpha_cumprod", "alphas_bar", "alpha_bars")

LONGEST = 100_000
"""Steps of a schedule that is read."""

SCHEDULER_FILES = ("scheduler/scheduler_config.json", "scheduler_config.json")

COARSE, FINE = 2e-2, 1e-4
"""How far alphas_cumprod may lie from cumprod(1 - betas), in half precision and in float32."""


def betas_of(config: Mapping[str, Any]) -> Array | None:
    """betas (T,), float64, of a diffusers scheduler's settings; None where they name no chain that is known."""
    trained = config.get("trained_betas")
    if isinstance(trained, Sequence) and not isinstance(trained, str) and 2 <= len(trained) <= LONGEST:
        betas = _numbers(trained)
    else:
        betas = _named_schedule(config)
    if betas is None or not bool(np.all((betas >= 0) & (betas <= 1))):
        return None
    return _zero_terminal(betas) if config.get("rescale_betas_zero_snr") is True else betas


def alphas_cumprod_of(config: Mapping[str, Any]) -> Array | None:
    """prod (1 - betas), (T,), float64; None as `betas_of`."""
    betas = betas_of(config)
    return None if betas is None else np.cumprod(1.0 - betas)


def _named_schedule(config: Mapping[str, Any]) -> Array | None:
    steps = config.get("num_train_timesteps", config.get("timesteps", 1000))
    first, last = config.get("beta_start", 1e-4), config.get("beta_end", 0.02)
    if not _is_number(first) or not _is_number(last) or not isinstance(steps, int) or not 2 <= steps <= LONGEST:
        return None
    kind = config.get("beta_schedule", "linear")
    if kind == "linear":
        return np.linspace(first, last, steps)
    if kind == "scaled_linear" and first >= 0 and last >= 0:
        return np.square(np.linspace(math.sqrt(first), math.sqrt(last), steps))
    if kind in ("squaredcos_cap_v2", "cosine"):
        return cosine_betas(steps)
    if kind == "sigmoid":
        grown: Array = first + (last - first) / (1.0 + np.exp(-np.linspace(-6.0, 6.0, steps)))
        return grown
    return None


def cosine_betas(steps: int, offset: float = 0.008, largest: float = 0.999) -> Array:
    """1 - abar((i+1)/T) / abar(i/T), at most `largest`, with abar(t) = cos^2((t + s) / (1 + s) pi / 2)."""
    left = np.cos((np.linspace(0.0, 1.0, steps + 1) + offset) / (1.0 + offset) * math.pi / 2) ** 2
    betas: Array = np.minimum(1.0 - left[1:] / left[:-1], largest)
    return betas


def _zero_terminal(betas: Array) -> Array:
    """The chain shifted so that nothing of the signal is left at its end (Lin et al. 2024, algorithm 1)."""
    root = np.sqrt(np.cumprod(1.0 - betas))
    root = (root - root[-1]) * (root[0] / (root[0] - root[-1]))
    left = root**2
    return 1.0 - np.concatenate([left[:1], left[1:] / left[:-1]])


def scheduler_config(tree: Any) -> tuple[Mapping[str, Any], str]:
    """A folder's scheduler settings and the file they stand in; ({}, "") where there are none."""
    for path in SCHEDULER_FILES:
        found = tree.get(path) if isinstance(tree, Mapping) else None
        if isinstance(found, Mapping):
            return found, path
    return {}, ""


def buffers(opened: Opened, weights: WeightSet, wanted: Sequence[str] = tuple(SHOWN)) -> dict[str, tuple[str, Array]]:
    """The schedule's buffers (n,) of one copy, float64: {their last name: (the file's name, values)}."""
    found: dict[str, tuple[str, Array]] = {}
    for own, file in weights.names.items():
        name = own.rpartition(".")[2]
        shape = opened.tensors[file].shape
        if name not in wanted or name in found or len(shape) != 1 or not 2 <= shape[0] <= LONGEST:
            continue
        try:
            values = np.asarray(opened.read(file), dtype=np.float64)
        except (RefusedFile, TypeError, ValueError):
            continue
        if values.shape == shape:
            found[name] = file, values
    return found


def chain(opened: Opened, weights: WeightSet) -> tuple[Array, str] | None:
    """alphas_cumprod (T,), float64, and where from: the buffers, else the scheduler's settings; None without."""
    found = buffers(opened, weights, ("betas", *CUMULATED))
    if "betas" in found and bool(np.all((found["betas"][1] >= 0) & (found["betas"][1] < 1))):
        return np.cumprod(1.0 - found["betas"][1]), "from the betas buffer"
    for name in CUMULATED:
        if name in found and bool(np.all((found[name][1] >= 0) & (found[name][1] <= 1))):
            return found[name][1], f"from the {name} buffer"
    config, path = scheduler_config(opened.tree)
    left = alphas_cumprod_of(config) if config else None
    return None if left is None else (left, f"from {path.rpartition('/')[2]}")


def curves_of(opened: Opened, sets: Sequence[WeightSet]) -> tuple[Curve, ...]:
    """Every schedule inside, once: buffers of the copies, and what the scheduler's settings amount to."""
    found: list[Curve] = []
    for weights in sets:
        for name, (file, values) in buffers(opened, weights).items():
            found.append(Curve(name, SHOWN[name], frozen(values), f"from the tensor {file}"))
    config, path = scheduler_config(opened.tree)
    betas = betas_of(config) if config else None
    if betas is not None:
        found.append(Curve("betas", SHOWN["betas"], frozen(betas), f"from {path}"))
        found.append(Curve("alphas_cumprod", SHOWN["alphas_cumprod"], frozen(np.cumprod(1.0 - betas)), f"from {path}"))
    once: list[Curve] = []
    for curve in found:
        if not any(one.name == curve.name and np.array_equal(one.values, curve.values, equal_nan=True) for one in once):
            once.append(curve)
    return tuple(once)


def mended(opened: Opened, sets: tuple[WeightSet, ...]) -> tuple[tuple[WeightSet, ...], tuple[Finding, ...]]:
    """The copies with their schedule taken from the raw one where an average spoilt its own, and what was noticed (E15:
    lucidrains/denoising-diffusion-pytorch#136 averaged the buffers too)."""
    gaps = {one.id: _gap(opened, one) for one in sets}
    raw = next((one for one in sets if one.id == "raw"), None)
    kept, found = [], []
    for one in sets:
        gap, tolerance = gaps[one.id]
        sound = raw is not None and gaps["raw"][0] <= gaps["raw"][1]
        if raw is not None and one.id.startswith("ema"):
            apart = _apart(opened, one, raw)
            if sound and max(gap, apart) > tolerance:
                found.append(Finding("E15", WARNING, _E15.format(x=_figure(gap if gap > tolerance else apart))))
                theirs = {own: file for own, file in raw.names.items() if own.rpartition(".")[2] in SCHEDULE}
                one = replace(one, names={**one.names, **{own: theirs[own] for own in theirs if own in one.names}})
        elif gap > tolerance:
            text = (
                f"The noise schedule is not consistent: betas and alphas_cumprod differ by {_figure(gap)}. The chain "
                "is computed from betas; choose another schedule if samples look wrong."
            )
            found.append(Finding("E15", WARNING, text))
        kept.append(one)
    return tuple(kept), tuple(found)


_E15 = (
    "The noise schedule in the EMA copy is not consistent (betas and alphas_cumprod differ by {x}). Using the "
    "schedule of the raw copy."
)


def _gap(opened: Opened, weights: WeightSet) -> tuple[float, float]:
    """max |alphas_cumprod - cumprod(1 - betas)| of one copy and what rounding allows; 0 where it lacks either."""
    found = buffers(opened, weights, ("betas", *CUMULATED))
    pair = found.get("betas"), next((found[name] for name in CUMULATED if name in found), None)
    if pair[0] is None or pair[1] is None or len(pair[0][1]) != len(pair[1][1]):
        return 0.0, FINE
    rough = any("16" in opened.tensors[file].dtype or "8" in opened.tensors[file].dtype for file, _ in found.values())
    return _largest(np.cumprod(1.0 - pair[0][1]) - pair[1][1]), COARSE if rough else FINE


def _apart(opened: Opened, one: WeightSet, raw: WeightSet) -> float:
    """The largest difference of the two copies' own betas or alphas_cumprod."""
    mine, theirs = (buffers(opened, weights, ("betas", *CUMULATED)) for weights in (one, raw))
    shared = [name for name in mine if name in theirs and len(mine[name][1]) == len(theirs[name][1])]
    return max((_largest(mine[name][1] - theirs[name][1]) for name in shared), default=0.0)


def _largest(difference: Array) -> float:
    worst = float(np.max(np.abs(difference)))
    return worst if math.isfinite(worst) else math.inf


def _figure(value: float) -> str:
    return f"{value:.2g}" if math.isfinite(value) else "numbers that are not finite"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _numbers(values: Sequence[Any]) -> Array | None:
    return np.array(values, dtype=np.float64) if all(_is_number(one) for one in values) else None
