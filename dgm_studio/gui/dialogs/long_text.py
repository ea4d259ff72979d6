"""A long text to read and copy: a licence, a log."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.buttons import Button


class _Text(QPlainTextEdit):
    def sizeHint(self) -> QSize:
        return QSize(theme().px(560), theme().px(300))


class LongTextDialog(Sheet):
    """`text` in a fixed-width type under a `title` and a `sentence`; deletes itself when it is closed."""

    def __init__(self, title: str, text: str, sentence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, sentence, width=640, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = _Text(text)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(title)
        self.text.setToolTip("Select and copy any part")
        self.body.addWidget(self.text, 1)
        self.copy = self.add_left(Button("Copy", "Copy the whole text", icon_name="copy"))
        self.copy.clicked.connect(self._copy)
        close = self.add_right(Button("Close", "Back (Esc)"), default=True)
        close.clicked.connect(self.accept)
        theme().changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(theme().px(12))
        self.text.setFont(face)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")
