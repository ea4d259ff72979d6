"""A lane of pictures through the desk: opened, placed, decoded, interpolated, mapped, by models of every kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import (
    CLASSES,
    CODES,
    DATA,
    DECODES,
    DENOISES,
    ENCODES,
    FILE,
    LERP,
    MODES,
    SEED,
    SLERP,
    STYLES,
    LatentMap,
    Spot,
    StripPart,
)
from dgm_studio.core.picture_requests import (
    Decode,
    FindDirections,
    Interpolate,
    Manifold,
    MapLatents,
    OpenPictures,
    Place,
    ShowData,
    Style,
)
from dgm_studio.core.reports import Answer, Failure
from dgm_studio.core.requests import Train
from dgm_studio.core.seed_plane import pure
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.pictures.picture_task import PictureTask
from dgm_studio.lab.run import Run
from tests.lab.pictures.bench import answer, opened, told
from tests.lab.recipes import small
from tests.pictures import NAMES, picture_recipe, small_pictures

TaskOf = Callable[[str], PictureTask]
ABLE = {
    "vae": {DECODES, ENCODES}, "plane": {DECODES, ENCODES}, "gan": {DECODES, STYLES}, "codes": {CODES},
    "prior": {CODES, CLASSES}, "flow": {DENOISES, CLASSES, "classifier"},
    "latent-flow": {DENOISES, CLASSES, "classifier"},
}  # fmt: skip
LATENT = ("vae", "gan", "flow", "latent-flow")


def strip(task: PictureTask, request: Interpolate | Manifold) -> tuple[Array, Array]:
    """Latents and pictures of all parts, which follow one another."""
    parts = [one for one in told(task, request) if isinstance(one, StripPart)]
    assert {one.request for one in parts} == {request.id}
    assert not any(one.pixels.flags.writeable or one.latents.flags.writeable for one in parts)
    assert [one.start for one in parts] == [0, *np.cumsum([len(one.pixels) for one in parts])[:-1]]
    assert all(one.total == sum(len(each.pixels) for each in parts) for one in parts)
    return np.concatenate([one.latents for one in parts]), np.concatenate([one.pixels for one in parts])


@pytest.mark.parametrize("kind", ABLE)
def test_what_is_open(kind: str, checkpoints: Callable[[str], Path]) -> None:
    _, report = opened(Desk("cpu"), str(checkpoints(kind)))
    assert set(report.can) == ABLE[kind]
    assert report.shape == (1, 8, 8, 3)
    assert (report.data, report.count, report.classes) == ("stripes", 54, NAMES)
    assert report.step == 2
    assert report.parameters > 0
    assert report.figures == {"reconstruction error": 0.25}
    assert report.latent == {"vae": 3, "plane": 2, "gan": 3, "flow": 64, "latent-flow": 3}.get(kind, 0)
    assert (report.code == (2, 2, 8)) == (kind in ("codes", "prior"))
    assert bool(report.layers) == (kind == "gan")
    assert report.paper
    assert report.lecture


@pytest.mark.parametrize("kind", LATENT)
def test_a_place_decodes_to_what_it_says_and_a_strip_passes_it(kind: str, task_of: TaskOf) -> None:
    task = task_of(kind)
    spots = [Spot(SEED, seed=1), Spot(SEED, seed=2), Spot(SEED, seed=1)]
    if kind != "gan":
        spots += [Spot(DATA, index=4), Spot(FILE, pixels=task.opened.stood(task.opened.pictures.points[7:8])[0])]
    placed = answer(task, Place("p", tuple(spots), 0.0))
    assert placed.latents.shape == (len(spots), task.opened.latents.dim)
    assert np.array_equal(placed.latents[0], placed.latents[2]), "one seed, one place"
    assert not np.array_equal(placed.latents[0], placed.latents[1])
    assert np.isnan(placed.error[:3]).all()
    assert np.array_equal(placed.pixels[:3], placed.reconstructed[:3])
    if kind != "gan":
        assert np.array_equal(placed.pixels[3:, 0].reshape(2, -1), task.opened.pictures.points[[4, 7]])
        apart = (placed.pixels[3:].astype(float) - placed.reconstructed[3:]) / 255
        assert placed.error[3:] == pytest.approx(np.sqrt(np.square(apart).mean((1, 2, 3))), abs=1e-6)
        assert placed.labels.tolist() == [-1, -1, -1, task.opened.pictures.labels[4], -1]
    made = answer(task, Decode("p", placed.latents, gamma=0.0)).pixels
    assert made.shape == (len(spots), 1, 8, 8)
    assert np.abs(made.astype(int) - placed.reconstructed).max() <= 1
    latents, pixels = strip(task, Interpolate("p", placed.latents[:2], 37, SLERP, gamma=0.0))
    assert (latents.shape[0], pixels.shape) == (37, (37, 1, 8, 8))
    assert np.array_equal(latents[[0, -1]], placed.latents[:2])
    assert np.abs(pixels[[0, -1]].astype(int) - made[:2]).max() <= 1


def test_a_vae_is_asked_without_waiting_and_a_new_strip_replaces_the_old(task_of: TaskOf) -> None:
    task = task_of("vae")
    latents = np.zeros((2, 3), dtype=np.float32)
    (at_once,) = task.receive(Decode("p", latents))
    assert isinstance(at_once, Answer)
    first, second = (Interpolate("p", latents, 40, one.id) for one in MODES[:2])
    grid = Manifold("p", np.eye(2, 3), np.zeros(3), 1.0, 3)
    for request in (first, grid, second):
        assert task.receive(request) == ()
    parts = [one for one in task.watch() or () if isinstance(one, StripPart)]
    assert [one.request for one in parts] == [second.id, second.id, grid.id]
    assert task.watch() is None


def test_one_faulty_request_ends_no_other(task_of: TaskOf) -> None:
    task = task_of("vae")
    far, grid = MapLatents("p", (0, 7)), Manifold("p", np.eye(2, 3), np.zeros(3), 1.0, 2)
    for request in (far, grid):
        task.receive(request)
    said = [one for one in task.watch() or () if one is not None]
    failures = [one for one in said if isinstance(one, Failure)]
    assert [one.request for one in failures] == [far.id]
    assert "Axes 1 and 8 span no plane; choose two of 1 to 3." in failures[0].sentence
    assert [one.request for one in said if isinstance(one, StripPart)] == [grid.id]


def test_the_manifold_is_a_grid_from_the_top(task_of: TaskOf) -> None:
    task = task_of("vae")
    basis, centre = np.eye(2, 3), np.array([0.5, -0.5, 1.0])
    latents, pixels = strip(task, Manifold("p", basis, centre, 2.0, 3))
    assert pixels.shape == (9, 1, 8, 8)
    wanted = [(0.5 + u, -0.5 + v, 1.0) for v in (2, 0, -2) for u in (-2, 0, 2)]
    assert np.allclose(latents, wanted)
    whole = answer(task, Decode("p", latents)).pixels
    assert np.abs(whole.astype(int) - pixels).max() <= 1


def test_the_manifold_of_a_flow_is_told_the_class(task_of: TaskOf) -> None:
    task = task_of("flow")
    noise = np.random.default_rng(0).normal(size=64).astype(np.float32)
    told_one, untold = (
        strip(task, Manifold("p", np.eye(2, 64), noise, 0.1, 1, label, 1.0))[1] for label in (1, -1)
    )  # fmt: skip
    assert np.abs(told_one.astype(int) - answer(task, Decode("p", noise[None], 1, 1.0)).pixels).max() <= 1
    assert (told_one != untold).any()


def map_of(task: PictureTask, request: MapLatents) -> LatentMap:
    found = answer(task, request)
    assert isinstance(found, LatentMap)
    assert found.basis @ found.basis.T == pytest.approx(np.eye(2), abs=1e-5)
    return found


def test_the_map_is_the_plane_of_the_codes_principal_axes(task_of: TaskOf) -> None:
    task = task_of("vae")
    found = map_of(task, MapLatents("p"))
    count = len(task.opened.pictures.points)
    assert found.indices.tolist() == list(range(count))
    assert np.array_equal(found.labels, task.opened.pictures.labels)
    spots = tuple(Spot(DATA, index=index) for index in range(20))
    codes = answer(task, Place("p", spots)).latents
    assert found.points[:20] == pytest.approx((codes - found.centre) @ found.basis.T, abs=1e-5)
    rest = tuple(Spot(DATA, index=index) for index in range(20, count))
    every = np.concatenate([codes, *(answer(task, Place("p", rest[k : k + 20])).latents for k in (0, 20))])
    variances, axes = np.linalg.eigh(np.cov(every.astype(float).T))
    assert np.abs(axes[:, :0:-1].T @ found.basis.T) == pytest.approx(np.eye(2), abs=1e-3)
    assert found.explained == pytest.approx(variances[:0:-1] / variances.sum(), abs=1e-4)
    assert (found.spreads > 0).all()
    assert np.mean(np.abs(found.points) <= found.extent) >= 0.99


def test_the_map_of_two_axes_has_their_own_numbers(task_of: TaskOf) -> None:
    plane = map_of(task_of("plane"), MapLatents("p", count=10))
    assert np.array_equal(plane.basis, np.eye(2))
    assert np.array_equal(plane.centre, np.zeros(2))
    assert plane.titles == ("z1", "z2")
    assert len(plane.points) == 10
    task = task_of("vae")
    chosen = map_of(task, MapLatents("p", (2, 0)))
    assert chosen.titles == ("z3", "z1")
    assert chosen.centre[[0, 2]].tolist() == [0, 0]
    code = answer(task, Place("p", (Spot(DATA, index=3),))).latents[0]
    assert chosen.points[3] == pytest.approx(code[[2, 0]], abs=1e-5)


@pytest.mark.parametrize("kind", ["gan", "latent-flow"])
def test_a_map_without_an_encoder(kind: str, task_of: TaskOf) -> None:
    found = map_of(task_of(kind), MapLatents("p", count=40))
    assert ((found.indices >= 0).all()) == (kind == "latent-flow"), "a flow goes back by its ODE"
    assert len(found.points) == 40
    assert not found.spreads.any()
    assert found.extent > 1


def test_directions(task_of: TaskOf) -> None:
    found = answer(task_of("vae"), FindDirections("p"))
    assert found.names[:3] == ("z1", "z2", "z3")
    assert found.names[-3:] == NAMES
    assert found.kinds == ("axis",) * 3 + ("principal",) * 3 + ("class",) * 3
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(np.ones(9), abs=1e-5)
    assert np.array_equal(found.vectors[:3], np.eye(3))
    assert (np.diff(found.scales[3:6]) <= 1e-6).all(), "largest first"
    drawn = answer(task_of("gan"), FindDirections("p"))
    assert set(drawn.kinds) == {"axis"}


def test_data_by_class(task_of: TaskOf) -> None:
    task = task_of("vae")
    indices, labels, pixels = answer(task, ShowData("p", 5, 7, 1))
    assert (labels == 1).all()
    assert len(indices) == len(pixels) == 7
    assert indices[0] >= 5
    assert np.array_equal(pixels.reshape(7, -1), task.opened.pictures.points[indices])
    assert len(answer(task, ShowData("p", 50, 60))[0]) == 4


def test_styles(task_of: TaskOf) -> None:
    task = task_of("gan")
    layers = len(task.opened.report().layers)
    plain = answer(task, Style("p", (pure(1),) * layers))
    mixed = answer(task, Style("p", (pure(1),) * (layers - 1) + (pure(2),)))
    assert len(plain.activations) == layers
    assert all(one.ndim == 3 for one in plain.activations)
    assert np.array_equal(plain.activations[0], mixed.activations[0]), "the layers before see nothing of it"
    assert not np.array_equal(plain.activations[-1], mixed.activations[-1])
    decoded = answer(task, Decode("p", answer(task, Place("p", (Spot(SEED, seed=1),))).latents)).pixels
    assert np.abs(plain.pixels.astype(int) - decoded).max() <= 1
    one, other = (answer(task, Style("p", (pure(seed),) * layers, 0.0)).pixels for seed in (1, 2))
    assert np.array_equal(one, other), "at truncation 0 there is only the mean style"


@pytest.mark.parametrize(
    ("kind", "request_", "says"),
    [
        ("vae", Place("p", ()), "no point to place"),
        ("vae", Place("p", (Spot(DATA, index=999),)), "no training picture 999; there are 54"),
        ("vae", Place("p", (Spot(SEED, seed=-1),)), "The seed is -1"),
        ("vae", Place("p", (Spot(FILE, pixels=np.zeros((1, 9, 9), np.uint8)),)), r"this model takes bytes \(1, 8, 8\)"),
        ("vae", Decode("p", np.zeros((1, 4))), r"give \(n, 3\)"),
        ("vae", Decode("p", np.full((1, 3), np.nan)), "not finite"),
        ("vae", Interpolate("p", np.zeros((3, 3)), 2, LERP), "2 frames cannot pass through 3 points"),
        ("vae", Manifold("p", np.eye(2, 3), np.zeros(3), 1.0, 99), "choose 1 to 40"),
        ("vae", Manifold("p", np.eye(2), np.zeros(3), 1.0, 2), "none of this latent space"),
        ("flow", Decode("p", np.zeros((1, 64)), 3), "Class 3 is none of this model's; choose 0 to 2, or -1 for none"),
        ("latent-flow", Place("p", (Spot(SEED, label=-2),)), "Class -2 is none of this model's"),
        ("vae", Style("p", (pure(1),)), "has no styles"),
        ("gan", Style("p", (pure(1),)), "each needs one"),
        ("gan", Place("p", (Spot(DATA, index=1),)), "it has no encoder"),
        ("codes", Decode("p", np.zeros((1, 3))), "no space of latents"),
    ],
)
def test_refusals(kind: str, request_: Any, says: str, task_of: TaskOf) -> None:
    task = task_of(kind)
    try:
        (failure,) = told(task, request_)
        assert isinstance(failure, Failure)
        sentence = failure.sentence
    except Refused as refusal:  # what is short is refused at once
        sentence = str(refusal)
    assert re.search(says, sentence)


def test_of_a_run_as_it_is_now_and_what_is_no_model_of_pictures(checkpoints: Callable[[str], Path]) -> None:
    desk = Desk("cpu")
    train, _ = desk.open(Train("run", picture_recipe("vae")))
    task, report = opened(desk, "run")
    assert (report.step, report.source, report.count) == (0, "run", 54)
    z = np.ones((1, 3), dtype=np.float32)
    before = answer(task, Decode("p", z)).pixels
    for _ in zip(range(5), train.beats(), strict=False):
        pass
    assert np.array_equal(answer(task, Decode("p", z)).pixels, before), "a copy"
    assert opened(desk, "run")[1].step == 5
    desk.open(Train("points", small("realnvp")))
    for source, says in (("points", "draws no pictures"), ("fashion-vea", "Did you mean")):
        with pytest.raises(Refused, match=says):
            opened(desk, source)
    with pytest.raises(Refused, match="choose a checkpoint of a family of pictures"):
        opened(desk, str(_points(checkpoints("vae").parent)))


def _points(folder: Path) -> Path:
    from dgm_studio.lab.native import save

    return save(Run(small("realnvp")), folder / "points")


def test_a_file_is_read_once(checkpoints: Callable[[str], Path]) -> None:
    desk = Desk("cpu")
    one, other = (opened(desk, str(checkpoints("vae")), lane)[0] for lane in "ab")
    assert one.opened is other.opened


def test_without_its_data_a_model_still_decodes(
    checkpoints: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dgm_studio.lab.pictures import picture_model

    def gone(spec: object) -> Any:
        raise Refused("These pictures are not on this machine.")

    monkeypatch.setattr(picture_model, "picturing", gone)
    task, report = opened(Desk("cpu"), str(checkpoints("vae")))
    assert (report.count, report.remark) == (0, "These pictures are not on this machine.")
    pixels = small_pictures(1).pixels[0]
    assert answer(task, Place("p", (Spot(FILE, pixels=pixels), Spot(SEED, seed=3)))).error[0] >= 0
    assert (map_of(task, MapLatents("p", count=30)).indices == -1).all()
    with pytest.raises(Refused, match="not on this machine"):
        told(task, ShowData("p"))


def test_the_lane_has_no_clock_and_forgets_on_closing(task_of: TaskOf) -> None:
    task = task_of("vae")
    assert list(task.beats()) == []
    task.receive(MapLatents("p"))
    task.close()
    assert task.watch() is None
    assert OpenPictures("p", "x").steps == 0
