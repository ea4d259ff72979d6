"""What a person sets in Likelihood, and a session keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.core.likelihood import PROBE_LAW, PROBES, RADEMACHER, SEED, STEPS

SOLVE_KNOBS, PROBE_KNOBS = (STEPS,), (PROBE_LAW, PROBES, SEED)
OWN_KNOBS = (*SOLVE_KNOBS, *PROBE_KNOBS)


@dataclass(frozen=True)
class Settings:
    """By the names of the knobs."""

    solve_steps: int = 48
    law: str = RADEMACHER
    probes: int = 1
    seed: int = 0

    @property
    def asked(self) -> dict[str, int]:
        """What the worker is told: both laws of probes are drawn, one of them is shown in the plots."""
        return {"solve_steps": self.solve_steps, "probes": self.probes, "seed": self.seed}

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
