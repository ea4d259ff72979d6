"""A model of text opened for sampling: from a checkpoint, or as a training run has it now. No corpus is cut for it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from dgm_studio.checkpoints.rebuild.rebuilt import Masked
from dgm_studio.core.checkpoint_head import family_of
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import near
from dgm_studio.core.resources import resource
from dgm_studio.core.slow import finish
from dgm_studio.data.text.corpus import corpora
from dgm_studio.data.text.pieces import WORD
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.families.family import Family
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.checkpoints.foreign_text import ForeignText
from dgm_studio.lab.checkpoints.foreign_words import words_of
from dgm_studio.lab.checkpoints.rebuilding import rebuilding
from dgm_studio.lab.native import SUFFIX, load_model
from dgm_studio.lab.run import Run


@dataclass(frozen=True, eq=False)
class TextModel:
    """A frozen `model` in eval mode with its tokens, the text it learnt from (None where that is not known), and its
    validation figures."""

    model: TextFamily | ForeignText
    vocabulary: Vocabulary
    data: DataSpec | None
    figures: dict[str, float] = field(default_factory=dict)
    name: str = ""

    @property
    def title(self) -> str:
        """The text and what it is cut into: "King James Bible, words"; of another's checkpoint its own name."""
        if self.data is None:
            return self.name
        known = corpora()
        text = known[self.data.name].card.title if self.data.name in known else self.data.title
        return f"{text}, {'words' if self.vocabulary.kind == WORD else 'characters'}"

    @property
    def parameters(self) -> int:
        """How many weights."""
        return sum(weight.numel() for weight in self.model.parameters())

    @property
    def own_length(self) -> bool:
        """Whether a text is as long as the model's window unless another length is asked for. A masked language model
        reads sentences of any length: there a prompt is as long as it is written."""
        return self.data is not None


def of_run(run: Run) -> TextModel:
    """A copy of the run's model as it is now; Refused where it is no model of text."""
    model = _text(run.fit.shadow() if isinstance(run.model, TextFamily) else run.model)
    return TextModel(model, model.vocabulary, run.recipe.data_now(), dict(run.figures))


def open_text(path: Path, device: str) -> TextModel:
    """See `opening_text`."""
    return finish(opening_text(path, device))


def opening_text(
    path: Path, device: str, choice: Mapping[str, str] = MappingProxyType({})
) -> Generator[None, None, TextModel]:
    """The model of a native checkpoint, its averaged weights where there are any, or of a masked language model's that
    others wrote, with what a person chose of its settings, in slices; Refused where it is none of text."""
    if path.is_dir() or not family_of(path):
        rebuilt = yield from rebuilding(path, choice, device)
        if not isinstance(rebuilt, Masked):
            raise Refused(f"'{path.name}' holds no language model. Open it in the Checkpoints panel.")
        return TextModel(ForeignText(rebuilt), words_of(rebuilt), None, dict(rebuilt.figures), rebuilt.title)
    model, recipe, figures, _ = load_model(path, device)
    return TextModel(model, model.vocabulary, recipe.data_now(), figures)


def checkpoint(source: str) -> Path:
    """The file that `source` names: a path, or the bare name of a model that ships."""
    own = Path(source).expanduser()
    if source and own.exists():
        return own
    shipped = {path.stem: path for path in resource("checkpoints").glob(f"*{SUFFIX}")}
    if source in shipped:
        return shipped[source]
    close = near(source, shipped)
    known = f"Did you mean {' or '.join(close)}?" if close else f"Those that ship are {', '.join(sorted(shipped))}."
    raise Refused(
        f"There is no file '{source}', and no model that ships has this name. {known if shipped else ''}".strip()
    )


def _text(model: Family) -> TextFamily:
    if not isinstance(model, TextFamily):
        raise Refused(f"{model.card.title} learns points, it writes no text. Train a family of text, or open one.")
    return model
