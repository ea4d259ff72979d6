"""Whether the system asks for reduced motion. Qt does not tell, so each system is asked its own way, once."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache


@lru_cache(maxsize=1)
def system_reduces_motion() -> bool:
    """True when animations are off in the system's settings, or DGM_STUDIO_REDUCED_MOTION is set."""
    if os.environ.get("DGM_STUDIO_REDUCED_MOTION", "") not in ("", "0"):
        return True
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return _says(["defaults", "read", "com.apple.universalaccess", "reduceMotion"], "1")
    return _says(["gsettings", "get", "org.gnome.desktop.interface", "enable-animations"], "false")


def _windows() -> bool:
    import ctypes

    get_client_area_animation = 0x1042
    on = ctypes.c_int(1)
    user32 = getattr(ctypes, "windll").user32  # noqa: B009  # absent from the types on other systems
    user32.SystemParametersInfoW(get_client_area_animation, 0, ctypes.byref(on), 0)
    return on.value == 0


def _says(command: list[str], answer: str) -> bool:
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=0.5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False  # no such setting on this system: nothing was asked for
    return told.stdout.strip() == answer
