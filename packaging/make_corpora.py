#!/usr/bin/env python3
"""Makes resources/corpora/: the texts that ship, as xz-compressed plain text, and PROVENANCE.md beside them.

    python packaging/make_corpora.py            # writes resources/corpora/
    python packaging/make_corpora.py --check    # makes them anew in memory and says whether they are the same

Needs a Debian system (apt-get, its package lists updated, and dpkg-deb) and Python's standard library; run it as any
user. The three packages are downloaded and unpacked into a temporary folder; nothing is installed. Two runs on the same
versions of the packages give the same texts.
"""

from __future__ import annotations

import argparse
import hashlib
import lzma
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from r_lazyload import vectors

CORPORA = Path(__file__).resolve().parent.parent / "resources" / "corpora"
VERSES = 31_102
NOVELS = ("sensesensibility", "prideprejudice", "mansfieldpark", "emma", "northangerabbey", "persuasion")
"""The data sets of r-cran-janeaustenr, in the order in which the novels appeared."""

HEADING = re.compile(r"(volume|chapter) ([ivxlc]+|\d+)", re.IGNORECASE)
NOTE = re.compile(r"\[(At this point in the|End volume) .*\]|[^a-z]*", re.IGNORECASE)
"""An editor's note on where a volume ended, or a row of asterisks."""
END = re.compile(r"the end|finis|a note on the text", re.IGNORECASE)


@dataclass(frozen=True)
class Package:
    """A downloaded Debian package: name, version, the .deb's SHA-256, and the folder it was unpacked into."""

    name: str
    version: str
    sha256: str
    root: Path


def fetched(name: str, folder: Path) -> Package:
    """Downloads the package with apt-get and unpacks it."""
    place = folder / name
    place.mkdir()
    subprocess.run(["apt-get", "download", name], cwd=place, check=True, capture_output=True)
    (file,) = place.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", file, place / "root"], check=True)
    asked = subprocess.run(["dpkg-deb", "-f", file, "Version"], check=True, capture_output=True, text=True)
    return Package(name, asked.stdout.strip(), sha256(file.read_bytes()), place / "root")


def archive(name: str) -> Path:
    """Where the corpus lies."""
    return CORPORA / f"{name}.txt.xz"


def sha256(content: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def kjv(program: Package, data: Package) -> str:
    """All verses as the packaged program prints them, one a line, without their numbers and chapter headings."""
    command = [str(program.root / "usr/bin/bible"), "-l4000", "-p", ".", "-d", "bible.data", "gen1:1-rev22:21"]
    run = subprocess.run(command, cwd=data.root / "usr/lib", check=True, capture_output=True, stdin=subprocess.DEVNULL)
    verses = re.findall(r"^ +\d+ (\S.*?) *$", run.stdout.decode("ascii"), re.MULTILINE)
    if len(verses) != VERSES:
        sys.exit(f"{len(verses):,} verses were printed, not {VERSES:,}: the package or its program has changed.")
    return "\n".join(verses) + "\n"


def austen(package: Package) -> str:
    """The six novels, one paragraph a line."""
    novels = vectors(package.root / "usr/lib/R/site-library/janeaustenr/data/Rdata.rdx", NOVELS)
    return "".join(f"{paragraph}\n" for name in NOVELS for paragraph in paragraphs(novels[name]))


def paragraphs(lines: list[str]) -> Iterator[str]:
    """From the first chapter to the end: no title page, headings, closing words or editor's notes.

    Wrapped lines are joined, runs of blanks are one, and underscores (italics) and asterisks (a footnote) left out.
    """
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", "\n".join(lines))]
    first = next(k for k, block in enumerate(blocks) if HEADING.fullmatch(block))
    for block in blocks[first:]:
        if END.fullmatch(block):
            return
        if not HEADING.fullmatch(block) and not NOTE.fullmatch(block):
            yield re.sub("[_*]", "", block)


def provenance(texts: dict[str, str], packages: dict[str, Package]) -> str:
    """PROVENANCE.md: what was made from what, by which words of which licence."""
    rows = [
        f"| `{name}.txt.xz` | {text.count(chr(10)):,} | {len(text.split()):,} | `{sha256(text.encode())}` |"
        for name, text in texts.items()
    ]
    sources = [f"| {one.name} | {one.version} | `{one.sha256}` |" for one in packages.values()]
    return PROVENANCE.format(rows="\n".join(rows), sources="\n".join(sources))


PROVENANCE = """# Where the corpora come from

Made by `packaging/make_corpora.py`, which says how and makes them again (`--check` compares). The checksums are of the
unpacked text.

| file | lines | words | SHA-256 of the text |
| --- | --- | --- | --- |
{rows}

| Debian package | version | SHA-256 of the .deb |
| --- | --- | --- |
{sources}

## kjv.txt.xz

The Authorized (King James) Version of 1611, 31,102 verses from Genesis 1:1 to Revelation 22:21, one a line, without
numbers and headings, as the program of `bible-kjv` prints the data of `bible-kjv-text` (Chip Chapin's Bible Retrieval
System, 1989 to 1993).

Licence: public domain. The packages' copyright file says: "The copyright for the King James Version text of the Bible
is expired since the translation was done in 1611", and of the data: "This file is provided for unrestricted use
provided that this legend is included on all tape media and as a part of the software program in whole or part. Users
may copy, modify or distribute this file at will. -- Chip Chapin, September 4, 1989". (In the United Kingdom printing it
is a privilege of the Crown.) None of the packages' own program code (GPL-2+) is in the file.

## austen.txt.xz

Jane Austen (1775 to 1817): Sense and Sensibility (1811), Pride and Prejudice (1813), Mansfield Park (1814), Emma
(1815), Northanger Abbey and Persuasion (1818), in this order, one paragraph a line, without title pages, headings,
editors' notes and marks of italics, from the data of `r-cran-janeaustenr` (the R package janeaustenr by Julia Silge,
whose help names as sources the plain texts 161, 1342, 141, 158, 121 and 105 of Project Gutenberg).

Licence: the novels are in the public domain. The R package is under the MIT licence, copyright 2016-2017 Julia Silge:

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
"""


def main() -> None:
    """Makes the texts, and writes them or compares them with those that are there."""
    parser = argparse.ArgumentParser(description="Makes the texts that ship from three Debian packages.")
    parser.add_argument("--check", action="store_true", help="compare with resources/corpora and write nothing")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        names = ("bible-kjv", "bible-kjv-text", "r-cran-janeaustenr")
        packages = {name: fetched(name, Path(folder)) for name in names}
        texts = {
            "kjv": kjv(packages["bible-kjv"], packages["bible-kjv-text"]),
            "austen": austen(packages["r-cran-janeaustenr"]),
        }
    if check:
        differ = [name for name, text in texts.items() if lzma.decompress(archive(name).read_bytes()) != text.encode()]
        sys.exit(f"Different: {', '.join(differ)}" if differ else 0)
    CORPORA.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        archive(name).write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    (CORPORA / "PROVENANCE.md").write_text(provenance(texts, packages), encoding="utf-8")


if __name__ == "__main__":
    main()
