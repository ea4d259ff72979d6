"""Slow motion: one real training beat, its stages lit one by one, each with its formula and the tensors captured."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from dgm_studio.core.reports import Motion, MotionStage
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.formula import Formula
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plate_card import PlateCard
from dgm_studio.gui.widgets.step_row import StepRow

WALL, LEAST_WALL, LEAST_ROW, REST = 330, 104, 96, 410
"""Height of the plates, however many there are: the sheet must not jump from stage to stage. On a small screen they
give way, for all else takes REST; what still has no room is scrolled to, by the wheel or the keys."""
CRAMPED = 580
"""Design pixels of the screen's height below which the subtitle makes room for the plates (a projector of 720 lines in
presenter mode)."""
SUBTITLE = "A real training beat. It is done already; here is what happened inside it."
WIDTH = 1120
FACTS = 7


class PlateWall(QWidget):
    """Plates in as many rows as they need: up to four stand side by side, as large as there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[PlateCard] = []
        self._rows = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        px = theme().px
        room = self.screen().availableSize().height() - px(REST)
        self.setFixedHeight(max(px(LEAST_WALL), self._rows * px(LEAST_ROW), min(px(WALL), room)))
        self._grid.setSpacing(theme().px(12))

    def show_stage(self, stage: MotionStage) -> None:
        """Replace what hangs there."""
        for card in self.cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        for index in range(self._grid.columnCount()):
            self._grid.setColumnStretch(index, 0)
        for index in range(self._grid.rowCount()):
            self._grid.setRowStretch(index, 0)
        self.cards = [PlateCard(plate, self) for plate in stage.plates]
        count = len(self.cards)
        rows = 1 if count <= 4 else (2 if count <= 8 else 3)
        columns = max(1, math.ceil(count / rows))
        self._rows = rows
        self._rescale()
        for k, card in enumerate(self.cards):
            self._grid.addWidget(card, k // columns, k % columns)
            self._grid.setColumnStretch(k % columns, 1)
            self._grid.setRowStretch(k // columns, 1)
            card.show()


class SlowMotionSheet(Sheet):
    """`show_motion(motion, model)`; Space and Right go on, Left goes back, Space after the last stage does another."""

    beat_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        room = parent.width() / theme().scale - 40
        super().__init__("Slow motion", " ", width=max(640.0, min(WIDTH, room)), parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.motion: Motion | None = None
        self.index = 0
        self._waiting = False
        self.steps = StepRow()
        self.steps.picked.connect(self.show_stage)
        self.head.addSpacing(8)
        self.head.addWidget(self.steps)
        board = Card("raised")
        inside = Stack(board, gap=4, pad=(18, 12, 18, 12))
        self.formula = Formula(21)
        self.caption = Label("", 14, 400, "dim", wrap=True)
        inside.addWidget(self.formula)
        inside.addWidget(self.caption)
        self.body.addWidget(board)
        self._facts = Row(gap=24)
        self.facts: list[tuple[Label, Label]] = []
        for _ in range(FACTS):
            pair = Stack(gap=0)
            value, name = Label("", 15, 600, tabular=True, elide=True), Label("", 11.5, 400, "faint", elide=True)
            pair.addWidget(value)
            pair.addWidget(name)
            self._facts.addLayout(pair)
            self.facts.append((value, name))
        self._facts.addStretch(1)
        self.body.addLayout(self._facts)
        self.wall = PlateWall()
        self.body.addWidget(self.wall)
        self.another = self.add_left(Button("Next beat", "Train one more beat and take it apart (N)"))
        self.back = self.add_right(Button("Back", "The stage before (Left)"))
        self.on = self.add_right(Button("Next", "The next stage (Space or Right)", kind="primary"), default=True)
        self.shut = self.add_right(Button("Close", "Close; the beats done stay done (Esc)"))
        self.another.clicked.connect(self.ask_beat)
        self.back.clicked.connect(lambda: self.show_stage(self.index - 1))
        self.on.clicked.connect(self.go_on)
        self.shut.clicked.connect(self.close)

    def show_motion(self, motion: Motion, model: str) -> None:
        """Another beat, from its first stage."""
        self.motion, self._waiting = motion, False
        beat = "" if motion.beat == "step" else f", beat “{motion.beat}”"
        self.title.setText(f"Slow motion: step {motion.step:,} of {model}{beat}")
        cramped = self.screen().availableSize().height() < theme().px(CRAMPED)
        self.set_subtitle("" if cramped else SUBTITLE)
        self.title.setToolTip(SUBTITLE)
        self.steps.set_steps([stage.title for stage in motion.stages])
        self.show_stage(0)

    def show_stage(self, index: int) -> None:
        """Light one stage."""
        if self.motion is None or not 0 <= index < len(self.motion.stages):
            return
        self.index, stages = index, self.motion.stages
        stage = stages[index]
        self.steps.set_current(index)
        self.formula.set_formula(stage.formula)
        self.caption.setText(stage.caption)
        for k, (value, name) in enumerate(self.facts):
            fact = stage.facts[k] if k < len(stage.facts) else ("", "")
            name.setText(fact[0])
            value.setText(fact[1])
        self.wall.show_stage(stage)
        self._scroll.verticalScrollBar().setValue(0)
        last = index == len(stages) - 1
        self.back.setEnabled(index > 0)
        beat = f"Next beat: {self.motion.next}" if self.motion.next not in ("", "step") else "Next beat"
        self.another.setText(beat)
        self.on.setText(beat if last else f"Next: {stages[index + 1].title}")
        self.on.setAccessibleName(self.on.text())
        self.on.setToolTip(
            "Train one more beat and take it apart (Space)" if last else "The next stage (Space or Right)"
        )
        self.another.setVisible(not last)
        if self.isVisible() and self._high(self.width()) > self.height():
            self.fit()  # a formula of two lines; it does not shrink again, for it must not jump

    def go_on(self) -> None:
        """The next stage; after the last, the next beat."""
        if self.motion is not None and self.index == len(self.motion.stages) - 1:
            self.ask_beat()
        else:
            self.show_stage(self.index + 1)

    def ask_beat(self) -> None:
        """One more, once the last one has come."""
        if not self._waiting:
            self._waiting = True
            self.beat_wanted.emit()

    def _scroll_by(self, key: int) -> None:
        """Where not all of a stage is in sight."""
        bar = self._scroll.verticalScrollBar()
        page = bar.pageStep() if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) else theme().px(48)
        bar.setValue(bar.value() + (page if key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) else -page))

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        match event.key():
            case Qt.Key.Key_Space:
                self.go_on()
            case Qt.Key.Key_Right:
                self.show_stage(self.index + 1)
            case Qt.Key.Key_Left:
                self.show_stage(self.index - 1)
            case Qt.Key.Key_N:
                self.ask_beat()
            case Qt.Key.Key_Up | Qt.Key.Key_Down | Qt.Key.Key_PageUp | Qt.Key.Key_PageDown:
                self._scroll_by(event.key())
            case _:
                super().keyPressEvent(event)
