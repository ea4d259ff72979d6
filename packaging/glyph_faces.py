"""The faces of named open-licence fonts that the glyph set is drawn with, and the drawing of the whole set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from make_corpora import Package

from dgm_studio.core.arrays import Array
from dgm_studio.core.caption import CHARACTERS, SLANTS, STYLES, WEIGHTS
from dgm_studio.data.pictures.glyph import drawings, fine_font

SIZE = 28
SEED = 5
HELD_OUT = 1_200


@dataclass(frozen=True)
class Face:
    """One file of a font."""

    package: str
    font: str
    style: str
    file: str
    weight: str = "regular"
    slant: str = "upright"


def _family(package: str, font: str, style: str, **files: str) -> tuple[Face, ...]:
    """Faces by "weight" or "weight_italic"."""
    faces = []
    for name, file in files.items():
        weight, _, italic = name.partition("_")
        faces.append(Face(package, font, style, file, weight, "italic" if italic else "upright"))
    return tuple(faces)


def _four(package: str, font: str, style: str, stem: str, *, suffix: str = "ttf") -> tuple[Face, ...]:
    """The usual four: stem-Regular, -Italic, -Bold, -BoldItalic."""
    return _family(
        package, font, style, regular=f"{stem}-Regular.{suffix}", regular_italic=f"{stem}-Italic.{suffix}",
        bold=f"{stem}-Bold.{suffix}", bold_italic=f"{stem}-BoldItalic.{suffix}",
    )  # fmt: skip


def _six(package: str, font: str, style: str, stem: str, *, suffix: str = "ttf") -> tuple[Face, ...]:
    """The four and two light ones."""
    files = {"light": f"{stem}-Light.{suffix}", "light_italic": f"{stem}-LightItalic.{suffix}"}
    return _family(package, font, style, **files) + _four(package, font, style, stem, suffix=suffix)


def _dejavu(font: str, style: str, stem: str, oblique: str) -> tuple[Face, ...]:
    """Upright faces are in one package, slanted ones in another."""
    return (
        Face("fonts-dejavu-core", font, style, f"{stem}.ttf"),
        Face("fonts-dejavu-core", font, style, f"{stem}-Bold.ttf", "bold"),
        Face("fonts-dejavu-extra", font, style, f"{stem}-{oblique}.ttf", "regular", "italic"),
        Face("fonts-dejavu-extra", font, style, f"{stem}-Bold{oblique}.ttf", "bold", "italic"),
    )


FACES = (
    *_four("fonts-croscore", "Tinos", "serif", "Tinos"),
    *_dejavu("DejaVu Serif", "serif", "DejaVuSerif", "Italic"),
    *_family(
        "fonts-linuxlibertine", "Linux Libertine", "serif", regular="LinLibertine_R.otf",
        regular_italic="LinLibertine_RI.otf", bold="LinLibertine_RB.otf", bold_italic="LinLibertine_RBI.otf",
    ),
    *_four("fonts-vollkorn", "Vollkorn", "serif", "Vollkorn"),
    *_four("fonts-crosextra-caladea", "Caladea", "serif", "Caladea"),
    *_four("fonts-stix", "STIX", "serif", "STIX", suffix="otf"),
    *_four("fonts-croscore", "Arimo", "sans", "Arimo"),
    *_dejavu("DejaVu Sans", "sans", "DejaVuSans", "Oblique"),
    *_six("fonts-lato", "Lato", "sans", "Lato"),
    *_six("fonts-open-sans", "Open Sans", "sans", "OpenSans"),
    *_six("fonts-roboto-unhinted", "Roboto", "sans", "Roboto"),
    *_four("fonts-cabin", "Cabin", "sans", "Cabin", suffix="otf"),
    *_four("fonts-crosextra-carlito", "Carlito", "sans", "Carlito"),
    *_four("fonts-croscore", "Cousine", "mono", "Cousine"),
    *_dejavu("DejaVu Sans Mono", "mono", "DejaVuSansMono", "Oblique"),
    *_four("fonts-hack", "Hack", "mono", "Hack"),
    *_six("fonts-jetbrains-mono", "JetBrains Mono", "mono", "JetBrainsMono"),
    *_family(
        "fonts-courier-prime", "Courier Prime", "mono", regular="Courier Prime.otf",
        regular_italic="Courier Prime Italic.otf", bold="Courier Prime Bold.otf",
        bold_italic="Courier Prime Bold Italic.otf",
    ),
    *_family(
        "fonts-roboto-slab", "Roboto Slab", "slab", light="RobotoSlab-Light.otf", regular="RobotoSlab-Regular.otf",
        bold="RobotoSlab-Bold.otf",
    ),
    *_family("fonts-dancingscript", "Dancing Script", "script", regular="DancingScript-Regular.otf",
             bold="DancingScript-Bold.otf"),
    *_family("fonts-lobstertwo", "Lobster Two", "script", regular="LobsterTwo-Regular.otf",
             regular_italic="LobsterTwo-Italic.otf", bold="LobsterTwo-Bold.otf"),
    *_six("fonts-comic-neue", "Comic Neue", "script", "ComicNeue", suffix="otf"),
)  # fmt: skip


def file_of(face: Face, root: Path) -> Path:
    """Where the face lies in its unpacked package."""
    return sorted(root.rglob(face.file))[0]


def glyphs(packages: dict[str, Package]) -> tuple[dict[str, object], Array, dict[str, Array], Array]:
    """Head, labels, traits and pictures of the set: every character of every face, upright and turned, in a random
    order that depends on nothing but SEED."""
    fonts = tuple(dict.fromkeys((face.font, face.style) for face in FACES))
    draw = np.random.default_rng(SEED)
    pixels, rows = [], []
    for face in FACES:
        font = fine_font(str(file_of(face, packages[face.package].root)), SIZE)
        own = (fonts.index((face.font, face.style)), WEIGHTS.index(face.weight), SLANTS.index(face.slant))
        for label, character in enumerate(CHARACTERS):
            for picture, turned in drawings(font, character, SIZE, draw):
                pixels.append(picture)
                rows.append((label, *own, int(turned)))
    order = draw.permutation(len(rows))
    label, font_of, weight, slant, turned_of = np.array(rows, dtype=np.uint8)[order].T
    head: dict[str, object] = {
        "learnt": len(rows) - HELD_OUT, "held_out": HELD_OUT, "names": list(CHARACTERS),
        "fonts": [name for name, _ in fonts], "styles": [style for _, style in fonts],
    }  # fmt: skip
    assert {style for _, style in fonts} == set(STYLES)
    traits = {"font": font_of, "weight": weight, "slant": slant, "rotated": turned_of}
    return head, label, traits, np.stack(pixels)[order][:, None]
