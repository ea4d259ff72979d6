"""Log-likelihood along a way: the closed form, the family's own density, Hutchinson's spread, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.likelihood import GAUSSIAN, PROBE_LAWS, RADEMACHER, LikelihoodReport, Weigh
from dgm_studio.core.slow import finish
from dgm_studio.families.capabilities import HasLogProb
from dgm_studio.families.parts.continuity import log_density
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.exact_source import exact_scene, known_data
from dgm_studio.lab.likelihood_task import ESTIMATES, LikelihoodTask
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.nets.hutchinson import along_directions, rademacher
from tests.lab.recipes import small

POINT = np.array([0.7, -0.4])


def told(scene: Scene, point: np.ndarray = POINT, **how: Any) -> list[LikelihoodReport]:
    task = LikelihoodTask(scene, Weigh("lane", "run", point, **how))
    return [one for one in task.beats() if isinstance(one, LikelihoodReport)]


def exact_of(data: str, path: str = "straight") -> Scene:
    return exact_scene(known_data(data), path, torch.float64, "cpu")


@pytest.fixture(scope="module")
def learned() -> Scene:
    return Run(small("diffusion", DataSpec("eight-gaussians", {}, 60)), "cpu").scene()


@pytest.mark.parametrize("path", ["straight", "trigonometric", "vp", "edm"])
def test_the_way_of_a_gaussian_has_its_closed_form(path: str) -> None:
    """At every time, not only at the data; and the error that is said is the true one of half as many steps."""
    coarse, fine = told(exact_of("gaussian:mean=0.5,0.2;std=0.8", path), solve_steps=40)
    assert fine.kind == "ode"
    assert fine.known is not None
    assert (len(coarse.t), len(fine.t)) == (21, 41)
    assert fine.t[0] == 0
    assert fine.t[-1] == 1
    np.testing.assert_allclose(fine.x[-1], POINT)
    gap = np.abs(fine.log_p - fine.known)
    assert gap.max() < 0.02  # p_0 of VP and EDM is not quite the prior
    assert fine.error is not None
    if path == "straight":
        gap_of_coarse = abs(coarse.value - float(fine.known[-1]))
        assert gap[-1] < 1e-4
        assert fine.error == pytest.approx(gap_of_coarse, rel=0.2)
    assert fine.divergence is not None
    # d log p_t(x_t) / dt = -div v along the way (lecture 10).
    slope = np.gradient(fine.log_p, fine.t)[10:-10]
    np.testing.assert_allclose(slope, -fine.divergence[10:-10], atol=0.05)


def test_a_line_has_one_axis() -> None:
    (_, fine) = told(exact_of("two-gaussians-1d"), np.array([1.2]), solve_steps=40)
    assert fine.x.shape == (41, 1)
    assert fine.known_value is not None
    assert fine.value == pytest.approx(fine.known_value, abs=1e-3)
    # On a line one random sign is the whole divergence: v^2 = 1.
    assert fine.hutchinson[RADEMACHER].log_p_spread.max() < 1e-9
    assert fine.hutchinson[GAUSSIAN].log_p_spread[-1] > 0.01


@pytest.mark.parametrize("path", ["straight", "edm"])
def test_the_density_that_the_way_gives_integrates_to_one(path: str) -> None:
    """The continuity equation at every node of a grid over the line, by the same solve as the point's."""
    field = exact_of("two-gaussians-1d", path).exact
    assert field is not None
    x = torch.linspace(-6.0, 6.0, 241, dtype=torch.float64)[:, None]
    times = field.path.time_grid(40, torch.float64)
    density = finish(log_density(field, x, times, field.path.prior_std)).exp()
    assert float(density.sum()) * 0.05 == pytest.approx(1.0, abs=2e-3)


def test_it_is_the_familys_own_log_prob(learned: Scene) -> None:
    """The same steps give the same number, also with the exact field's flag off."""
    model, sampling = learned.model, learned.sampling
    assert isinstance(model, HasLogProb)
    x = torch.tensor(POINT[None], dtype=torch.float32)
    own = float(finish(model.log_prob(x, sampling, torch.Generator())))
    *_, fine = told(learned, solve_steps=sampling.density_steps)
    assert fine.value == pytest.approx(own, abs=1e-5)
    assert fine.known_value == pytest.approx(float(learned.mixture.log_density(POINT[None])[0]), abs=1e-6)


