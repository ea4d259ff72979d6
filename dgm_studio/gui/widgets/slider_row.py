"""A number on a slider: name left, value right (click it to type), track and handle below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.buttons import HIT, IconButton
from dgm_studio.gui.widgets.knob_row import KnobRow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.number_scale import (
    fraction_of,
    nudge,
    plain_text,
    value_at,
    value_text,
    without_unit,
)
from dgm_studio.gui.widgets.painted import width_of
from dgm_studio.gui.widgets.text_field import TextField
from dgm_studio.gui.widgets.thin_slider import ThinSlider


class _Body(ThinSlider):
    """The slider with the name, Reset and value in its upper part, so that the whole row is its hit area."""

    def __init__(self, label: str, reset: IconButton) -> None:
        super().__init__()
        self.name = Label(label, 13, 400, "dim", elide=True, parent=self)
        self.name.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.reset = reset
        reset.setParent(self)
        self.number = QToolButton(self)
        self.number.setProperty("kind", "value")
        self.number.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.editor = TextField(self)
        self.editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.editor.hide()
        theme().changed.connect(self.arrange)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Place the words: value flush right, Reset left of it, the name in what is left."""
        px, high = theme().px, theme().px(HIT)
        face = font(13, 600, tabular=True)
        self.number.setFont(face)
        self.editor.setFont(face)
        wide = max(px(HIT + 4), width_of(self.number.text(), face) + px(12))
        wide = min(wide, self.width() * 2 // 3)
        # the value's own padding stands outside the column's edge, so that its figures end flush with the
        # track
        self.number.setGeometry(self.width() - wide + px(3), 0, wide, high)
        self.editor.setGeometry(self.width() - px(104), 0, px(104), high)
        left = self.number.x() - px(HIT)
        self.reset.setGeometry(left, 0, px(HIT), high)
        self.name.setGeometry(0, 0, left - px(4), high)


class SliderRow(KnobRow):
    """A bounded int or float knob.

    Arrows step it, Page and Shift step ten, Home and End go to the ends, Enter types.
    """

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.slider = _Body(knob.label, self.reset)
        self.slider.setAccessibleName(knob.label)
        self.slider.number.setAccessibleName(f"{knob.label}, type a value")
        self.slider.editor.setAccessibleName(f"{knob.label}, value")
        self.stack.addWidget(self.slider)
        self.slider.moved.connect(self._moved)
        self.slider.nudged.connect(self._nudged)
        self.slider.number.clicked.connect(self.begin_edit)
        self.slider.editor.installEventFilter(self)
        self.slider.installEventFilter(self)
        QWidget.setTabOrder(self.slider, self.reset)
        QWidget.setTabOrder(self.reset, self.slider.number)
        self._finish()

    @property
    def value_text(self) -> str:
        """The value as shown, with its unit."""
        return self.slider.number.text()

    def begin_edit(self) -> None:
        """Open the inline editor with the exact value selected."""
        editor = self.slider.editor
        editor.setText(plain_text(self.knob, self._value))
        self.slider.number.hide()
        self.reset.hide()
        editor.show()
        editor.raise_()
        editor.selectAll()
        editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        editor = self.slider.editor
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if watched is self.slider and (enter or event.key() == Qt.Key.Key_F2):
                self.begin_edit()
                return True
            # Taken here: a line edit passes Enter on to the slider, which would open the editor again.
            if watched is editor and enter:
                self._typed()
                return True
            if watched is editor and event.key() == Qt.Key.Key_Escape:
                self._refuse("")
                self._end_edit()
                return True
        elif watched is editor and event.type() == QEvent.Type.FocusOut and not self.refusal.isVisible():
            self._typed()
        return super().eventFilter(watched, event)

    def _typed(self) -> None:
        editor = self.slider.editor
        if not editor.isVisible():
            return
        if self.take(without_unit(self.knob, editor.text())):
            self._end_edit()
        else:
            editor.setProperty("invalid", True)
            editor.style().polish(editor)

    def _end_edit(self) -> None:
        editor = self.slider.editor
        had_focus = editor.hasFocus()
        editor.setProperty("invalid", False)
        editor.style().polish(editor)
        editor.hide()
        self.slider.number.show()
        self.reset.show()
        if had_focus:
            self.slider.setFocus(Qt.FocusReason.OtherFocusReason)

    def _moved(self, fraction: float) -> None:
        self._edit(value_at(self.knob, fraction))
        self._show_text()

    def _nudged(self, by: int) -> None:
        self._edit(nudge(self.knob, float(self._value), by))
        self._show()

    def _show(self) -> None:
        self.slider.set_fraction(fraction_of(self.knob, float(self._value)))
        self._show_text()

    def _show_text(self) -> None:
        self.slider.number.setText(value_text(self.knob, self._value))
        self.slider.arrange()

    def _helped(self) -> list[QWidget]:
        return [self.slider, self.slider.number, self.slider.editor]

    def _default_text(self) -> str:
        return value_text(self.knob, self.knob.default)
