"""PROVENANCE.md of the pictures: what was made from what, by which words of which licence."""

from __future__ import annotations

from glyph_faces import FACES
from make_corpora import Package

LICENCES = {
    "fonts-dejavu-core": "Bitstream Vera and Arev (free to use, embed and draw with)",
    "fonts-dejavu-extra": "Bitstream Vera and Arev (free to use, embed and draw with)",
    "fonts-hack": "MIT and Bitstream Vera",
    "fonts-open-sans": "Apache 2.0",
    "fonts-roboto-unhinted": "Apache 2.0",
    "fonts-roboto-slab": "Apache 2.0",
    "fonts-jetbrains-mono": "Apache 2.0",
}
"""Of the fonts that are not under OFL, the licence the package's copyright file names."""
OFL = "SIL Open Font Licence"


def provenance(packages: dict[str, Package], content: dict[str, str]) -> str:
    """The whole file; `content` maps a set to the SHA-256 of its unpacked file."""
    sets = [f"| `{name}.xz` | `{digest}` |" for name, digest in content.items()]
    sources = [f"| {one.name} | {one.version} | `{one.sha256}` |" for one in packages.values()]
    fonts = []
    for font in dict.fromkeys(face.font for face in FACES):
        own = [face for face in FACES if face.font == font]
        licences = " / ".join(dict.fromkeys(LICENCES.get(face.package, OFL) for face in own))
        faces = ", ".join(f"{face.weight} {face.slant}" for face in own)
        fonts.append(f"| {font} | {own[0].style} | {faces} | {licences} |")
    return TEXT.format(sets="\n".join(sets), sources="\n".join(sources), fonts="\n".join(fonts))


TEXT = """# Where the pictures come from

Made by `packaging/make_pictures.py`, which says how and makes them again (`--check` compares). The checksums are of the
unpacked files, whose form `dgm_studio/data/pictures/stored.py` describes.

| file | SHA-256 of what is in it |
| --- | --- |
{sets}

| Debian package | version | SHA-256 of the .deb |
| --- | --- | --- |
{sources}

## fashion-mnist.xz

A subset of Fashion-MNIST (Han Xiao, Kashif Rasul, Roland Vollgraf: Fashion-MNIST: a novel image dataset for
benchmarking machine learning algorithms, 2017; github.com/zalandoresearch/fashion-mnist): the first 1,500 pictures of
each of the ten classes of the training set, to learn from, and the first 200 of each of the test set, held out. The
pictures are unchanged; their order is the data set's own but for one of each class at the front.

Licence: MIT ("Expat" in the package's copyright file), copyright 2017 Zalando SE, https://tech.zalando.com:

> Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
> documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
> rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
> persons to whom the Software is furnished to do so, subject to the following conditions:
>
> The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
> Software.
>
> THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
> WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
> COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
> OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

## glyphs.xz

Capitals, small letters and digits, drawn by Pillow at 28 × 28 in the faces below, each upright and once turned by 12 to
30 degrees to either side, in a random order of which the last 1,200 are held out. A picture is a drawing made with a
font, not a copy of the font's software; the fonts' licences set no condition on such drawings. The files of the fonts
themselves are not in DGM Studio (its own typefaces lie in `resources/fonts`).

| font | style | faces | licence |
| --- | --- | --- | --- |
{fonts}
"""
