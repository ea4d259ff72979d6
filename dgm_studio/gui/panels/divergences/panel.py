"""The Divergences panel: p against q, every measure by every way to its number, redrawn while p or q is dragged.

Play goes on with rounds: more samples, intervals and floors, or an optimiser's steps; R begins again.
"""

from __future__ import annotations

from typing import Any

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.reports import SketchPicture
from dgm_studio.core.sketch import Sketch
from dgm_studio.gui.panels.divergences import SIGN
from dgm_studio.gui.panels.divergences.numbers import Numbers
from dgm_studio.gui.panels.divergences.pin import Pin, pins_of
from dgm_studio.gui.panels.studying import StudyPanel
from dgm_studio.gui.widgets.number_scale import knob_text


class DivergencesPanel(StudyPanel):
    """A panel of scenes with measured numbers; what is pinned belongs to its scene."""

    sign = SIGN
    lane_name = "divergences"
    track = ("Rounds", "Rounds", "Rounds cannot be taken back; R begins again")
    brief = True

    def _fill_readouts(self) -> None:
        self.measured = Numbers()
        self.pins: dict[str, Pin] = {}
        self.readouts.add(self.measured)
        super()._fill_readouts()
        self.measured.pin_wanted.connect(self.pin)
        self.measured.export_button.clicked.connect(lambda: self.export_dialog(self.window()).open())
        self.measured.changed.connect(self._keep_pin)

    def show_scene(self, name: str) -> None:
        """Put another scene on, with what is pinned of it."""
        if name != self.current:
            self.measured.show_measured(())
        self.measured.show_pin(self.pins.get(name))
        super().show_scene(name)

    def pin(self) -> None:
        """Keep the numbers that are shown, with the knobs that gave them."""
        form = self.knob_forms[self.current]
        told = [row.knob for row in form.rows.values() if not row.isHidden() and row.value() != row.knob.default]
        words = [f"{knob.label} {knob_text(knob, form.rows[knob.name].value())}" for knob in told]
        self.measured.set_pin(
            Pin(self.measured.found, self.values(), ", ".join(words) or "all knobs at their defaults")
        )

    def _keep_pin(self) -> None:
        if self.measured.pin is not None:
            self.pins[self.current] = self.measured.pin
        else:
            self.pins.pop(self.current, None)
        self._follow_unit()
        self._changed()

    def wake(self, catalogue: Catalogue) -> None:
        """Its measures, and its scenes."""
        self.measured.set_cards(catalogue.measures)
        super().wake(catalogue)

    def _show_sketch(self, picture: SketchPicture) -> None:
        if picture.ask.view == self.current:
            self.measured.show_measured(picture.sketch.measured)
        super()._show_sketch(picture)

    def _show_readings(self, sketch: Sketch) -> None:
        # Only where the switch is seen: elsewhere every number says nats.
        self.readings.show_readings(sketch.readings, self.measured.in_bits)

    def _follow_unit(self) -> None:
        picture = self.lane.picture
        if picture is not None and picture.ask.view == self.current:
            self._show_readings(picture.sketch)

    def count(self, picture: SketchPicture) -> str:
        """Rounds mean something else in each scene."""
        return f"round {picture.step:,}"

    def session(self) -> dict[str, Any]:
        """Also the pins and the unit."""
        held = super().session()
        if held is self._held:
            return held
        return {**held, "pins": {name: pin.as_json() for name, pin in self.pins.items()}, "bits": self.measured.bits}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        self.pins.update(pins_of(held.get("pins"), list(self.knob_forms)))
        self.measured.set_bits(bool(held.get("bits", self.measured.bits)))
        super().restore(held)
        self.measured.show_pin(self.pins.get(self.current))
        self._follow_unit()


PANEL = DivergencesPanel
