"""The panel's modes as they stand over it. What a mode is made of is read when it is wanted.

The mode NAME is the class `NameMode` in NAME_mode.py, built as `NameMode(studio, subject, parent=panel)`; `subject`
is the file that is open (see panels.checkpoints.subject), the same for all.
"""

from __future__ import annotations

from dgm_studio.gui.panels.mode import ModeSign

INSPECT = ModeSign("inspect", "Inspect", "What the file is, and every tensor in it")
FILM = ModeSign("film", "Film", "Watch pictures come out of noise, frame by frame, by the model in this file")
GALLERY = ModeSign("gallery", "Gallery", "Samples by their seeds: pin, compare two checkpoints, sweep a setting")
DIFFERENCE = ModeSign("difference", "Difference", "What changed between two checkpoints, or from raw to EMA")
