"""A film's player and the transport bar that shows it: what a session keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject

from dgm_studio.gui.reel_player import ReelPlayer
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar


def film_player(studio: Studio, parent: QObject) -> ReelPlayer:
    """A player that keeps the preferences' frame limit, also when it is changed."""
    player = ReelPlayer(parent)
    player.set_frame_cap(studio.preferences.frames_per_second)
    studio.preferences_changed.connect(lambda changed: player.set_frame_cap(changed.frames_per_second))
    return player


def kept_playing(player: ReelPlayer) -> dict[str, Any]:
    """Speed and loop."""
    return {"loop": player.loop, "speed": player.speed}


def restore_player(held: Mapping[str, Any], player: ReelPlayer) -> None:
    """The reverse; what is missing or foreign stays as it is."""
    if isinstance(held.get("loop"), bool):
        player.set_loop(held["loop"])
    if isinstance(held.get("speed"), (int, float)):
        player.set_speed(float(held["speed"]))


def restore_playing(held: Mapping[str, Any], player: ReelPlayer, transport: TransportBar) -> None:
    """The same, with the bar that shows it."""
    restore_player(held, player)
    transport.set_loop(player.loop)
    transport.set_speed(player.speed)
