"""The opcode interpreter against Python's own unpickler, over plain data; its limits; what it makes of calls."""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.checkpoints.formats import pickle_budget, pickle_input, pickle_machine
from dgm_studio.checkpoints.formats.byte_ranges import HeldBytes
from dgm_studio.checkpoints.formats.opened import Stub
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.checkpoints.formats.pickle_machine import PickleMachine, safe_key
from dgm_studio.checkpoints.formats.pickle_meanings import TorchMeanings
from dgm_studio.checkpoints.formats.pickle_objects import OddKey
from dgm_studio.checkpoints.formats.pickle_tree import DEEPEST, TreeMaker
from dgm_studio.core.inspection import RefusedFile
from tests.checkpoints.crafted import legacy, named, pickled, state_dict, storage, tensor, text, whole

LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.binary(max_size=20)
)  # fmt: skip
KEYS = st.text(max_size=5) | st.integers(-9, 9) | st.tuples(st.text(max_size=2), st.integers(-(2**63), 2**63 - 1))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=12,
)


def _run(raw: bytes, chunk: int = pickle_input.CHUNK) -> Any:
    return TreeMaker(PickleMachine(HeldBytes(raw), TorchMeanings(), chunk=chunk).run()).tree


@settings(max_examples=40, deadline=None)
@given(TREES, st.integers(0, 5))
def test_plain_data_come_out_as_from_pickle(value: Any, protocol: int) -> None:
    raw = pickle.dumps(value, protocol)
    assert _run(raw) == value
    assert _run(raw, chunk=1) == value  # byte by byte: every opcode may stand across the end of what was read


@pytest.mark.parametrize("protocol", range(6))
def test_texts_of_every_kind(protocol: int) -> None:
    value = [
        "a'b\"c\\d\n\r\t\0",
        "äöü€🙂",
        "\\x41",
        b"\0\xff'\\",
        1,
        10**60,
        -1,
        True,
        False,
        1.5,
        float("inf"),
        "x" * 300,
    ]
    assert _run(pickle.dumps(value, protocol)) == value


def test_the_texts_of_python_2() -> None:
    assert _run(b"S'it\\'s \\x41\\n'\n.") == "it's A\n"
    assert _run(b"U\x02ab.") == "ab"
    assert _run(b"U\x02\xff\xfe.") == b"\xff\xfe"


def test_what_stands_twice_is_the_same_and_a_circle_is_cut() -> None:
    shared = [1, 2]
    circle: list[Any] = [shared, shared]
    circle.append(circle)
    assert _run(pickle.dumps(circle)) == [[1, 2], [1, 2], Stub("<shown above>")]


def test_sets_and_numbers_of_two_parts() -> None:
    assert _run(pickle.dumps({3}, 4)) == Stub("set", (3,))
    assert _run(pickle.dumps(frozenset({3}), 2)) == Stub("set", (3,))
    assert _run(pickle.dumps(1 + 2j, 4)) == Stub("builtins.complex", (1.0, 2.0))


def test_keys_that_could_be_made_to_collide_are_kept_apart() -> None:
    assert isinstance(safe_key(2**61 - 1 << 64), OddKey)
    assert isinstance(safe_key(((1,),)), OddKey)
    assert isinstance(safe_key((1, 2)), OddKey)
    assert safe_key(("a", 2)) == ("a", 2)
    assert _run(pickle.dumps({(1, 2): "a"})) == {"(1, 2)": "a"}


def test_a_tree_that_would_be_exponential_stays_small() -> None:
    doubled = pickled(b"]", b"q\x01" + b"".join(b"0](h\x01h\x01eq\x01" for _ in range(60)))
    maker = TreeMaker(PickleMachine(HeldBytes(doubled), TorchMeanings()).run())
    assert maker._repeated < 200_000


