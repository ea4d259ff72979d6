"""The verb `unmask`: text on standard output, every step with --json, one sentence for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from tests.cli.command import Capture, run
from tests.texts import text_recipe


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small masked model."""
    own = Run(text_recipe("masked-text"))
    for _ in own.steps(60):
        pass
    return save(own, tmp_path_factory.mktemp("text") / "small")


def test_text_and_records(model: Path, capsys: Capture) -> None:
    words = ("unmask", model, "--prompt", "And Moses said ___*3 people", "--length", 8, "--steps", 3, "--seed", 5)
    plain = run(capsys, *words)
    assert plain.code == 0
    assert plain.out.startswith("And Moses said ")
    told = run(capsys, *words, "--json").json
    assert told["text"] + "\n" == plain.out
    assert told["kind"] == "masked"
    assert told["settings"]["steps"] == 3
    records = told["records"]
    assert [one["step"] for one in records] == [0, 1, 2, 3]
    assert records[0]["text"] == "And Moses said ___ ___ ___ people ___"
    assert sum(len(one["revealed"]) for one in records) == 4
    assert records[-1]["calls"] == told["calls"] == 3
    assert all(len(one[name]) == 8 for one in records for name in ("ids", "probability", "entropy", "top_ids"))
    assert run(capsys, *words, "--json").json == told, "one seed, one film"


def test_knobs_and_notes(model: Path, capsys: Capture) -> None:
    said = run(capsys, "unmask", model, "--order", "random", "--set", "temperature=0", "--steps", 1, "--json").json
    assert said["settings"]["order"] == "random"
    assert said["settings"]["temperature"] == 0
    assert said["notes"] == ["The last step restores 8 tokens at once, none of them seeing the others."]
    assert run(capsys, "unmask", model, "--json").json["notes"] == ["8 steps instead of 64: one for each mask."]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--prompt", "And Mose said"), "Did you mean 'Moses'"),
        (("--prompt", "___*9"), "The prompt has 9 tokens; there is room for 8."),
        (("--length", 9), "this model reads 1 to 8"),
        (("--set", "block=3"), "do not divide 8"),
        (("--set", "temprature=1"), "Did you mean temperature"),
        (("--set", "steps"), "sets nothing"),
        (("--order", "manual"), "waits for clicks"),
        (("--order", "margins"), "margin"),
    ],
)
def test_refusals(model: Path, words: tuple[object, ...], says: str, capsys: Capture) -> None:
    assert says in run(capsys, "unmask", model, *words).sentence


def test_what_is_no_model(tmp_path: Path, capsys: Capture) -> None:
    assert "no model that ships has this name" in run(capsys, "unmask", "kjv-masked").sentence
    (tmp_path / "x.safetensors").write_bytes(b"no")
    assert "The file stops early" in run(capsys, "unmask", tmp_path / "x.safetensors").sentence
