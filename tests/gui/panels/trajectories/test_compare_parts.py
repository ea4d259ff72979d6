"""What a comparison is made of, without a window: the common clock, the words, who stands beside whom, the plot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.card import Card
from dgm_studio.core.comparing import LANES, ConvergencePoint, Estimated
from dgm_studio.core.knobs import Choice, Knob, Value
from dgm_studio.core.sketch import DASHED
from dgm_studio.gui.panels.trajectories.compare_clock import clock_of, frame_at, moments
from dgm_studio.gui.panels.trajectories.compare_errors import error_plot, slope_of
from dgm_studio.gui.panels.trajectories.compare_lanes import Contender, heads, shared, title_of, words_of
from dgm_studio.gui.panels.trajectories.compare_lineup import restored
from dgm_studio.gui.panels.trajectories.compare_presets import PRESETS, Ground

TIMES = st.lists(st.floats(0, 1, allow_nan=False).map(lambda t: round(t, 6)), min_size=1, max_size=20).map(sorted)
SOLVER = Knob(
    "solver", str, "euler", "Solver", "The stepper.",
    choices=tuple(Choice(one, one.title()) for one in ("euler", "heun", "rk4", "euler-maruyama", "ddim")),
)  # fmt: skip
STEPS = Knob("steps", int, 24, "Steps", "From noise to data.", 1, 1000)
ETA = Knob("eta", float, 0.0, "Eta", "DDIM's noise.", 0, 1, when=("solver", ("ddim",)))
GUIDANCE = Knob("guidance", float, 1.0, "Guidance", "The label's weight.", 0, 10)
KNOBS = (SOLVER, STEPS, ETA)


def _card(name: str, evaluations: float = 1.0) -> Card:
    return Card(id=name, title=name, summary="", lecture="", facts=(("evaluations", evaluations),))


COSTS = {"euler": 1, "heun": 2, "rk4": 4, "euler-maruyama": 1, "ddim": 1}
SOLVERS = {name: _card(name, cost) for name, cost in COSTS.items()}
PATHS = {name: _card(name) for name in ("vp", "ve", "straight")}
OWN: dict[str, Value] = {"solver": "heun", "steps": 12, "eta": 0.0}
GROUND = Ground("Flow", KNOBS, OWN, exact=True, solvers=SOLVERS, paths=PATHS, data="@train")


@given(TIMES)
@settings(max_examples=40, deadline=None)
def test_a_clock_rises_strictly_and_keeps_every_new_time(times: list[float]) -> None:
    clock = clock_of(times)
    assert len(clock) == len(times)
    assert bool(np.all(np.diff(clock) > 0))
    if len(set(times)) > 1:
        first = [k for k in range(len(times)) if (k == 0 or times[k] > times[k - 1]) and times[k] < 1]
        assert clock[first] == pytest.approx([times[k] for k in first])


@given(st.lists(TIMES, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_every_frame_of_every_film_is_a_moment_and_is_shown_at_it(films: list[list[float]]) -> None:
    clocks = [clock_of(times) for times in films]
    every = moments(clocks)
    for clock in clocks:
        shown = [frame_at(clock, float(time)) for time in every if time >= clock[0] - 1e-9]
        assert sorted(set(shown)) == list(range(len(clock)))
        assert shown == sorted(shown)


def test_films_of_few_and_many_steps_share_one_clock() -> None:
    few, many = clock_of([0, 0.5, 1]), clock_of(list(np.linspace(0, 1, 5)))
    every = moments([few, many])
    assert every == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert [frame_at(few, t) for t in every] == [0, 0, 1, 1, 2]
    assert moments([few, many], until=0.5) == pytest.approx([0, 0.25, 0.5])


def test_a_chain_at_one_level_takes_the_whole_clock() -> None:
    assert clock_of([0.9] * 5) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert clock_of([0, 0, 1, 1]) == pytest.approx([0, 0.25, 0.5, 1])
    assert clock_of([0, 0.5, 0.5]) == pytest.approx([0, 0.5, 1])
    assert frame_at(np.zeros(0), 0.5) == -1


def test_heads_say_what_differs_and_the_subtitle_what_does_not() -> None:
    films = [Contender(sampling={"solver": "euler", "steps": 32}), Contender(sampling={"solver": "heun", "steps": 1})]
    words = [words_of(one, "Flow", KNOBS, OWN) for one in films]
    assert heads(words) == ["Euler · 32 steps", "Heun · 1 step"]
    assert shared(words, ("", "solver", "steps")) == "Flow"
    assert heads(words[:1] * 2) == ["Euler", "Euler"]


def test_settings_of_another_solver_are_no_difference() -> None:
    films = [Contender(sampling={"solver": "euler", "eta": 0.5}), Contender(sampling={"solver": "euler", "eta": 0.0})]
    assert heads([words_of(one, "Flow", KNOBS, OWN) for one in films]) == ["Euler", "Euler"]
    ddim = [Contender(sampling={"solver": "ddim", "eta": eta}) for eta in (0.0, 1.0)]
    assert heads([words_of(one, "Flow", KNOBS, OWN) for one in ddim]) == ["Eta 0", "Eta 1"]


def test_titles_of_runs_exact_fields_and_files() -> None:
    assert title_of(Contender(), "Flow", None) == "Flow"
    assert title_of(Contender(exact=True), "Flow", None) == "Flow, exact field"
    assert title_of(Contender("exact:vp:moons"), "Flow", None) == "vp, exact"
    assert title_of(Contender("/some/where/mine.safetensors"), "Flow", None) == "mine.safetensors"


def test_solvers_spend_the_same_number_of_evaluations() -> None:
    found = PRESETS["solvers"][0](GROUND)
    assert isinstance(found, tuple)
    spent = [int(one.sampling["steps"]) * COSTS[str(one.sampling["solver"])] for one in found]
    assert spent == [32] * len(found)
    assert len({one.sampling["solver"] for one in found}) == len(found) == LANES


def test_a_solver_that_does_not_fit_is_not_lined_up() -> None:
    without = Ground("Flow", KNOBS, OWN, unfit={"rk4": "It jumps."}, solvers=SOLVERS, paths=PATHS)
    found = PRESETS["solvers"][0](without)
    assert [one.sampling["solver"] for one in found if isinstance(one, Contender)] == ["euler", "heun", "ddim"]


def test_lecture_13s_paths_are_exact_and_of_the_runs_data() -> None:
    found = PRESETS["paths"][0](GROUND)
    assert [one.source for one in found if isinstance(one, Contender)] == [
        "exact:vp:@train", "exact:ve:@train", "exact:straight:@train",
    ]  # fmt: skip


def test_learned_beside_exact_differ_in_nothing_else() -> None:
    found = PRESETS["learned-exact"][0](GROUND)
    assert isinstance(found, tuple)
    learned, exact = found
    assert (learned.exact, exact.exact) == (False, True)
    assert dict(learned.sampling) == dict(exact.sampling) == OWN


def test_without_a_solver_of_its_own_the_exact_flow_is_walked() -> None:
    gan = Ground("GAN", (), {}, solvers=SOLVERS, paths=PATHS, data="@train")
    for name in ("solvers", "ode-sde", "steps", "paths"):
        found = PRESETS[name][0](gan)
        assert isinstance(found, tuple), name
        assert all(one.source.startswith("exact:") for one in found)
    for name in ("learned-exact", "reflow", "guidance"):
        why = PRESETS[name][0](gan)
        assert isinstance(why, str), name
        assert why.endswith(".")


def test_guidance_needs_labels_and_then_differs_in_its_scale_alone() -> None:
    knobs = (*KNOBS, GUIDANCE)
    idle = Ground("Flow", knobs, OWN, idle={"guidance": "It has no classes."}, solvers=SOLVERS)
    assert PRESETS["guidance"][0](idle) == "It has no classes."
    found = PRESETS["guidance"][0](Ground("Flow", knobs, OWN, solvers=SOLVERS))
    assert [one.sampling["guidance"] for one in found if isinstance(one, Contender)] == [0, 1, 2, 4]


def test_reflow_stands_before_and_after_its_rounds() -> None:
    rounds = Knob("round", int, 4, "Round", "Which flow is walked.", 0, 4)
    found = PRESETS["reflow"][0](Ground("Reflow", (STEPS, rounds), {"steps": 1, "round": 4}, solvers=SOLVERS))
    assert [(one.sampling["round"], one.sampling["steps"]) for one in found if isinstance(one, Contender)] == [
        (0, 2), (1, 2), (2, 2),
    ]  # fmt: skip


def _point(steps: int, error: float, slope: float | None = None) -> ConvergencePoint:
    found = None if slope is None else Estimated(slope, slope - 0.1, slope + 0.1)
    return ConvergencePoint(0, steps, 2 * steps, 0.1, Estimated(error, 0.9 * error, 1.1 * error), "exact", 2.0, found)


def test_the_plot_holds_the_points_and_a_line_of_the_claimed_slope() -> None:
    points = [_point(k, 3.0 / k**2, 2.0 if k > 8 else None) for k in (4, 8, 16, 32)]
    plot = error_plot([("Heun", "#aabbcc", points)], [])
    curve, claimed = plot.lines
    assert plot.log_x
    assert plot.log_y
    assert list(curve.x) == [8, 16, 32, 64]
    assert list(curve.y) == [one.error.value for one in points]
    assert claimed.style == DASHED
    slope = np.diff(np.log(claimed.y)) / np.diff(np.log(claimed.x))
    assert slope == pytest.approx([-2.0])
    assert slope_of(points) == points[-1].slope
    assert slope_of(points[:2]) is None


def test_a_session_keeps_who_was_compared_and_leaves_out_what_is_foreign() -> None:
    films = [Contender("exact:vp:moons", False, {"steps": 3}), Contender(exact=True)]
    assert list(restored([one.held() for one in films])) == films
    assert restored([{"source": 3}, "x", None]) == []
    assert restored({"a": 1}) == []
