"""Solvers' settings as knobs: declared by the solver alone, handed to it, and what fits no model is refused."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, checked, fill, find_knob, knob, knobs_of
from dgm_studio.families import families
from dgm_studio.families.parts.solver_knobs import SOLVERS, fit_solver, settings_of, solver_of, unfit_of, with_settings
from dgm_studio.families.pictures import picture_families
from dgm_studio.lab.run import Run
from dgm_studio.solvers import solvers
from tests.lab.recipes import small

WALKED = [
    kind.Sampling
    for kind in (*families().values(), *picture_families().values())
    if (own := next((one for one in knobs_of(kind.Sampling) if one.name == "solver"), None)) is not None
    and "predictor-corrector" in {choice.id for choice in own.choices}
]
"""Sampling of every family that offers the studio's solvers."""


@dataclass(frozen=True)
@with_settings
class Sampling:
    """Of no family."""

    solver: str = knob("euler", "Solver", "The stepper.", choices=SOLVERS)
    steps: int = knob(24, "Steps", "Steps.", low=1, high=1000)
    last: bool = knob(False, "Last", "What stands after the steps.")


def test_the_families_with_a_solver_are_known() -> None:
    assert len(WALKED) >= 7


@pytest.mark.parametrize("kind", [Sampling, *WALKED], ids=lambda kind: kind.__module__.rpartition(".")[2])
def test_every_setting_of_every_solver_offered_is_a_knob_as_the_solver_declares_it(kind: type) -> None:
    offered = [choice.id for choice in find_knob(knobs_of(kind), "solver").choices]
    for id in offered:
        for setting in knobs_of(type(solvers()[id])):
            own = find_knob(knobs_of(kind), setting.name)
            assert dataclasses.replace(own, when=None) == setting
            assert own.when is not None
            assert own.when[0] == "solver"
            assert id in own.when[1]
        assert solver_of(fill(kind, {"solver": id})) == solvers()[id], "the defaults are the solver's own"


def test_settings_stand_after_the_steps_and_reach_their_solver() -> None:
    names = [one.name for one in knobs_of(Sampling)]
    assert names[:2] == ["solver", "steps"]
    assert names[-1] == "last"
    for id, values in (
        ("dopri5", {"rtol": 1e-8, "atol": 1e-7}), ("ddpm", {"posterior": "beta"}), ("mala", {"step_size": 0.3}),
        ("predictor-corrector", {"snr": 0.3, "corrections": 2}), ("annealed-langevin", {"level_steps": 9}),
    ):  # fmt: skip
        solver: Any = solver_of(fill(Sampling, {"solver": id, **values}))
        assert {name: getattr(solver, name) for name in values} == values


def test_values_saved_before_there_were_settings_still_fill_it() -> None:
    old: Any = fill(Sampling, {"solver": "ddim", "steps": 7, "eta": 0.5})
    assert solver_of(old) == dataclasses.replace(solvers()["ddim"], eta=0.5)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 10**6), ("steps", 0), ("step_size", 0.0), ("step_size", float("nan")), ("rtol", 0.0), ("rtol", 1e-17),
        ("atol", float("inf")), ("level", 1.5), ("level_size", 0.0), ("eta", -1.0),
    ],
)  # fmt: skip
def test_what_no_solver_can_walk_with_is_refused_with_a_sentence(name: str, value: float) -> None:
    with pytest.raises(Refused, match=rf"\({name}\).*\.$"):
        checked(knobs_of(Sampling), {name: value})


def test_a_name_that_is_taken_is_a_programming_error() -> None:
    class Taken:
        solver: str = knob("ddim", "Solver", "The stepper.", choices=(Choice("ddim", "DDIM"),))
        steps: int = knob(1, "Steps", "Steps.", low=1, high=9)
        eta: float = knob(0.3, "Own", "Its own.", low=0.0, high=1.0)

    with pytest.raises(TypeError, match="'eta' of ddim"):
        settings_of("ddim")(Taken)


@pytest.mark.parametrize(
    ("family", "fits"), [("diffusion", {"ddpm", "langevin"}), ("pair-flow-matching", {"dopri5", "midpoint"}),
                         ("reflow", {"rk4"})],
)  # fmt: skip
def test_a_run_tells_which_solvers_cannot_walk_it_and_refuses_them(family: str, fits: set[str]) -> None:
    run = Run(small(family))
    unfit = run.report().unfit
    assert unfit == unfit_of(run.model)
    assert "mala" in unfit
    assert not fits & unfit.keys()
    scene, generator = run.scene(), torch.Generator().manual_seed(0)
    start = scene.model.prior(5, generator)
    for id in list(unfit)[:3]:
        sampling = run.sampling_with({"solver": id, "steps": 2})
        with pytest.raises(Refused, match="cannot walk here"):
            list(scene.model.walk(start, sampling, generator))
    for id in fits:
        *_, last = scene.model.walk(start, run.sampling_with({"solver": id, "steps": 3}), generator)
        assert bool(last.x.isfinite().all())
        assert fit_solver(run.sampling_with({"solver": id}), run.model) == solvers()[id]
