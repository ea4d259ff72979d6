"""EM against scikit-learn from the same start, its two inequalities, and torch's own mixture density, in float64."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.fit import Fit
from dgm_studio.families.mixture import (
    BOUND,
    DIAGONAL,
    FULL,
    LOG_LIKELIHOOD,
    RANDOM,
    SPHERICAL,
    TIED,
    Design,
    MixtureModel,
    Sampling,
    Training,
)
from dgm_studio.families.parts.ellipses import contours, ellipse
from dgm_studio.families.parts.seeding import nearest, plus_plus
from dgm_studio.nets.init import init

KINDS = [FULL, DIAGONAL, SPHERICAL, TIED]
THEIR_NAMES = {FULL: "full", DIAGONAL: "diag", SPHERICAL: "spherical", TIED: "tied"}


def ring(n: int = 2000) -> Tensor:
    """Eight Gaussians on a circle."""
    angle = np.arange(8) * np.pi / 4
    means = 2 * np.stack([np.cos(angle), np.sin(angle)], 1)
    return torch.from_numpy(Mixture.isotropic(means, 0.2).draw(n, np.random.default_rng(0))[0]).double()


def skewed(n: int = 600, dim: int = 2) -> Tensor:
    """Three overlapping clouds with correlated axes, far from the origin."""
    generator = torch.Generator().manual_seed(5)
    z = torch.randn((n, dim), generator=generator, dtype=torch.float64)
    turn = torch.randn((3, dim, dim), generator=generator, dtype=torch.float64)
    place = 2 * torch.randn((3, dim), generator=generator, dtype=torch.float64)
    which = torch.randint(3, (n,), generator=generator)
    return torch.einsum("nij,nj->ni", turn[which], z) + place[which] + 7


def fit_of(x: Tensor, design: Design, training: Training | None = None, seed: int = 0) -> Fit:
    model = init(MixtureModel(design, x.shape[1]), torch.Generator().manual_seed(seed)).double()
    labels = torch.zeros(len(x), dtype=torch.int64)
    return Fit(model, training or Training(floor=1e-6), x, labels, torch.Generator().manual_seed(seed))


def model_of(fit: Fit) -> MixtureModel:
    assert isinstance(fit.model, MixtureModel)
    return fit.model


def run(fit: Fit, steps: int) -> list[tuple[str, float]]:
    """The scalars of `steps` E and M beats, in order."""
    beats = fit.beats()
    return [pair for _ in range(2 * steps) for pair in next(beats).values.items()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 2, 4])
def test_em_is_scikit_learns_from_the_same_start(kind: str, dim: int) -> None:
    x = skewed(dim=dim)
    fit = fit_of(x, Design(components=3, covariance=kind))
    run(fit, 1)
    model = model_of(fit)
    precisions = torch.linalg.inv(model.covariances)
    start = {
        FULL: precisions,
        TIED: precisions[0],
        DIAGONAL: precisions.diagonal(dim1=1, dim2=2),
        SPHERICAL: precisions[:, 0, 0],
    }[kind]
    theirs = GaussianMixture(
        3, covariance_type=THEIR_NAMES[kind], tol=0.0, reg_covar=0.0, max_iter=12, random_state=0,
        weights_init=model.weights.numpy().copy(), means_init=model.means.numpy().copy(),
        precisions_init=start.numpy().copy(),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it has not converged, as was asked
        theirs.fit(x.numpy())
    run(fit, 12)
    weights, means = torch.from_numpy(theirs.weights_), torch.from_numpy(theirs.means_)
    torch.testing.assert_close(model.weights, weights, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(model.means, means, rtol=1e-6, atol=1e-8)
    found = finish(model.log_prob(x, Sampling(), torch.Generator()))
    torch.testing.assert_close(found, torch.from_numpy(theirs.score_samples(x.numpy())), rtol=1e-6, atol=1e-6)
    facts = {fact.label: fact.text for fact in finish(model.facts(x, Sampling(), torch.Generator()))}
    assert facts["BIC"] == f"{theirs.bic(x.numpy()):,.0f}"
    shares = finish(model.structure(x, Sampling(), torch.Generator())).shares
    assert shares is not None
    torch.testing.assert_close(shares.sum(1), torch.ones(len(x), dtype=torch.float64))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("floor", [1e-6, 0.05])
def test_the_likelihood_never_falls_and_the_bound_lies_between(kind: str, floor: float) -> None:
    x = torch.cat([skewed(300), skewed(1).expand(40, 2)])  # forty equal points: the floor is reached
    design = Design(components=6, covariance=kind, start=RANDOM)
    scalars = run(fit_of(x, design, Training(floor=floor), seed=4), 60)
    assert [name for name, _ in scalars[:4]] == [LOG_LIKELIHOOD, BOUND, LOG_LIKELIHOOD, BOUND]
    values = np.array([value for _, value in scalars])
    # log p(theta_0) <= bound(r_0, theta_1) <= log p(theta_1) <= ...: EM is coordinate ascent on the bound. The first
    # M beat may have to leave a start that the kind or the floor does not allow, so it begins after it.
    assert bool((np.diff(values[2:]) > -1e-10).all())
    assert values[-1] > values[0] + 0.1


def test_the_entropy_is_that_of_the_responsibilities() -> None:
    x = skewed()
    fit = fit_of(x, Design(components=4))
    run(fit, 3)
    next(fit.beats())
    model = model_of(fit)
    r = finish(model.structure(x, Sampling(), torch.Generator())).shares
    assert r is not None
    assert float(model.entropy) == pytest.approx(-float(torch.xlogy(r, r).sum()) / len(x), abs=1e-10)
    torch.testing.assert_close(model.mass, r.mean(0))


def test_the_colours_wait_for_the_next_e_beat() -> None:
    x = skewed()
    fit = fit_of(x, Design(components=3))
    run(fit, 2)
    next(fit.beats())
    model = model_of(fit)
    after_e = finish(model.structure(x, Sampling(), torch.Generator()))
    next(fit.beats())
    after_m = finish(model.structure(x, Sampling(), torch.Generator()))
    assert after_e.shares is not None
    assert after_m.shares is not None
    assert torch.equal(after_e.shares, after_m.shares)
    assert after_e.dots is not None
    assert after_m.dots is not None
    assert not torch.equal(after_e.dots, after_m.dots)


@pytest.mark.parametrize("seed", range(6))
def test_k_means_plus_plus_finds_all_eight_gaussians(seed: int) -> None:
    x = ring()
    fit = fit_of(x, Design(), Training(), seed=seed)
    run(fit, 30)
    model = model_of(fit)
    angle = torch.arange(8, dtype=torch.float64) * math.pi / 4
    true = 2 * torch.stack([angle.cos(), angle.sin()], 1)
    assert float(nearest(true, model.means).max()) < 0.05**2
    torch.testing.assert_close(model.weights, torch.full((8,), 1 / 8, dtype=torch.float64), atol=0.03, rtol=0)


def test_the_density_and_the_samples_are_torchs() -> None:
    fit = fit_of(skewed(), Design(components=3))
    run(fit, 10)
    model = model_of(fit)
    truth = MixtureSameFamily(Categorical(model.weights), MultivariateNormal(model.means, model.covariances))
    x = skewed(50) + 0.3
    found = finish(model.log_prob(x, Sampling(), torch.Generator()))
    torch.testing.assert_close(found, truth.log_prob(x))  # type: ignore[no-untyped-call]
    generator = torch.Generator().manual_seed(0)
    _, means, samples = (s.x for s in model.walk(model.prior(60_000, generator), Sampling(), generator))
    torch.testing.assert_close(samples.mean(0), truth.mean, atol=0.05, rtol=0)
    torch.testing.assert_close(samples.var(0), truth.variance, rtol=0.03, atol=0)
    assert float(nearest(means, model.means).max()) == 0.0
    still = list(model.walk(model.prior(9, generator), Sampling(spread=0.0), generator))
    assert torch.equal(still[1].x, still[2].x)
    with pytest.raises(Refused, match="t = 1"):
        finish(model.log_prob(x, Sampling(), torch.Generator(), t=0.5))


def test_a_far_point_has_a_finite_density() -> None:
    fit = fit_of(ring().float(), Design(), Training())
    fit.model.float()
    fit.set_data(ring(), torch.zeros(2000, dtype=torch.int64))
    run(fit, 5)
    far = torch.tensor([[1e4, -1e4]])
    assert bool(finish(model_of(fit).log_prob(far, Sampling(), torch.Generator())).isfinite().all())


def test_equal_points_and_more_components_than_points() -> None:
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64).expand(3, 2)
    fit = fit_of(x, Design(components=5))
    assert all(math.isfinite(value) for _, value in run(fit, 5))
    torch.testing.assert_close(model_of(fit).means, x[:1].expand(5, 2))


def test_seeding_takes_points_and_spreads_them() -> None:
    x = ring()
    generator = torch.Generator().manual_seed(0)
    spread = [float(nearest(x, plus_plus(x, 8, generator)).mean()) for _ in range(20)]
    plain = [float(nearest(x, x[torch.randint(len(x), (8,), generator=generator)]).mean()) for _ in range(20)]
    assert np.mean(spread) < 0.5 * np.mean(plain)
    centres = plus_plus(x, 8, generator)
    assert float(nearest(centres, x).max()) == 0.0


def test_ellipses_lie_at_their_distance() -> None:
    mean = torch.tensor([1.0, -2.0], dtype=torch.float64)
    covariance = torch.tensor([[2.0, 0.7], [0.7, 0.5]], dtype=torch.float64)
    line = ellipse(mean, covariance, 2.0)
    gap = line - mean
    torch.testing.assert_close(((gap @ torch.linalg.inv(covariance)) * gap).sum(1), torch.full((65,), 4.0).double())
    torch.testing.assert_close(line[0], line[-1])
    flat = ellipse(mean, torch.tensor([[1.0, 1.0], [1.0, 1.0]], dtype=torch.float64), 1.0)
    torch.testing.assert_close(flat[:, 0] - 1, flat[:, 1] + 2)
    (one, two) = contours(mean[:1], covariance[:1, :1])
    assert one[1, 0] - one[0, 0] == pytest.approx(2 * math.sqrt(2))
    assert two.shape == (2, 1)
    assert contours(torch.zeros(3), torch.eye(3)) == ()
