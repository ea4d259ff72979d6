"""What a model of pictures is trained on, which family, and its knobs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.gui.panels.training_form import TrainingForm
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm

SIZE = Knob(
    "size", str, "28", "Size", "Pixels a side: pictures are scaled and cut to their middle square.",
    choices=(Choice("28", "28 × 28", "As Fashion-MNIST has them."), Choice("32", "32 × 32", "A power of two.")),
)  # fmt: skip
COLOUR = Knob(
    "channels", str, "0", "Colour", "Whether own pictures are read in colour.",
    choices=(
        Choice("0", "Own", "Grey where all files are grey, else red, green and blue."),
        Choice("1", "Grey", "One channel: the luminance."),
        Choice("3", "RGB", "Three channels: red, green and blue."),
    ),
)  # fmt: skip


class PictureTrainingForm(TrainingForm):
    """Pictures that ship, and a folder or a font of one's own, at `side` pixels a side in `channels`."""

    folder_wanted = Signal()
    font_wanted = Signal()
    again_wanted = Signal()
    """Own pictures are to be read another way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        dropped = "it can be dropped on the window too"
        self.folder = Button("Open a folder…", f"Learn from all pictures in a folder; {dropped}")
        self.letters = Button("Open a font…", f"Learn the letters and digits of a font of your own; {dropped}")
        super().__init__("Pictures", (self.folder, self.letters), parent)
        self.reading = KnobForm("Own pictures", "read anew", (SIZE, COLOUR))
        self._stack.insertWidget(self._stack.indexOf(self.family), self.reading)
        self.folder.clicked.connect(self.folder_wanted)
        self.letters.clicked.connect(self.font_wanted)
        self.reading.edited.connect(lambda *_: self.again_wanted.emit())

    @property
    def side(self) -> int:
        """Pixels a side of own pictures."""
        return int(self.reading.values()[SIZE.name])

    @property
    def channels(self) -> int:
        """1 grey, 3 RGB, 0 as the files have them."""
        return int(self.reading.values()[COLOUR.name])

    def own_words(self, own: DataSpec) -> tuple[str, str]:
        """How many, and how they were read."""
        assert own.pictures is not None
        pixels = own.pictures.pixels
        kind = "grey" if pixels.shape[1] == 1 else "RGB"
        count = f"{len(pixels):,} pictures, {pixels.shape[2]} × {pixels.shape[3]}, {kind}"
        return f"Your own: {count}", f"{count}, from {own.pictures.source}"
