#!/usr/bin/env python3
"""Makes resources/pictures/: the pictures that ship, and PROVENANCE.md beside them.

    python packaging/make_pictures.py            # writes resources/pictures/
    python packaging/make_pictures.py --check    # makes them anew in memory and says whether they are the same

Needs a Debian system (apt-get, its package lists updated, and dpkg-deb) and the program's own environment (numpy,
Pillow); run it as any user. The packages are downloaded and unpacked into a temporary folder; nothing is installed.
Two runs on the same versions of the packages and of Pillow give the same pictures.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import sys
import tempfile
from pathlib import Path

import numpy as np
from glyph_faces import FACES, Face, glyphs
from make_corpora import Package, fetched, sha256
from picture_provenance import provenance

from dgm_studio.core.arrays import Array

PICTURES = Path(__file__).resolve().parent.parent / "resources" / "pictures"
FASHION = "dataset-fashion-mnist"
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
LEARNT, HELD_OUT = 1_500, 200
"""Of each kind of clothes."""


def archive(name: str) -> Path:
    """Where the set lies."""
    return PICTURES / f"{name}.xz"


def packed(head: dict[str, object], labels: Array, traits: dict[str, Array], pixels: Array) -> bytes:
    """The file's content before compression: see dgm_studio.data.pictures.stored."""
    columns = b"".join(np.asarray(one, dtype=np.uint8).tobytes() for one in (labels, *traits.values()))
    body = {"shape": list(pixels.shape[1:]), **head, **({"traits": list(traits)} if traits else {})}
    return json.dumps(body).encode() + b"\n" + columns + np.asarray(pixels, dtype=np.uint8).tobytes()


def read_idx(path: Path) -> Array:
    """An IDX file of unsigned bytes, gzipped: two zero bytes, type 8, the number of axes, their sizes, the bytes."""
    content = gzip.decompress(path.read_bytes())
    if content[:3] != b"\0\0\x08":
        sys.exit(f"{path.name} is no IDX file of bytes: the package has changed.")
    axes = content[3]
    shape = np.frombuffer(content[4 : 4 + 4 * axes], dtype=">u4")
    return np.frombuffer(content[4 + 4 * axes :], dtype=np.uint8).reshape(*map(int, shape))


def first_of_each(labels: Array, count: int) -> Array:
    """Indices of the first `count` of every class in their own order, but the very first of each at the front."""
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == kind)[:count] for kind in range(labels.max() + 1)]))
    front = [int(chosen[labels[chosen] == kind][0]) for kind in range(labels.max() + 1)]
    return np.array([*front, *(one for one in chosen if one not in set(front))])


def fashion(package: Package) -> bytes:
    """A balanced subset of Fashion-MNIST; what is held out is from its test set."""
    folder = package.root / "usr/share/datasets/fashion-mnist"
    pixels, labels = [], []
    for part, count in (("train", LEARNT), ("t10k", HELD_OUT)):
        own = read_idx(folder / f"{part}-labels-idx1-ubyte.gz")
        chosen = first_of_each(own, count)
        labels.append(own[chosen])
        pixels.append(read_idx(folder / f"{part}-images-idx3-ubyte.gz")[chosen, None])
    head = {"learnt": len(labels[0]), "held_out": len(labels[1]), "names": list(CLOTHES)}
    return packed(head, np.concatenate(labels), {}, np.concatenate(pixels))


def made(faces: tuple[Face, ...] = FACES) -> tuple[dict[str, bytes], dict[str, Package]]:
    """The sets by id, and the packages they were made from."""
    with tempfile.TemporaryDirectory() as folder:
        names = (FASHION, *dict.fromkeys(face.package for face in faces))
        packages = {name: fetched(name, Path(folder)) for name in names}
        head, labels, traits, pixels = glyphs(packages)
        sets = {"fashion-mnist": fashion(packages[FASHION]), "glyphs": packed(head, labels, traits, pixels)}
    return sets, packages


def main() -> None:
    """Makes the sets, and writes them or compares them with those that are there."""
    parser = argparse.ArgumentParser(description="Makes the pictures that ship from Debian packages.")
    parser.add_argument("--check", action="store_true", help="compare with resources/pictures and write nothing")
    check = parser.parse_args().check
    sets, packages = made()
    if check:
        differ = [name for name, content in sets.items() if lzma.decompress(archive(name).read_bytes()) != content]
        sys.exit(f"Different: {', '.join(differ)}" if differ else 0)
    PICTURES.mkdir(parents=True, exist_ok=True)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 24}]
    for name, content in sets.items():
        archive(name).write_bytes(lzma.compress(content, filters=filters))
    (PICTURES / "PROVENANCE.md").write_text(provenance(packages, {n: sha256(c) for n, c in sets.items()}), "utf-8")


if __name__ == "__main__":
    main()
