"""The discrete-time bound of a diffusion, term by term (lecture 8)."""

from __future__ import annotations

import math
from collections.abc import Generator

import torch
from torch import Tensor

from dgm_studio.families.showing import Bars
from dgm_studio.paths.field import Field

COUNT = 1024
"""Training points of the Monte-Carlo mean."""


def elbo_terms(field: Field, x1: Tensor, times: Tensor, generator: torch.Generator) -> Generator[None, None, Tensor]:
    """L_0, L_1, ..., L_T (T + 1, n) in nats at points x1 (n, d), one draw of x_t each; in expectation log p(x_1) is at
    least minus their sum.

    The chain stands at those of `times` (rising, noise to data) where s > 0; the lecture's index counts them from the
    data, 1 to T. L_T = KL(N(a x_1, s^2 I) | prior). Between levels t < r the reverse step has the posterior's own
    variance, so KL = (SNR_r - SNR_t) |x_1 - x1_hat(x_t)|^2 / 2 (Kingma et al., 2021, equation 13). L_0 = -log N(x_1;
    x1_hat, (s/a)^2 I) at the last level: DDPM's decoder with variance beta_1 / alpha_1.
    """
    path, d = field.path, x1.shape[1]
    levels = times.to("cpu", torch.float64)
    levels = levels[path.s(levels) > 0]
    a, s = path.a(levels), path.s(levels)
    snr = (a / s).square().tolist()
    variance, drift = float(s[0] / path.prior_std) ** 2, float(a[0] / path.prior_std) ** 2
    terms = [0.5 * (drift * x1.square().sum(1) + d * (variance - 1 - math.log(variance)))]
    for index, level in enumerate(levels):
        noise = torch.randn(x1.shape, generator=generator, device=x1.device, dtype=x1.dtype)
        time = level.to(x1)
        square = 0.5 * (x1 - field.x1_hat(path.a(time) * x1 + path.s(time) * noise, time)).square().sum(1)
        if index < len(snr) - 1:
            terms.append((snr[index + 1] - snr[index]) * square)
        else:
            terms.append(snr[index] * square + 0.5 * d * (math.log(2 * math.pi) - math.log(snr[index])))
        yield
    return torch.stack(terms[::-1])


def elbo_bars(field: Field, points: Tensor, times: Tensor, generator: torch.Generator) -> Generator[None, None, Bars]:
    """The terms' means over training points (n, d), and their sum with its 95 % interval."""
    which = torch.randint(len(points), (COUNT,), generator=generator, device=points.device)
    terms = yield from elbo_terms(field, points[which], times, generator)
    total = terms.sum(0)
    error = 1.96 * float(total.std()) / math.sqrt(len(total))
    note = (
        f"L_0 (left) to L_T, T = {len(terms) - 1}, of DDPM's chain at these steps. Sum {float(total.mean()):.2f} ± "
        f"{error:.2f} nats a point: log p(x) of the data is at least its negative."
    )
    return Bars("ELBO per step", terms.mean(1), unit="nats", note=note)
