"""What the diffusers candidates share: a component's class and sizes, read as data, and its scheduler's settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.predictions import EPSILON, NOISE_TO_DATA, TARGETS, VELOCITY
from dgm_studio.checkpoints.candidates.schedules import alphas_cumprod_of, scheduler_config
from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, PICTURES, Candidate, Conclusion

EXTRA = "diffusers"
KINDS = ("linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid")
"""Noise schedules that a person may choose instead of the file's."""
SPACINGS = ("leading", "trailing", "linspace")
VARIANCES = ("fixed_small", "fixed_large")
LEARNED = ("learned", "learned_range")
FLOWS = ("FlowMatchEulerDiscreteScheduler", "FlowMatchHeunDiscreteScheduler")
CONTINUOUS = ("ScoreSdeVeScheduler", "ScoreSdeVpScheduler", "KarrasVeScheduler", "CMStochasticIterativeScheduler")
"""Schedulers of other chains than a discrete one: what they ran is not sampled here."""
UNSAID = "assumed: no scheduler_config.json came with it"


class Unfit(Exception):
    """Why a component that names the class cannot be built: a reason for BROKEN."""


def class_of(asked: Asked) -> str:
    """The class that the component's config.json names; "" where there is none."""
    named = asked.config.get("_class_name")
    return named if isinstance(named, str) else ""


def whole(config: Mapping[str, Any], name: str, default: int, low: int, high: int) -> int:
    """A whole number of the config; Unfit where it is none, or out of bounds."""
    found = config.get(name)
    found = default if found is None else found
    if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
        raise Unfit(f"config.json gives {name} = {str(found)[:40]}; a whole number from {low:,} to {high:,} is needed.")
    return found


def wholes(config: Mapping[str, Any], name: str, default: Sequence[int], most: int, high: int) -> tuple[int, ...]:
    """A list of whole numbers from 1 to `high`, at most `most` of them; Unfit where it is none."""
    found = config.get(name, default)
    sound = isinstance(found, (list, tuple)) and 1 <= len(found) <= most
    if not sound or any(isinstance(one, bool) or not isinstance(one, int) or not 1 <= one <= high for one in found):
        raise Unfit(
            f"config.json gives {name} = {str(found)[:60]}; 1 to {most} whole numbers up to {high:,} are needed."
        )
    return tuple(found)


def sides(config: Mapping[str, Any]) -> tuple[int, int] | None:
    """Rows and columns of sample_size; None where it is not said."""
    found = config.get("sample_size")
    if found is None:
        return None
    pair = (found, found) if isinstance(found, int) else tuple(found) if isinstance(found, (list, tuple)) else ()
    if len(pair) != 2 or any(isinstance(one, bool) or not isinstance(one, int) or not 1 <= one <= 4096 for one in pair):
        raise Unfit(f"config.json gives sample_size = {str(found)[:40]}; 1 to 4,096 pixels a side are needed.")
    return pair[0], pair[1]


def expect(asked: Asked, name: str, want: tuple[int, ...]) -> None:
    """Unfit unless the file's tensor has the shape that the config leads to."""
    have = asked.shape(name)
    if have != want:
        got = "is missing" if have is None else f"is {have}"
        raise Unfit(f"{name} {got}; by config.json it is {want}.")


def part(asked: Asked, *names: str) -> tuple[str, Mapping[str, Any]]:
    """Another component of the same folder by the first of these names that has a config: ("vae", its config); ("", {})
    where there is none, or this file is one component by itself."""
    tree = asked.opened.tree if isinstance(asked.opened.tree, Mapping) else {}
    for name in names:
        found = tree.get(f"{name}/config.json")
        if isinstance(found, Mapping) and any(tensor.startswith(f"{name}.") for tensor in asked.opened.tensors):
            return name, found
    return "", {}


