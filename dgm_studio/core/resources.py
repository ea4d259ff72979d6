"""Where what ships with the program lies: in an installed package inside it, in a checkout one folder up."""

from __future__ import annotations

from pathlib import Path

import dgm_studio

_PACKAGE = Path(dgm_studio.__file__).resolve().parent


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder, e.g. resource("icons", "play.svg").

    importlib.resources cannot see the top-level `resources/` of an editable install, hence the two places.
    """
    inside = _PACKAGE / "resources"
    return (inside if inside.is_dir() else _PACKAGE.parent / "resources").joinpath(*parts)
