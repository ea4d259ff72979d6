"""What several views share is computed by the first that needs it, and long work is cut into slices."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused

T = TypeVar("T")


def once(memo: dict[Any, Any], key: Any, make: Callable[[], Generator[None, None, T]]) -> Generator[None, None, T]:
    """`memo[key]`, made slice by slice at the first call; a maker closed half-way leaves no trace."""
    if key not in memo:
        memo[key] = yield from make()
    value: T = memo[key]
    return value


def newest(
    memo: dict[Any, Any], slot: Any, key: Any, make: Callable[[], Generator[None, None, T]]
) -> Generator[None, None, T]:
    """Like `once`, but a slot holds only the newest key's value: a dragged dial must not fill the memory."""
    held = memo.get(slot)
    if held is None or held[0] != key:
        held = memo[slot] = key, (yield from make())
    value: T = held[1]
    return value


def refusal_of(slow: Iterator[object]) -> str:
    """The sentence with which `slow` refuses before its first slice ends, "" if it begins."""
    try:
        with torch.no_grad():
            next(slow, None)
    except Refused as refused:
        return str(refused)
    return ""


def in_chunks(f: Callable[[Tensor], Tensor], x: Tensor, size: int = 1_024) -> Generator[None, None, Tensor]:
    """f(x) for a function of single points, x (n, d) cut into slices of `size` points."""
    parts = []
    for piece in torch.split(x, size):
        parts.append(f(piece))
        yield
    return torch.cat(parts)
