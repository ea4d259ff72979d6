"""What several views share is computed by the first that needs it, and long work is cut into slices."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


def once(
    memo: dict[Any, Any], key: Any, make: Callable[[], Generator[None, None, T]]
) -> Generator[None, None, T]:
    """`memo[key]`, made slice by slice at the first call; a maker closed half-way leaves no trace."""
    if key not in memo:
        memo[key] = yield from make()
    return memo[key]  # type: ignore[no-any-return]


def newest(
    memo: dict[Any, Any], slot: Any, key: Any, make: Callable[[], Generator[None, None, T]]
) -> Generator[None, None, T]:
    """Like `once`, but a slot holds only the newest key's value: a dragged dial must not fill the memory."""
    held = memo.get(slot)
    if held is None or held[0] != key:
        held = memo[slot] = key, (yield from make())
    return held[1]  # type: ignore[no-any-return]


def in_chunks(f: Callable[[Tensor], Tensor], x: Tensor, size: int = 1_024) -> Generator[None, None, Tensor]:
    """f(x) for a function of single points, x (n, d) cut into slices of `size` points."""
    parts = []
    for piece in x.split(size):
        parts.append(f(piece))
        yield
    return torch.cat(parts)
