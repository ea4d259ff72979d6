"""Small priors over codes, for tests."""

from __future__ import annotations

from dgm_studio.core.knobs import Value
from dgm_studio.lab.run import Run
from tests.pictures import picture_recipe

FIRST: dict[str, Value] = {"codes": 6, "code_dim": 2, "width": 4, "blocks": 0}
SMALL_CODES: dict[str, Value] = {**FIRST, "token_width": 8, "token_layers": 2}


def code_run(
    family: str, training: dict[str, Value] | None = None, design: dict[str, Value] | None = None, steps: int = 3
) -> Run:
    """A run whose first stage lasts three steps, after `steps` steps."""
    own: dict[str, Value] = {"first_steps": 3, "warm_up": 2, **(training or {})}
    run = Run(picture_recipe(family, {**SMALL_CODES, **(design or {})}, own))
    for _ in run.steps(steps) if steps else ():
        pass
    return run