@pytest.mark.parametrize(
    ("limit", "value", "raw"),
    [
        ("MOST_STEPS", 10, pickled(b"N0" * 10, b"N")),
        ("MOST_OBJECTS", 3, pickled(b"]" * 4)),
        ("MOST_MARKS", 3, pickled(b"(" * 4, b"tttt")),
        ("LONGEST_TEXT", 3, pickled(text("four"))),
        ("ALL_TEXT", 7, pickled(text("four"), text("four"))),
    ],
)
def test_every_budget_ends_the_reading(limit: str, value: int, raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(raw) is not limit  # which it does not under the limit that holds
    rooms = (pickle_budget, pickle_input, pickle_machine)
    monkeypatch.setattr(next(room for room in rooms if hasattr(room, limit)), limit, value)
    with pytest.raises(RefusedFile, match="E26"):
        _run(raw)


def _list_of(count: int, closed_by: bytes) -> bytes:
    """A list or tuple of as many Nones, kept as memo 1."""
    return b"(" + b"N" * count + closed_by + b"q\x010"


def _again(steps: bytes, count: int) -> bytes:
    """A list of what the same steps make again and again."""
    return b"](" + steps * count + b"e"


LONG = {
    "a dictionary": named("builtins.dict")
    + b"q\x020}("
    + b"".join(whole(at) + b"N" for at in range(20_000))
    + b"uq\x010",
    "a shape": named("torch.Size") + b"q\x020" + _list_of(20_000, b"l"),
    "arguments": named("a.b") + b"q\x020}K\x01K\x02sq\x030" + _list_of(20_000, b"t"),
    "bytes": named("_codecs.encode") + b"q\x020" + text("latin1") + b"q\x030" + text("a" * 2**20) + b"q\x010",
    "a name": text("a" * 2_000) + b"q\x010",
}
COPIED = {"a dictionary": b"h\x02h\x01\x85R", "a shape": b"h\x02h\x01\x85R", "arguments": b"h\x02h\x01h\x03\x92"}
COPIED |= {"bytes": b"h\x02h\x01h\x03\x86R", "a name": b"h\x01h\x01\x93"}


@pytest.mark.parametrize("what", LONG)
def test_copies_of_one_long_thing_are_counted_by_their_length(what: str) -> None:
    """A few thousand bytes that ask for gigabytes."""
    assert len(_run(pickled(LONG[what], _again(COPIED[what], 2)))) == 2
    with pytest.raises(RefusedFile, match="E26"):
        _run(pickled(LONG[what], _again(COPIED[what], 20_000)))


def test_a_long_list_that_stands_at_many_places_is_walked_a_few_times_only() -> None:
    maker = TreeMaker(
        PickleMachine(HeldBytes(pickled(_list_of(20_000, b"l"), _again(b"h\x01", 20_000))), TorchMeanings()).run()
    )
    whole_ones = sum(isinstance(one, list) for one in maker.tree)
    assert 1 <= whole_ones <= 8


def test_keys_of_long_texts_do_not_make_long_paths() -> None:
    keys = b"".join(b"h\x01" + whole(at) + b"\x86N" for at in range(2_000))
    found = _run(pickled(text("a" * 2**20), b"q\x010}(", keys, b"u"))
    assert list(found)[:2] == ["<key 0>", "<key 1>"]


def test_files_within_a_file_share_its_budget(tmp_path: Path) -> None:
    inner = legacy(pickled(_list_of(50_000, b"l"), b"N"), keys=(), counts=())
    path = tmp_path / "x.pkl"
    start = (
        b"B"
        + len(inner).to_bytes(4, "little")
        + inner
        + b"q\x010"
        + named("torch.storage._load_from_bytes")
        + b"q\x020"
    )
    path.write_bytes(pickled(start, _again(b"h\x02h\x01\x85R", 3)))
    assert len(open_checkpoint(path).tree) == 3
    path.write_bytes(pickled(start, _again(b"h\x02h\x01\x85R", 5_000)))
    with pytest.raises(RefusedFile, match="E26"):
        open_checkpoint(path)


def test_what_goes_into_tensors_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_budget, "MOST_STEPS", 2_000)
    monkeypatch.setattr(pickle_budget, "MOST_OBJECTS", 1_000)
    many = {f"layer{at}.weight": tensor(storage(str(at))) for at in range(300)}
    assert len(TreeMaker(PickleMachine(HeldBytes(state_dict(**many)), TorchMeanings()).run()).tensors) == 300
    with pytest.raises(RefusedFile, match="E26"):
        _run(pickled(b"N0" * 1_100, b"N"))


def test_reading_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_budget, "SECONDS", -1.0)
    with pytest.raises(RefusedFile, match="E22"):
        _run(pickled(b"N0" * 100, b"N"))


def test_long_byte_strings_stay_where_they_are() -> None:
    raw = pickle.dumps([b"a" * 5_000, b"b", b"c" * 5_000], 4)
    first, second, third = PickleMachine(HeldBytes(raw), TorchMeanings(), chunk=64).run()
    assert (first.read(0, 5_000), second, third.read(4_999, 1)) == (b"a" * 5_000, b"b", b"c")


def test_what_is_nested_too_deeply_is_cut_and_long_names_are_shortened() -> None:
    deep = pickled(b"]" * 300, b"a" * 299)
    assert str(_run(deep)).count("[") == DEEPEST + 1
    assert "nested too deeply" in str(_run(deep))
    storage = pickle.dumps({"a" * 900: {"b" * 900: np.ones(2)}})
    maker = TreeMaker(PickleMachine(HeldBytes(storage), TorchMeanings()).run())
    (name,) = maker.tensors
    assert len(name) <= 1_024
    assert name.endswith("...")


def test_an_object_that_others_hold_is_shown_once_in_full() -> None:
    shared = argparse.Namespace(a=1)
    found = _run(pickle.dumps([shared, shared]))
    assert found == [Stub("argparse.Namespace", (), {"a": 1}), Stub("<shown above>")]


def test_a_long_line_is_not_read_again_and_again() -> None:
    raw = b"V" + b"a" * 2**20 + b"\n."
    reads: list[int] = []

    class Counting(HeldBytes):
        def read(self, offset: int, count: int) -> bytes:
            reads.append(count)
            return super().read(offset, count)

    assert PickleMachine(Counting(raw), TorchMeanings(), chunk=16).run() == "a" * 2**20
    assert len(reads) < 40
