"""What to see in a race of fits, with this run's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.measured import NATS
from dgm_studio.lab.scenes.parts.fit_knobs import SAMPLES, Knobs, Look

COVERED = 2.0
"""A mode is covered by a fit when it lies within so many of the fit's sigma of its mean."""
BOTH, LEFT, RIGHT, NEITHER = "cover both modes", "keep the left mode", "keep the right mode", "miss both modes so far"


class Run(NamedTuple):
    """How far a race is: steps, mean and sd of every fit (5, 2), every measure (row) of every fit (column) (5, 5), each
    fit's own value at the start (5,)."""

    steps: int
    along: Array
    table: Array
    first: Array


def caption(knobs: Knobs, looks: Mapping[str, Look], run: Run, trapped: Mapping[str, tuple[float, float]]) -> str:
    """`trapped`: fits in a local minimum that is not the best, their value and the best."""
    titles, table = [look.word for look in looks.values()], run.table
    begun = f"After {run.steps:,} step{'s' if run.steps > 1 else ''}"
    noise = (
        f" Gradients from n = {knobs.samples:,} are noisy: the fits settle only as the learning rate falls."
        if knobs.gradient == SAMPLES
        else ""
    )
    if knobs.components > 1:
        own = table.diagonal()
        left = own / np.maximum(run.first, 1e-12)
        worst = int(np.argmax(left))
        return (
            f"{begun}: {knobs.components} Gaussians can be p itself, so all five objectives have one least value, 0, "
            f"and nothing need be left out. Furthest from it is {titles[worst]}: "
            f"{own[worst]:.2g}{in_words(list(looks.values())[worst])}, {100 * left[worst]:.2g} % of its start.{noise}"
        )
    said = [where(knobs, float(mean), float(sd)) for mean, sd in run.along]
    groups = []
    for what in (BOTH, LEFT, RIGHT, NEITHER):
        names = [title for title, one in zip(titles, said, strict=True) if one == what]
        if names:
            groups.append(f"{listed(names)} {what if len(names) > 1 else singular(what)}")
    text = f"{begun}: {'; '.join(groups)}."
    reverse = list(looks).index("reverse-kl")
    if said[reverse] in (LEFT, RIGHT):
        missed = 1 - knobs.weight if said[reverse] == LEFT else knobs.weight
        text += (
            f" Reverse KL pays only {table[reverse, reverse]:.2g} nats for missing {100 * missed:.0f} % of p; "
            f"by forward KL that fit costs {table[0, reverse]:.3g} nats."
        )
    if trapped:
        names = [looks[name].word for name in trapped]
        values = [f"{now:.3g} against {best:.3g}{in_words(looks[name])}" for name, (now, best) in trapped.items()]
        what = "rests in a local minimum" if len(names) == 1 else "rest in local minima"
        text += f" {sentence(listed(names))} {what} ({', '.join(values)} elsewhere): drag the start."
    return text + noise


def where(knobs: Knobs, mean: float, sd: float) -> str:
    """What a fit does about the two modes."""
    half = knobs.separation / 2
    left, right = abs(mean + half) <= COVERED * sd, abs(mean - half) <= COVERED * sd
    return BOTH if left and right else LEFT if left else RIGHT if right else NEITHER


def singular(what: str) -> str:
    """ "cover both modes" -> "covers both modes"."""
    verb, rest = what.split(" ", 1)
    return f"{verb}{'es' if verb == 'miss' else 's'} {rest}"


def in_words(look: Look) -> str:
    """What stands behind a number of this objective."""
    return f" {NATS}" if look.unit == NATS else ""


def listed(names: list[str]) -> str:
    """ "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def sentence(text: str) -> str:
    """With its first letter a capital."""
    return text[0].upper() + text[1:]
