"""An opened file of tensors in memory: what a format's reader gives, for tests of what is concluded from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import TensorEntry


class Held(Opened):
    """Arrays by name, with whatever tree a test wants beside them."""

    kind = "held"
    title = "arrays"

    def __init__(self, arrays: Mapping[str, Array], tree: Any = None, path: str = "held.bin") -> None:
        self.path = Path(path)
        self.arrays = dict(arrays)
        self.size = sum(one.nbytes for one in arrays.values())
        self.tensors = {name: TensorEntry(name, str(one.dtype), one.shape, one.nbytes) for name, one in arrays.items()}
        self.tree = {"metadata": {}} if tree is None else tree
        self.findings = ()

    def read(self, name: str) -> Array:
        """A copy, as from a file."""
        return np.array(self.arrays[name])
