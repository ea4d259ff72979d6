"""The layout contract.

Nothing is clipped, nothing overlaps, everything says what it is, Tab goes as one reads.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QPlainTextEdit)
SLACK = 1
LEAST_HIT = 26


def check_layout(widget: QWidget, *, scale: float = 1.0) -> list[str]:
    """Every violation below a shown `widget`, each a sentence that names the widget; empty is good."""
    parts = [part for part in widget.findChildren(QWidget) if part.isVisibleTo(widget) and _ours(part, widget)]
    found = [sentence for part in parts for sentence in _clipped(part)]
    found += [sentence for part in [widget, *parts] for sentence in _overlaps(part)]
    controls: list[QWidget] = [part for part in parts if isinstance(part, CONTROLS)]
    found += [sentence for part in controls for sentence in _unnamed(part)]
    found += [sentence for part in controls for sentence in _small(part, scale)]
    return found + _out_of_order(widget, controls)


def name(part: QWidget) -> str:
    """What a report calls a widget."""
    text = getattr(part, "text", lambda: "")
    said = part.accessibleName() or (text() if callable(text) else str(text)) or part.objectName()
    return f"{type(part).__name__} '{str(said)[:40]}'"


def _ours(part: QWidget, root: QWidget) -> bool:
    """Not a piece inside a stock widget (a combo's list, a scroll bar) and not in another window."""
    at: QWidget | None = part
    while at is not None and at is not root:
        parent = at.parentWidget()
        if at.isWindow() or isinstance(at, QScrollBar) or at.objectName().startswith("qt_"):
            return False
        if isinstance(parent, (QComboBox, QLineEdit, QPlainTextEdit)):
            return False
        at = parent
    return True


def _clipped(part: QWidget) -> list[str]:
    inside = part.contentsRect()
    if isinstance(part, QLabel) and part.text():
        if part.wordWrap():
            need = part.heightForWidth(part.width())
            return (
                [f"{name(part)} needs {need} px of height, has {part.height()}"] if need > part.height() + SLACK else []
            )
        # Elided labels have been shortened to fit; what they show must then fit too.
        need_w = QFontMetrics(part.font()).boundingRect(QRect(0, 0, 9999, 9999), 0, part.text()).width()
        need_h = QFontMetrics(part.font()).height() * (part.text().count("\n") + 1)
        out = []
        if need_w > inside.width() + SLACK:
            out.append(f"{name(part)} needs {need_w} px of width, has {inside.width()}")
        if need_h > part.height() + SLACK:
            out.append(f"{name(part)} needs {need_h} px of height, has {part.height()}")
        return out
    if isinstance(part, QAbstractButton) and part.text():
        own = type(part).__dict__.get("sizeHint")
        hint = part.sizeHint() if own else part.minimumSizeHint()
        out = []
        text = QFontMetrics(part.font()).horizontalAdvance(part.text().replace("&", ""))
        if min(hint.width(), text + 4) > part.width() + SLACK:
            out.append(f"{name(part)} needs {text + 4} px of width, has {part.width()}")
        if QFontMetrics(part.font()).height() > part.height() + SLACK:
            out.append(f"{name(part)} needs {QFontMetrics(part.font()).height()} px of height, has {part.height()}")
        return out
    return []


def _overlaps(parent: QWidget) -> list[str]:
    """Siblings that a layout placed over each other.

    Overlays (raised on purpose) carry the property `overlay`.
    """
    layout = parent.layout()
    if layout is None:
        kids: list[QWidget] = [
            kid
            for kid in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
            if isinstance(kid, (QLabel, *CONTROLS)) and not kid.objectName().startswith("qt_")
        ]
        if isinstance(parent, (QComboBox, QLineEdit)):
            return []
    else:
        kids = _placed(layout)
    kids = [kid for kid in kids if kid.isVisibleTo(parent) and not kid.property("overlay")]
    out = []
    for i, first in enumerate(kids):
        if layout is not None and not parent.rect().adjusted(-4, -4, 4, 4).contains(first.geometry()):
            out.append(f"{name(first)} stands out of its parent: {first.geometry()} in {parent.rect()}")
        for second in kids[i + 1 :]:
            both = first.geometry().intersected(second.geometry())
            if both.width() > SLACK and both.height() > SLACK:
                out.append(f"{name(first)} overlaps {name(second)} by {both.width()} x {both.height()} px")
    return out


def _placed(layout: QLayout) -> list[QWidget]:
    out: list[QWidget] = []
    for i in range(layout.count()):
        item = layout.itemAt(i)
        if item is None:
            continue
        inner = item.layout()
        if inner is not None:
            out += _placed(inner)
        widget = item.widget()
        if widget is not None:
            out.append(widget)
    return out


def _unnamed(part: QWidget) -> list[str]:
    out = []
    if not part.accessibleName():
        out.append(f"{name(part)} has no accessible name")
    if not part.toolTip():
        out.append(f"{name(part)} has no tooltip")
    return out


def _small(part: QWidget, scale: float) -> list[str]:
    least = round(LEAST_HIT * scale) - SLACK
    if part.width() < least or part.height() < least:
        return [f"{name(part)} has a hit area of {part.width()} x {part.height()} px, less than {least}"]
    return []


def _out_of_order(root: QWidget, controls: list[QWidget]) -> list[str]:
    """Tab moves right within a line and down within a column; it never goes back up or left."""
    stops = {part for part in controls if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isEnabled()}
    stops = {part for part in stops if not _on_overlay(part, root)}
    order: list[QWidget] = []
    at = root.nextInFocusChain()
    while at is not root and at is not None:
        if at in stops:
            order.append(at)
        at = at.nextInFocusChain()
    out = []
    for first, second in pairwise(order):
        group = _common(first, second)
        if group is None or group is first or group is second:
            continue
        a, b = (QRect(part.mapTo(root, QPoint(0, 0)), part.size()) for part in (first, second))
        branch_a, branch_b = (_branch(group, part) for part in (first, second))
        ga, gb = branch_a.geometry(), branch_b.geometry()
        beside = min(ga.bottom(), gb.bottom()) - max(ga.top(), gb.top()) > min(ga.height(), gb.height()) / 2
        backwards = gb.right() <= ga.left() if beside else gb.bottom() <= ga.top() and gb.left() <= ga.right()
        if backwards:
            out.append(
                f"Tab goes from {name(first)} at {a.topLeft().toTuple()} "
                f"back to {name(second)} "
                f"at {b.topLeft().toTuple()}"
            )
    return out


def _on_overlay(part: QWidget, root: QWidget) -> bool:
    """Whether it lies on a sheet over the others, which takes the focus while it is there."""
    at: QWidget | None = part
    while at is not None and at is not root:
        if at.property("overlay"):
            return True
        at = at.parentWidget()
    return False


def _common(first: QWidget, second: QWidget) -> QWidget | None:
    at: QWidget | None = first
    while at is not None and at is not second and not at.isAncestorOf(second):
        at = at.parentWidget()
    return at


def _branch(group: QWidget, part: QWidget) -> QWidget:
    at = part
    while at.parentWidget() is not group:
        parent = at.parentWidget()
        assert parent is not None
        at = parent
    return at
