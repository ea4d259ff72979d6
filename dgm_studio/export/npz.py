"""A film's arrays as a NumPy archive."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from dgm_studio.core.atomic import writing
from dgm_studio.core.film import Film


def write_npz(path: str | os.PathLike[str], film: Film) -> Path:
    """x (frames, n, d) from noise to data, t (frames,), x1_hat (frames, n, d) as NaN where not predicted,
    evaluations (frames,) and labels (frames,), in the units the film has."""
    clean = film.x1_hat if film.x1_hat is not None else np.full_like(film.x, np.nan)
    with writing(path) as file:
        np.savez_compressed(
            file, x=film.x, t=film.t, x1_hat=clean, evaluations=film.evaluations, labels=np.array(film.labels)
        )
    return Path(path)
