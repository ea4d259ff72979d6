"""Further views of a film: the parts of a step, contours of p_t, the exact path, colours, and a brushed set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from dgm_studio.core import film
from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.film import Frame
from dgm_studio.core.knobs import Value
from dgm_studio.core.reports import Picture
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.layers.brush import BrushLayer
from dgm_studio.gui.layers.clean import CleanLayer
from dgm_studio.gui.layers.colouring import Colouring, by_mode, by_origin, by_time
from dgm_studio.gui.layers.contour import ContourLayer
from dgm_studio.gui.layers.gap import GapLayer
from dgm_studio.gui.layers.guidance import GuidanceLayer
from dgm_studio.gui.layers.paths import PathsLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.layers.step_arrows import Parts, StepLayer
from dgm_studio.gui.panels.trajectories.brush import Brush
from dgm_studio.gui.panels.trajectories.readouts import MEASURED, ordinal, straightness
from dgm_studio.gui.panels.trajectories.settings import MODE, ORIGIN, TIME
from dgm_studio.gui.panels.trajectories.shooting import Shooting
from dgm_studio.gui.panels.trajectories.subject import AXES, Subject
from dgm_studio.gui.panels.trajectories.twin import Twin, is_noisy, no_twin
from dgm_studio.gui.panels.trajectories.views_card import ViewsCard
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.chip import ChipRow

FURTHER = ("contour", "drift", "noise", "guidance", "gap", "brush")
OF_PARTICLES = ("samples", "clean", "paths", "probe", "brush")
"""Layers in the colour of what carries the particles: the model, or what is known."""
TWIN_LANE = "film-exact"
NO_CLASSES = "{} is not told classes: there is nothing to guide towards."
ALREADY_EXACT = "These particles follow what is known, so density and arrows are the exact ones already."
NO_NOISE = "This solver adds no noise: its step is all velocity."
GAMMA = "guidance"
BRUSH_HELP = "Hold Shift and drag over particles to follow them; Shift and a click let go"


class FilmViews(QObject):
    """Hears of the film from its lane, after the mode; nothing is made of what is not seen."""

    reasons_changed = Signal()

    asks_changed = Signal()

    noticed = Signal(object)
    """A sentence: the film is thinned."""

    def __init__(
        self, studio: Studio, stage: Stage, chips: ChipRow, shooting: Shooting, card: ViewsCard, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._studio, self._stage, self._shooting, self._card = studio, stage, shooting, card
        self._lane = shooting.lane
        self._chips = chips
        particles, ways, clean, brush = (stage.layer(name) for name in ("samples", "paths", "clean", "brush"))
        gap, contour, drift, noise = (stage.layer(name) for name in ("gap", "contour", "drift", "noise"))
        guidance = stage.layer("guidance")
        assert isinstance(guidance, GuidanceLayer)
        assert isinstance(particles, SamplesLayer)
        assert isinstance(ways, PathsLayer)
        assert isinstance(clean, CleanLayer)
        assert isinstance(brush, BrushLayer)
        assert isinstance(gap, GapLayer)
        assert isinstance(contour, ContourLayer)
        assert isinstance(drift, StepLayer)
        assert isinstance(noise, StepLayer)
        self._dyed = (particles, ways, brush)
        self._clean, self._gap, self._contour, self._steps = clean, gap, contour, (drift, noise)
        self._guidance = guidance
        self.brush = Brush(stage, self)
        self.twin = Twin(FilmLane(studio.link, TWIN_LANE, self), self)
        self._colour = ""
        self._modes: Array | None = None
        self._mode_count = 0
        self._index = 0
        self._before: Frame | None = None
        self._known = False
        """Whether the particles follow what is known."""
        self._noisy: bool | None = None
        """Whether the film's steps have noise; None before the first is known."""
        chips.chips["brush"].set_label("Brush", BRUSH_HELP)
        self.brush.changed.connect(self._show_followed)
        self.brush.changed.connect(self.asks_changed)
        self.twin.lane.frame.connect(lambda frame: gap.append_truth(frame.x[:, :AXES]))
        self.twin.changed.connect(self._show_error)
        stage.layers_changed.connect(self._look)
        self._lane.started.connect(self._begin)
        self._lane.frame.connect(self._add)
        self._lane.finished.connect(self._finish)
        self._lane.picture.connect(self._take)

    # The mode's calls.

    def set_colour(self, kind: str) -> None:
        """What the particles' colour says (settings.COLOUR)."""
        if kind != self._colour:
            self._colour = kind
            self._dye()
            self.asks_changed.emit()

    def reasons(self) -> dict[str, str]:
        """Why a layer cannot be shown of this film."""
        still = NO_NOISE if self._noisy is False else ""
        subject = self._shooting.subject()
        gap = no_twin(subject, self._shooting.shot)
        found = {"drift": still, "noise": still, "guidance": no_guidance(subject), "gap": gap}
        found["exact"] = ALREADY_EXACT if self._known else ""
        return {name: why for name, why in found.items() if why or name in ("drift", "noise")}

    def asks(self) -> tuple[Ask, ...]:
        """What is wanted of a whole film."""
        subject = self._shooting.subject()
        wanted = self._colour == MODE or self.brush.followed is not None
        if not (wanted and self._lane.whole and subject is not None and subject.data is not None):
            return ()
        return (Ask("modes", count=len(self._lane.frames[0].x)),)

    def show_guidance(self, sampling: Mapping[str, Value]) -> None:
        """The guidance scale that is set, while it is dragged."""
        gamma = sampling.get(GAMMA)
        self._guidance.set_gamma(float(gamma) if isinstance(gamma, (int, float)) else None)

    def show_frame(self, index: int) -> None:
        """What is said of the frame shown."""
        self._index = index
        drift = self._steps[0]
        seen = any(layer.isVisible() for layer in self._steps)
        self._card.show_step(drift.parts() if seen else None)
        self._show_error()

    def settled(self) -> bool:
        """Whether the exact path is whole where it is seen."""
        return not (self._gap.isVisible() and self.twin.lane.making)

    # The film.

    def _begin(self, _: int) -> None:
        shot = self._shooting.shot
        self.twin.forget()
        self._modes = None
        self.brush.keep(len(self._lane.frames[0].x) if self._lane.frames else shot.count if shot else 0)
        known = shot is not None and shot.known
        turned, self._known = known is not self._known, known
        self._contour.set_exact(known)
        for name in OF_PARTICLES:
            layer = self._stage.layer(name)
            layer.set_tint("exact" if known else layer.token)
            self._chips.chips[name].set_colour("exact" if known else layer.token)
        self._before = None
        if turned:
            self.reasons_changed.emit()
        if self._lane.every > 1:
            limit = f"{film.MOST_BYTES / 2**20:,.0f} MB"
            self.noticed.emit(
                f"Only every {ordinal(self._lane.every)} frame is kept, and the last: all of them are more than the "
                f"limit of {limit}. Take fewer particles or steps to keep them all."
            )

    def _add(self, frame: Frame) -> None:
        before, self._before = self._before, frame
        for layer in self._dyed:
            layer.append(frame.x[:, :AXES], frame.t)
        self._clean.append(None if frame.x1_hat is None else frame.x1_hat[:, :AXES])
        self._gap.append(frame.x[:, :AXES])
        if before is None:
            self._dye()  # where they start is known now
            return
        parts = None
        if before.drift is not None:
            parts = Parts.of(before.x[:, :AXES], frame.x[:, :AXES], before.drift[:, :AXES])
        for step in self._steps:
            step.append(parts)
        if self._noisy is not (parts is not None):
            self._noisy = parts is not None
            self.reasons_changed.emit()

    def _finish(self) -> None:
        for step in self._steps:
            step.append(None)  # no step leaves the last frame
        self._look()
        self._show_followed()

    def _look(self) -> None:
        """The exact path is wanted of a whole film, once."""
        shot = self._shooting.shot
        if self._gap.isVisible() and self._lane.whole and shot is not None and self.twin.of is not shot:
            noisy = is_noisy(shot, self._studio.catalogue, bool(self._noisy))
            self._gap.clear_truth(self.twin.shoot(shot, noisy, self._lane.frames))
        self.show_frame(self._index)

    # What is told.

    def _take(self, picture: Picture) -> None:
        if picture.ask.view == "modes":
            self._modes = picture.arrays["labels"]
            self._mode_count = int(picture.numbers["modes"])
            self._dye()
            self._show_followed()

    def _dye(self) -> None:
        """Colour what has come."""
        colouring = self._colouring()
        for layer in self._dyed:
            layer.set_colouring(colouring)

    def _colouring(self) -> Colouring | None:
        frames = self._lane.frames
        if self._colour == TIME:
            return by_time()
        if self._colour == ORIGIN and frames:
            return by_origin(frames[0].x[:, :AXES])
        if self._colour == MODE and self._modes is not None:
            return by_mode(self._modes, self._mode_count)
        return None

    def _show_error(self) -> None:
        seen = self._gap.isVisible()
        here = end = None
        if seen:
            here, end = self._gap.rms(self._index), self._gap.rms(self._lane.total - 1)
        self._card.show_error(here, end, self.twin.lane.making, seen)

    def _show_followed(self) -> None:
        followed, frames = self.brush.followed, self._lane.frames
        straight = None
        if followed is not None and self._lane.whole and len(frames) > 1 and len(followed) == len(frames[0].x):
            which = np.flatnonzero(followed)[:MEASURED]
            shares = straightness(np.stack([frame.x[which] for frame in frames]))
            straight = float(shares.mean()) if len(shares) else None
        self._card.show_followed(followed, frames, self._modes, straight)


def no_guidance(subject: Subject | None) -> str:
    """Why there are no fields without and with a label, "" where there are."""
    if subject is None:
        return ""
    if GAMMA not in {knob.name for knob in subject.knobs}:
        return NO_CLASSES.format(subject.title)
    return subject.idle.get(GAMMA, "")
