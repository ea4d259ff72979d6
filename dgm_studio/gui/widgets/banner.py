"""A notice or a failure: one sentence, up to two ways on, the details behind a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QWidget

from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button, IconButton
from dgm_studio.gui.widgets.label import Label


class Banner(Card):
    """Hidden until `tell` or `fail`. `action(id)` for a pressed way on, `dismissed` for the cross."""

    action = Signal(str)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("accent_wash", "accent", parent)
        self.failed = False
        stack = Stack(self, gap=6, pad=(14, 8, 8, 8))
        line = Row(gap=8)
        self._mark = QLabel()
        self.sentence = Label("", 13, 500, "text", wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = IconButton("cross", "Dismiss", "Dismiss this message", size=13)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.sentence, 1)
        line.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._ways = Row(gap=8, pad=(26, 0, 0, 0))
        self._buttons: list[Button] = []
        self.details_button = Button("Details", "Show what the program itself says", kind="link")
        self.details_button.setCheckable(True)
        self.copy_button = Button("Copy", "Copy the details", kind="link", icon_name="copy")
        self._ways.addWidget(self.details_button)
        self._ways.addWidget(self.copy_button)
        self._ways.addStretch(1)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName("Details")
        self.details.setToolTip("What the program itself says; select and copy")
        stack.addLayout(line)
        stack.addLayout(self._ways)
        stack.addWidget(self.details)
        self.details_button.toggled.connect(self._expand)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details.toPlainText()))
        self.close_button.clicked.connect(self._dismiss)
        theme().changed.connect(self._restyle)
        self.hide()
        self._show("", (), "")

    def tell(self, sentence: str, actions: Sequence[tuple[str, str, str]] = ()) -> None:
        """A notice. `actions` are at most two (id, word, tooltip)."""
        self.failed = False
        self._show(sentence, actions, "")
        self.show()

    def fail(self, sentence: str, actions: Sequence[tuple[str, str, str]] = (), details: str = "") -> None:
        """A failure: what happened, what is kept, what to do; `details` is the traceback."""
        self.failed = True
        self._show(sentence, actions, details)
        self.show()

    def _show(self, sentence: str, actions: Sequence[tuple[str, str, str]], details: str) -> None:
        self.sentence.setText(sentence)
        self.setAccessibleName(sentence)
        for button in self._buttons:
            self._ways.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for place, (key, word, tooltip) in enumerate(actions[:2]):
            button = Button(word, tooltip)
            button.clicked.connect(lambda _=False, key=key: self.action.emit(key))
            self._ways.insertWidget(place, button)
            self._buttons.append(button)
            QWidget.setTabOrder(self._buttons[place - 1] if place else self.close_button, button)
        after = self._buttons[-1] if self._buttons else self.close_button
        for button in (self.details_button, self.copy_button):
            QWidget.setTabOrder(after, button)
            after = button
        QWidget.setTabOrder(after, self.details)
        self.details.setPlainText(details)
        self.details_button.setChecked(False)
        self.details_button.setVisible(bool(details))
        self._expand(False)
        self._restyle()

    def buttons(self) -> list[Button]:
        """The ways on, in order."""
        return list(self._buttons)

    def _expand(self, on: bool) -> None:
        self.details.setVisible(on)
        self.copy_button.setVisible(on)

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()

    def _restyle(self) -> None:
        px = theme().px
        self.ground, self.edge = ("error_wash", "error") if self.failed else ("accent_wash", "accent")
        self._mark.setPixmap(pixmap("warning" if self.failed else "info", self.edge, 18))
        self._mark.setFixedSize(px(18), px(26))
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(px(11))
        self.details.setFont(face)
        self.details.setFixedHeight(px(150))
        self.setMinimumHeight(px(44))
        self.update()
