"""A comparison's lines: what became of each tensor, their order, and the change of each part of the model."""

from __future__ import annotations

import math

from dgm_studio.core.inspection import Difference, TensorDifference
from dgm_studio.gui.panels.checkpoints import difference_rows as rows
from dgm_studio.gui.panels.checkpoints.difference_rows import by_prefix, lines_of, ordered


def found(*parts: tuple[str, float]) -> Difference:
    made = tuple(TensorDifference(name, (2,), norm, norm / 10, norm, 1.0) for name, norm in parts)
    return Difference("a", "b", made, ("gone",), ("new",), (("bent", (2,), (3,)),), 1.0, 0.1, 1.0, 1.0, 0)


def test_every_tensor_of_either_side_has_a_line() -> None:
    lines = {one.name: one for one in lines_of(found(("x", 3.0), ("y", 0.0)))}
    assert {name: one.state for name, one in lines.items()} == {
        "x": rows.CHANGED, "y": rows.EQUAL, "gone": rows.FIRST, "new": rows.SECOND, "bent": rows.SHAPE,
    }  # fmt: skip
    assert (lines["bent"].shape, lines["bent"].other) == ((2,), (3,))


def test_the_largest_change_comes_first_and_what_has_none_last() -> None:
    names = [
        one.name for one in ordered(lines_of(found(("x", 1.0), ("y", 5.0), ("z", 0.0))), rows.CHANGE, falling=True)
    ]
    assert names[:3] == ["y", "x", "z"]
    assert set(names[3:]) == {"gone", "new", "bent"}
    names = [one.name for one in ordered(lines_of(found(("x", 1.0), ("y", 5.0))), rows.CHANGE, falling=False)]
    assert names[:2] == ["x", "y"]


def test_the_change_by_part_adds_squares_below_what_all_names_share() -> None:
    parts = (("net.down.0.w", 3.0), ("net.down.0.b", 4.0), ("net.up.1.w", 1.0), ("net.up.1.b", 0.0))
    assert by_prefix(lines_of(found(*parts))) == [("down.0", 5.0), ("up.1", 1.0)]
    alone = by_prefix(lines_of(found(("down.3.w", 1.0), ("down.4.w", 2.0))))
    assert alone == [("down.4", 2.0), ("down.3", 1.0)], "a number alone says nothing"
    assert by_prefix(lines_of(found(("x", 0.0)))) == []
    assert math.isnan(lines_of(found())[0].norm)
