"""The Theme: which tokens and which scale hold now. Widgets ask it while painting and follow `changed`."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from dgm_studio.gui.theme.motion import system_reduces_motion
from dgm_studio.gui.theme.resources import resource
from dgm_studio.gui.theme.stylesheet import stylesheet
from dgm_studio.gui.theme.tokens import DARK, LIGHT, Tokens, class_colour

PRESENTER = 1.5
PREFERENCES = ("system", "dark", "light")


class Theme(QObject):
    """The present look. `preference` is system, dark or light; `presenter` multiplies every size by 1.5."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.preference = "system"
        self.presenter = False
        self.presenter_scale = PRESENTER
        self.motion = "system"
        self.tokens: Tokens = DARK
        self._applied = False

    @property
    def scale(self) -> float:
        """1.0, or 1.5 for a projector."""
        return self.presenter_scale if self.presenter else 1.0

    @property
    def dark(self) -> bool:
        """Whether the dark tokens hold."""
        return self.tokens is DARK

    @property
    def reduced_motion(self) -> bool:
        """Whether to show every change at once: `motion` is system, on or off."""
        return system_reduces_motion() if self.motion == "system" else self.motion == "off"

    def px(self, size: float) -> int:
        """A length of the design (pixels at scale 1) as it is now."""
        return round(size * self.scale)

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """A token, a derived shade or a literal '#RRGGBB' class colour, as Qt's colour."""
        return QColor(_colour(self.tokens.colour(name), alpha))

    def class_colour(self, label: int) -> QColor:
        """The colour of class `label`."""
        return QColor(class_colour(self.tokens, label))

    def set_preference(self, preference: str) -> None:
        """Follow the system, or stay dark or light."""
        self.preference = preference if preference in PREFERENCES else "system"
        self._settle()

    def set_presenter(self, on: bool) -> None:
        """Large type and thick lines for a projector."""
        if on != self.presenter:
            self.presenter = on
            self._dress()

    def set_presenter_scale(self, scale: float) -> None:
        """How much presenter mode enlarges."""
        if scale != self.presenter_scale:
            self.presenter_scale = scale
            if self.presenter:
                self._dress()

    def apply(self, app: QApplication) -> None:
        """Load the fonts, dress the application, and follow the system from now on.

        Call once, before any window.
        """
        load_fonts()
        app.setStyle("Fusion")  # the one style that is the same everywhere and obeys the palette
        if not self._applied:
            self._applied = True
            app.styleHints().colorSchemeChanged.connect(self._settle)
        self.tokens = self._wanted()
        self._dress()

    def _wanted(self) -> Tokens:
        if self.preference != "system":
            return LIGHT if self.preference == "light" else DARK
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK

    def _settle(self) -> None:
        wanted = self._wanted()
        if wanted is not self.tokens:
            self.tokens = wanted
            self._dress()

    def _dress(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication) and self._applied:
            app.setFont(font(13))
            app.setPalette(self._palette())
            app.setStyleSheet(stylesheet(self.tokens, self.scale))
        self.changed.emit()

    def _palette(self) -> QPalette:
        role = QPalette.ColorRole
        made = QPalette()
        for name, token in {
            role.Window: "bg", role.Base: "raised", role.AlternateBase: "panel", role.Button: "raised",
            role.WindowText: "text", role.Text: "text", role.ButtonText: "text",
            role.PlaceholderText: "faint",
            role.Highlight: "accent", role.HighlightedText: "on_accent", role.ToolTipBase: "raised",
            role.ToolTipText: "text", role.Link: "accent", role.Mid: "line",
        }.items():  # fmt: skip
            made.setColor(name, self.colour(token))
        for name in (role.WindowText, role.Text, role.ButtonText):
            made.setColor(QPalette.ColorGroup.Disabled, name, self.colour("disabled"))
        return made


@lru_cache(maxsize=1_024)
def _colour(code: str, alpha: float) -> QColor:
    made = QColor(code)
    made.setAlphaF(alpha)
    return made


@lru_cache(maxsize=1)
def theme() -> Theme:
    """The one Theme of the process."""
    return Theme()


@lru_cache(maxsize=1)
def load_fonts() -> tuple[str, ...]:
    """Register every shipped font; the families found."""
    folder = resource("fonts")
    files = sorted(p for p in folder.glob("*") if p.suffix in (".ttf", ".otf")) if folder.is_dir() else []
    found: list[str] = []
    for path in files:
        found += QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
    return tuple(dict.fromkeys(found))


def font(size: float, weight: int = 400, *, tabular: bool = False) -> QFont:
    """Inter at `size` design pixels, scaled.

    Weight 400, 500, 600 or 700; tabular figures for columns of numbers.
    """
    return QFont(_font(theme().px(size), weight, tabular))


@lru_cache(maxsize=256)
def _font(pixels: int, weight: int, tabular: bool) -> QFont:
    """Kept: a table that follows a hand asks for its fonts some thousand times a second."""
    made = QFont()
    made.setFamilies(["Inter", "Noto Sans Math", "DejaVu Sans"])
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight(weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
