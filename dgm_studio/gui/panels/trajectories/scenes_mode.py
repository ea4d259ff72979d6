"""The Scenes mode of Trajectories: Langevin chains, the Fokker-Planck equation, guidance as three arrows."""

from __future__ import annotations

from dgm_studio.core.reports import SketchPicture
from dgm_studio.gui.panels.study_mode import StudyMode
from dgm_studio.gui.panels.trajectories import SIGN, modes


class ScenesMode(StudyMode):
    """Its scenes walk on round by round."""

    id, word, tooltip = modes.SCENES
    listed = SIGN.id
    lane_name = "trajectory scenes"
    track = ("Rounds", "Rounds", "Rounds cannot be taken back; R begins again")
    no_back = track[2]
    brief = True

    def count(self, picture: SketchPicture) -> str:
        """A round means something else in each scene."""
        return f"round {picture.step:,}"
