"""Where the studio keeps things, and the person's preferences, typed and checked.

The environment variable DGM_STUDIO_HOME, where set, holds all folders (tests, a stick, a hall's machine).
"""

from __future__ import annotations

import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs
from PySide6.QtCore import QSettings

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Value, fill, knob, knobs_of

APP = "dgm-studio"
HOME_VARIABLE = "DGM_STUDIO_HOME"
AUTO = "auto"
"""The device a preference names when the studio is to choose: CUDA, else Apple MPS, else CPU."""
_GROUP = "preferences"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preferences:
    """What a person sets once, declared as knobs: form, file and checks read one declaration."""

    theme: str = knob(
        "system",
        "Theme",
        "Dark for a desk, light for a bright hall; System follows the desktop.",
        choices=(Choice("system", "System"), Choice("dark", "Dark"), Choice("light", "Light")),
    )
    presenter_scale: float = knob(
        1.5,
        "Presenter scale",
        "How much presenter mode (F11) enlarges type, lines and points.",
        low=1.0,
        high=2.5,
    )
    reduced_motion: bool = knob(
        False, "Reduce motion", "No transitions. They are also off when the desktop asks for that."
    )
    frame_cap: str = knob(
        "60",
        "Frame limit",
        "Frames a second a film is drawn at, at most; fewer leave more time for training.",
        unit="frames/s",
        choices=(Choice("30", "30"), Choice("60", "60"), Choice("120", "120")),
    )
    device: str = knob(AUTO, "Device", "Where models are trained and sampled.")
    threads: int = knob(
        1, "Torch threads", "Tiny models are fastest with one; more help only large ones.", low=1, high=64
    )
    time_machine: int = knob(
        256, "Time machine", "Memory for going back through a training; when it is full every second keyframe goes.",
        low=16, high=8192, log=True, unit="MB",
    )  # fmt: skip
    restore_session: bool = knob(True, "Restore the session", "Open next time with the panels and runs of last time.")

    @property
    def frames_per_second(self) -> int:
        """The frame limit as a number, in frames a second."""
        return int(self.frame_cap)


def config_folder() -> Path:
    """The folder of the preferences; made if it is missing."""
    return _folder("config", platformdirs.user_config_path(APP, appauthor=False))


def data_folder() -> Path:
    """The folder of sessions, recent files and what else belongs to the person; made if it is missing."""
    return _folder("data", platformdirs.user_data_path(APP, appauthor=False))


def preferences_file() -> Path:
    """The file `load` reads and `save` writes."""
    return config_folder() / "preferences.ini"


def session_file() -> Path:
    """The file that holds all panels, for a restart or after a crash."""
    return data_folder() / "session.json"


def store() -> QSettings:
    """The file behind the preferences; the window keeps its geometry in a group of its own there."""
    return QSettings(str(preferences_file()), QSettings.Format.IniFormat)


def load() -> Preferences:
    """The saved preferences; what is missing, broken or foreign is the default, with a note in the log."""
    settings = store()
    if settings.status() != QSettings.Status.NoError:
        _log.info("%s is damaged; what can be read of it is used, defaults for the rest.", settings.fileName())
    values: dict[str, Value] = {}
    for one in knobs_of(Preferences):
        held = settings.value(f"{_GROUP}/{one.name}")
        if held is None:
            continue
        try:
            values[one.name] = one.parse(str(held))
        except Refused as reason:
            _log.info("%s: %s The default is used: %s.", settings.fileName(), reason, one.default)
    return fill(Preferences, values)


def save(preferences: Preferences) -> None:
    """Write the preferences; Refused when the file cannot be written (they hold until the studio closes)."""
    settings = store()
    for name, value in asdict(preferences).items():
        settings.setValue(f"{_GROUP}/{name}", value)
    settings.sync()
    if settings.status() == QSettings.Status.AccessError:
        raise Refused(
            f"The preferences could not be saved to {settings.fileName()}: the file cannot be written. "
            f"They hold until the studio closes; make the folder writable or set {HOME_VARIABLE} to another."
        )


def _folder(kind: str, usual: Path) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    folder = Path(home) / kind if home else usual
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        # Nothing needs the folder before something is saved, and saving says what is wrong.
        _log.info("%s could not be made: %s.", folder, error.strerror)
    return folder
