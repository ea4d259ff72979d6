"""Data sets that are Gaussian mixtures: one law gives samples, labels and the density."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from dgm_studio.data.dataset import Cloud, DataSet
from dgm_studio.data.mixture import Mixture


@dataclass(frozen=True)
class MixtureSet(DataSet):
    """sum_k w_k N(m_k, S_k), labelled by component k."""

    @abstractmethod
    def mixture(self) -> Mixture:
        """The law, in model units."""

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent samples; the label is the component each came from."""
        return Cloud(*self.mixture().draw(n, rng))
