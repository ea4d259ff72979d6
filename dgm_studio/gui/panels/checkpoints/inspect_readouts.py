"""The right column of Inspect: totals, types, EMA against raw, the chosen tensor's numbers, checksums, export."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from dgm_studio.core.inspection import Inspection, TensorEntry, TensorStats
from dgm_studio.gui.panels.checkpoints.tensor_words import bytes_text, number_text, shape_text, share_text
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

TYPES = 6
"""Types that have a line of their own."""
NO_TENSOR = "Choose a tensor in the table."
NOT_CHECKED = "Not checked yet."
NO_CHECKSUMS = "This format keeps no checksums."
EXPORT = "Export tensors as safetensors…"


class InspectReadouts(QWidget):
    """`export_wanted`, `check_wanted`, `compare_wanted` when a person presses the button."""

    export_wanted = Signal()
    check_wanted = Signal()
    compare_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.totals = KeyValueList()
        self.types_head = SectionHeader("Types", note="tensors")
        self.types = KeyValueList()
        self.ema_head = SectionHeader("EMA against raw")
        self.ema = KeyValueList()
        self.compare = Button("Compare tensor by tensor", "Open the mode Difference on the two copies of the weights")
        self.compare.clicked.connect(self.compare_wanted)
        self.chosen_head = SectionHeader("Chosen tensor")
        self.chosen = KeyValueList()
        self.none = Label(NO_TENSOR, 12, 400, "dim", wrap=True)
        self.sound_head = SectionHeader("Checksums")
        self.sound = Label(NOT_CHECKED, 12, 400, "dim", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Checksums")
        self.bar.setToolTip("How many tensors have been checked")
        self.check = Button("Check", "Read every tensor and compare it with its checksum, in the background")
        self.check.clicked.connect(self.check_wanted)
        self.export = Button(EXPORT, "Write all tensors to a clean file that any tool can read, without the rest")
        self.export.clicked.connect(self.export_wanted)
        above: tuple[QWidget, ...] = (
            SectionHeader("All tensors", above=0), self.totals, self.types_head, self.types, self.ema_head, self.ema,
        )  # fmt: skip
        below: tuple[QWidget, ...] = (
            self.chosen_head, self.none, self.chosen, self.sound_head, self.sound, self.bar,
        )  # fmt: skip
        for part in above:
            stack.addWidget(part)
        stack.addLayout(_left(self.compare))
        for part in below:
            stack.addWidget(part)
        stack.addLayout(_left(self.check))
        stack.addWidget(SectionHeader("Take it along"))
        stack.addLayout(_left(self.export))
        stack.addStretch(1)
        self.show_inspection(None)
        self.show_tensor(None, None)
        self.show_sound({}, 0, checking=False)

    def show_inspection(self, found: Inspection | None) -> None:
        """Sums over the file; nothing where none is open."""
        totals = found.totals if found is not None else None
        self.totals.set_items([
            ("Tensors", f"{totals.tensors:,}" if totals else "–"),
            ("Numbers", f"{totals.numel:,}" if totals else "–"),
            ("In the file", bytes_text(totals.nbytes) if totals else "–"),
        ])  # fmt: skip
        types = sorted(totals.dtypes.items(), key=lambda one: -one[1]) if totals else []
        lines = [(name, f"{count:,}") for name, count in types[:TYPES]]
        if len(types) > TYPES:
            lines.append((f"{len(types) - TYPES} others", f"{sum(count for _, count in types[TYPES:]):,}"))
        self.types.set_items(lines)
        typed: tuple[QWidget, ...] = (self.types_head, self.types)
        for part in typed:
            part.setVisible(bool(lines))
        copies: tuple[QWidget, ...] = (self.ema_head, self.ema, self.compare)
        for part in copies:
            part.setVisible(found is not None and len(found.weights) > 1)
        self.show_ema(None)
        for button in (self.export, self.check):
            button.set_reason("" if found is not None else "No file is open.", button.toolTip())

    def show_ema(self, norms: tuple[float, float] | None) -> None:
        """The norm of EMA - raw, and as a share of the raw weights' norm."""
        self.ema.set_items([
            ("‖EMA − raw‖", number_text(norms[0]) if norms else "…"),
            ("of ‖raw‖", share_text(norms[1]) if norms else "…"),
        ])  # fmt: skip

    def show_tensor(self, entry: TensorEntry | None, stats: TensorStats | None) -> None:
        """The chosen tensor: what the file says of it, and its numbers once they are measured."""
        self.none.setVisible(entry is None)
        self.chosen.setVisible(entry is not None)
        if entry is None:
            return
        facts = [("Shape", shape_text(entry.shape)), ("Type", entry.dtype), ("Numbers", f"{entry.numel:,}"),
                 ("Bytes", bytes_text(entry.nbytes))]  # fmt: skip
        names = ("Min", "Mean", "Max", "Std", "Norm")
        values = (stats.low, stats.mean, stats.high, stats.std, stats.norm) if stats is not None else ()
        texts = [number_text(one) if one - one == 0 else "–" for one in values] or ["…"] * len(names)
        facts += zip(names, texts, strict=True)
        facts += [
            ("Zeros", share_text(stats.zeros) if stats else "…"),
            ("NaN", f"{stats.nans:,}" if stats else "…"),
            ("Infinite", f"{stats.infs:,}" if stats else "…"),
            ("Begins at byte", f"{entry.offset:,}" if entry.offset >= 0 else "not known"),
        ]  # fmt: skip
        if entry.file:
            facts.append(("File", entry.file))
        self.chosen.set_items(facts)

    def show_sound(self, sound: Mapping[str, bool | None], total: int, *, checking: bool) -> None:
        """How far the checksums are, and which do not hold."""
        bad = [name for name, holds in sound.items() if holds is False]
        good = sum(holds is True for holds in sound.values())
        self.bar.setVisible(checking)
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(len(sound))
        self.check.setVisible(not checking)
        if bad:
            first = ", ".join(bad[:3])
            self.sound.setText(f"Damaged: {len(bad):,} of {len(sound):,} do not match their checksum: {first}.")
        elif checking:
            self.sound.setText(f"{len(sound):,} of {total:,} checked.")
        elif good:
            self.sound.setText(f"Verified: all {good:,} match.")
        else:
            self.sound.setText(NO_CHECKSUMS if sound else NOT_CHECKED)
        self.sound.set_tint("error" if bad else "exact" if good and not checking else "dim")


def _left(button: Button) -> Row:
    row = Row(gap=6)
    row.addWidget(button)
    row.addStretch(1)
    return row
