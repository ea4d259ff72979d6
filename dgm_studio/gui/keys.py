"""The keyboard: every key, in one place, for the shortcuts themselves and for the `?` sheet."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """`chords` all do `action` ("" for another window's keys); `does` says what, `group` where on the sheet."""

    group: str
    action: str
    chords: tuple[str, ...]
    does: str
    repeats: bool = False


KEYS = (
    Key("Time", "play", ("Space",), "Play or pause the active track"),
    Key("Time", "step", ("Left", "Right"), "One frame back, one frame or step on", True),
    Key("Time", "step", ("Shift+Left", "Shift+Right"), "Ten frames back, ten frames or steps on", True),
    Key("Time", "go", ("Home", "End"), "First frame, last frame"),
    Key("Time", "track", ("Up", "Down"), "The keys act on the other track"),
    Key("Time", "restart", ("R",), "Start again at step 0, or film again"),
    Key("Time", "beat", ("B",), "One half of a GAN's step"),
    Key("Time", "slow_motion", ("M",), "Slow motion: the next beat, taken apart"),
    Key("Picture", "layer", tuple("123456789"), "Show or hide a layer, in the order of the chips"),
    Key("Picture", "presenter", ("F11",), "Presenter mode: large type, the stage alone"),
    Key("Picture", "leave", ("Escape",), "Leave presenter mode"),
    Key("Picture", "form", ("F9",), "Fold the form"),
    Key("Picture", "readouts", ("F10",), "Fold the read-outs"),
    Key("Picture", "panel", ("Ctrl+Tab", "Ctrl+Shift+Tab"), "Next panel, panel before"),
    Key("Files", "open", ("Ctrl+O",), "Open a checkpoint"),
    Key("Files", "save", ("Ctrl+S",), "Save the run"),
    Key("Files", "save_as", ("Ctrl+Shift+S",), "Save the run to another file"),
    Key("Files", "export", ("Ctrl+E",), "Export the stage or its film"),
    Key("Files", "paint", ("Ctrl+P",), "Paint data"),
    Key("Files", "import_data", ("Ctrl+I",), "Import points from a CSV or NPY file"),
    Key("Studio", "show_preferences", ("Ctrl+,",), "Preferences"),
    Key("Studio", "show_shortcuts", ("?", "F1"), "This sheet"),
    Key("Studio", "close", ("Ctrl+Q",), "Quit"),
    Key("Slow motion", "", ("Space", "Right"), "Next stage"),
    Key("Slow motion", "", ("Left",), "Stage before"),
    Key("Slow motion", "", ("N",), "Next beat"),
    Key("Paint", "", ("B", "S", "L", "E", "M"), "Brush, spray, line, eraser, move"),
    Key("Paint", "", ("[", "]"), "Smaller, larger radius"),
    Key("Paint", "", ("Del",), "Clear"),
    Key("Paint", "", ("Ctrl+Z", "Ctrl+Shift+Z"), "Undo, redo"),
)
