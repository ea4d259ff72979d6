"""The two copies of the weights in one file that are worth comparing: as trained, and their moving average."""

from __future__ import annotations

from collections.abc import Sequence

from dgm_studio.core.inspection import WeightSet

RAW, EMA = "raw", "ema"


def raw_and_ema(weights: Sequence[WeightSet]) -> tuple[WeightSet, WeightSet] | None:
    """The raw copy and the average of it that shares most names; None where there are not both."""
    averages = [one for one in weights if EMA in one.id.split("-")]
    raws = [one for one in weights if EMA not in one.id.split("-")]
    pairs = [(raw, ema) for raw in raws for ema in averages if raw.names.keys() & ema.names.keys()]
    return max(pairs, key=lambda pair: (_part(pair[0]) == _part(pair[1]), len(_shared(pair))), default=None)


def _part(one: WeightSet) -> str:
    """ "generator" of "generator-ema"; "" where there is one part only."""
    return "" if one.id == RAW else one.id.partition(EMA)[0].rstrip("-")


def _shared(pair: tuple[WeightSet, WeightSet]) -> set[str]:
    return set(pair[0].names) & set(pair[1].names)
