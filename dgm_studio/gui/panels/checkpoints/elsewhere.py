"""Where a model is looked at that this mode cannot show: a sentence, and the way there."""

from __future__ import annotations

from typing import NamedTuple

from dgm_studio.core.inspection import ASKS, BROKEN, NOTHING, PICTURES, POINTS, TEXT
from dgm_studio.gui.panels.checkpoints import modes
from dgm_studio.gui.panels.checkpoints.running import Running

NO_FILE = "No file is open. Drop a checkpoint on the window, or choose one at the left."
INSIDE = "Look inside the file"
OPENING = "Opening the model…"
PANELS = {PICTURES: ("latents", "Latents"), TEXT: ("text", "Text"), POINTS: ("trajectories", "Trajectories")}
"""Panel and its name, by what a model makes."""
SENTENCES = {
    TEXT: "This model writes text. Its words come out of the mask in the Text panel.",
    POINTS: "This model makes points. Its trajectories are filmed in the Trajectories panel.",
}


class Way(NamedTuple):
    """`word` is the button's; it leads to a `panel`, or to a `mode` of this one; both "" for none."""

    sentence: str
    word: str = ""
    panel: str = ""
    mode: str = ""


def way_from(running: Running) -> Way | None:
    """Why no picture is seen of the file that is open, and where to go; None where its model of pictures is open."""
    if running.report is not None:
        return None
    if not running.path:
        return Way(NO_FILE)
    refusal = running.subject.refusal
    if refusal is not None:
        return Way(refusal.sentence, INSIDE, "", modes.INSPECT.id)
    if running.makes in SENTENCES:
        panel, name = PANELS[running.makes]
        return Way(SENTENCES[running.makes], f"Open in {name}", panel)
    if running.failure is not None:
        return Way(running.failure.sentence, INSIDE, "", modes.INSPECT.id)
    inspection, program = running.subject.inspection, running.subject.program
    if program is not None and running.makes == NOTHING:
        sentence = f"A {program.title}. Running it runs code from the file, and that only after you agree: in Inspect."
        return Way(sentence, INSIDE, "", modes.INSPECT.id)
    best = inspection.best if inspection is not None else None
    if best is not None and best.makes == NOTHING:
        return Way(f"This file can be looked into, not run. {best.reasons[0]}", INSIDE, "", modes.INSPECT.id)
    if inspection is not None and inspection.candidates and best is None:
        meant = (one for one in inspection.candidates if one.verdict in (ASKS, BROKEN))
        first = next(meant, inspection.candidates[0])
        reason = first.reasons[0] if first.reasons else "it fits no architecture that the studio knows"
        return Way(f"This file cannot be run here: {reason}", INSIDE, "", modes.INSPECT.id)
    return Way(OPENING)
