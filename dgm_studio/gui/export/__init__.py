"""What is seen as files: PNG, SVG, PDF, and its film frame by frame.

Lives here: turning Qt pictures into pixels or vectors. May not live here: the writing of GIF, PNG frames and
NPZ, which the command line shares (dgm_studio/export/).
"""

from __future__ import annotations

from dgm_studio.gui.export.film import export_film
from dgm_studio.gui.export.still import export_pdf, export_png, export_svg

__all__ = ["export_film", "export_pdf", "export_png", "export_svg"]
