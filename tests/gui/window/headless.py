"""The same run and the same picture without a window: what the drawn arrays are compared with."""

from __future__ import annotations

from dataclasses import replace

from dgm_studio.core.ask import Ask
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture
from dgm_studio.lab.run import Run
from dgm_studio.lab.watcher import show
from tests.lab.recipes import go


def trained(recipe: Recipe) -> Run:
    """The recipe run again from step 0 to the step it reached."""
    run = Run(replace(recipe, step=0))
    go(run, recipe.step)
    return run


def picture(run: Run, ask: Ask) -> Picture:
    """One view of it."""
    *_, last = show(run.scene(), ask)
    assert isinstance(last, Picture), last
    return last
