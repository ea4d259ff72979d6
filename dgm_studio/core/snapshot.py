"""Snapshots: everything one lane had to say since the window last asked, coalesced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import FrameReport, Picture, Refusal, Report

DESK = ""
"""The lane under which the backend itself reports: the catalogue, answers to requests of no lane."""

PAUSED, PLAYING, DONE, FAILED = "paused", "playing", "done", "failed"


@dataclass(frozen=True)
class Snapshot:
    """Pictures are latest-wins by their ask's key; scalars, frames and other reports are complete and in order.

    `opened` is the id of the request that opened the lane, so that a reply of a replaced lane can be dropped.
    `step` counts completed steps; `next_beat` names the beat that comes next, "" where nobody knows yet.
    `values` maps a scalar's name to (steps (k,), values (k,)). `watching` says that views are still being
    computed.
    """

    lane: str
    opened: int
    state: str
    step: int
    next_beat: str
    values: Mapping[str, tuple[Array, Array]]
    pictures: Mapping[str, Picture | Refusal]
    frames: tuple[FrameReport, ...]
    reports: tuple[Report, ...]
    watching: bool
