"""The measures on densities, for tests over all of them."""

from __future__ import annotations

from dgm_studio.measures.chi2 import MEASURE as CHI2
from dgm_studio.measures.fisher import MEASURE as FISHER
from dgm_studio.measures.hellinger import MEASURE as HELLINGER
from dgm_studio.measures.jsd import MEASURE as JSD
from dgm_studio.measures.kl import MEASURE as KL
from dgm_studio.measures.nll import MEASURE as NLL
from dgm_studio.measures.on_densities import OnDensities
from dgm_studio.measures.reverse_kl import MEASURE as REVERSE_KL
from dgm_studio.measures.tv import MEASURE as TV

DENSITY_MEASURES: tuple[OnDensities, ...] = (KL, REVERSE_KL, JSD, TV, HELLINGER, CHI2, FISHER, NLL)

__all__ = ["CHI2", "DENSITY_MEASURES", "FISHER", "HELLINGER", "JSD", "KL", "NLL", "REVERSE_KL", "TV"]
