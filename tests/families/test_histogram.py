"""The histogram against numpy's, its own bins' volume, and multinomial frequencies."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.histogram import ALL, Design, Histogram, Sampling, Training
from dgm_studio.nets.init import init


def normal(n: int, dim: int, seed: int = 0) -> Tensor:
    return torch.randn((n, dim), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def fitted(x: Tensor, bins: int, training: Training | None = None, steps: int = 1) -> Fit:
    model = init(Histogram(Design(bins=bins), x.shape[1]), torch.Generator().manual_seed(0)).double()
    labels = torch.zeros(len(x), dtype=torch.int64)
    fit = Fit(model, training or Training(counting=ALL), x, labels, torch.Generator().manual_seed(1))
    beats = fit.beats()
    for _ in range(steps):
        next(beats)
    return fit


def model_of(fit: Fit) -> Histogram:
    assert isinstance(fit.model, Histogram)
    return fit.model


def density(model: Histogram, x: Tensor, smoothing: float = 0.0) -> Tensor:
    return finish(model.log_prob(x, Sampling(smoothing=smoothing), torch.Generator()))


@pytest.mark.parametrize(("dim", "bins"), [(1, 17), (2, 9), (3, 5)])
def test_counts_and_densities_are_numpys(dim: int, bins: int) -> None:
    x = normal(700, dim)
    model = model_of(fitted(x, bins))
    walls = [(float(low), float(high)) for low, high in zip(model.box.low, model.box.high, strict=True)]
    counts, edges = np.histogramdd(x.numpy(), bins=bins, range=walls)
    assert np.array_equal(model.counts.numpy().reshape(counts.shape), counts)
    height, _ = np.histogramdd(x.numpy(), bins=bins, range=walls, density=True)
    centres = [(edge[1:] + edge[:-1]) / 2 for edge in edges]
    grid = torch.from_numpy(np.stack(np.meshgrid(*centres, indexing="ij"), -1).reshape(-1, dim))
    torch.testing.assert_close(density(model, grid).exp(), torch.from_numpy(height.reshape(-1)))
    volume = float(np.prod([edge[1] - edge[0] for edge in edges]))
    assert float(density(model, grid, 2.5).exp().sum() * volume) == pytest.approx(1, abs=1e-12)


def test_smoothing_is_laplaces_rule_and_outside_is_impossible() -> None:
    x = normal(50, 2)
    model = model_of(fitted(x, 10))
    pi = model.probabilities(1.0)
    torch.testing.assert_close(pi, (model.counts + 1) / (50 + 100))
    empty = model.bin_of(x)[0].new_tensor(int(model.counts.argmin()))
    assert model.counts[empty] == 0
    assert float(pi[empty]) == pytest.approx(1 / 150)
    far = torch.tensor([[50.0, 0.0], [float(model.box.high[0]) + 1e-9, 0.0]], dtype=torch.float64)
    assert bool((density(model, far, 1.0) == -math.inf).all())


def test_drawing_batches_converges_to_counting_all() -> None:
    x = normal(400, 2)
    every, drawn = model_of(fitted(x, 6)), model_of(fitted(x, 6, Training(batch=4096), steps=200))
    assert float(drawn.counts.sum()) == 200 * 4096
    torch.testing.assert_close(drawn.probabilities(0.0), every.probabilities(0.0), atol=2e-3, rtol=0)


def test_forgetting_and_new_data() -> None:
    fit = fitted(normal(400, 2), 6, Training(batch=100, forgetting=0.5), steps=40)
    model = model_of(fit)
    assert float(model.counts.sum()) == pytest.approx(200)  # 100 / (1 - 0.5)
    walls = model.box.high.clone()
    fit.set_data(0.5 * fit.points, fit.labels)
    next(fit.beats())
    assert torch.equal(model.box.high, walls)  # data that stay inside keep the box and the counts
    assert float(model.counts.sum()) == pytest.approx(200)
    fit.set_data(fit.points + 20, fit.labels)
    next(fit.beats())
    assert float(model.counts.sum()) == 100
    assert bool((model.box.low > 10).all())


def test_samples_follow_the_bins_and_are_uniform_within() -> None:
    x = normal(300, 2)
    model = model_of(fitted(x, 5))
    generator = torch.Generator().manual_seed(3)
    start, centres, found = (s.x for s in model.walk(model.prior(40_000, generator), Sampling(), generator))
    assert bool(density(model, found).isfinite().all())
    assert torch.equal(model.bin_of(found)[0], model.bin_of(centres)[0])
    shares = torch.bincount(model.bin_of(found)[0], minlength=25) / len(found)
    torch.testing.assert_close(shares.double(), model.probabilities(0.0), atol=0.008, rtol=0)
    place = (found - centres) / (model.box.size / 5)
    assert float(place.abs().max()) < 0.5
    torch.testing.assert_close(place.var(0), torch.full((2,), 1 / 12, dtype=torch.float64), atol=2e-3, rtol=0)
    assert bool(model.bin_of(start)[1].all())


def test_facts_count_the_curse_of_dimensionality() -> None:
    x = normal(1000, 2)
    model = model_of(fitted(x, 32))
    facts = {fact.label: fact.text for fact in finish(model.facts(x, Sampling(), torch.Generator()))}
    assert facts["Parameters, 2-D"] == "1,023 for 1,000 points"
    assert facts["Parameters, 10-D"].startswith("1.1e+15 ")
    empty = 1 - len(torch.unique(model.bin_of(x)[0])) / 1024
    assert facts["Empty bins"] == f"{100 * empty:.1f} %"
    assert facts["Log-likelihood"] == f"{float(density(model, x).mean()):.3f} nats"


def test_the_edges_are_lines_dots_or_refused() -> None:
    plane = model_of(fitted(normal(50, 2), 4))
    shown = finish(plane.structure(normal(50, 2), Sampling(), torch.Generator()))
    assert len(shown.lines) == 10
    x = torch.stack([line[0, 0] for line in shown.lines[:5]])
    torch.testing.assert_close(x, torch.linspace(float(x[0]), float(x[-1]), 5, dtype=torch.float64))
    assert (float(x[0]), float(x[-1])) == (float(plane.box.low[0]), float(plane.box.high[0]))
    line = model_of(fitted(normal(50, 1), 4))
    dots = finish(line.structure(normal(50, 1), Sampling(), torch.Generator())).dots
    assert dots is not None
    assert dots.shape == (5, 1)
    with pytest.raises(Refused, match="one or two columns"):
        finish(model_of(fitted(normal(50, 3), 4)).structure(normal(50, 3), Sampling(), torch.Generator()))


def test_too_many_bins_are_refused_with_how_many_fit() -> None:
    with pytest.raises(Refused, match="Choose 101 bins or fewer"):
        Histogram(Design(bins=256), 3)
    Histogram(Design(bins=101), 3)
    assert not Histogram.refuses_data(20, 1)
    assert "20 columns" in Histogram.refuses_data(21, 1)


def test_equal_points_have_a_box() -> None:
    model = model_of(fitted(torch.ones((5, 2), dtype=torch.float64), 3))
    assert float(density(model, torch.ones((1, 2), dtype=torch.float64))) == pytest.approx(math.log(9))
