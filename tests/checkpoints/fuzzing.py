"""Mutants of every format, read in a process of its own with little memory: `python -m ... LIST COUNT SEED ROOM`.

LIST is a JSON list of files and folders. Each mutant is made from (seed, number) alone, so that one that fails can be
made again; it is left in ROOM. Prints JSON: how often each kind and code came out, the failures, the longest time.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dgm_studio.checkpoints.formats.opening import all_formats
from tests.checkpoints.crafted import state_dict, tensor, torch_zip, zipped
from tests.checkpoints.small_files import safetensors_bytes
from tests.checkpoints.watched_reading import outcome

MEMORY = 512 * 2**20
LONGEST = 1.0
"""Seconds of one core for one file."""
LARGEST = 24_000
"""Bytes of a file that is mutated."""
OPCODES = b"(.012NIJKLMFSTUVXBCG]}){ldtaesugjhpqrRbcioPQ" + bytes(range(0x80, 0x98))
EXTREME = [bytes(n) for n in (1, 2, 4, 8)] + [b"\xff" * n for n in (1, 2, 4, 8)]
EXTREME += [(2**n + by).to_bytes(8, "little") for n in (0, 15, 30, 31, 32, 62, 63) for by in (-1, 0, 1)]
TINY = safetensors_bytes({"weight": (4,)})
NUMBERS = (b"-1", b"0", b"1e999", b"99999999999999999999", b"4294967296", b"null", b"[]", b'"a"', b"1.5", b"9" * 5_000)


class Sample(NamedTuple):
    """A good file: `opened` is what is opened (a folder, for a file of one), `entries` what a zip holds."""

    path: Path
    opened: Path
    raw: bytes
    entries: dict[str, bytes]


Group = list[Sample]
"""Samples of one format: each format gets as many mutants as the next."""


class Hang(BaseException):
    """Raised by the alarm: no reader can take it for its own."""


def samples(paths: list[Path], room: Path) -> list[Sample]:
    """The good files, small ones only, copied into the room."""
    out = []
    for at, path in enumerate(paths):
        place = room / str(at)
        place.mkdir()
        if path.is_dir():
            copy = Path(shutil.copytree(path, place / path.name))
            files = [one for one in sorted(copy.rglob("*")) if one.is_file()]
            for one in files:
                if one.stat().st_size > LARGEST:  # how many weights there are is not what is tried here
                    one.write_bytes(TINY if one.suffix == ".safetensors" else torch_zip(state_dict(weight=tensor())))
            out += [Sample(one, copy, one.read_bytes(), {}) for one in files]
        elif path.stat().st_size <= LARGEST:
            raw = path.read_bytes()
            (place / path.name).write_bytes(raw)
            out.append(Sample(place / path.name, place / path.name, raw, _entries(raw)))
    return out


def _entries(raw: bytes) -> dict[str, bytes]:
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        return {}
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        return {name: file.read(name) for name in file.namelist()}


def mutant(sample: Sample, others: list[Sample], rng: random.Random) -> bytes:
    """The sample with one to four changes; in half of the zips within an entry, with new checksums."""
    if sample.entries and rng.random() < 0.6:
        entries = dict(sample.entries)
        name = rng.choice([one for one in entries if one.endswith((".pkl", ".json"))] or list(entries))
        entries[name] = _changed(entries[name], others, rng)
        if rng.random() < 0.1:
            entries.pop(rng.choice(list(entries)))
        return zipped(entries)
    return _changed(sample.raw, others, rng)


def _changed(raw: bytes, others: list[Sample], rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        at = rng.randrange(len(raw) + 1)
        if rng.random() < 0.5 and len(raw) > 600:  # headers stand in front, or at the end
            at = rng.choice((rng.randrange(512), len(raw) - rng.randrange(512)))
        raw = rng.choice(_CHANGES)(raw, at, others, rng)
    return raw


def _flip(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    return raw[:at] + bytes(one ^ (1 << rng.randrange(8)) for one in raw[at : at + 1]) + raw[at + 1 :]


def _extreme(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    new = rng.choice(EXTREME)
    return raw[:at] + new + raw[at + len(new) :]


def _opcode(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    return raw[:at] + bytes(rng.choices(OPCODES, k=rng.choice((1, 1, 3)))) + raw[at + rng.choice((0, 1)) :]


def _cut(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    return raw[:at] + raw[at + rng.choice((1, 4, 16, 200)) :]


def _end(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    return raw[:at]


def _again(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    piece = raw[at : at + rng.choice((1, 8, 64, 400))]
    return raw[:at] + piece * rng.choice((2, 2, 30)) + raw[at + len(piece) :]


def _splice(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    other = rng.choice(others).raw
    begin = rng.randrange(len(other) + 1)
    return raw[:at] + other[begin : begin + rng.choice((4, 30, 300, 3_000))] + raw[at:]


def _number(raw: bytes, at: int, others: list[Sample], rng: random.Random) -> bytes:
    found = re.compile(rb"\d+").search(raw, at)
    return raw if found is None else raw[: found.start()] + rng.choice(NUMBERS) + raw[found.end() :]


_CHANGES: list[Callable[[bytes, int, list[Sample], random.Random], bytes]] = [
    _flip, _flip, _extreme, _extreme, _opcode, _opcode, _cut, _end, _again, _splice, _number,
]  # fmt: skip


def grouped(good: list[Sample]) -> dict[str, Group]:
    """The samples by the format that each is of."""
    found: dict[str, Group] = {}
    for one in good:
        found.setdefault(outcome(one.opened), []).append(one)
    return found


def run(groups: list[Group], numbers: Iterator[int], seed: int, room: Path) -> dict[str, Any]:
    """Reads the mutants of these numbers."""
    counts: Counter[str] = Counter()
    failures: list[str] = []
    longest = 0.0
    good = [one for group in groups for one in group]
    for number in numbers:
        rng = random.Random(seed * 1_000_003 + number)
        sample = rng.choice(rng.choice(groups))
        raw = mutant(sample, good, rng)
        sample.path.unlink()  # written over, it would be flushed to the disk each time
        sample.path.write_bytes(raw)
        begin = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, 5 * LONGEST)
        try:
            counts[outcome(sample.opened)] += 1
            failure = ""
        except (Exception, Hang):  # noqa: BLE001 -- whatever it is, it is what is looked for
            failure = traceback.format_exc()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        took = time.process_time() - begin
        longest = max(longest, took)
        if failure or took > LONGEST:
            (room / f"failed-{number}-{sample.path.name}").write_bytes(raw)
            failures.append(f"{number} {sample.path.name} {took:.2f} s\n{failure}")
        if sample.opened != sample.path:
            sample.path.unlink()
            sample.path.write_bytes(sample.raw)  # the next mutant of this folder is of another file
    return {"counts": counts, "failures": failures, "longest": longest}


def _alarm(number: int, frame: object) -> None:
    raise Hang


def main(listing: Path, count: int, seed: int, room: Path) -> None:
    """Reads `count` mutants of the files in the list."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGVTALRM, _alarm)
    all_formats()
    good = samples([Path(one) for one in json.loads(listing.read_text())], room)
    groups = grouped(good)
    begin = time.process_time()
    found = run(list(groups.values()), iter(range(count)), seed, room)
    found |= {"kinds": sorted(groups), "seconds": time.process_time() - begin}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
