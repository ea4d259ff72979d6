"""A law as a person writes it on one line: a data set with knobs, or a file of points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import numbers_in
from dgm_studio.core.table import PICTURES, ImportChoice
from dgm_studio.data.law import Law
from dgm_studio.data.laws.moved_law import MovedLaw
from dgm_studio.data.laws.points_law import PointsLaw
from dgm_studio.data.laws.set_law import SetLaw
from dgm_studio.data.points_file import load_cloud
from dgm_studio.data.set_text import names_file, parts_in, set_in
from dgm_studio.data.source import load_chosen

MOVE, STRETCH = "shift", "scale"
"""What any data set that has no knob of that name takes too: y = shift + scale x."""


def law_from_text(text: str, choice: ImportChoice | None = None) -> Law:
    """`gaussian:mean=0,0;std=1`, `line:x=0.5`, `moons:noise=0.2;shift=1,0;scale=2`, or the path of a CSV, TSV or NPY
    file (all its columns of numbers, or those chosen, in its own units) or of a picture.

    Refused with the near names, or with what is wrong with the file.
    """
    line = text.strip()
    if names_file(line):
        return PointsLaw(_points(line, choice or ImportChoice(())), Path(line).stem)
    data_set, values = set_in(line, wide=True, besides=(MOVE, STRETCH))
    law = SetLaw(replace(data_set, **values), line)
    law.log_density(np.zeros((1, law.dim)))  # knobs that no law has, such as a word without ink, are told at once
    parts = parts_in(line)
    moves = {key: parts[key] for key in (MOVE, STRETCH) if key in parts and key not in values}
    return _moved(law, moves) if moves else law


def _moved(law: SetLaw, moves: dict[str, str]) -> MovedLaw:
    try:
        shift = np.array(numbers_in(moves.get(MOVE, ",".join("0" * law.dim))))
        (scale,) = numbers_in(moves.get(STRETCH, "1"))
    except ValueError:
        written = ";".join(f"{key}={value}" for key, value in moves.items())
        numbers = "one number" if law.dim == 1 else f"{law.dim} numbers"
        raise Refused(f"'{written}' moves nothing: shift takes {numbers} and scale one above 0.") from None
    return MovedLaw(law, shift, scale)


def _points(path: str, choice: ImportChoice) -> Array:
    if path.lower().endswith(PICTURES):
        return load_chosen(path, choice).points
    return load_cloud(path, choice.columns or None, drop_bad_rows=choice.drop_bad_rows, thin=choice.thin)
