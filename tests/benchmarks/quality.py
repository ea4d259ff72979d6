"""What 20 seconds of training are worth: flow matching on eight Gaussians with every default."""

from __future__ import annotations

import time

import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.slow import finish
from dgm_studio.core.starting import starting_recipe
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.lab.film import model_states
from dgm_studio.lab.run import Run
from dgm_studio.lab.views.fresh import floor, fresh_data
from dgm_studio.measures.modes import mode_coverage
from dgm_studio.measures.sliced_w2 import sliced_w2
from tests.benchmarks.row import Row

SECONDS = 20.0
POINTS = 2_000


def measure() -> list[Row]:
    """Modes covered, and the sliced W2 of a film's last frame to fresh data over the mean noise floor."""
    torch.set_num_threads(1)
    run = Run(starting_recipe(Diffusion.entry(), "flow-matching", DataSpec("eight-gaussians"), 7))
    begun = time.perf_counter()
    for _ in run.beats():
        if time.perf_counter() - begun > SECONDS:
            break
    scene = run.scene()
    _, states = model_states(scene, POINTS, None, scene.generator(1))
    *_, last = states
    distance = sliced_w2(last.x, fresh_data(scene, POINTS), scene.generator(2))
    nothing = finish(floor(scene, POINTS))
    covered = mode_coverage(last.x, scene.mixture)
    return [
        Row("Eight Gaussians, flow matching, 20 s: steps", "", float(run.fit.step), "steps"),
        Row("    modes covered", f"at least {covered.modes}", float(covered.covered), "modes"),
        Row(
            "    sliced W2 of the film's end points over its noise floor",
            "at most 3",
            distance / nothing.value,
            "",
        ),
    ]
