"""The Kantorovich-Rubinstein critic: W1 as the most that a network of bounded slope tells two samples apart."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import Estimator, Slow, same_space
from dgm_studio.measures.wasserstein import ANY_DIM
from dgm_studio.nets.adam import Adam
from dgm_studio.nets.init import init
from dgm_studio.nets.lipschitz import clip_weights, slopes
from dgm_studio.nets.mlp import MLP

STEPS, BATCH = 400, 256
"""Steps of Adam; points of either law in each."""
WIDTH, LAYERS, RATE, BETAS = 64, 2, 5e-3, (0.5, 0.9)
CLIP = 0.1
"""Weights of a clipped critic stay in [-CLIP, CLIP]."""
PENALTY = 50.0
"""Weight of the gradient penalty: the slope settles at 1 + (W1 in units of the pool's spread) / 2 PENALTY."""
SEEN = 4_096
"""Places at most where the steepest slope is looked for."""
MOST, QUICK = 20_000, 100
RAW_BIAS = "It estimates K W1 with K, the slope that the clipped weights allow, unknown: it is not W1."
SCALED_BIAS = "Over the steepest slope seen, K: below W1, often by half, for a clipped critic is not steep everywhere."
PENALTY_BIAS = (
    "Slopes above 1 only cost something, so it may read some 3 % too high; training ends after 400 steps, so it may "
    "read too low."
)


@dataclass(frozen=True, eq=False)
class Critic:
    """f(x) = scale net((x - middle) / scale): a net of slope 1 is a critic of slope 1, whatever the units."""

    net: MLP
    middle: Tensor
    scale: float

    def __call__(self, x: Tensor) -> Tensor:
        """f (n, 1) at x (n, d)."""
        values: Tensor = self.scale * self.net((x - self.middle) / self.scale)
        return values


def train(
    x: Array, y: Array, rng: np.random.Generator, clipped: bool
) -> Generator[None, None, tuple[Critic, Array, Array]]:
    """(critic f, half of x, half of y): f was trained up E_x f - E_y f on the other halves. Each yield ends a step.

    After each step the weights of a clipped critic go back to [-0.1, 0.1] (Arjovsky et al., 2017); from the other's aim
    50 E max(0, |grad f| - 1)^2 between the samples is taken off (Petzka et al., 2018): the two-sided penalty of
    Gulrajani et al., 2017, would hold the random slopes of the start, and on the line none changes its sign through 0.
    """
    same_space(x, y, 8, "A critic")
    generator = torch.Generator().manual_seed(int(rng.integers(1 << 62)))
    pool = np.concatenate((x, y))
    scale = max(1e-12, float(np.sqrt(pool.var(axis=0).mean())))
    with torch.device("meta"):
        net = MLP(x.shape[1], 1, WIDTH, LAYERS, "leaky-relu")
    init(net, generator)
    critic = Critic(net, torch.from_numpy(pool.mean(axis=0)).float(), scale)
    (x_seen, x_kept), (y_seen, y_kept) = (_halves(cloud, rng) for cloud in (x, y))
    real, fake = (torch.from_numpy(cloud).float() for cloud in (x_seen, y_seen))
    adam = Adam(list(net.parameters()), BETAS)  # torch's optimisers take a second to be imported
    for step in range(STEPS):
        one, other = (cloud[torch.randint(len(cloud), (BATCH,), generator=generator)] for cloud in (real, fake))
        loss = (critic(other).mean() - critic(one).mean()) / scale
        if not clipped:
            share = torch.rand(BATCH, 1, generator=generator)
            steep = slopes(critic, share * one + (1 - share) * other, create_graph=True)
            loss = loss + PENALTY * (steep - 1).relu().square().mean()
        gradients = [one.contiguous() for one in torch.autograd.grad(loss, adam.parameters)]
        adam.step(gradients, RATE * (1 - step / STEPS))  # to a standstill: less noise in the last weights
        if clipped:
            clip_weights(net, CLIP)
        yield
    return critic, x_kept, y_kept


@torch.no_grad()
def gap(critic: Critic, x: Array, y: Array) -> float:
    """E_x f - E_y f, on points (n, d), (m, d) that f was not trained on."""
    one, other = (float(critic(torch.from_numpy(cloud).float()).double().mean()) for cloud in (x, y))
    return one - other


def steepest(critic: Critic, x: Array, y: Array, rng: np.random.Generator) -> float:
    """The largest |grad f| at points of either cloud and between them: the Lipschitz constant is this or more."""
    n = min(SEEN // 3, len(x), len(y))
    share = rng.random((n, 1))
    places = np.concatenate((x[:n], y[:n], share * x[:n] + (1 - share) * y[:n]))
    return float(slopes(critic, torch.from_numpy(places).float()).max())


def _raw(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    return gap(*(yield from train(x, y, rng, clipped=True)))


def _scaled(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    critic, one, other = yield from train(x, y, rng, clipped=True)
    return gap(critic, one, other) / max(steepest(critic, one, other, rng), 1e-12)


def _penalised(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    return gap(*(yield from train(x, y, rng, clipped=False)))


def _halves(cloud: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    order, half = rng.permutation(len(cloud)), len(cloud) // 2
    return cloud[order[:half]], cloud[order[half:]]


CRITICS = (
    Estimator("critic-clipped", "Critic, clipped, raw", _raw, RAW_BIAS, most=MOST, quick=QUICK, dims=ANY_DIM),
    Estimator("critic-scaled", "Critic, clipped, over K", _scaled, SCALED_BIAS, most=MOST, quick=QUICK, dims=ANY_DIM),
    Estimator("critic-penalty", "Critic, penalised", _penalised, PENALTY_BIAS, most=MOST, quick=QUICK, dims=ANY_DIM),
)
"""Further ways to W1."""
