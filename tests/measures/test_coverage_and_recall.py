"""Mode coverage and k-NN recall on clouds whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture
from dgm_studio.measures.modes import mode_coverage
from dgm_studio.measures.recall import knn_recall, knn_recall_slices
from tests.paths import mixtures


def test_samples_of_the_mixture_cover_all_of_it() -> None:
    points, _ = mixtures.eight().draw(4_000, np.random.default_rng(0))
    found = mode_coverage(points, mixtures.eight())
    assert (found.covered, found.modes) == (8, 8)
    # within 3 sigma of a plane Gaussian lie 1 - exp(-4.5) of its samples
    assert sum(found.shares) == pytest.approx(1 - np.exp(-4.5), abs=0.006)


def test_a_mode_counts_from_a_fifth_of_its_share() -> None:
    mixture = Mixture.isotropic(np.array([[0.0, 0.0], [10.0, 0.0]]), 1.0)
    for few, covered in ((10, 2), (9, 1)):
        points = np.zeros((100, 2))
        points[:few, 0] = 10.0
        assert mode_coverage(torch.from_numpy(points), mixture).covered == covered


def test_three_sigma_is_measured_along_the_covariance() -> None:
    mixture = Mixture(np.ones(1), np.zeros((1, 2)), np.array([[[4.0, 0.0], [0.0, 0.25]]]))
    assert mode_coverage(np.array([[5.9, 0.0]]), mixture).covered == 1
    assert mode_coverage(np.array([[0.0, 1.6]]), mixture).covered == 0


def test_points_have_no_modes() -> None:
    with pytest.raises(Refused, match="recall"):
        mode_coverage(np.zeros((3, 2)), mixtures.points())


def test_recall_counts_the_half_that_is_reached() -> None:
    g = torch.Generator().manual_seed(0)
    near = torch.randn(500, 2, generator=g)
    far = near + 100
    samples = torch.randn(2_000, 2, generator=g)
    whole = knn_recall(near, samples)
    assert whole > 0.9
    assert knn_recall(torch.cat((near, far)), samples) == pytest.approx(whole / 2)
    assert knn_recall(far, samples) == 0


def test_recall_is_the_written_out_definition_in_any_blocking(monkeypatch: pytest.MonkeyPatch) -> None:
    g = torch.Generator().manual_seed(0)
    data, samples = torch.randn(60, 2, generator=g), 0.5 * torch.randn(50, 2, generator=g)
    truth = 0
    radii = [sorted(float((y - z).norm()) for z in samples)[3] for y in samples]
    for x in data:
        truth += any(float((x - y).norm()) <= radius for y, radius in zip(samples, radii, strict=True))
    assert 0 < truth < 60
    assert knn_recall(data, samples) == pytest.approx(truth / 60)
    monkeypatch.setattr("dgm_studio.measures.neighbours.ROWS", 4)
    assert len(list(knn_recall_slices(data, samples))) > 10
    assert knn_recall(data, samples) == pytest.approx(truth / 60)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(Refused, match="4 samples"):
        knn_recall(torch.zeros(5, 2), torch.zeros(3, 2))
