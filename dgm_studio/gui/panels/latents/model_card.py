"""The models of pictures that ship: which they are, and what the card says of the one that is open."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.checkpoint_head import head_of
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.core.resources import resource
from dgm_studio.gui.panels.model_picker import ModelPicker

SUFFIX = ".safetensors"
FIRST = "fashion-vae"


@cache
def shipped() -> tuple[str, ...]:
    """The names of the models of pictures that come with the studio, the one that is opened first at the front."""
    folder = resource("checkpoints")
    names = sorted(path.stem for path in folder.glob(f"*{SUFFIX}") if head_of(path).pictures)
    return tuple(sorted(names, key=lambda name: name != FIRST))


def first_source() -> str:
    """The model that is opened first, "" where none ships."""
    return shipped()[0] if shipped() else ""


def path_of(source: str) -> Path:
    """The file of a shipped model's name, or of a path."""
    return resource("checkpoints") / f"{source}{SUFFIX}" if source in shipped() else Path(source)


class ModelCard(ModelPicker):
    """Models of pictures."""

    what = "pictures"
    catalogue: Catalogue | None = None

    def ships(self) -> list[str]:
        """The VAE first."""
        return list(shipped())

    def named(self, source: str) -> tuple[str, str]:
        """What the head of the file says, once the catalogue knows the families."""
        told = head_of(path_of(source))
        families = self.catalogue.pictures if self.catalogue is not None else {}
        whose = source if source in shipped() else "a file of your own"
        if told.family not in families:
            return (Path(source).stem or "No model"), whose
        entry = families[told.family]
        title = next((one.title for one in entry.presets if one.id == told.preset), entry.card.title)
        return title, " · ".join(part for part in (whose, _lecture(entry.card.lecture)) if part)

    def show_model(self, report: PictureModelReport) -> None:
        """What the model says of itself."""
        parts = (report.data or Path(self.source).stem, _lecture(report.lecture))
        self.button.show_choice(report.title, " · ".join(part for part in parts if part))


def _lecture(lecture: str) -> str:
    return f"lecture {lecture}" if lecture[:1].isdigit() else lecture


def facts(report: PictureModelReport) -> Mapping[str, str]:
    """Small facts of the model that is open."""
    shape = report.shape
    found = {"Pictures": f"{shape.height} × {shape.width}{', RGB' if shape.channels == 3 else ''}"}
    if report.data:
        found["Data"] = report.data
    if report.latent:
        found["Latent"] = f"{report.latent:,} numbers"
    if report.code[2]:
        found["Code"] = f"{report.code[0]} × {report.code[1]} of {report.code[2]} entries"
    if report.parameters:
        found["Weights"] = f"{report.parameters:,}"
    if report.step:
        found["Trained for"] = f"{report.step:,} steps"
    return found
