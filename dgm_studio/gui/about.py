"""What About lists: the window tower's versions, and the compute tower's as the catalogue told them."""

from __future__ import annotations

import platform

import pyqtgraph
import PySide6

from dgm_studio import __version__
from dgm_studio.core.catalogue import Catalogue


def versions(catalogue: Catalogue | None) -> dict[str, str]:
    """Program and library to version."""
    return {
        "DGM Studio": __version__,
        **(catalogue.versions if catalogue is not None else {"torch": "not awake yet"}),
        "PySide6": PySide6.__version__,
        "pyqtgraph": str(pyqtgraph.__version__),
        "System": f"{platform.system()} {platform.release()} ({platform.machine()})",
    }
