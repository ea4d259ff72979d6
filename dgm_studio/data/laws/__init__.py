"""Laws: ONE FILE, ONE KIND of distribution that measures can compare (the contract is data.law.Law). numpy only.

Lives here: data sets, files of points, atoms and mixtures as laws, moving and stretching any law, and reading one from
a command line's text. May not live here: measures, models. To add one: a file with a subclass of Law.
"""

from __future__ import annotations

from dgm_studio.data.laws.discrete_law import DiscreteLaw
from dgm_studio.data.laws.law_text import law_from_text
from dgm_studio.data.laws.mixture_law import MixtureLaw
from dgm_studio.data.laws.moved_law import MovedLaw
from dgm_studio.data.laws.points_law import PointsLaw
from dgm_studio.data.laws.set_law import SetLaw

__all__ = ["DiscreteLaw", "MixtureLaw", "MovedLaw", "PointsLaw", "SetLaw", "law_from_text"]
