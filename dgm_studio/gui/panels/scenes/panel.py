"""The Scenes panel: a question of the lectures, its estimates redrawn while a knob is dragged, the exact answer beside.

Play goes on drawing repetitions, so that error bars shrink; R begins again.
"""

from __future__ import annotations

from dgm_studio.gui.panels.scenes import SIGN
from dgm_studio.gui.panels.studying import StudyPanel


class ScenesPanel(StudyPanel):
    """Its scenes draw repetitions: their error bars shrink."""

    sign = SIGN
    lane_name = "scene"
    track = (
        "Repetitions",
        "Repetitions: error bars shrink as 1/√R",
        "Repetitions cannot be taken back; R begins again",
    )


PANEL = ScenesPanel
