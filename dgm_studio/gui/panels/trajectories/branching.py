"""Branches: films that leave another one at a frame, which was edited or is sampled otherwise from there on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.film import Frame
from dgm_studio.core.knobs import Value
from dgm_studio.gui.film_lane import Kept, Past
from dgm_studio.gui.layers.branch import FEW, BranchLayer
from dgm_studio.gui.layers.over_time import OldOverTime
from dgm_studio.gui.panels.trajectories.branch_card import BranchCard
from dgm_studio.gui.panels.trajectories.brush import Brush
from dgm_studio.gui.panels.trajectories.editing import Editing
from dgm_studio.gui.panels.trajectories.settings import FIELD, FILM_KNOBS
from dgm_studio.gui.panels.trajectories.shooting import FILM_LANE, Shooting
from dgm_studio.gui.panels.trajectories.shot import Shot
from dgm_studio.gui.panels.trajectories.space_time import SpaceTime
from dgm_studio.gui.panels.trajectories.subject import AXES
from dgm_studio.gui.stage import Stage

MOST = 6
"""Branches that are kept beside the film."""
NO_OLD = "There is no branch yet: edit a frame, then go on from there."
ON_A_LINE = "On a line there is room for old ways only in space and time: switch that on under Picture."
FULL = f"There are {MOST} branches; film again (R) to begin anew."
ENDED = "The film has ended at this frame: go back to an earlier one."
FORWARD = "Noise is added by the known law itself: only the way from noise to data can be branched."
OF_THE_WHOLE = tuple(knob.name for knob in FILM_KNOBS if knob is not FIELD)
"""Settings that only a whole film can have others of."""
FIRST = 1e-9
"""Stands for t = 0, where a film begins with its noise: a branch begins with points."""


@dataclass(frozen=True)
class Take:
    """One of the films: what it was made with, where it leaves which other (-1: none), what of it was edited, which
    particles (k,) go another way, and the film while another is in front."""

    shot: Shot
    parent: int = -1
    index: int = 0
    edits: str = ""
    others: Array = field(default_factory=lambda: np.empty(0, dtype=np.intp), compare=False)
    kept: Kept | None = None


class Branching(QObject):
    """The film and its branches; the lane shows one of them."""

    changed = Signal()

    going = Signal(int)
    """A branch begins at that frame: play it from there."""

    back = Signal(float)
    """Another film is brought back: stay at that share."""

    def __init__(
        self, stage: Stage, over_time: SpaceTime, shooting: Shooting, brush: Brush, card: BranchCard,
        here: Callable[[], int], parent: QObject,
    ) -> None:  # fmt: skip
        """`here()` is the frame that is shown."""
        super().__init__(parent)
        layer = stage.layer(BranchLayer.id)
        assert isinstance(layer, BranchLayer)
        self.takes: list[Take] = []
        """The film and its branches; empty while there is no branch."""
        self.current = 0
        self.editing = Editing(stage, brush, self)
        self._layer, self._over_time, self._card, self._here, self._brush = layer, over_time, card, here, brush
        self._shooting, self._lane = shooting, shooting.lane
        self._last = 0
        self._said: object = None
        self._lane.started.connect(lambda _: self._show_old())
        self._lane.finished.connect(self._show)
        self._lane.failed.connect(self._fail)
        self.editing.changed.connect(self._show)
        card.edit_wanted.connect(self.edit)
        card.noise_wanted.connect(self._add_noise)
        card.undo_wanted.connect(self.editing.undo)
        card.leave_wanted.connect(self.editing.end)
        card.go_on_wanted.connect(self.go_on)
        card.picked.connect(self.show_take)

    @property
    def busy(self) -> bool:
        """Whether a new film would destroy what a person has made here."""
        return self.editing.on or bool(self.takes)

    def takes_up(self, name: str) -> bool:
        """Whether that setting, or a Sampling value, is the branch's that is to come: then no film is made anew."""
        return self.editing.on and name not in OF_THE_WHOLE

    def reasons(self) -> dict[str, str]:
        """Why its layer is empty."""
        if self._shooting.on_line and not self._over_time.on:
            return {BranchLayer.id: ON_A_LINE}
        return {BranchLayer.id: "" if self.takes or self.editing.on else NO_OLD}

    def no_edit(self) -> str:
        """Why the frame shown cannot be edited, "" if it can."""
        subject, shot, frames = self._shooting.subject(), self._shooting.shot, self._lane.frames
        if subject is None or shot is None or not self._lane.whole:
            return "There is no whole film yet."
        if shot.forward:
            return FORWARD
        if subject.no_branch:
            return subject.no_branch
        if self._here() >= len(frames) - 1:
            return ENDED
        return FULL if len(self.takes) > MOST else ""

    # From the person.

    def edit(self) -> None:
        """Edit the frame that is shown."""
        if not self.no_edit():
            self.editing.begin(self._here(), self._lane.frames[self._here()])

    def _add_noise(self, size: float) -> None:
        seed = self._shooting.settings.seed + 1_000 * self._last + round(1e3 * self.editing.noise)
        self.editing.add_noise(size, np.random.default_rng(seed))

    def go_on(self) -> None:
        """The frames so far, and a new future from the frame as it now is."""
        edit, film, wanted = self.editing, self._shooting.shot, self._shooting.wanted()
        if not edit.on or film is None or wanted is None:
            return
        index, frame, x = edit.index, edit.frame, edit.x
        moved = edit.moved()
        said = _said(len(moved), len(x), edit.noise, film, wanted)
        others = moved if len(moved) and wanted.sampling == film.sampling else np.arange(len(x))
        edit.end()
        if not self.takes:
            self.takes = [Take(film)]
        frames = tuple(self._lane.frames)
        if 0 < len(moved) <= FEW and self._brush.followed is None:
            self._brush.follow(np.isin(np.arange(len(x)), moved))  # they would be lost among so many
        self._put_aside()
        shot = replace(wanted, step=film.step, count=len(x), seed=film.seed, branch=max(FIRST, frame.t))
        self._last += 1
        self.takes.append(Take(shot, self.current, index, said, others))
        self.current = len(self.takes) - 1
        self._lane.name = f"{FILM_LANE}-branch-{self._last}"
        self.going.emit(index)
        self._shooting.shoot_branch(shot, x, Past(frames[:index], frame.evaluations))
        self._show()

    def show_take(self, place: int) -> None:
        """Bring one of the films back, at the time that is shown."""
        take = self.takes[place]
        if place == self.current or take.kept is None:
            self._show()
            return
        self.editing.end()
        t = self._lane.frames[self._here()].t
        self._put_aside()
        self.current = place
        times = np.array([frame.t for frame in take.kept.frames])
        self._bring_back(int(np.abs(times - t).argmin()))

    # The mode's calls.

    def forget(self) -> None:
        """A whole film is made anew: nothing of these is left."""
        self.editing.end()
        for take in self.takes:
            if take.kept is not None and take.kept.name != FILM_LANE:
                self._lane.let_go(take.kept)
        if self._lane.name != FILM_LANE:
            self._lane.forget()
            self._lane.name = FILM_LANE
        self.takes, self.current = [], 0
        self._show()

    def show_frame(self, index: int) -> None:
        """Another frame is shown."""
        if index < len(self._lane.frames):
            self._layer.set_time(self._lane.frames[index].t)
        self._show()

    def _put_aside(self) -> None:
        self.takes[self.current] = replace(self.takes[self.current], kept=self._lane.put_aside())

    def _show_old(self) -> None:
        """What the film in front has left behind, where it is a branch."""
        take = self.takes[self.current] if self.takes else None
        if take is None or take.parent < 0:
            return
        kept = self.takes[take.parent].kept
        old: Sequence[Frame] = kept.frames[take.index :] if kept is not None else ()
        if old:
            layer = self._over_time.stage.layer(BranchLayer.id) if self._shooting.on_line else self._layer
            assert isinstance(layer, (BranchLayer, OldOverTime))
            layer.set_old([frame.x[:, :AXES] for frame in old], [frame.t for frame in old], take.others)

    def _fail(self, _: object) -> None:
        """A branch that could not begin leaves all as it was."""
        take = self.takes[self.current] if self.takes else None
        if take is not None and take.parent >= 0 and not self._lane.frames and not self._lane.making:
            self._lane.forget()
            self.takes.pop(self.current)
            self.current = take.parent
            self._bring_back(take.index)

    def _bring_back(self, index: int) -> None:
        """The current film, which was put aside, at that frame."""
        take = self.takes[self.current]
        assert take.kept is not None
        self.takes[self.current] = replace(take, kept=None)
        if len(self.takes) == 1:
            self.takes = []
        self._shooting.take_up(take.shot)
        self.back.emit(index / max(1, len(take.kept.frames) - 1))
        self._lane.bring_back(take.kept)
        self._show()

    def _show(self) -> None:
        edit = self.editing
        what = ""
        if edit.on:
            moved = len(edit.moved())
            what = f"Frame {edit.index + 1}, t = {edit.frame.t:.2f}: {_moved(moved, len(edit.x)) or 'as it was'}"
            self._card.show_undo(moved > 0)
            self._card.show_line(self._shooting.on_line)
        names = [(_name(place), _tooltip(take)) for place, take in enumerate(self.takes)]
        reason, busy = self.no_edit(), self._lane.making
        said = (what, reason, names, self.current, busy)
        if said == self._said:
            return  # while a film plays, nothing is said anew at every frame
        self._said = said
        self._card.show_edit(what, reason)
        self._card.show_films(names, self.current, names[self.current][1] if names else "", busy=busy)
        self.changed.emit()


def _name(place: int) -> str:
    return "Film" if place == 0 else f"Branch {place}"


def _tooltip(take: Take) -> str:
    if take.parent < 0:
        return "The film as it was made, from noise to data."
    return f"Leaves {_name(take.parent).lower()} at t = {take.shot.branch:.2f}: {take.edits}."


def _moved(count: int, of: int) -> str:
    if not count:
        return ""
    return "all particles moved" if count == of else f"{count:,} particle{'s' if count > 1 else ''} moved"


def _said(moved: int, of: int, noise: float, film: Shot, wanted: Shot) -> str:
    """What makes it another film."""
    parts = [_moved(moved, of)]
    if noise:
        parts.append(f"noise of {noise:.2g}")
    if film.exact != wanted.exact:
        parts.append("along the exact field" if wanted.exact else "along the learned field")
    parts += [f"{name.replace('_', ' ')} {_text(value)}" for name, value in _changed(film.sampling, wanted.sampling)]
    return ", ".join(part for part in parts if part) or "nothing was changed"


def _changed(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[tuple[str, Value]]:
    return [(name, value) for name, value in after.items() if before.get(name) != value]


def _text(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
