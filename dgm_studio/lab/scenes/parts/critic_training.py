"""The two opponents of lecture 5, trained between fixed p and q: GAN's discriminator and the Wasserstein critic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.lab.scenes.parts.moments import NORMAL_95
from dgm_studio.nets.adam import Adam
from dgm_studio.nets.init import init
from dgm_studio.nets.lipschitz import clip_weights, gradient_penalty, slopes
from dgm_studio.nets.mlp import MLP
from dgm_studio.nets.spectral import SpectralMLP

DISCRIMINATOR, CRITIC = "discriminator", "critic"
CLIPPING, PENALTY, SPECTRAL = "clipping", "gradient-penalty", "spectral-norm"
LAYERS = 3
LOOKED_AT = 1_000
SLICE = 4_096
"""Points of one pass when a surface is drawn."""


@dataclass(frozen=True)
class Rule:
    """Who is trained, and what holds a critic's slope."""

    player: str
    constraint: str
    clip: float
    penalty: float
    width: int
    rate: float
    batch: int


class Opponent:
    """One network f: R^dim -> R that tells p from q. The discriminator is D = sigmoid(f)."""

    def __init__(self, rule: Rule, dim: int, seed: int) -> None:
        self.rule = rule
        self.steps = 0
        self.generator = torch.Generator().manual_seed(seed)
        adversary = rule.player == DISCRIMINATOR
        with torch.device("meta"):
            net: nn.Module = MLP(dim, 1, rule.width, LAYERS) if adversary else SpectralMLP(dim, rule.width, LAYERS)
        self.net = init(net, self.generator)
        if isinstance(self.net, SpectralMLP):
            self.net.normalised.fill_(rule.constraint == SPECTRAL)
        # The critic's optimum does not move here, but momentum still overshoots along its flat constraint.
        self._adam = Adam(list(self.net.parameters()), (0.9, 0.999) if adversary else (0.0, 0.9))

    def step(self, x: Tensor, y: Tensor) -> None:
        """One step on batches of `rule.batch` points of x (n, d) from p and y (m, d) from q: up E_p log D +
        E_q log(1 - D), or up E_p f - E_q f under its constraint. Refused where the loss is not finite."""
        real, fake = self._batch(x), self._batch(y)
        if self.rule.player == DISCRIMINATOR:
            loss = softplus(-self.net(real)).mean() + softplus(self.net(fake)).mean()
        else:
            loss = self.net(fake).mean() - self.net(real).mean()
            if self.rule.constraint == PENALTY:
                share = torch.rand((len(real), 1), generator=self.generator)
                loss = loss + self.rule.penalty * gradient_penalty(self.net, real, fake, share)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise Refused(
                f"The {self.rule.player} diverged: its loss became {value:.3g} at step {self.steps:,}. Lower the "
                "learning rate; the scene begins anew."
            )
        gradients = [one.contiguous() for one in torch.autograd.grad(loss, self._adam.parameters)]
        self._adam.step(gradients, self.rule.rate)
        if isinstance(self.net, SpectralMLP):
            if self.rule.constraint == CLIPPING:
                clip_weights(self.net, self.rule.clip)
            elif self.rule.constraint == SPECTRAL:
                self.net.iterate()
        self.steps += 1

    def _batch(self, points: Tensor) -> Tensor:
        return points[torch.randint(len(points), (self.rule.batch,), generator=self.generator)]

    @torch.no_grad()
    def surface(self, at: Array) -> Array:
        """f (n,), of the discriminator the logit of D, at points (n, d)."""
        parts = torch.split(torch.from_numpy(at).float(), SLICE)
        return torch.cat([self.net(part) for part in parts])[:, 0].double().numpy()

    @torch.no_grad()
    def estimate(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        """What it says of p and q on points held out, x (n, d) and y (m, d), and the half-width of its 95 % interval.

        Discriminator: log 2 + (E_p log D + E_q log(1 - D)) / 2 in nats, at D* the Jensen-Shannon divergence and below
        it for any other D (Goodfellow et al., 2014). Critic: E_p f - E_q f, at most K W1 for a K-Lipschitz f.
        """
        at_p, at_q = self.net(x)[:, 0].double(), self.net(y)[:, 0].double()
        if self.rule.player == DISCRIMINATOR:
            terms, start = (0.5 * logsigmoid(at_p), 0.5 * logsigmoid(-at_q)), math.log(2)
        else:
            terms, start = (at_p, -at_q), 0.0
        error = math.sqrt(sum(float(one.var()) / len(one) for one in terms))
        return start + sum(float(one.mean()) for one in terms), NORMAL_95 * error

    def steepest(self, x: Tensor, y: Tensor) -> float:
        """The largest |grad f| at 1,000 points of each law and half way between them: a lower bound of f's Lipschitz
        constant."""
        p, q = x[:LOOKED_AT], y[:LOOKED_AT]
        return float(slopes(self.net, torch.cat((p, q, 0.5 * (p + q)))).max())
