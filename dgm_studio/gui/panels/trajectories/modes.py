"""The panel's modes as they stand over it; each is read when it is wanted."""

from __future__ import annotations

from dgm_studio.gui.panels.mode import ModeSign

FILM = ModeSign("film", "Film", "Watch noise become data and data become noise, frame by frame, both ways")
COMPARE = ModeSign("compare", "Compare", "Up to four films side by side from the same noise, and their errors")
LIKELIHOOD = ModeSign("likelihood", "Likelihood", "log p of a point along its path, by the continuity equation")
SCENES = ModeSign("scenes", "Scenes", "Langevin chains, the Fokker-Planck equation, guidance as three arrows")
