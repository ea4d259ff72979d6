"""The colours of both themes: the only place in the window where a colour is written down."""

from __future__ import annotations

from dataclasses import dataclass

from dgm_studio.gui.theme.oklab import mix

SURFACES = ("bg", "panel", "raised", "stage")
TEXTS = ("text", "dim", "faint", "accent", "exact", "error")
"""Tokens that are used for words; each keeps 4.5 : 1 on every surface (tests/gui/test_theme.py)."""
MARKS = ("data", "sample", "exact", "error", "accent")
"""Tokens that are drawn on a stage; each keeps 3 : 1 there."""


@dataclass(frozen=True)
class Tokens:
    """One theme. Surfaces from far to near, a hairline, words, the one action colour, and what a mark means.

    `data` is real data, `sample` what the model makes, `exact` the known truth, `error` difference, failure.
    """

    name: str
    bg: str
    panel: str
    raised: str
    stage: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    on_accent: str
    data: str
    sample: str
    exact: str
    error: str
    handle: str

    @property
    def hover(self) -> str:
        """A raised surface under the pointer."""
        return mix(self.raised, self.text, 0.07)

    @property
    def pressed(self) -> str:
        """A raised surface held down."""
        return mix(self.raised, self.text, 0.14)

    @property
    def border_hover(self) -> str:
        """A hairline under the pointer."""
        return mix(self.line, self.text, 0.25)

    @property
    def accent_hover(self) -> str:
        """The action colour under the pointer: away from the words on it, so that these stay readable."""
        return mix(self.accent, self.handle if self.name == "dark" else self.text, 0.14)

    @property
    def accent_pressed(self) -> str:
        """The action colour held down."""
        return mix(self.accent, self.handle if self.name == "dark" else self.text, 0.26)

    @property
    def disabled(self) -> str:
        """Words of what cannot be used now; WCAG exempts them from contrast."""
        return mix(self.panel, self.faint, 0.55)

    @property
    def band(self) -> str:
        """The noise floor: a quiet grey that is neither data nor sample."""
        return mix(self.line, self.faint, 0.75)

    @property
    def error_wash(self) -> str:
        """The ground of a failure banner."""
        return mix(self.raised, self.error, 0.1)

    @property
    def accent_wash(self) -> str:
        """The ground of a notice, of a selected row."""
        return mix(self.raised, self.accent, 0.11)

    def colour(self, name: str) -> str:
        """A token by name; a name that is already '#RRGGBB' is itself (a class colour)."""
        return name if name.startswith("#") else str(getattr(self, name))


DARK = Tokens(
    name="dark",
    bg="#0E1116",
    panel="#151A21",
    raised="#1C232C",
    stage="#0B0E12",
    line="#28313C",
    text="#E7ECF2",
    dim="#A3AFBD",
    faint="#8592A1",
    accent="#4C9DFF",
    on_accent="#08131F",
    data="#8FA3B8",
    sample="#FFB454",
    exact="#5BD6A8",
    error="#FF6B81",
    handle="#FFFFFF",
)

LIGHT = Tokens(
    name="light",
    bg="#F5F6F8",
    panel="#FFFFFF",
    raised="#F0F2F5",
    stage="#FBFCFD",
    line="#DDE2E8",
    text="#1B2430",
    dim="#4F5C6B",
    faint="#5F6B79",
    accent="#1B62D0",
    on_accent="#FFFFFF",
    data="#6B7C8F",
    sample="#D9730D",
    # LOOK.md's #13865F reaches 4.07 on raised; this is the same hue at 4.75.
    exact="#117A56",
    error="#C9304A",
    handle="#FFFFFF",
)

CLASSES = {
    # Okabe and Ito, 2008, "Color Universal Design": eight colours told apart with any colour vision; black,
    # and the
    # yellow that a white stage swallows, are replaced by tones of the same lightness order.
    "dark": ("#56B4E9", "#E69F00", "#2BC79A", "#F0E442", "#E58BC0", "#F2794B", "#9E9BFF", "#C9D1DA"),
    "light": ("#0072B2", "#B97A00", "#00795A", "#8C8000", "#B2558B", "#C24A00", "#5A55C8", "#39434F"),
}


def class_colour(tokens: Tokens, label: int) -> str:
    """The colour of class `label`; eight, then again from the first."""
    colours = CLASSES[tokens.name]
    return colours[label % len(colours)]
