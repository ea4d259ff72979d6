"""What a person sets in the Trajectories panel, beside the model's own Sampling knobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Knob, Value, checked

LEARNED, EXACT = "learned", "exact"
FIELD = Knob(
    "field", str, LEARNED, "Field", "What carries the particles: what was learned, or the known truth.",
    choices=(
        Choice(LEARNED, "Learned", "Along what the model has learned"),
        Choice(EXACT, "Exact", "Along the exact field of the data, by the same solver from the same noise"),
    ),
)  # fmt: skip
COUNT = Knob("count", int, 2_000, "Particles", "How many points are carried from noise to data.", 1, 20_000, log=True)
SEED = Knob("seed", int, 0, "Seed", "Draws the noise; the same seed gives the same film.", 0, 99_999)
TAILS = Knob(
    "tails",
    int,
    6,
    "Tails",
    "How many frames back the first 300 particles leave a trace.",
    0,
    100,
    unit="frames",
)
FOLLOW = Knob("follow", bool, False, "Follow training", "Film again by itself whenever training pauses further on.")
FILM_KNOBS, PICTURE_KNOBS, CLOCK_KNOBS = (FIELD, COUNT, SEED), (TAILS,), (FOLLOW,)
OWN_KNOBS = (*FILM_KNOBS, *PICTURE_KNOBS, *CLOCK_KNOBS)


@dataclass(frozen=True)
class Settings:
    """What a person sets here and a session keeps, beside the Sampling knobs."""

    field: str = LEARNED
    count: int = 2_000
    seed: int = 0
    tails: int = 6
    follow: bool = False

    @staticmethod
    def of(values: Mapping[str, Any]) -> Settings:
        """From a session; what is missing or foreign is the default."""
        known = {one.name: values[one.name] for one in OWN_KNOBS if one.name in values}
        try:
            return Settings(**checked(OWN_KNOBS, known))  # type: ignore[arg-type]
        except Refused:
            return Settings()

    def with_value(self, name: str, value: Value) -> Settings:
        """One of them changed."""
        return replace(self, **{name: value})  # type: ignore[arg-type]
