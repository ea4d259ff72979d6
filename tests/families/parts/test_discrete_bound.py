"""The discrete-time ELBO of a tabular model against the sum over every path of a tiny chain, in float64."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch

from dgm_studio.core.slow import finish
from dgm_studio.families.parts.discrete_bound import bound_terms
from dgm_studio.paths.categorical import transitions
from dgm_studio.paths.categorical.schedules import keep_rates
from tests.paths.categorical.tabular import enumerated_bound, reverse, table

K, L, T = 2, 2, 3
EVERY = pytest.mark.parametrize("id", sorted(transitions()))


@EVERY
def test_step_by_step_it_is_the_sum_over_all_paths(id: str) -> None:
    """Every x_0 of two tokens; steps sum to E_q log q(x_1 .. x_T | x_0) / p(x_0 .. x_T)."""
    chain = transitions()[id](K, keep_rates("cosine", T))
    predict = table(chain.states, K, L, seed=1)
    every = torch.cartesian_prod(torch.arange(K), torch.arange(K))
    terms = finish(bound_terms(chain, reverse(chain, predict), every, torch.Generator()))
    assert terms.shape == (K**L, T + 1)
    assert bool((terms >= -1e-12).all())
    for row, x_0 in enumerate(product(range(K), repeat=L)):
        assert float(terms[row].sum()) == pytest.approx(enumerated_bound(chain, predict, x_0), rel=1e-10)


@EVERY
def test_a_uniform_predictor_costs_log_v_a_token(id: str) -> None:
    """Exactly: its reverse chain is the forward one begun at an even law, turned round, which gives x_0 one in V."""
    size = 5
    chain = transitions()[id](size, keep_rates("linear", 6))
    back = reverse(chain, lambda x: torch.full((*x.shape, size), 1 / size, dtype=torch.float64))
    terms = finish(bound_terms(chain, back, torch.arange(size)[:, None], torch.Generator()))
    torch.testing.assert_close(terms.sum(1), torch.full((size,), math.log(size), dtype=torch.float64))
