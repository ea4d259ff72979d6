"""The reader process itself: its answers, its patience, and that it ends."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dgm_studio.checkpoints.reader.client import ReaderClient
from dgm_studio.checkpoints.reader.frames import Frame, pack, receive
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile
from dgm_studio.core.inspection_json import difference_from, entry_from, inspection_from, stats_from
from dgm_studio.core.reader_command import reader_command
from tests.checkpoints.fixtures import made

ARRAYS: dict[str, Array] = {
    "net.conv": np.random.default_rng(1).normal(size=(4, 3, 3, 3)).astype(np.float32),
    "net.bias": np.array([0.0, 1.0, np.nan, np.inf], np.float32),
    "net.step": np.array(7, np.int64),
}


@pytest.fixture(scope="module")
def reader() -> Iterator[ReaderClient]:
    """One process for all tests of this file."""
    with ReaderClient() as client:
        yield client


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    save_file(ARRAYS, tmp_path / "a.safetensors")
    return tmp_path / "a.safetensors"


def opened(reader: ReaderClient, path: Path) -> int:
    """The file's number."""
    return int(reader.ask("open", path=str(path)).head["file"])


def test_it_opens_lists_and_concludes(reader: ReaderClient, weights: Path) -> None:
    first, second = reader.answers("open", path=str(weights))
    assert (first.head["is"], first.head["kind"], first.head["totals"]["tensors"]) == ("opened", "safetensors", 3)
    inspection = inspection_from(second.head["inspection"])
    assert inspection.totals.nbytes == sum(array.nbytes for array in ARRAYS.values())
    assert inspection.candidates
    rows = [row for part in reader.answers("rows", file=first.head["file"]) for row in part.head["rows"]]
    assert {entry.name: entry.shape for entry in map(entry_from, rows)} == {n: a.shape for n, a in ARRAYS.items()}


