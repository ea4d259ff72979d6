"""Two models of one parameter whose posterior is known in closed form: a coin, and the mean of a Gaussian."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array

RULES = ("mle", "map", "mean")
"""Maximum likelihood, maximum a posteriori, posterior mean."""


@dataclass(frozen=True)
class Coin:
    """theta ~ Beta(a, b), k heads of n tosses; a, b >= 1, so that the posterior Beta(a + k, b + n - k) has one mode."""

    a: float
    b: float

    def estimates(self, n: int, k: Array) -> dict[str, Array]:
        """Each rule's answer for k heads (m,) of n >= 1."""
        mode = (self.a + k - 1) / (self.a + self.b + n - 2)
        return {"mle": k / n, "map": mode, "mean": (self.a + k) / (self.a + self.b + n)}

    def draw(self, n: int, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """(theta, k), `count` times: theta from the prior, then its data."""
        theta = rng.beta(self.a, self.b, count)
        return theta, rng.binomial(n, theta).astype(np.float64)

    def risk(self, n: int) -> dict[str, float]:
        """E (estimate - theta)^2 over prior and data: a sum over k with its Beta-binomial probability."""
        k = np.arange(n + 1.0)
        chance = np.exp(self.log_heads(n, 0, 0))
        a, b = self.a + k, self.b + n - k
        mean, variance = a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))
        return {rule: float(chance @ (variance + (one - mean) ** 2)) for rule, one in self.estimates(n, k).items()}

    def log_heads(self, m: int, k: float, n: int) -> Array:
        """log probability of 0..m heads in m more tosses after k of n (m + 1,): Beta-binomial."""
        a, b, j = self.a + k, self.b + n - k, np.arange(m + 1.0)
        ways = math.lgamma(m + 1) - log_gamma(j + 1) - log_gamma(m - j + 1)
        out: Array = ways + log_beta(a + j, b + m - j) - float(log_beta(np.array(a), np.array(b)))
        return out

    def curves(self, theta: Array, n: int, k: float) -> tuple[Array, Array, Array]:
        """Prior, likelihood scaled to area 1, posterior, at theta in (0, 1)."""
        return (
            beta_density(theta, self.a, self.b),
            beta_density(theta, k + 1, n - k + 1),
            beta_density(theta, self.a + k, self.b + n - k),
        )


@dataclass(frozen=True)
class GaussianMean:
    """theta ~ N(mean, spread^2), n observations N(theta, noise^2) with average k; mode and mean are the same."""

    mean: float
    spread: float
    noise: float

    def posterior(self, n: int, k: Array) -> tuple[Array, float]:
        """Mean (m,) and variance of theta given the average k of n."""
        precision = 1 / self.spread**2 + n / self.noise**2
        return (self.mean / self.spread**2 + n * k / self.noise**2) / precision, 1 / precision

    def estimates(self, n: int, k: Array) -> dict[str, Array]:
        """Each rule's answer for averages k (m,)."""
        mean, _ = self.posterior(n, k)
        return {"mle": k, "map": mean, "mean": mean}

    def draw(self, n: int, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """(theta, average of n), `count` times."""
        theta = self.mean + self.spread * rng.standard_normal(count)
        return theta, theta + self.noise / math.sqrt(n) * rng.standard_normal(count)

    def risk(self, n: int) -> dict[str, float]:
        """E (estimate - theta)^2: noise^2 / n for the average, the posterior variance for the others."""
        _, variance = self.posterior(n, np.zeros(1))
        return {"mle": self.noise**2 / n, "map": variance, "mean": variance}

    def curves(self, theta: Array, n: int, k: float) -> tuple[Array, Array, Array]:
        """Prior, likelihood scaled to area 1, posterior."""
        mean, variance = self.posterior(n, np.array([k]))
        return (
            normal_density(theta, self.mean, self.spread),
            normal_density(theta, k, self.noise / math.sqrt(n)),
            normal_density(theta, float(mean[0]), math.sqrt(variance)),
        )


def log_gamma(x: Array) -> Array:
    """log Gamma (n,)."""
    return np.array([math.lgamma(float(one)) for one in np.atleast_1d(x)])


def log_beta(a: Array, b: Array) -> Array:
    """log of the Beta function (n,)."""
    out: Array = log_gamma(a) + log_gamma(b) - log_gamma(a + b)
    return out if out.size > 1 else out[0]


def beta_density(x: Array, a: float, b: float) -> Array:
    """Beta(a, b) at x in (0, 1)."""
    norm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    out: Array = np.exp(norm + (a - 1) * np.log(x) + (b - 1) * np.log1p(-x))
    return out


def normal_density(x: Array, mean: float, sd: float) -> Array:
    """N(mean, sd^2) at x."""
    out: Array = np.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
    return out
