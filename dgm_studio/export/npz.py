"""A film's arrays as a NumPy archive."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from dgm_studio.core.atomic import writing
from dgm_studio.core.film import Film


def write_npz(path: str | os.PathLike[str], film: Film) -> Path:
    """x (frames, n, d) from noise to data, t (frames,), x1_hat and velocity (frames, n, d) as NaN where not known,
    evaluations (frames,) and labels (frames,), in the units the film has."""
    blank = np.full_like(film.x, np.nan)
    clean, velocity = (blank if one is None else one for one in (film.x1_hat, film.velocity))
    with writing(path) as file:
        np.savez_compressed(
            file, x=film.x, t=film.t, x1_hat=clean, velocity=velocity, evaluations=film.evaluations,
            labels=np.array(film.labels),
        )  # fmt: skip
    return Path(path)
