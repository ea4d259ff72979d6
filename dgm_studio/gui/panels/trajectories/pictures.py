"""What the film's model shows at the frame's time: kept where it is known, asked for where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import EXACT, LEARNED, Ask
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.layers.exact import LEARNED_VIEWS
from dgm_studio.gui.panels.framing import Framing
from dgm_studio.gui.panels.greying import layer_of
from dgm_studio.gui.panels.trajectories.readouts import TrajectoriesReadouts
from dgm_studio.gui.panels.trajectories.shelf import Shelf
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.widgets.chip import ChipRow


class Pictures(QObject):
    """Between a film lane and a stage. `asks()` says what is wanted now; nothing is while not `awake`. Without
    `numbers` pictures are only painted."""

    def __init__(
        self,
        stage: Stage,
        chips: ChipRow,
        numbers: TrajectoriesReadouts | None,
        lane: FilmLane,
        asks: Callable[[], tuple[Ask, ...]],
        resolutions: tuple[int, ...],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.awake = False
        self.moving = False
        """While the film plays, a picture of a moment ago is better than one of long ago."""
        self.exact = False
        """Of a film along the exact field: what is drawn of its model is the exact answer, too."""
        self.shelf = Shelf()
        self._stage, self._chips, self._numbers, self._lane = stage, chips, numbers, lane
        self._asks, self._resolutions = asks, resolutions
        self._framing = Framing(stage)
        self._painted: dict[str, Picture | Refusal] = {}
        lane.picture.connect(self._take)
        lane.refusal.connect(self._take)
        stage.layers_changed.connect(self._layers_changed)
        stage.box_changed.connect(lambda _: self.show())

    def show(self) -> None:
        """Show what is known of the frame; ask for the rest."""
        if not self.awake or not self._lane.frames:
            return
        asks = self._wanted()
        for ask in asks:
            held = self.shelf.find(ask, self._resolutions)
            if held is not None:
                self._paint(held)
        self._lane.look(self.shelf.missing(asks))

    def complete(self) -> bool:
        """Whether all that is wanted now has come."""
        return not self.shelf.missing(self._wanted())

    def forget(self) -> None:
        """Another model: nothing is known of it."""
        self.shelf.clear()

    def frame_film(self, first: Array, last: Array) -> None:
        """The box of a film without data: see Framing."""
        self._framing.frame_film(first, last)

    def frame_home(self) -> None:
        """The box of a run, until its data are there."""
        self._framing.frame(np.zeros((0, 2)))

    def clear(self) -> None:
        """Empty the stage."""
        self._painted.clear()
        self._stage.clear()

    def sleep(self) -> None:
        """Nobody looks: nothing is asked for."""
        self.awake = False
        self._lane.look(())

    def _take(self, one: Picture | Refusal) -> None:
        self.shelf.put(one)
        if not self.awake:
            return
        asks = self._wanted()
        now = {ask.key: ask for ask in asks}.get(one.ask.key)
        if now is not None and (now == one.ask or (self.moving and not self.shelf.has(now))):
            self._paint(one)
        self._lane.look(self.shelf.missing(asks))

    def _wanted(self) -> tuple[Ask, ...]:
        asks = self._asks()
        if not self.exact:
            return asks
        return tuple(replace(ask, variant=EXACT) if ask.view in LEARNED_VIEWS else ask for ask in asks)

    def _as_own(self, one: Picture | Refusal) -> Picture | Refusal:
        """What the layers take for the model's own."""
        turned = self.exact and one.ask.view in LEARNED_VIEWS
        return replace(one, ask=replace(one.ask, variant=LEARNED)) if turned else one

    def _layers_changed(self) -> None:
        self._painted.clear()  # some layers let go of what is no longer asked for
        self.show()

    def _paint(self, one: Picture | Refusal) -> None:
        if self._painted.get(one.ask.key) is one:
            return
        self._painted[one.ask.key] = one
        told, one = one, self._as_own(one)
        name = layer_of(one.ask.key)
        self._explain(name, one.reason if isinstance(one, Refusal) else "")
        if isinstance(one, Picture):
            if one.ask.view == "data":
                self._framing.frame(one.arrays["points"])
            self._stage.accept(one)
            if isinstance(told, Picture) and told is not one:
                self._stage.accept(told)  # for layers of what is known, as contours then are
            if self._numbers is not None:
                self._numbers.accept(one)
        else:
            if self._numbers is not None:
                self._numbers.refuse(one)
            for layer in self._stage.layers:
                if layer.wants(one.ask.key) or layer.wants(told.ask.key):
                    layer.clear()  # what it shows is of another time

    def _explain(self, name: str, reason: str) -> None:
        """A layer that is refused at this time stays empty: its chip says why, but stays pressable."""
        chip = self._chips.chips.get(name)
        if chip is not None and chip.isEnabled():
            chip.set_reason("")
            if reason:
                chip.setToolTip(reason)
