"""The forms of a family's knob sets, made anew in their place for another family: the Train and the Text panel's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QApplication, QBoxLayout, QWidget

from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.knobs import Value
from dgm_studio.gui.widgets.knob_form import KnobForm


def group_forms(
    stack: QBoxLayout,
    after: QWidget,
    old: Mapping[str, KnobForm],
    groups: Mapping[str, tuple[str, str]],
    entry: FamilyEntry,
    wanted: Callable[[str, str, Value], None],
    focus: QWidget,
) -> dict[str, KnobForm]:
    """A form for each group ((title, consequence) by name) of `entry`, below `after` in `stack`, in the place of `old`;
    `wanted(group, knob, value)` hears of edits. A focus that stood in an old form goes to `focus`.
    """
    held = QApplication.focusWidget()
    if held is not None and any(form.isAncestorOf(held) for form in old.values()):
        focus.setFocus()  # else Qt looks for another place, and the form scrolls there
    for form in old.values():
        stack.removeWidget(form)
        form.hide()
        form.deleteLater()
    forms: dict[str, KnobForm] = {}
    for place, (group, (title, consequence)) in enumerate(groups.items()):
        form = KnobForm(title, consequence, getattr(entry, group))
        form.edited.connect(partial(wanted, group))
        forms[group] = form
        stack.insertWidget(stack.indexOf(after) + 1 + place, form)
        form.setVisible(bool(form.rows))  # not before it has a parent: it would open as a window
    return forms
