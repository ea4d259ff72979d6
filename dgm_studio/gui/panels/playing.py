"""A film's player and the transport bar that shows it: what a session keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dgm_studio.gui.reel_player import ReelPlayer
from dgm_studio.gui.widgets.transport_bar import TransportBar


def kept_playing(player: ReelPlayer) -> dict[str, Any]:
    """Speed and loop."""
    return {"loop": player.loop, "speed": player.speed}


def restore_playing(held: Mapping[str, Any], player: ReelPlayer, transport: TransportBar) -> None:
    """The reverse; what is missing or foreign stays as it is."""
    if isinstance(held.get("loop"), bool):
        player.set_loop(held["loop"])
        transport.set_loop(held["loop"])
    if isinstance(held.get("speed"), (int, float)):
        player.set_speed(float(held["speed"]))
        transport.set_speed(float(held["speed"]))
