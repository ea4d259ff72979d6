"""A tabular model of tokens: one random distribution of every clean token for every noised tuple, in float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

from dgm_studio.paths.categorical.transition import Transition

Predictor = Callable[[Tensor], Tensor]
"""Tokens (n, L) -> distributions of the clean tokens (n, L, K)."""


def table(states: int, categories: int, length: int, seed: int = 0) -> Predictor:
    """Random, but of positive entries; a token's own noised value counts."""
    rows = torch.rand(
        (states**length, length, categories), dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    rows = rows + 0.05
    rows = rows / rows.sum(-1, keepdim=True)
    places = states ** torch.arange(length - 1, -1, -1)
    return lambda tokens: rows[(tokens.long() * places).sum(-1)]


def reverse(chain: Transition, predict: Predictor) -> Callable[[Tensor, Tensor], Tensor]:
    """p(x_{t-1} | x_t) of each token (n, L, states), as a sum over clean tokens of Bayes' posteriors' numerators."""

    def found(x_t: Tensor, t: Tensor) -> Tensor:
        clean = predict(x_t)
        clean = torch.nn.functional.pad(clean, (0, chain.states - clean.shape[-1]))
        return chain.posterior(x_t, clean, t)

    return found


def enumerated_bound(chain: Transition, predict: Predictor, x_0: tuple[int, ...]) -> float:
    """-ELBO = sum over all paths (x_1 .. x_T) of q(path | x_0) log q(path | x_0) / p(x_0, path), the slow way."""
    every = list(product(range(chain.states), repeat=len(x_0)))
    steps = chain.steps
    back = reverse(chain, predict)
    forward: list[dict[tuple[tuple[int, ...], tuple[int, ...]], float]] = []
    undo: list[dict[tuple[tuple[int, ...], tuple[int, ...]], float]] = []
    for t in range(1, steps + 1):
        matrix = chain.matrix(t)
        p = back(torch.tensor(every), torch.tensor(t))
        ahead, behind = {}, {}
        for row, now in enumerate(every):
            for before in every:
                pairs = list(zip(now, before, strict=True))
                ahead[now, before] = math.prod(float(matrix[a, b]) for a, b in pairs)
                behind[now, before] = math.prod(float(p[row, i, b]) for i, (_, b) in enumerate(pairs))
        forward.append(ahead)
        undo.append(behind)
    total = 0.0
    frontier: dict[tuple[tuple[int, ...], ...], tuple[float, float]] = {(x_0,): (1.0, 1.0)}
    for t in range(steps):
        grown = {}
        for path, (q, so_far) in frontier.items():
            for now in every:
                chance = forward[t][now, path[-1]]
                if chance:
                    grown[(*path, now)] = q * chance, so_far * undo[t][now, path[-1]]
        frontier = grown
    for path, (q, chance_back) in frontier.items():
        last = math.prod(float(chain.limit[a]) for a in path[-1])
        total += q * math.log(q / (chance_back * last))
    return total


def mask_bound(predict: Predictor, x_0: tuple[int, ...], mask: int) -> float:
    """Masked diffusion's -ELBO in continuous time by enumeration over masks: a set of k of L positions has weight
    int lambda^(k - 1) (1 - lambda)^(L - k) dlambda = (k - 1)! (L - k)! / L!."""
    length, total = len(x_0), 0.0
    for held in product((False, True), repeat=length):
        k = sum(held)
        if k:
            seen = torch.tensor([[mask if one else x for x, one in zip(x_0, held, strict=True)]])
            p = predict(seen)[0]
            costs = -sum(math.log(float(p[i, x_0[i]])) for i in range(length) if held[i])
            total += math.factorial(k - 1) * math.factorial(length - k) / math.factorial(length) * costs
    return total


def gauss(n: int) -> tuple[Tensor, Tensor]:
    """Gauss-Legendre points and weights on [0, 1]."""
    import numpy as np

    x, w = np.polynomial.legendre.leggauss(n)
    return torch.from_numpy((x + 1) / 2), torch.from_numpy(w / 2)
