"""A run: one model being trained from a recipe, with its data, its live edits and the record of its losses."""

from __future__ import annotations

import copy
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.knobs import Value, fill, find_knob, knobs_of
from dgm_studio.core.recipe import SEED_LIMIT, Edit, Recipe
from dgm_studio.core.reports import LAW, TRAINING_POINTS, Beat, RunReport
from dgm_studio.data.source import Resolved
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.families import family_for
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.solver_knobs import unfit_of
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.learnt_data import HELD_AS, LearntFrom, built, of_other_shape, resolved, shape_of
from dgm_studio.lab.onward import no_branch
from dgm_studio.lab.picture_data import PictureData
from dgm_studio.lab.scene import PictureScene, Scene, TextScene
from dgm_studio.lab.text_data import TextData
from dgm_studio.lab.time_machine import Keyframe
from dgm_studio.nets.init import init
from dgm_studio.paths.exact import ExactField

INIT, TRAIN, LOOK = 0, 1, 2
"""Salts: weights, training and views own separate generators, so that looking never changes a run."""

DATA = "data"
"""The knob name under which a change of data stands among a recipe's edits."""


class Run:
    """A model at some step. Built from a recipe it stands at step 0 and will apply the recipe's edits as it passes
    them; `recipe` always tells how it came to be where it is.
    """

    def __init__(self, recipe: Recipe, device: str = "cpu") -> None:
        family = family_for(recipe.family, recipe.data)
        self.device = torch.device(device)
        if not 0 <= recipe.seed < SEED_LIMIT:
            raise Refused(f"The seed is {recipe.seed}; it must be a whole number from 0 to {SEED_LIMIT - 1}.")
        self._recipe = replace(
            recipe,
            design=vars(fill(family.Design, recipe.design)),
            training=vars(fill(family.Training, recipe.training)),
            sampling=vars(fill(family.Sampling, recipe.sampling)),
            edits=(),
            step=0,
        )
        self._pending = list(recipe.edits)
        self.remark = ""
        """What a person should know of a run that was opened from a file, "" for nothing."""
        self.sampling: Any = fill(family.Sampling, recipe.sampling)
        design: Any = fill(family.Design, recipe.design)
        self.data = resolved(family, recipe.data, recipe.seed, design)
        _refuse(family.refuses_data(*shape_of(self.data)))
        with torch.device("meta"):
            model = built(family, design, self.data)
        init(model, self.generator(INIT), self.device)
        if isinstance(model, TextFamily) and isinstance(self.data, TextData):
            model.begin(self.data.vocabulary, self._tensors(self.data)[0])
        if isinstance(model, PictureFamily) and isinstance(self.data, PictureData):
            model.begin(self.data.told)
        if recipe.teacher:
            from dgm_studio.lab.teacher import teach  # it loads a checkpoint, which builds a run

            teach(model, recipe.teacher, device)
        training: Any = fill(family.Training, recipe.training)
        _refuse(model.refuses(training))
        model.prepare(training)
        points, labels = self._tensors(self.data, model)
        self.fit = Fit(model, training, points, labels, self.generator(TRAIN))
        self.losses: dict[str, tuple[array[int], array[float]]] = {}
        self.diverged = False
        self.figures: dict[str, float] = {}
        self._data_memo: dict[Any, Any] = {}

    def generator(self, salt: int) -> torch.Generator:
        """One of the run's own random number generators."""
        return torch.Generator(self.device).manual_seed(self._recipe.seed * 7_919 + salt)

    @property
    def model(self) -> Family:
        """The live model."""
        return self.fit.model

    @property
    def points_data(self) -> Resolved:
        """The data of a family of points; Refused where it is one of text or of pictures."""
        if isinstance(self.data, TextData):
            raise Refused(f"{self.model.card.title} writes text, it has no points. Use dgm-studio unmask.")
        if isinstance(self.data, PictureData):
            raise Refused(f"{self.model.card.title} draws pictures here, it has no points.")
        return self.data

    @property
    def recipe(self) -> Recipe:
        """How to get here: the edits made so far and the step reached."""
        return replace(self._recipe, sampling=dict(vars(self.sampling)), step=self.fit.step)

    @property
    def ahead(self) -> Recipe:
        """The recipe whose edits are those that are still to come."""
        return replace(self._recipe, edits=tuple(self._pending))

    def report(self, path: str = "", *, whole: bool = True) -> RunReport:
        """What this run is, for the window; with `whole` also its losses from step 0, for a curve to be drawn anew."""
        own = {*vars(self.fit.training), *vars(self.sampling)}  # a family may inherit more reasons than knobs
        return RunReport(
            recipe=self.recipe,
            parameters=sum(p.numel() for p in self.model.parameters()),
            shows=self.model.card.shows,
            beats=self.model.beats(self.fit.training),
            restored_losses=self.loss_arrays() if whole else None,
            path=path,
            noise=noise_axes(self.model),
            columns=self.model.dim,
            idle={name: why for name, why in self.model.idle(self.fit.training).items() if name in own},
            exact=self._exact(),
            remark=self.remark,
            unfit=unfit_of(self.model),
            no_branch=no_branch(self.model),
        )

    def _exact(self) -> str:
        """Whose field a film can be walked along; see RunReport."""
        model = self.model
        if not isinstance(self.data, Resolved):
            return ""
        if not (model.gaussian_source and hasattr(model, "path") and hasattr(model, "along")):
            return ""
        return TRAINING_POINTS if self.data.mixture.is_finite_data else LAW

    def loss_arrays(self) -> dict[str, tuple[Array, Array]]:
        """Each scalar's (steps (k,), values (k,))."""
        return {
            name: (frozen(np.array(steps, dtype=np.int64)), frozen(np.array(values, dtype=np.float64)))
            for name, (steps, values) in self.losses.items()
        }

    def beats(self) -> Iterator[Beat]:
        """Train without end; edits of the recipe that are still ahead are applied as they come."""
        while True:
            while self._pending and self._here >= (self._pending[0].step, self._pending[0].beat):
                edit = self._pending.pop(0)
                self._apply(edit)
                self._recipe = self._recipe.edited(edit)
            try:
                beat = self.fit.next_beat()
            except Diverged:
                self.diverged = True
                raise
            self.diverged = False
            for name, value in beat.values.items():
                if name not in self.losses:
                    self.record(name, (), ())
                steps, values = self.losses[name]
                steps.append(beat.step)
                values.append(value)
            yield beat

    def steps(self, count: int) -> Iterator[Beat]:
        """The beats of `count` whole steps."""
        goal = self.fit.step + count
        for beat in self.beats():
            yield beat
            if self.fit.step >= goal:
                return

    @property
    def _here(self) -> tuple[int, int]:
        return (self.fit.step, self.fit.beat)

    def resume(
        self, recipe: Recipe, tensors: Mapping[str, torch.Tensor], meta: Mapping[str, Any], ahead: Iterable[Edit] = ()
    ) -> None:
        """Stand where a saved run stood: `recipe` is its history, `tensors` and `meta` its Fit.state(), `ahead` are
        edits that it had not reached."""
        self.fit.restore(tensors, meta)
        self._recipe, self._pending = recipe, list(ahead)
        # The tokens are those of the data the model began with: data that were edited in since are cut anew.
        if isinstance(self.data, TextData) and self._vocabulary != self.data.vocabulary:
            self.data = self._resolve(recipe.data_now())
            self.fit.set_data(*self._tensors(self.data))
        if isinstance(self.data, PictureData):  # so are the words of captions
            points, labels = self._tensors(self.data)
            if not torch.equal(labels, self.fit.labels):
                self.fit.set_data(points, labels)

    def record(self, name: str, steps: Iterable[int], values: Iterable[float]) -> None:
        """Put scalars into the record of losses, as a restored run does."""
        own_steps, own_values = self.losses.setdefault(name, (array("q"), array("d")))
        own_steps.extend(steps)
        own_values.extend(values)

    # Live edits.

    def change_training(self, knob: str, value: Value) -> None:
        """A Training knob takes another value from the next beat on; recorded in the recipe."""
        self._edit(knob, value)

    def change_data(self, data: DataSpec) -> None:
        """Go on from the present weights on other data; recorded in the recipe."""
        self._edit(DATA, data)

    def change_sampling(self, knob: str, value: Value) -> None:
        """A Sampling knob: changes what is shown, never the run."""
        self.sampling = self.sampling_with({knob: value})

    def sampling_with(self, values: Mapping[str, Value]) -> Any:
        """The run's Sampling with some knobs replaced, checked; the run itself stays as it is."""
        return fill(type(self.sampling), {**vars(self.sampling), **values})

    def _edit(self, knob: str, value: Value | DataSpec) -> None:
        edit = Edit(self.fit.step, knob, value, self.fit.beat)
        self._apply(edit)
        self._recipe = self._recipe.edited(edit)
        self._pending.clear()  # another future than the one that was written

    def _apply(self, edit: Edit) -> None:
        if isinstance(edit.value, DataSpec):
            data = self._resolve(edit.value)
            _refuse(self.model.refuses_data(*shape_of(data)) or of_other_shape(self.model, data))
            before, self.data = self.data, data
            try:
                self.fit.set_data(*self._tensors(self.data))
            except Refused:
                self.data = before
                raise
            self._data_memo = {}
        else:
            own = find_knob(knobs_of(type(self.fit.training)), edit.knob)
            training = replace(self.fit.training, **{edit.knob: own.check(edit.value)})
            _refuse(self.model.refuses(training))
            self.model.prepare(training)
            self.fit.training = training

    def go_back(self, rate_factor: float = 1.0) -> None:
        """Return to the last good keyframe, with the learning rate it had there multiplied by `rate_factor`: an edit
        made since, which may be what diverged, is undone."""
        self.fit.go_back()
        self.diverged = False
        kept = tuple(edit for edit in self._recipe.edits if (edit.step, edit.beat) <= self._here)
        dropped = self._recipe.edits[len(kept) :]
        self._recipe = replace(self._recipe, edits=kept)
        self.fit.training = fill(type(self.fit.training), self._recipe.training_now())
        if any(edit.knob == DATA for edit in dropped):
            self._apply(Edit(self.fit.step, DATA, self._recipe.data_now()))
        self._cut_losses()
        if rate_factor != 1.0:
            own = find_knob(knobs_of(type(self.fit.training)), "learning_rate")
            rate = float(self.fit.training.learning_rate) * rate_factor
            self._edit("learning_rate", max(own.low or 0.0, rate))

    def move(self, device: str) -> None:
        """Go on on another device; random numbers there begin a stream of their own, so the run is another one."""
        tensors, meta = self.fit.state()
        self.device = torch.device(device)
        moved = copy.deepcopy(self.model).to(self.device)
        points, labels = self._tensors(self.data)
        generator = self.generator(TRAIN + self.fit.step)
        fit = Fit(moved, self.fit.training, points, labels, generator)
        fit.restore({**tensors, "generator": generator.get_state()}, meta)
        self.fit, self._data_memo = fit, {}

    def _resolve(self, spec: DataSpec) -> LearntFrom:
        return resolved(type(self.model), spec, self._recipe.seed, self.model.design, self._vocabulary)

    @property
    def _vocabulary(self) -> Vocabulary | None:
        return self.model.vocabulary if isinstance(self.model, TextFamily) else None

    # Looking.

    def scene(self, into: Family | None = None, at: Keyframe | None = None) -> Scene:
        """This moment, or a keyframe's, frozen: a copy of the model (into an earlier, if given), its data and their
        exact law."""
        if at is None:
            model, data, step, training = self.fit.shadow(into), self.data, self.fit.step, self.fit.training
        else:
            model, data, step = self.fit.shadow_of(at.tensors, into), at.data, at.step
            training = fill(type(self.fit.training), at.recipe.training_now())
        same_data = data is self.data
        points, labels = (self.fit.points, self.fit.labels) if same_data else self._tensors(data)
        memo = self._data_memo if same_data else {}
        if isinstance(data, TextData):
            held_out = torch.tensor(np.array(data.held_out), device=self.device)
            return TextScene(
                model, self.sampling, points, labels, None, None, None,  # type: ignore[arg-type]  # see TextScene
                self._recipe.seed * 7_919 + LOOK, step, data_memo=memo, training=training, held_out=held_out,
                vocabulary=data.vocabulary,
            )  # fmt: skip
        if isinstance(data, PictureData):
            if "held_out" not in memo:
                memo["held_out"] = torch.tensor(np.array(data.held_out), device=self.device)
            return PictureScene(
                model, self.sampling, points, labels, None, None, None,  # type: ignore[arg-type]  # see PictureScene
                self._recipe.seed * 7_919 + LOOK, step, data_memo=memo, training=training, held_out=memo["held_out"],
                data=data,
            )  # fmt: skip
        path = getattr(model, "path", None) if model.gaussian_source else None
        if path is not None and "exact" not in memo:
            memo["exact"] = ExactField(data.mixture, path, self.device)
        return Scene(
            model=model,
            sampling=self.sampling,
            points=points,
            labels=labels,
            mixture=data.mixture,
            exact=memo["exact"] if path is not None else None,
            data_set=data.data_set,
            seed=self._recipe.seed * 7_919 + LOOK,
            step=step,
            data_memo=memo,
            training=training,
        )

    # The time machine's side.

    def keyframe(self) -> Keyframe:
        """This moment, copied, so that `return_to` goes on bit for bit as the run did."""
        tensors, meta = self.fit.state()
        recipe = replace(self._recipe, step=self.fit.step)
        return Keyframe({name: tensor.detach().clone() for name, tensor in tensors.items()}, meta, recipe, self.data)

    def return_to(self, moment: Keyframe, losses: Mapping[str, tuple[Array, Array]] | None = None) -> None:
        """Stand where a keyframe stood, with the losses up to it, or those given."""
        if moment.data is not self.data:
            self.data, self._data_memo = moment.data, {}
            self.fit.set_data(*self._tensors(moment.data))
        self.fit.training = fill(type(self.fit.training), moment.recipe.training_now())
        self.fit.restore(moment.tensors, moment.meta)
        self._recipe, self.diverged = moment.recipe, False
        self._pending.clear()
        if losses is not None:
            self.losses = {name: (array("q", s.tolist()), array("d", v.tolist())) for name, (s, v) in losses.items()}
        self._cut_losses()

    def _cut_losses(self) -> None:
        """What was recorded after the present step never was."""
        for name, (steps, values) in self.losses.items():
            count = int(np.searchsorted(np.array(steps), self.fit.step, side="right"))
            self.losses[name] = (steps[:count], values[:count])

    def _tensors(self, data: LearntFrom, model: Family | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """The data as the model learns from them; of the run's own model where none is given."""
        points = torch.tensor(np.array(data.points, dtype=HELD_AS[type(data)]), device=self.device)
        labels = data.labels
        if isinstance(data, PictureData):
            own = self.model if model is None else model
            assert isinstance(own, PictureFamily)
            labels = own.conditions(labels, data.told)
        return points, torch.tensor(np.array(labels), device=self.device)


def noise_axes(model: Family) -> int:
    """k of the start noise (n, k): asked of the prior itself, of a generator of no use."""
    return int(model.prior(1, torch.Generator(model.device)).shape[1])


def _refuse(reason: str) -> None:
    if reason:
        raise Refused(reason)
