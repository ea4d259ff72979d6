"""The plane of seeds: a sheet of pictures one can go between, each place a blend of the four seeds around it."""

from __future__ import annotations

import math

Blend = tuple[tuple[int, float], ...]
"""Seeds with their weights. The latent is sum w_i z_i / sqrt(sum w_i^2): of standard normal z_i it is standard normal
again, so the generator is asked for nothing that it was not trained for."""


def pure(seed: int) -> Blend:
    """One seed alone."""
    return ((seed, 1.0),)


def blend_at(across: float, down: float, columns: int, rows: int, first: int = 0) -> Blend:
    """The blend at a place of a sheet of `columns` x `rows` pictures, from seed `first` on by rows, whose centres lie
    at whole numbers: bilinear weights of the four around; those below 1 % are left out."""
    across = min(columns - 1.0, max(0.0, across))
    down = min(rows - 1.0, max(0.0, down))
    left, top = min(columns - 1, math.floor(across)), min(rows - 1, math.floor(down))
    found = []
    for row, share_down in ((top, 1 - (down - top)), (top + 1, down - top)):
        for column, share in ((left, 1 - (across - left)), (left + 1, across - left)):
            if share * share_down >= 0.01:
                found.append((first + row * columns + column, share * share_down))
    return tuple(found)


def told(blend: Blend) -> str:
    """In words: "seed 5", or "seeds 5, 6, 13" from the largest share down."""
    seeds = [str(seed) for seed, _ in sorted(blend, key=lambda one: -one[1])]
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(seeds)}"
