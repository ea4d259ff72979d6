"""Preferences: every change holds at once; the dialog only tells, the roof applies and saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Choice, Knob, checked, knobs_of
from dgm_studio.gui.consents import Consents
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.settings import AUTO, Preferences
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm

_GROUPS = (
    ("Look", "takes effect at once", ("theme", "presenter_scale", "reduced_motion", "frame_cap")),
    ("Computing", "moves the models", ("device", "threads", "time_machine")),
    ("Starting", "takes effect next time", ("restore_session",)),
)


class PreferencesDialog(Sheet):
    """`changed(Preferences)` at each change; `devices` are the engine's (empty while it wakes)."""

    changed = Signal(object)

    def __init__(self, preferences: Preferences, devices: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__("Preferences", width=420, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._held = preferences
        self.consents = Consents()
        known = {one.name: one for one in knobs_of(Preferences)}
        known["device"] = _with_devices(known["device"], devices)
        self.forms: list[KnobForm] = []
        for title, note, names in _GROUPS:
            form = KnobForm(title, note, [known[name] for name in names])
            form.edited.connect(self._edited)
            self.forms.append(form)
            self.body.addWidget(form)
        self.revoke = Button("", "Programs in checkpoints that you let run are asked about again, each by its SHA-256")
        self.revoke.clicked.connect(self._revoke)
        self.body.addWidget(self.revoke)
        self.body.addStretch(1)
        self._show()
        self._count()
        if not devices:
            self.forms[1].rows["device"].set_reason("The engine is waking; it will say which devices there are.")
        self.reset = self.add_left(Button("Reset all", "Back to the defaults"))
        self.reset.clicked.connect(lambda: self._take(Preferences()))
        close = self.add_right(Button("Close", "Back to the studio (Esc)"), default=True)
        close.clicked.connect(self.accept)

    @property
    def preferences(self) -> Preferences:
        """What holds now."""
        return self._held

    def _revoke(self) -> None:
        self.consents.revoke()
        self._count()

    def _count(self) -> None:
        count = len(self.consents.held())
        self.revoke.setText(f"Take back {count} consent{'s' * (count != 1)} to run programs")
        self.revoke.setVisible(count > 0)

    def _edited(self, name: str, value: object) -> None:
        self._take(Preferences(**checked(knobs_of(Preferences), {**asdict(self._held), name: value})))  # type: ignore[arg-type]

    def _take(self, preferences: Preferences) -> None:
        if preferences != self._held:
            self._held = preferences
            self._show()
            self.changed.emit(preferences)

    def _show(self) -> None:
        shown: dict[str, Any] = asdict(self._held)
        for form in self.forms:
            row = form.rows.get("device")
            if row is not None and shown["device"] not in [choice.id for choice in row.knob.choices]:
                # Another machine's device: what will really be used is shown, the saved wish is left alone.
                shown["device"] = AUTO
            form.set_values(shown)


def _with_devices(knob: Knob, devices: Sequence[str]) -> Knob:
    named = tuple(Choice(device, device.upper(), f"Always {device.upper()}") for device in devices)
    return replace(knob, choices=(Choice(AUTO, "Automatic", "CUDA, else Apple MPS, else CPU"), *named))
