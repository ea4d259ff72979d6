"""The read-outs that only one family has: its facts in words, and its bar chart."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QWidget

from dgm_studio.core.ask import Ask
from dgm_studio.core.reports import Picture
from dgm_studio.gui.widgets.bar_chart import BarChart
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.latent_map import LatentMap
from dgm_studio.gui.widgets.section import SectionHeader


class OwnReadouts(QWidget):
    """Hidden where the family has neither."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shows: Collection[str] = ()
        stack = Stack(self, gap=10)
        self.head = SectionHeader("Of this family")
        self.facts = KeyValueList()
        self.chart_head = SectionHeader("Bars")
        self.chart = BarChart()
        self.note = Label("", 11.5, 400, "faint", wrap=True)
        self.map_head = SectionHeader("Latent map", note="ellipses: one sigma")
        self.latents = LatentMap()
        self._parts = (self.head, self.facts, self.chart_head, self.chart, self.note, self.map_head, self.latents)
        for part in self._parts:
            stack.addWidget(part)
        self.show_run((), "")

    def asks(self) -> tuple[Ask, ...]:
        """What it needs."""
        asked = (("facts", "facts"), ("bars", "bars"), ("latent", "latent_map"))
        return tuple(Ask(view) for needed, view in asked if needed in self._shows)

    def show_run(self, shows: Collection[str], title: str) -> None:
        """Another family: nothing is known of it yet."""
        self._shows = shows
        self.head.set_caption(f"Only {title}" if title else "")
        self.facts.set_items(())
        for part in self._parts:
            part.hide()

    def accept(self, picture: Picture) -> None:
        """Lines of words, or bars."""
        match picture.ask.view:
            case "facts":
                self.facts.set_items([(label, text) for label, text, *_ in picture.lines])
                self.facts.set_helps({label: f"{text}\n{why}".strip() for label, text, why in picture.lines})
                self.head.setVisible(bool(picture.lines))
                self.facts.setVisible(bool(picture.lines))
            case "bars":
                title, unit, _ = picture.lines[0]
                self.chart_head.set_caption(f"{title}, {unit}" if unit else title)
                self.chart.set_values(picture.arrays["values"], picture.labels, unit, title)
                self.note.setText(picture.note)
                for part in (self.chart_head, self.chart):
                    part.show()
                self.note.setVisible(bool(picture.note))
            case "latent_map":
                arrays = picture.arrays
                self.latents.show_posteriors(arrays["means"], arrays["stds"], arrays["labels"])
                self.map_head.set_note(picture.note or "ellipses: one sigma")
                self.map_head.show()
                self.latents.show()
