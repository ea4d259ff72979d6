"""A person at the window: keys, clicks, answers to dialogs, and waiting until the worker has caught up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.panels.train.panel import TrainPanel
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.slider_row import SliderRow
from dgm_studio.gui.window import MainWindow

PATIENCE = 30_000
"""Milliseconds that anything may take."""


class Person:
    """Acts on one shown, awake window by real events."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot, self.window = qtbot, window

    @property
    def panel(self) -> TrainPanel:
        """The Train panel."""
        return self.window.train

    @property
    def recipe(self) -> Recipe:
        """What the worker has, as last read back, at the step reached."""
        recipe = self.window.studio.run.recipe
        assert recipe is not None
        return replace(recipe, step=self.step)

    @property
    def step(self) -> int:
        """Completed steps."""
        return self.window.studio.run.step

    def until(self, holds: Callable[[], bool]) -> None:
        """Run the event loop until it holds."""
        self.qtbot.waitUntil(holds, timeout=PATIENCE)

    def press(self, key: Qt.Key, with_: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key, to the window in front."""
        if not self.window.isActiveWindow():
            self.window.activateWindow()
            self.until(self.window.isActiveWindow)
        QTest.keyClick(self.window.windowHandle(), key, with_)

    def train_to(self, step: int) -> None:
        """Play by the space bar until `step` is reached, then pause by it."""
        self.press(Qt.Key.Key_Space)
        self.until(lambda: self.step >= step)
        self.press(Qt.Key.Key_Space)
        self.until(lambda: not self.window.studio.run.playing)

    def train_by(self, steps: int) -> None:
        """Exactly so many steps, ten and one at a time, by the arrow keys."""
        self.panel.stage.setFocus()  # a slider that was just used keeps its arrows
        goal = self.step + steps
        while self.step < goal:
            ten = goal - self.step >= 10
            before = self.step
            shift = Qt.KeyboardModifier.ShiftModifier if ten else Qt.KeyboardModifier.NoModifier
            self.press(Qt.Key.Key_Right, shift)
            self.until(lambda by=10 if ten else 1, before=before: self.step == before + by)  # type: ignore[misc]
        self.until(lambda: not self.window.studio.run.playing)

    def fresh(self, act: Callable[[], object]) -> None:
        """Do something that rebuilds, and wait for the new run."""
        before = self.window.studio.run.opened_by
        act()
        self.until(lambda: self.window.studio.run.opened_by != before)

    def click(self, button: QAbstractButton) -> None:
        """With the left mouse button, in its middle."""
        assert button.isVisible(), button.accessibleName()
        assert button.isEnabled(), button.toolTip()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def pick_data(self, name: str) -> None:
        """From the searchable list of all data sets."""
        picker = self.panel.inputs.data
        picker.header.link_clicked.emit("all")
        self._pick(picker.popup.search, name)

    def pick_family(self, words: str) -> None:
        """By typing into the list of families and presets."""
        picker = self.panel.inputs.family
        self.click(picker.button)
        self._pick(picker.popup.search, words)

    def _pick(self, search: QLineEdit, words: str) -> None:
        QTest.keyClicks(search, words)
        QTest.keyClick(search, Qt.Key.Key_Return)

    def type_knob(self, group: str, name: str, text: str) -> SliderRow:
        """Into the row's own editor, opened by Enter, closed by Enter."""
        return self.type_into(self.panel.inputs.forms[group].rows[name], text)

    def type_into(self, row: KnobRow, text: str) -> SliderRow:
        """Open the row's editor, type, Enter."""
        assert isinstance(row, SliderRow)
        row.begin_edit()
        row.slider.editor.clear()
        QTest.keyClicks(row.slider.editor, text)
        QTest.keyClick(row.slider.editor, Qt.Key.Key_Return)
        return row

    def settle(self) -> None:
        """Until every visible layer and read-out shows the present step."""
        self.until(self.panel.settled)

    def show_only(self, *layers: str) -> None:
        """Press chips until just these are on."""
        for name, chip in self.panel.chips.chips.items():
            if chip.isEnabled() and chip.isChecked() != (name in layers):
                self.click(chip)


class Answers(QObject):
    """Clicks a button of the next modal dialog, as a person does who finds it in front."""

    def __init__(self, button: str) -> None:
        super().__init__()
        self.said = ""
        self._button = button
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QDialog):
            return
        self._timer.stop()
        self.said = " ".join(
            label.text() for label in (getattr(dialog, "title", None), getattr(dialog, "subtitle", None)) if label
        )
        wanted = [one for one in dialog.findChildren(QAbstractButton) if one.text().startswith(self._button)]
        assert wanted, f"no button {self._button} on {dialog.windowTitle()}"
        QTest.mouseClick(wanted[0], Qt.MouseButton.LeftButton)