def test_hutchinson_is_right_on_average_and_more_probes_spread_less(learned: Scene) -> None:
    few, many = (told(learned, probes=count, seed=3, solve_steps=8)[-1] for count in (1, 12))
    for law in PROBE_LAWS:
        one = few.hutchinson[law]
        assert one.estimates == ESTIMATES
        doubt = float(one.log_p_spread[-1]) / ESTIMATES**0.5
        assert abs(float(one.log_p[-1]) - few.value) < 4 * doubt
        assert one.log_p_spread[0] == pytest.approx(0, abs=1e-5)  # at the noise nothing is estimated yet
        assert many.hutchinson[law].log_p_spread[-1] < 0.5 * one.log_p_spread[-1]
    assert few.hutchinson[RADEMACHER].log_p_spread[-1] < few.hutchinson[GAUSSIAN].log_p_spread[-1]
    again = told(learned, seed=3, solve_steps=8)[-1].hutchinson[RADEMACHER]
    assert np.array_equal(again.log_p, few.hutchinson[RADEMACHER].log_p)


def test_hutchinsons_variance_is_that_of_the_theory() -> None:
    """Of v·Jv for symmetric J: Rademacher 2 (|J|^2 - sum of J_ii^2), Gaussian 2 |J|^2 (Avron and Toledo, 2011)."""
    generator = torch.Generator().manual_seed(0)
    matrix = torch.tensor([[0.5, 0.8], [0.8, -1.2]], dtype=torch.float64)
    x = torch.zeros(1, 2, dtype=torch.float64)
    for probes, variance in (
        (rademacher((20_000, 1, 2), x, generator), 2 * 2 * 0.8**2),
        (torch.randn((20_000, 1, 2), generator=generator, dtype=torch.float64), 2 * float(matrix.square().sum())),
    ):
        value, each = along_directions(lambda y: y @ matrix, x, probes)
        assert torch.equal(value, x)
        assert float(each.mean()) == pytest.approx(-0.7, abs=0.05)
        assert float(each.var()) == pytest.approx(variance, rel=0.05)


def test_the_layers_of_a_flow_are_its_frames() -> None:
    scene = Run(small("realnvp", DataSpec("eight-gaussians", {}, 60)), "cpu").scene()
    (report,) = told(scene)
    assert report.kind == "exact"
    assert report.changes is not None
    assert len(report.names) == len(report.changes) == len(report.t) - 1
    assert isinstance(scene.model, HasLogProb)
    own = float(finish(scene.model.log_prob(torch.tensor(POINT[None]).float(), scene.sampling, torch.Generator())))
    assert report.value == pytest.approx(own, abs=1e-5)
    assert report.log_p[0] + report.changes.sum() == pytest.approx(report.value, abs=1e-5)
    # The frames are those of sampling: the noise at the way's start leads to the point.
    *_, end = scene.model.walk(torch.tensor(report.x[:1]).float(), scene.sampling, torch.Generator())
    np.testing.assert_allclose(end.x.numpy()[0], POINT, atol=1e-4)


@pytest.mark.parametrize(("family", "kind"), [("mixture", "exact"), ("vae", "bound"), ("ebm", "quadrature")])
def test_a_model_without_a_way_says_its_number_and_kind(family: str, kind: str) -> None:
    (report,) = told(Run(small(family, DataSpec("eight-gaussians", {}, 60)), "cpu").scene())
    assert report.kind == kind
    assert len(report.t) == 0
    assert np.isfinite(report.value)
    assert "no way to follow" in report.note


def test_nonsense_is_refused(learned: Scene) -> None:
    with pytest.raises(Refused, match="give 2 finite coordinates"):
        told(learned, np.array([1.0]))
    with pytest.raises(Refused, match="give 2 finite coordinates"):
        told(learned, np.array([np.nan, 0.0]))
    with pytest.raises(Refused, match="must be between 4 and 400"):
        told(learned, solve_steps=10**6)
    with pytest.raises(Refused, match="only samples"):
        told(Run(small("gan", DataSpec("eight-gaussians", {}, 60)), "cpu").scene())
    with pytest.raises(Refused, match="finite set of points"):
        told(Run(small("diffusion", DataSpec("moons", {}, 60)), "cpu").scene(), exact=True)
    with pytest.raises(Refused, match="finite set of points"):
        told(exact_of("moons"))
    with pytest.raises(Refused, match="one noise level only"):
        told(Run(small("score-matching", DataSpec("eight-gaussians", {}, 60)), "cpu").scene(), exact=True)
    with pytest.raises(Refused, match="no model to ask"):
        Desk("cpu").open(Weigh("lane", "nobody", POINT))
