"""What a picture of the gallery is called: in a caption, in a tooltip, in the read-outs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dgm_studio.core.gallery import CHOICE, SEED, GalleryTile, Making
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.gui.panels.checkpoints.gallery_wish import Setting, Source
from dgm_studio.gui.panels.latents.denoise_form import told_classes


def title_of(path: str) -> str:
    """A file's own name."""
    own = Path(path)
    return own.stem if own.suffix == ".safetensors" else own.name


def chosen_words(choice: Mapping[str, str]) -> str:
    """What was chosen instead of what was found."""
    return ", ".join(f"{name} {value}" for name, value in sorted(choice.items()))


def head_of_row(source: Source, report: PictureModelReport | None, refusal: str) -> tuple[str, str]:
    """Title and second line of a row."""
    step = f"step {report.step:,}" if report is not None and report.step else ""
    words = " · ".join(part for part in (chosen_words(source.choice), step) if part)
    return title_of(source.path), "cannot be opened" if refusal else words or (
        report.title if report is not None else ""
    )


def caption_of(making: Making, setting: Setting | None) -> str:
    """The word under a tile, or over a column: its seed, or the swept setting's value."""
    if setting is None:
        return f"seed {making.seed}"
    return setting.word(value_of(making, setting.id))


def value_of(making: Making, setting: str) -> bool | int | float | str:
    """What a making has of a setting."""
    if setting.startswith(CHOICE):
        return making.choice.get(setting.removeprefix(CHOICE), "")
    if setting in (SEED, "label", "gamma"):
        return getattr(making, setting)  # type: ignore[no-any-return]
    return making.sampling[setting]


def facts_of(
    making: Making, tile: GalleryTile | None, report: PictureModelReport | None
) -> tuple[tuple[str, str], ...]:
    """Small facts of one picture."""
    lines = [("File", title_of(making.source)), ("Seed", str(making.seed))]
    names = told_classes(report) if report is not None else ()
    if 0 <= making.label < len(names):
        lines += [("Class", names[making.label]), ("Guidance γ", f"{making.gamma:g}")]
    elif names:
        lines.append(("Class", "none told"))
    lines += [(name.capitalize(), str(value)) for name, value in sorted(making.choice.items())]
    own = {**(report.sampling if report is not None else {}), **making.sampling}
    lines += [(name.capitalize(), _text(own[name])) for name in ("solver", "steps", "eta") if name in own]
    lines += [
        (name.capitalize(), _text(value)) for name, value in sorted(making.sampling.items())
        if name not in ("solver", "steps", "eta")
    ]  # fmt: skip
    if tile is not None and tile.evaluations:
        lines.append(("Network calls", f"{tile.evaluations:,}"))
    return tuple(lines)


def tooltip_of(making: Making, report: PictureModelReport | None) -> str:
    """All of it, for under the pointer."""
    return "\n".join(f"{name}: {value}" for name, value in facts_of(making, None, report))


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
