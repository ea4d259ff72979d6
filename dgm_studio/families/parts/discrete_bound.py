"""The variational bound of a discrete diffusion, term by term: exact by enumeration where the states are few."""

from __future__ import annotations

from collections.abc import Callable, Generator

import torch
from torch import Tensor

from dgm_studio.paths.categorical.transition import Transition

Reverse = Callable[[Tensor, Tensor], Tensor]
"""(x_t (n, D), t 0-d) -> p(x_{t-1} | x_t) of each token (n, D, states)."""

MOST_STATES = 4500
"""Joint states of all tokens up to which expectations over x_t are sums; beyond, they are averages of DRAWS draws."""

DRAWS = 8


def divergence(q: Tensor, p: Tensor) -> Tensor:
    """KL(q | p) (...) of distributions (..., states) in nats; p below 1e-30 counts as that."""
    return (torch.xlogy(q, q) - q * p.clamp_min(1e-30).log()).sum(-1)


def enumerable(chain: Transition, tokens: int) -> bool:
    """Whether `bound_terms` is exact for points of that many tokens."""
    return bool(chain.states**tokens <= MOST_STATES)


def bound_terms(
    chain: Transition, reverse: Reverse, x_0: Tensor, generator: torch.Generator
) -> Generator[None, None, Tensor]:
    """The terms (n, T + 1) of -ELBO(x_0) in nats for tokens x_0 (n, D) (Austin et al., 2021, equation 1; lecture 13).

    Column 0 is KL(q(x_T | x_0) | limit), column t is E KL(q(x_{t-1} | x_t, x_0) | p(x_{t-1} | x_t)) over q(x_t | x_0);
    that of t = 1 is -E log p(x_0 | x_1). Each yield ends a slice, one t.
    """
    clean = chain.one_hot(x_0)
    last = torch.tensor(chain.steps, device=x_0.device)
    columns = [divergence(chain.forward(clean, last), chain.limit).sum(1)]
    by_sum = enumerable(chain, x_0.shape[1])
    for step in range(1, chain.steps + 1):
        t = torch.tensor(step, device=x_0.device)
        if by_sum:
            columns.append(_table(chain, reverse, t, x_0.shape[1])[tuple(x_0.unbind(1))])
        else:
            columns.append(_average(chain, reverse, t, x_0, generator))
        yield
    return torch.stack(columns, 1)


def _table(chain: Transition, reverse: Reverse, t: Tensor, tokens: int) -> Tensor:
    """Column t for every clean tuple, (K, ..., K) with `tokens` axes.

    With J[i, (a, k)] = q(x_t = a, x_{t-1} = k | x_0 = i) of one token, and the other tokens' x_t averaged first, both
    the entropy and the cross term are matrix products.
    """
    step, k, s = int(t), chain.categories, chain.states
    log_p = _log_reverse(chain, reverse, t, tokens)
    until, before = chain.matrix(step, step), chain.matrix(step - 1, step - 1)
    reached = until[:, :k].T  # (K, S): q(x_t | x_0)
    joint = chain.matrix(step)[None] * before[:, :k].T[:, None, :]  # (K, S, S)
    entropy = (torch.xlogy(joint, joint).sum(2) - torch.xlogy(joint.sum(2), reached)).sum(1)
    others = torch.ones_like(until[:1, :1])
    for _ in range(tokens - 1):
        others = torch.kron(others, reached)
    total = log_p.new_zeros((k,) * tokens)
    for axis in range(tokens):
        own_first = log_p[..., axis, :].movedim(axis, 0).reshape(s, -1, s)
        averaged = torch.einsum("cr,ark->cak", others, own_first).reshape(len(others), -1)
        term = entropy[:, None] - joint.reshape(k, -1) @ averaged.T
        total = total + term.reshape((k,) * tokens).movedim(0, axis)
    return total


def _log_reverse(chain: Transition, reverse: Reverse, t: Tensor, tokens: int) -> Tensor:
    """log p(x_{t-1} | x_t) for every state, (S, ..., S, tokens, S). Where nothing is masked in an absorbing chain
    nothing changes, which costs no evaluation."""
    s = chain.states
    every = torch.cartesian_prod(*[torch.arange(s, device=t.device)] * tokens).reshape(-1, tokens)
    p = chain.one_hot(every)
    live = torch.ones_like(every[:, 0], dtype=torch.bool) if chain.mask is None else (every == chain.mask).any(1)
    p[live] = reverse(every[live], t)
    return p.clamp_min(1e-30).log().reshape((s,) * tokens + (tokens, s))


def _average(chain: Transition, reverse: Reverse, t: Tensor, x_0: Tensor, generator: torch.Generator) -> Tensor:
    """Column t by Monte Carlo."""
    many = x_0.repeat(DRAWS, 1)
    x_t = chain.draw(many, t, generator)
    q = chain.posterior(x_t, chain.one_hot(many), t)
    return divergence(q, reverse(x_t, t)).sum(1).view(DRAWS, -1).mean(0)
