"""Where fonts and icons lie; the place itself is core's, since texts and checkpoints are found the same way."""

from __future__ import annotations

from dgm_studio.core.resources import resource

__all__ = ["resource"]