def scheduler_settings(asked: Asked) -> tuple[Conclusion, ...]:
    """Prediction, schedule, clipping, variance, spacing: each with its source and what may be chosen instead. Unfit
    where the scheduler is of a kind that is not sampled here."""
    config, path = scheduler_config(asked.opened.tree)
    name = str(config.get("_class_name", ""))[:80]
    if name in CONTINUOUS:
        raise Unfit(f"Its scheduler is {name}, whose noise levels are continuous; that is not sampled here.")
    source = f"from {path.rpartition('/')[2]}" if config else UNSAID
    flow = name in FLOWS
    beside = {one.name: one for one in asked.beside}
    own = Conclusion("prediction", "Prediction", VELOCITY if flow else EPSILON, source)
    found = beside.get("prediction", own)
    options = (VELOCITY, NOISE_TO_DATA) if flow else TARGETS
    found = Conclusion(found.name, found.title, found.value, found.source, options)
    if flow:
        return found, Conclusion("schedule", "Noise schedule", "straight path", source)
    if alphas_cumprod_of(config) is None:
        raise Unfit(
            f"Its scheduler's betas ({str(config.get('beta_schedule'))[:40]}) make no chain that is known here."
        )
    known = beside.get("schedule")
    value = known.value if known is not None else f"linear (0.0001 to 0.02), {_length(config):,} steps"
    return (
        found,
        Conclusion("schedule", "Noise schedule", value, known.source if known is not None else source, KINDS),
        beside.get("clip", Conclusion("clip", "Clean picture kept within", 1.0 if config else 0.0, source)),
        _word(config, "variance_type", "variance", "DDPM's variance", VARIANCES, LEARNED, source),
        _word(config, "timestep_spacing", "spacing", "Spacing of steps", SPACINGS, (), source),
    )


def _length(config: Mapping[str, Any]) -> int:
    found = alphas_cumprod_of(config)
    return 0 if found is None else len(found)


def _word(
    config: Mapping[str, Any],
    key: str,
    name: str,
    title: str,
    options: tuple[str, ...],
    also: tuple[str, ...],
    source: str,
) -> Conclusion:
    found = config.get(key)
    if found in (*options, *also):
        return Conclusion(name, title, found, source, tuple(dict.fromkeys((found, *options))))
    if isinstance(found, str) and found.removesuffix("_log") in options:
        return Conclusion(name, title, found.removesuffix("_log"), source, options)
    return Conclusion(name, title, options[0], f"{source} (its class's default)" if config else source, options)


def architecture(
    id: str, title: str, classes: tuple[str, ...], telling: tuple[str, ...],
    settle: Callable[[Asked], tuple[float, tuple[str, ...], tuple[Conclusion, ...]]],
) -> Architecture:  # fmt: skip
    """A candidate for components whose config.json names one of `classes`. `telling` are tensors by which the class is
    known without a config; `settle` gives score, reasons and settings, or raises Unfit."""

    def judge(asked: Asked) -> Candidate:
        named = class_of(asked)
        if named and named not in classes:
            return Candidate(id, title, NOT_MINE, 0.0, (f"config.json names the class {named[:80]}.",))
        if not named:
            if telling and all(name in asked.tensors for name in telling):
                reason = (
                    f"The tensors are named as those of {classes[0]}, but the config.json that tells its sizes is not "
                    "beside them: open its folder."
                )
                return Candidate(id, title, BROKEN, 0.4, (reason,), PICTURES, 3, EXTRA)
            return Candidate(id, title, NOT_MINE, 0.0, (f"No config.json names the class {classes[0]}.",))
        try:
            score, reasons, settings = settle(asked)
        except Unfit as unfit:
            return Candidate(id, title, BROKEN, 0.5, (str(unfit),), PICTURES, 3, EXTRA)
        reasons = (f"config.json names the class {named}.", *reasons)
        return Candidate(id, title, MATCH, score, reasons, PICTURES, 1, EXTRA, settings)

    return Architecture(id, title, judge)
