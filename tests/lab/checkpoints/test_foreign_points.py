"""A perceptron of another program that moves points: recognised by its sizes, filmed, sampled and traced."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import MATCH, NOT_MINE, POINTS
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import FrameReport
from dgm_studio.core.requests import Shoot
from dgm_studio.lab import commands
from dgm_studio.lab.checkpoints.foreign_points import ForeignPoints, is_foreign, of_others, opened_with
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.film_task import FilmTask
from tests.checkpoints.masked_folders import write_masked_model

CENTRE = torch.tensor([1.5, -0.5])


def straight_to(centre: Tensor) -> dict[str, Tensor]:
    """A perceptron (x, t) -> centre - x that is exact: where data are one point, E[x_1 - x_0 | x_t] = (centre - x) /
    (1 - t); without the division it is the velocity of a slower way that ends at centre + (x - centre) / e. ReLU makes
    x of max(x, 0) - max(-x, 0)."""
    first = torch.zeros(4, 3)
    first[0, 0] = first[1, 1] = 1.0
    first[2, 0] = first[3, 1] = -1.0
    last = torch.tensor([[-1.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 1.0]])
    return {"net.0.weight": first, "net.0.bias": torch.zeros(4), "net.2.weight": last, "net.2.bias": centre.clone()}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mlp") / "moons.pt"
    torch.save({"model": straight_to(CENTRE), "step": 3}, path)
    return path


def test_it_is_recognised_by_sizes_that_chain(file: Path, tmp_path: Path) -> None:
    best = inspect(file).best
    assert best is not None
    assert (best.id, best.makes, best.verdict, best.setting("axes")) == ("plain-mlp", POINTS, MATCH, 2)
    assert of_others(file)
    for name, sizes in {"classifier": (784, 64, 10), "no time": (2, 16, 2), "broken": (3, 16, 2)}.items():
        net = nn.Sequential(nn.Linear(*sizes[:2]), nn.ReLU(), nn.Linear(*sizes[1:])).state_dict()
        net |= {"2.weight": torch.zeros(2, 17)} if name == "broken" else {}
        torch.save(net, tmp_path / f"{name}.pt")
        found = next(one for one in inspect(tmp_path / f"{name}.pt").candidates if one.id == "plain-mlp")
        assert found.verdict != MATCH, name
    assert found.verdict == NOT_MINE
    assert "do not chain" in found.reasons[0]


def test_the_film_is_eulers_of_its_field(file: Path) -> None:
    scene = opened_with(file, {"solver": "euler", "steps": "10", "activation": "relu", "prediction": "x0-eps"}, "cpu")
    start = np.array([[0.0, 0.0], [3.0, 1.0]], dtype=np.float32)
    film = FilmTask(scene, Shoot("film", "", {}, count=2, start=start))
    frames = [beat.frame for beat in film.beats() if isinstance(beat, FrameReport)]
    assert len(frames) == 11
    centre = CENTRE.numpy()
    np.testing.assert_allclose(frames[-1].x, centre + (start - centre) * 0.9**10, atol=1e-5)
    np.testing.assert_allclose([frame.t for frame in frames], np.linspace(0, 1, 11), atol=1e-6)
    # x_1 = x_t + (1 - t) v: what the film calls the predicted clean points.
    clean = frames[0].x1_hat
    assert clean is not None
    np.testing.assert_allclose(clean, np.broadcast_to(centre, start.shape), atol=1e-5)


def test_a_branch_of_it_is_the_films_own_future(file: Path) -> None:
    scene = opened_with(file, {"solver": "heun", "steps": "10", "activation": "relu", "prediction": "x0-eps"}, "cpu")
    film = [beat.frame for beat in FilmTask(scene, Shoot("film", "", {}, 5)).beats() if isinstance(beat, FrameReport)]

    def branch(t: float) -> list[np.ndarray]:
        task = FilmTask(scene, Shoot("film", "", {}, start=film[4].x, start_time=t))
        return [beat.frame.x for beat in task.beats() if isinstance(beat, FrameReport)]

    np.testing.assert_allclose(branch(film[4].t), [frame.x for frame in film[4:]], atol=1e-6)
    with pytest.raises(Refused, match="none of the times"):
        branch(0.43)


def test_choices_are_checked_and_known(file: Path) -> None:
    scene = opened_with(file, {"process": "straight path, time reversed", "prediction": "eps-x0"}, "cpu")
    assert isinstance(scene.model, ForeignPoints)
    told = {one.name: one.source for one in scene.model.rebuilt.settings}
    assert told["prediction"] == told["process"] == "your choice"
    with pytest.raises(Refused, match="Activation cannot be 'swish'"):
        opened_with(file, {"activation": "swish"}, "cpu")
    with pytest.raises(Refused, match="stepz"):
        opened_with(file, {"stepz": "3"}, "cpu")


def test_a_chains_time_may_be_sines(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(18, 32), nn.ReLU(), nn.Linear(32, 2))
    torch.save(net.state_dict(), tmp_path / "ddpm.pt")
    scene = opened_with(tmp_path / "ddpm.pt", {"prediction": "epsilon", "steps": "5", "chain_steps": "100"}, "cpu")
    start = scene.model.prior(4, torch.Generator().manual_seed(0))
    *_, last = scene.model.walk(start, scene.sampling, torch.Generator().manual_seed(0))
    assert last.x.shape == (4, 2)
    assert bool(torch.isfinite(last.x).all())


def test_the_desk_shoots_a_file(file: Path) -> None:
    desk = Desk("cpu")
    request = Shoot("film", str(file), {"steps": 4, "solver": "euler"}, count=7)
    assert sum(1 for _ in desk.prepare(request)) >= 2
    film, _ = desk.open(request)
    frames = [beat for beat in film.beats() if isinstance(beat, FrameReport)]
    assert len(frames) == 5
    assert frames[0].frame.x.shape == (7, 2)
    again, _ = desk.open(Shoot("film", "film", {"steps": 2}, count=3))  # the same frozen model, sampled otherwise
    assert len([beat for beat in again.beats() if isinstance(beat, FrameReport)]) == 3
    again.close()


def test_sample_and_trace(file: Path, tmp_path: Path) -> None:
    told = commands.sample(str(file), 50, 1, ["solver=euler", "steps=20"], str(tmp_path / "x.npy"), True)
    points = np.load(tmp_path / "x.npy")
    assert points.shape == (50, 2)
    assert told["evaluations"] == 20
    told = commands.trace(str(file), 20, 1, ["steps=3"], str(tmp_path / "x.npz"), True)
    assert np.load(tmp_path / "x.npz")["x"].shape == (4, 20, 2)
    assert json.dumps(told)
    commands.sample(str(file), 20, 1, [], str(tmp_path / "x.png"), True)
    assert (tmp_path / "x.png").stat().st_size > 500


def test_a_model_of_text_is_sent_to_its_panel(tmp_path: Path) -> None:
    write_masked_model(tmp_path, "bert", tokenizer=False)
    with pytest.raises(Refused, match=r"writes text\. Open it in the Text panel"):
        commands.sample(str(tmp_path), 5, 0, [], str(tmp_path / "x.npy"), True)


def test_what_is_ours_is_not_foreign(tmp_path: Path) -> None:
    assert not is_foreign(tmp_path / "nothing.pt")
    (tmp_path / "text.pt").write_bytes(b"nothing of a model")
    assert is_foreign(tmp_path / "text.pt")
    assert not of_others(tmp_path / "text.pt")


def test_the_desk_tells_whose_film_it_is_and_heeds_what_was_chosen(file: Path, tmp_path: Path) -> None:
    copy, desk = tmp_path / "copy.pt", Desk("cpu")
    copy.write_bytes(file.read_bytes())
    start = np.array([[0.0, 0.0]], dtype=np.float32)

    def last(choice: dict[str, str]) -> np.ndarray:
        request = Shoot("film", str(copy), {"steps": 10, "solver": "euler"}, count=1, start=start, choice=choice)
        for _ in desk.prepare(request):
            pass
        film, told = desk.open(request)
        (report,) = told
        assert isinstance(report, PointModelReport)
        assert (report.columns, report.noise, report.parameters) == (2, 2, 26)
        assert (report.sampling["steps"], report.sampling["solver"]) == (10, "euler")
        assert {knob.name for knob in report.knobs} == set(report.sampling)
        assert {"label", "guidance"} == set(report.idle), "it knows no classes"
        return [beat.frame.x for beat in film.beats() if isinstance(beat, FrameReport)][-1]

    ahead = last({"activation": "relu", "prediction": "x0-eps"})
    np.testing.assert_allclose(ahead, CENTRE[None] * (1 - 0.9**10), atol=1e-5)
    back = last({"activation": "relu", "prediction": "eps-x0"})
    np.testing.assert_allclose(back, CENTRE[None] * (1 - 1.1**10), atol=1e-5)
    copy.unlink()  # what is open is looked at as it was read
    np.testing.assert_array_equal(last({"activation": "relu", "prediction": "eps-x0"}), back)
    with pytest.raises(Refused, match="no model to film"):
        desk.open(Shoot("other", str(tmp_path / "gone.pt"), {}))
