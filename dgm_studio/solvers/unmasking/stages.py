"""Blocks: which positions are restored in which steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dgm_studio.core.errors import Refused
from dgm_studio.core.unmasking import ANCESTRAL, MANUAL, NO_REMASK, Unmasking


@dataclass(frozen=True)
class Stage:
    """`steps` steps that restore the `masks` masks among positions low, ..., high - 1."""

    low: int
    high: int
    masks: int
    steps: int


def stages(settings: Unmasking, masked: Sequence[int], length: int) -> tuple[tuple[Stage, ...], str]:
    """The blocks that hold masks, left to right, sharing the steps in proportion to their masks; and what must be said.

    Where each step lifts at least one mask there are at most as many steps as masks (the ancestral chain and
    re-masking may use more). A block takes at least one. Refused where the block length does not divide `length`.
    """
    block = settings.block or length
    if length % block:
        near = [size for size in range(1, length + 1) if length % size == 0]
        best = min(near, key=lambda size: abs(size - block))
        raise Refused(
            f"Blocks of {block} do not divide {length} positions evenly. Take a block length that does, such as {best}."
        )
    if settings.order == MANUAL:
        return (Stage(0, length, len(masked), len(masked)),) if masked else (), ""
    blocks = [(low, sum(low <= one < low + block for one in masked)) for low in range(0, length, block)]
    blocks = [(low, masks) for low, masks in blocks if masks]
    steps, note = settings.steps, ""
    bounded = settings.order != ANCESTRAL and settings.remasking == NO_REMASK
    if bounded and steps > len(masked) > 0:
        steps = len(masked)
        note = f"{steps} steps instead of {settings.steps}: one for each mask."
    if steps < len(blocks):
        steps = len(blocks)
        note = f"{steps} steps instead of {settings.steps}: each block needs one."
    made, masks_left = [], len(masked)
    for index, (low, masks) in enumerate(blocks):
        own = min(max(1, round(steps * masks / masks_left)), steps - (len(blocks) - 1 - index))
        if index == len(blocks) - 1:
            own = steps
        made.append(Stage(low, low + block, masks, own))
        steps, masks_left = steps - own, masks_left - masks
    return tuple(made), note