def test_rows_come_in_batches_of_200(reader: ReaderClient, tmp_path: Path) -> None:
    table = {f"t{at}": {"dtype": "U8", "shape": [1], "data_offsets": [at, at + 1]} for at in range(1_001)}
    text = json.dumps(table).encode()
    (tmp_path / "many.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(1_001))
    file = opened(reader, tmp_path / "many.safetensors")
    parts = list(reader.answers("rows", file=file))
    assert [(part.head["start"], len(part.head["rows"])) for part in parts] == [
        *((at, 200) for at in range(0, 1_000, 200)),
        (1_000, 1),
    ]
    (some,) = reader.answers("rows", file=file, start=10, count=2)
    assert [row[0] for row in some.head["rows"]] == ["t10", "t11"]


def test_statistics_come_largest_last(reader: ReaderClient, weights: Path) -> None:
    file = opened(reader, weights)
    rows = [stats_from(row) for part in reader.answers("stats", file=file) for row in part.head["rows"]]
    assert [row.name for row in rows] == ["net.step", "net.bias", "net.conv"]
    assert (rows[1].nans, rows[1].infs, rows[1].mean) == (1, 1, 0.5)
    end = reader.ask("stats", file=file)
    assert end.head["nans"] == ["net.bias"]
    assert end.head["finding"]["code"] == "E21"


def test_pictures_and_values_are_raw_numbers(reader: ReaderClient, weights: Path) -> None:
    file, conv = opened(reader, weights), ARRAYS["net.conv"]
    filters = reader.ask("filters", file=file, name="net.conv")
    np.testing.assert_array_equal(np.frombuffer(filters.raw, np.float32).reshape(filters.head["shape"]), conv)
    heat = reader.ask("heatmap", file=file, name="net.conv", rows=2, columns=27)
    np.testing.assert_allclose(
        np.frombuffer(heat.raw, np.float32).reshape(2, 27), conv.reshape(2, 2, 27).mean(1), rtol=1e-6
    )
    values = reader.ask("values", file=file, name="net.conv", start=2, count=5)
    np.testing.assert_array_equal(np.frombuffer(values.raw, values.head["dtype"]), conv.reshape(-1)[2:7])
    singular = reader.ask("singular", file=file, name="net.conv").head
    np.testing.assert_allclose(singular["values"], np.linalg.svd(conv.reshape(4, 27))[1], rtol=1e-5)
    counts = reader.ask("histogram", file=file, name="net.bias", bins=2).head
    assert (counts["counts"], counts["nans"], counts["infs"]) == ([1, 1], 1, 1)


def test_export_is_bit_for_bit(reader: ReaderClient, weights: Path, tmp_path: Path) -> None:
    file = opened(reader, weights)
    end = reader.ask("export", file=file, path=str(tmp_path / "out.safetensors"), names=["net.conv", "net.bias"])
    found = load_file(tmp_path / "out.safetensors")
    assert (end.head["tensors"], set(found)) == (2, {"net.conv", "net.bias"})
    np.testing.assert_array_equal(found["net.bias"].view(np.int32), ARRAYS["net.bias"].view(np.int32))
    with pytest.raises(Refused, match="opened file itself"):
        reader.ask("export", file=file, path=str(weights))
    digest = reader.ask("hash", path=str(tmp_path / "out.safetensors")).head["sha256"]
    assert digest == hashlib.sha256((tmp_path / "out.safetensors").read_bytes()).hexdigest()


def test_one_copy_of_the_weights_is_exported_by_its_own_names(reader: ReaderClient, tmp_path: Path) -> None:
    file = opened(reader, made("ema-dict"))
    reader.ask("export", file=file, path=str(tmp_path / "ema.safetensors"), weights="ema")
    found = load_file(tmp_path / "ema.safetensors")
    assert set(found) == {f"{layer}.{part}" for layer in (0, 2, 4) for part in ("weight", "bias")}
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    (tmp_path / "ema.safetensors").rename(folder / "model.safetensors")
    with pytest.raises(Refused, match="opened file itself"):
        reader.ask("export", file=opened(reader, folder), path=str(folder / "model.safetensors"))


def test_a_damaged_tensor_of_a_zip_is_found(reader: ReaderClient, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(64), b=np.ones(64))
    raw = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(raw.replace(np.ones(64).tobytes(), np.ones(64).tobytes()[:-1] + b"\x41"))
    end = reader.ask("verify", file=opened(reader, tmp_path / "a.npz")).head
    assert (end["good"], end["bad"], end["unchecked"]) == (1, ["b"], 0)
    assert end["finding"]["code"] == "E06"


def test_the_difference_of_two_files(reader: ReaderClient, weights: Path, tmp_path: Path) -> None:
    save_file({**ARRAYS, "net.conv": ARRAYS["net.conv"] + 2}, tmp_path / "b.safetensors")
    one, other = opened(reader, weights), opened(reader, tmp_path / "b.safetensors")
    found = difference_from(reader.ask("difference", file=one, other=other).head["difference"])
    assert found.equal == 2
    assert found.norm == pytest.approx(2 * np.sqrt(ARRAYS["net.conv"].size), rel=1e-6)
    conv = next(row for row in found.rows if row.name.endswith("conv"))
    assert (conv.shape, round(conv.largest, 4)) == ((4, 3, 3, 3), 2.0)


def test_refusals_keep_the_process_alive(reader: ReaderClient, weights: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedFile, match="E25"):
        reader.ask("open", path=str(tmp_path / "none.pt"))
    file = opened(reader, weights)
    with pytest.raises(Refused, match="no tensor of that name"):
        reader.ask("histogram", file=file, name="nobody")
    with pytest.raises(Refused, match="does not know this order"):
        reader.ask("dance")
    with pytest.raises(Refused, match="does not know"):
        reader.ask("histogram", file=file, name="net.conv", bins="many")
    reader.ask("close", file=file)
    with pytest.raises(Refused, match="not open any more"):
        reader.ask("stats", file=file)


def test_the_background_waits_and_can_be_cancelled(reader: ReaderClient, tmp_path: Path) -> None:
    save_file({"a": np.zeros(5, np.float32)}, tmp_path / "a.safetensors")
    number = opened(reader, tmp_path / "a.safetensors")
    # One tensor a hundred thousand times: some twenty seconds, if nobody cancelled.
    long = reader.tell("stats", file=number, names=["a"] * 100_000)
    quick = reader.tell("values", file=number, name="a", count=3)
    reader.tell("cancel", of=long)
    ends: list[tuple[int, str]] = []
    while len(ends) < 2:
        frame = reader.hear()
        if frame.head.get("end"):
            ends.append((frame.head["id"], frame.head["is"]))
    assert sorted(ends) == [(long, "cancelled"), (quick, "done")]


def test_the_chosen_tensor_goes_before_the_background(reader: ReaderClient, tmp_path: Path) -> None:
    arrays = {f"t{at}": np.full((400, 400), at, np.float32) for at in range(60)}
    save_file(arrays, tmp_path / "many.safetensors")
    file = opened(reader, tmp_path / "many.safetensors")
    every = reader.tell("stats", file=file)
    chosen = reader.tell("stats", file=file, names=["t59"], soon=True)
    ended: list[int] = []
    while len(ended) < 2:
        frame = reader.hear()
        if frame.head.get("end"):
            ended.append(frame.head["id"])
    assert ended == [chosen, every]


def test_every_kind_of_file_goes_through_it(reader: ReaderClient) -> None:
    for name in ("torch-zip", "torch-legacy", "onnx", "gguf", "npz", "edm-pickle"):
        end = reader.ask("stats", file=opened(reader, made(name))).head
        assert end["count"] > 0


SLEEPER = """
import sys, time
sys.path.append(sys.argv.pop())
from dgm_studio.checkpoints.reader.__main__ import main
from dgm_studio.checkpoints.reader.frames import Frame
from dgm_studio.checkpoints.reader.orders import ORDERS, Order
def sleep(files, told):
    yield None
    time.sleep(100)
    return Frame({})
ORDERS["sleep"] = Order(sleep, seconds=0.2)
sys.exit(main())
"""
"""The reader with one more order, which takes longer than it may."""


def test_what_takes_too_long_is_refused_and_the_process_ends() -> None:
    command = reader_command()
    with subprocess.Popen(
        [*command[:-2], SLEEPER, command[-1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pack(Frame({"id": 5, "do": "sleep"})))
        process.stdin.flush()
        heads = []
        while (frame := receive(process.stdout)) is not None:
            heads.append(frame.head)
        assert process.wait(30) == 3
    assert heads[0]["is"] == "ready"
    assert {"is": "alive", "busy": 5} in heads
    assert (heads[-1]["id"], heads[-1]["code"], heads[-1]["end"]) == (5, "E22", True)


def test_it_ends_with_its_input_whatever_it_does() -> None:
    command = reader_command()
    with subprocess.Popen(
        [*command[:-2], SLEEPER.replace("0.2", "60"), command[-1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pack(Frame({"id": 5, "do": "sleep"})))
        process.stdin.flush()
        while (frame := receive(process.stdout)) is not None and frame.head.get("busy") != 5:
            pass
        process.stdin.close()
        assert process.wait(30) == 0
