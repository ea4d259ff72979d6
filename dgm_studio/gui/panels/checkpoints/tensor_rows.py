"""The lines of the table of tensors: filtered, sorted, and folded by the parts of their names. Plain data, no Qt."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dgm_studio.core.inspection import TensorEntry, TensorStats

NAME, SHAPE, TYPE, NUMBERS, BYTES, LOW, MEAN, HIGH, STD, NORM, ZEROS, BAD = range(12)
"""The columns."""
AS_IN_FILE = -1
"""Sorted by no column."""
OPEN_AT_MOST = 40
"""Lines to which groups unfold by themselves."""
_DIGITS = re.compile(r"(\d+)")
_FIELDS = {LOW: "low", MEAN: "mean", HIGH: "high", STD: "std", NORM: "norm", ZEROS: "zeros"}


def natural(text: str) -> list[Any]:
    """A key by which "blocks.2" comes before "blocks.10"."""
    return [(1, int(part), "") if part.isdigit() and part.isascii() else (0, 0, part) for part in _DIGITS.split(text)]


class Group:
    """All tensors below a prefix, and their sums: min and max of all, mean, std, norm as of one long vector."""

    def __init__(self, prefix: str, parent: int) -> None:
        self.prefix, self.parent = prefix, parent
        self.parts: list[int] = []
        self.tensors: list[int] = []
        self.clear()

    def clear(self) -> None:
        """No tensors counted."""
        self.count = self.numel = self.nbytes = self.measured = self.seen = self.bad = 0
        self.dtypes: set[str] = set()
        self._sum = self._squares = self._zeros = 0.0
        self.low, self.high = math.inf, -math.inf

    def add(self, entry: TensorEntry) -> None:
        """One more tensor."""
        self.count += 1
        self.numel += entry.numel
        self.nbytes += entry.nbytes
        self.dtypes.add(entry.dtype)

    def measure(self, entry: TensorEntry, stats: TensorStats) -> None:
        """What was measured of one of them."""
        n = entry.numel
        self.measured += 1
        self.seen += n
        self.bad += stats.nans + stats.infs
        self._zeros += stats.zeros * n
        if math.isfinite(stats.norm):
            self._squares += stats.norm**2
        if math.isfinite(stats.mean):
            self._sum += stats.mean * (n - stats.nans - stats.infs)
            self.low, self.high = min(self.low, stats.low), max(self.high, stats.high)

    def stats(self) -> TensorStats | None:
        """As of one vector; None before all of them are measured."""
        finite = self.seen - self.bad
        if self.measured < self.count or finite <= 0:
            return None
        mean = self._sum / finite
        std = math.sqrt(max(0.0, self._squares / finite - mean**2))
        return TensorStats(
            self.prefix, self.low, mean, self.high, std, math.sqrt(self._squares), self._zeros / self.seen, self.bad, 0
        )


class TensorRows:
    """Fed by `add` and `measure`; `shown()` are the lines: a tensor's index from 0, or -1 - the index of a group."""

    def __init__(self) -> None:
        self.entries: list[TensorEntry] = []
        self.stats: dict[str, TensorStats] = {}
        self.index: dict[str, int] = {}
        self.groups: list[Group] = [Group("", -1)]
        self.open: set[str] = set()
        """Prefixes that a person unfolded."""
        self.shut: set[str] = set()
        """Prefixes that a person folded."""
        self.grouped = True
        self.column, self.falling = AS_IN_FILE, False
        self._words: tuple[str, ...] = ()
        self._only: frozenset[str] | None = None
        self._home: list[int] = []
        self._by_prefix = {"": 0}
        self._hay: list[str] = []
        self._natural: dict[int, list[Any]] = {}
        self._under: dict[int, int] = {}
        """Of a line that is seen, the group it stands under."""
        self._unfolded: set[int] = set()

    def add(self, entries: Iterable[TensorEntry]) -> None:
        """More tensors, in the order of the file."""
        for entry in entries:
            place = len(self.entries)
            self.entries.append(entry)
            self.index[entry.name] = place
            shape = "x".join(map(str, entry.shape))
            self._hay.append(f"{entry.name} {entry.dtype} {shape}".lower())
            home = self._group(entry.name.rpartition(".")[0])
            self._home.append(home)
            self.groups[home].tensors.append(place)
            for group in self._upwards(home):
                group.add(entry)

    def measure(self, found: Iterable[TensorStats]) -> None:
        """What was measured of some of them."""
        for stats in found:
            place = self.index.get(stats.name)
            if place is None or stats.name in self.stats:
                continue
            self.stats[stats.name] = stats
            for group in self._upwards(self._home[place]):
                group.measure(self.entries[place], stats)

    def _group(self, prefix: str) -> int:
        if prefix in self._by_prefix:
            return self._by_prefix[prefix]
        parent = self._group(prefix.rpartition(".")[0])
        self.groups.append(Group(prefix, parent))
        place = self._by_prefix[prefix] = len(self.groups) - 1
        self.groups[parent].parts.append(place)
        return place

    def _upwards(self, group: int) -> Iterable[Group]:
        while group >= 0:
            yield self.groups[group]
            group = self.groups[group].parent

    # What is seen.

    def look_for(self, text: str, only: frozenset[str] | None = None) -> None:
        """Only tensors whose name, type or shape holds every word; `only` keeps to these names."""
        self._words, self._only = tuple(text.lower().replace("×", "x").split()), only

    @property
    def filtered(self) -> bool:
        """Whether not all are looked at."""
        return bool(self._words) or self._only is not None

    def found(self) -> Sequence[int]:
        """The tensors that are looked at."""
        every = range(len(self.entries))
        if not self.filtered:
            return every
        only, words, hay = self._only, self._words, self._hay
        return [
            k for k in every if (only is None or self.entries[k].name in only) and all(word in hay[k] for word in words)
        ]

    def plain_order(self) -> bool:
        """Whether more tensors are simply more lines below."""
        return not self.grouped and not self.filtered and self.column == AS_IN_FILE

    def shown(self) -> list[int]:
        """The lines, from above."""
        found = self.found()
        self._under, self._unfolded = {}, set()
        if not self.grouped:
            return self._sorted(found)
        counts = self._counts(found) if self.filtered else {k: one.count for k, one in enumerate(self.groups)}
        lines: list[int] = []
        chosen = frozenset(found) if self.filtered else None
        self._unfold(0, counts, chosen, lines, self._opened(counts, chosen))
        return lines

    def _opened(self, counts: dict[int, int], chosen: frozenset[int] | None) -> Callable[[Group], bool]:
        """Which groups are unfolded: those a person unfolded, and by themselves the outermost, level by level, as far
        as OPEN_AT_MOST lines go."""
        roots, tensors = self._inside(0, counts, chosen)
        lines = len(roots) + len(tensors)
        waiting, by_itself = deque(roots), set()
        while waiting:
            group = waiting.popleft()
            inner, tensors = self._inside(group, counts, chosen)
            more = len(inner) + len(tensors)
            if lines > 1 and lines + more > OPEN_AT_MOST:
                continue
            lines += more
            by_itself.add(self.groups[group].prefix)
            waiting += inner

        def opened(group: Group) -> bool:
            return group.prefix not in self.shut and (group.prefix in self.open or group.prefix in by_itself)

        return opened

    def _inside(
        self, group: int, counts: dict[int, int], chosen: frozenset[int] | None
    ) -> tuple[list[int], list[int]]:  # fmt: skip
        """The groups and the tensors that stand in a group; a group of one tensor is that tensor."""
        own = self.groups[group]
        inner, mine = [], [k for k in own.tensors if chosen is None or k in chosen]
        for part in (self._down(part, counts) for part in own.parts if counts.get(part, 0)):
            if counts[part] > 1:
                inner.append(part)
            else:
                mine += [k for k in self.groups[part].tensors if chosen is None or k in chosen]
        return inner, mine

    def _down(self, group: int, counts: dict[int, int]) -> int:
        """Past groups that hold nothing but one group."""
        while not self.groups[group].tensors:
            inner = [part for part in self.groups[group].parts if counts.get(part, 0)]
            if len(inner) != 1:
                break
            group = inner[0]
        return group

    def _unfold(
        self, group: int, counts: dict[int, int], chosen: frozenset[int] | None, lines: list[int],
        opened: Callable[[Group], bool],
    ) -> None:  # fmt: skip
        """The lines below a group: its groups, then its own tensors; one by one deep, for names are a few parts."""
        inner, mine = self._inside(group, counts, chosen)
        for part in self._sorted_groups(inner):
            line = -1 - part
            self._under[line] = group
            lines.append(line)
            if opened(self.groups[part]):
                self._unfolded.add(line)
                self._unfold(part, counts, chosen, lines, opened)
        lines += self._sorted(mine)
        self._under.update(dict.fromkeys(mine, group))

    def _counts(self, found: Iterable[int]) -> dict[int, int]:
        counts: dict[int, int] = {}
        for k in found:
            group = self._home[k]
            while group >= 0:
                counts[group] = counts.get(group, 0) + 1
                group = self.groups[group].parent
        return counts

    def _sorted(self, found: Sequence[int]) -> list[int]:
        if self.column == AS_IN_FILE:
            return list(found)
        known = [k for k in found if self._key(k) is not None]
        missing = [k for k in found if self._key(k) is None] if len(known) < len(found) else []
        return sorted(known, key=self._key, reverse=self.falling) + missing

    def _sorted_groups(self, found: list[int]) -> list[int]:
        """By their sums; what is not known yet comes last."""
        column = self.column
        if column == AS_IN_FILE:
            return found
        if column in (NAME, SHAPE, TYPE):
            return sorted(found, key=lambda k: natural(self.groups[k].prefix), reverse=self.falling)

        def key(k: int) -> float:
            value = self.value(-1 - k, column)
            return (value if value is not None else math.inf) * (-1 if self.falling and value is not None else 1)

        return sorted(found, key=key)

    def _key(self, k: int) -> Any:
        entry = self.entries[k]
        if self.column == NAME:
            if k not in self._natural:
                self._natural[k] = natural(entry.name)
            return self._natural[k]
        if self.column == SHAPE:
            return (len(entry.shape), entry.shape)
        return entry.dtype if self.column == TYPE else self.value(k, self.column)

    # One line.

    def value(self, line: int, column: int) -> float | None:
        """A number of a line; None while it is not known."""
        one: TensorEntry | Group = self.entries[line] if line >= 0 else self.groups[-1 - line]
        if column in (NUMBERS, BYTES):
            return one.numel if column == NUMBERS else one.nbytes
        stats = self.stats.get(one.name) if isinstance(one, TensorEntry) else one.stats()
        if stats is None:
            return None
        if column == BAD:
            return stats.nans + stats.infs
        value = getattr(stats, _FIELDS[column])
        return float(value) if math.isfinite(value) else None

    def depth(self, line: int) -> int:
        """How many groups stand over a line that is seen."""
        depth, under = 0, self._under.get(line, 0)
        while under > 0:
            depth += 1
            under = self._under.get(-1 - under, 0)
        return depth

    def title(self, line: int) -> str:
        """A line's name without what stands over it."""
        full = self.entries[line].name if line >= 0 else self.groups[-1 - line].prefix
        over = self.groups[self._under[line]].prefix if line in self._under else ""
        return full[len(over) + 1 :] if over else full

    def unfolded(self, line: int) -> bool:
        """Whether what a group that is seen holds stands under it."""
        return line in self._unfolded

    def reveal(self, name: str) -> bool:
        """Unfold all that a tensor stands under; whether anything must be laid out anew."""
        place = self.index.get(name, -1)
        if place < 0 or not self.grouped:
            return False
        prefixes = {group.prefix for group in self._upwards(self._home[place]) if group.prefix}
        folded = prefixes - self.open or prefixes & self.shut
        self.open |= prefixes
        self.shut -= prefixes
        return bool(folded)

    def toggle(self, line: int) -> None:
        """Fold or unfold a group that is seen."""
        prefix = self.groups[-1 - line].prefix
        folded, unfolded = (self.shut, self.open) if self.unfolded(line) else (self.open, self.shut)
        folded.add(prefix)
        unfolded.discard(prefix)
