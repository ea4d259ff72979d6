"""The desk: the engine's backend. It makes tasks from requests, and answers what belongs to no lane."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.comparing import Converge
from dgm_studio.core.errors import Refused
from dgm_studio.core.exact_source import exact_parts
from dgm_studio.core.gallery import ShowGallery
from dgm_studio.core.knobs import Value
from dgm_studio.core.likelihood import Weigh
from dgm_studio.core.picture_requests import Denoise, OpenPictures, ReadPictures
from dgm_studio.core.reports import Answer, Failure, Report
from dgm_studio.core.requests import (
    Device,
    Import,
    Inspect,
    Open,
    Opening,
    Race,
    ReadTeacher,
    ReadText,
    Remember,
    Request,
    Shoot,
    Study,
    Train,
    Unmask,
)
from dgm_studio.data.source import Resolved
from dgm_studio.lab.catalogue import build_catalogue
from dgm_studio.lab.checkpoints.gallery_task import GalleryTask
from dgm_studio.lab.checkpoints.points_desk import PointsDesk, report_of
from dgm_studio.lab.comparing.converge_task import ConvergeTask
from dgm_studio.lab.comparing.shared import References
from dgm_studio.lab.exact_source import ExactDesk, exact_report
from dgm_studio.lab.explain import explain
from dgm_studio.lab.film_desk import FilmDesk
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.import_task import ImportTask
from dgm_studio.lab.learnt_data import preparing
from dgm_studio.lab.likelihood_task import LikelihoodTask
from dgm_studio.lab.native import load
from dgm_studio.lab.native_films import NativeFilms
from dgm_studio.lab.pictures.picture_desk import PictureDesk
from dgm_studio.lab.pictures.picture_film_task import PictureFilmTask
from dgm_studio.lab.pictures.picture_task import PictureTask
from dgm_studio.lab.race import RaceTask
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.study_task import StudyTask
from dgm_studio.lab.teacher_task import TeacherTask
from dgm_studio.lab.time_machine import LIMIT
from dgm_studio.lab.train_task import TrainTask
from dgm_studio.lab.unmask_task import UnmaskTask

Task = (
    TrainTask
    | FilmTask
    | ImportTask
    | RaceTask
    | StudyTask
    | TeacherTask
    | UnmaskTask
    | PictureTask
    | PictureFilmTask
    | GalleryTask
    | LikelihoodTask
    | ConvergeTask
)


class Desk:
    """Knows the training and the film lanes by name, and the device: the one wished for where the machine has it."""

    def __init__(self, device: str = "", threads: int = 1) -> None:
        self.device = device if device in devices() else best_device()
        torch.set_num_threads(max(1, threads))
        self._megabytes: float = LIMIT
        self._runs: dict[str, TrainTask] = {}
        self._films: dict[str, FilmTask] = {}
        self._points = PointsDesk()
        self._natives = NativeFilms()
        self._exact = ExactDesk()
        self._references = References()
        self._texts = FilmDesk()
        self._pictures = PictureDesk()

    def catalogue(self) -> Catalogue:
        """Everything the window can know without running it."""
        return build_catalogue(devices())

    def prepare(self, request: Opening) -> Iterator[None]:
        """A text is cut, pictures are unpacked before their run is built; a model of pictures is read."""
        if isinstance(request, OpenPictures):
            return self._pictures.preparing(request, self._open_runs(), self.device)
        if isinstance(request, Unmask):
            return self._texts.preparing(request, self._open_runs(), self.device)
        if isinstance(request, Shoot) and self._elsewhere(request.source):
            return self._points.preparing(request, self.device)
        return preparing(request.recipe) if isinstance(request, Train) else iter(())

    def open(self, request: Opening) -> tuple[Task, Iterable[Report]]:
        """A training lane from a recipe or a file, a race of several, a film lane of a training lane, a small scene."""
        match request:
            case Train(recipe=recipe, asks=asks):
                return self._train(request.lane, Run(recipe, self.device), asks, "")
            case Open(path=path, asks=asks):
                return self._train(request.lane, load(path, self.device), asks, path)
            case Race(recipes=recipes, pace=pace, asks=asks):
                race = RaceTask((Run(recipe, self.device) for recipe in recipes), pace, asks)
                return race, (race.report(),)
            case Study():
                return StudyTask(request), ()
            case Inspect() | Import() | ReadText() | ReadPictures():
                return ImportTask(request), ()
            case ReadTeacher():
                return TeacherTask(request), ()
            case Unmask():
                film = self._texts.open(request, self._open_runs(), self.device)
                return film, film.reports()
            case OpenPictures():
                opened = self._pictures.open(request, self._open_runs(), self.device)
                return opened, opened.reports()
            case Denoise():
                making = self._pictures.film(request)
                return making, making.reports()
            case ShowGallery():
                gallery = self._pictures.gallery(request, self.device)
                return gallery, gallery.reports()
            case Converge():
                return self._converge(request), ()
            case Shoot(source=source):
                return self._shoot(request, source)
            case Weigh():
                return self._weigh(request)
        raise TypeError(f"the desk knows no {type(request).__name__}")

    def receive(self, request: Request) -> Iterable[Report]:
        """Device, Remember."""
        match request:
            case Remember(megabytes=megabytes):
                self._megabytes = megabytes
                for task in self._open_runs().values():
                    task.time.set_limit(megabytes)
                return (Answer(request.id, megabytes),)
            case Device(device=device, threads=threads):
                return self._move(device, threads, request.id)
        raise TypeError(f"the desk knows no {type(request).__name__}")

    def explain(self, error: BaseException, request: int) -> Failure:
        """See lab.explain."""
        return explain(error, request)

    def _train(self, lane: str, run: Run, asks: tuple[Ask, ...], path: str) -> tuple[TrainTask, Iterable[Report]]:
        task = TrainTask(run, asks, path, self._megabytes)
        self._runs = {**self._open_runs(), lane: task}
        return task, (run.report(path),)

    def _open_runs(self) -> dict[str, TrainTask]:
        """Those whose lanes have not ended."""
        return {lane: task for lane, task in self._runs.items() if not task.closed}

    def _shoot(self, request: Shoot, source: str) -> tuple[FilmTask, Iterable[Report]]:
        films, own, held = self._open_films(), None, self._held(source, request.sampling)
        if held is not None:
            scene = held
        elif exact_parts(source) is not None:
            scene = self._exact.scene(source, request.sampling, self.device, self._data_of)
        elif self._elsewhere(source):
            scene = self._points.scene(request, self.device)
        elif self._natives.has(source):
            scene, own = self._natives.scene(request, self.device)
        else:
            raise Refused("There is no model to film yet. Train one, or open a checkpoint.")
        film = FilmTask(scene, request, self._references)
        self._films = {**films, request.lane: film}
        told = own or exact_report(scene) or report_of(scene)
        return film, (told,) if told is not None else ()

    def _converge(self, request: Converge) -> ConvergeTask:
        scene = self._held(request.source, request.sampling)
        if scene is None and exact_parts(request.source) is not None:
            scene = self._exact.scene(request.source, request.sampling, self.device, self._data_of)
        if scene is None:
            raise Refused("There is no model to compare solvers on yet. Train one, or film one.")
        return ConvergeTask(scene, request, self._references)

    def _weigh(self, request: Weigh) -> tuple[LikelihoodTask, Iterable[Report]]:
        scene = self._held(request.source, request.sampling)
        if scene is None:
            raise Refused("There is no model to ask for a likelihood yet. Train one, or open a checkpoint.")
        return LikelihoodTask(scene, request), ()

    def _held(self, source: str, sampling: Mapping[str, Value]) -> Scene | None:
        """The model of a training lane as it is now, or of a film lane as it was filmed, with these Sampling values;
        None where there is no lane of that name."""
        task, film = self._open_runs().get(source), self._open_films().get(source)
        if task is not None:
            scene = task.run.scene()
            scene.sampling = task.run.sampling_with(sampling)
            return scene
        return None if film is None else film.scene_with(sampling)

    def _data_of(self, lane: str) -> Resolved:
        """What the training lane of that name learns from."""
        task = self._open_runs().get(lane)
        if task is None:
            raise Refused("There is no run whose data these could be. Train one, or name a data set.")
        return task.run.points_data

    def _elsewhere(self, source: str) -> bool:
        """Whether this names a file of another program, not a lane."""
        return source not in self._open_runs() and source not in self._open_films() and self._points.has(source)

    def _open_films(self) -> dict[str, FilmTask]:
        return {lane: film for lane, film in self._films.items() if not film.closed}

    def _move(self, device: str, threads: int, request: int) -> Iterable[Report]:
        if device not in devices():
            raise Refused(f"This machine has no device '{device}'. Choose {' or '.join(devices())}.")
        torch.set_num_threads(max(1, threads))
        if device != self.device:
            self.device = device
            for task in self._open_runs().values():
                task.move(device)
            self._texts.move(device)
            self._pictures.move(device)
        return (Answer(request, device),)


def devices() -> tuple[str, ...]:
    """What can compute here, best first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return (*found, "cpu")


def best_device() -> str:
    """CUDA, else Apple's MPS, else the CPU."""
    return devices()[0]
