"""The right column of Difference: the change of all tensors together, and which parts of the model changed most."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import Difference
from dgm_studio.gui.panels.checkpoints.difference_rows import by_prefix, lines_of
from dgm_studio.gui.panels.checkpoints.difference_table import percent
from dgm_studio.gui.panels.checkpoints.tensor_words import number_text
from dgm_studio.gui.widgets.bar_chart import BarChart
from dgm_studio.gui.widgets.big_number import BigNumber, KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

NOTHING = "Once two checkpoints are compared, the parts that changed most stand here."
SAME = "Nothing changed."


class DifferenceReadouts(QWidget):
    """`show_difference(found)`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.change = BigNumber("Change of all tensors", "‖b − a‖ / ‖a‖ over all tensors that both have in one shape")
        self.totals = KeyValueList()
        self.bars = BarChart("Change by part")
        self.nothing = Label(NOTHING, 12, 400, "dim", wrap=True)
        stack.addWidget(SectionHeader("All tensors", above=0))
        stack.addWidget(self.change)
        stack.addWidget(self.totals)
        stack.addWidget(SectionHeader("Change by part", note="norm of the change"))
        stack.addWidget(self.nothing)
        stack.addWidget(self.bars)
        stack.addStretch(1)
        self.show_difference(None)

    def show_difference(self, found: Difference | None) -> None:
        """The totals and the bars."""
        parts = by_prefix(lines_of(found)) if found is not None else []
        self.nothing.setText(NOTHING if found is None else SAME)
        self.nothing.setVisible(not parts)
        self.bars.setVisible(bool(parts))
        self.bars.set_values(np.array([value for _, value in parts]), tuple(name for name, _ in parts))
        if found is None:
            self.change.set_value("–")
            self.totals.set_items([])
            return
        self.change.set_value(percent(found.relative) or "–")
        only = (("Only in the first", found.only_first), ("Only in the second", found.only_second))
        items = [("Compared", f"{len(found.rows):,} tensors"), ("Of these equal", f"{found.equal:,}")]
        items += [(name, f"{len(names):,}") for name, names in only if names]
        if found.shapes:
            items.append(("Other shape", f"{len(found.shapes):,}"))
        items += [("Norm of the change", number_text(found.norm)), ("Largest change", number_text(found.largest))]
        items.append(("Cosine", "–" if math.isnan(found.cosine) else f"{found.cosine:.6f}"))
        self.totals.set_items(items)
