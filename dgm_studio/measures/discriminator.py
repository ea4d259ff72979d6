"""The discriminator's way to a divergence: a small network learns log p/q on one half, the other half judges it."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import Function, Slow, differing
from dgm_studio.measures.ratio_estimates import OfRatio
from dgm_studio.nets.adam import Adam
from dgm_studio.nets.init import init
from dgm_studio.nets.mlp import MLP

STEPS, BATCH, STRIDE = 400, 256, 10
"""Steps of Adam, points of either law in each, steps between two yields (some 10 ms)."""
WIDTH, LAYERS, RATE, BETAS, DECAY = 48, 3, 1e-2, (0.9, 0.999), 1e-2
DISCRIMINATOR_MOST = 50_000
DISCRIMINATOR_BIAS = (
    f"A lower bound on average: {STEPS} steps of training on one half of the points, judged on the other, where no "
    "discriminator beats p / (p + q)."
)


def discriminator(of_ratio: OfRatio) -> Function:
    """`of_ratio` of a trained logit, log D / (1 - D), which is log p/q for the best D (Goodfellow et al., 2014).

    An MLP learns by logistic loss on the first half of either sample (independent draws, so any half is a random one),
    and its logits at the second half are judged: by the variational bound log 2 + 1/2 E_p log D + 1/2 E_q log(1 - D).
    """

    def estimate(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
        differing(x, y, 16, "A discriminator")
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        middle, spread = np.concatenate((x, y)).mean(0), np.concatenate((x, y)).std(0)
        clouds = [torch.from_numpy((cloud - middle) / np.maximum(spread, 1e-12)).float() for cloud in (x, y)]
        learnt, judged = [z[: len(z) // 2] for z in clouds], [z[len(z) // 2 :] for z in clouds]
        with torch.device("meta"):
            net = MLP(x.shape[1], 1, WIDTH, LAYERS)
        init(net, generator)
        adam = Adam(list(net.parameters()), BETAS)  # torch's optimisers take a second to be imported
        for step in range(STEPS):
            rate = RATE * (1 - step / STEPS)  # to a standstill: less noise in the last weights
            of_p, of_q = (z[torch.randint(len(z), (min(BATCH, len(z)),), generator=generator)] for z in learnt)
            loss = functional.softplus(-net(of_p)).mean() + functional.softplus(net(of_q)).mean()
            gradients = [one.contiguous() for one in torch.autograd.grad(loss, adam.parameters)]
            with torch.no_grad():  # decay apart from the gradient (Loshchilov and Hutter, 2019)
                for weight in adam.parameters:
                    weight.mul_(1 - rate * DECAY)
            adam.step(gradients, rate)
            if step % STRIDE == 0:
                yield
        with torch.no_grad():
            logits = [net(z)[:, 0].double().numpy() for z in judged]
        return of_ratio(logits[0], logits[1])

    return estimate
