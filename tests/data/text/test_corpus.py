"""The texts that ship, and reading a person's own."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.resources import resource
from dgm_studio.data.text import corpus as corpus_module
from dgm_studio.data.text.corpus import corpora, read_text


def test_the_bible_has_31_102_verses() -> None:
    verses = corpora()["kjv"].text().splitlines()
    assert len(verses) == 31_102
    assert verses[0] == "In the beginning God created the heaven and the earth."
    assert "Jesus wept." in verses
    assert verses[-1] == "The grace of our Lord Jesus Christ be with you all. Amen."
    assert all(verse == verse.strip() and verse for verse in verses)


def test_austen_is_six_novels_without_their_covers() -> None:
    paragraphs = corpora()["austen"].text().splitlines()
    assert paragraphs[0].startswith("The family of Dashwood had long been settled in Sussex.")
    assert sum("truth universally acknowledged" in paragraph for paragraph in paragraphs) == 1
    for opening in ("Emma Woodhouse, handsome", "About thirty years ago Miss Maria Ward", "No one who had ever seen"):
        assert sum(paragraph.startswith(opening) for paragraph in paragraphs) == 1
    assert any(paragraph.startswith("Sir Walter Elliot, of Kellynch Hall") for paragraph in paragraphs)
    text = "\n".join(paragraphs)
    for stray in ("_", "*", "CHAPTER", "Gutenberg", "THE END", "first and second editions", "  "):
        assert stray not in text, stray


@pytest.mark.parametrize("name", list(corpora()))
def test_a_corpus_is_what_its_provenance_and_card_say(name: str) -> None:
    corpus_module._shipped.clear()
    began = time.process_time()
    text = corpora()[name].text()
    assert time.process_time() - began < 1
    provenance = resource("corpora", "PROVENANCE.md").read_text(encoding="utf-8")
    row = next(line for line in provenance.splitlines() if line.startswith(f"| `{name}.txt.xz`"))
    assert hashlib.sha256(text.encode()).hexdigest() in row
    assert f"| {text.count(chr(10)):,} |" in row
    assert corpora()[name].card.fact("lines") == text.count("\n")
    said = str(corpora()[name].card.fact("words")).removeprefix("about ").replace(",", "")
    assert abs(int(said) - len(text.split())) < 5000
    assert resource("corpora", f"{name}.txt.xz").stat().st_size < 1_500_000


def own(folder: Path, content: bytes, name: str = "poem.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_persons_own_text(tmp_path: Path) -> None:
    content = "\ufeffDer Mond ist aufgegangen,\r\ndie goldnen Sternlein prangen\rÄÖ 日\n"
    read = read_text(own(tmp_path, content.encode()))
    assert read == "Der Mond ist aufgegangen,\ndie goldnen Sternlein prangen\nÄÖ 日\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "poem.txt is empty"),
        (b" \r\n\t\n", "poem.txt is empty"),
        ("a line\nschön\n".encode("latin-1"), r"Latin-1.*byte 0xF6 in line 2.*Save it with the encoding UTF-8"),
        ("a poem".encode("utf-16"), "UTF-16"),
        ("a poem".encode("utf-16-be"), "UTF-16"),
        ("a longer poem, with no mark".encode("utf-16-le"), "UTF-16"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0", "binary"),
        (bytes(range(1, 256)), "binary"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04....", "Word document"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        read_text(own(tmp_path, content))
    assert str(refused.value).endswith(".")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(500_000_000)
    began = time.process_time()
    with pytest.raises(Refused, match=r"huge.txt has 500 MB; a text may have 20 MB"):
        read_text(path)
    assert time.process_time() - began < 0.05


def test_no_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no file"):
        read_text(tmp_path / "none.txt")
    with pytest.raises(Refused, match="is not a file"):
        read_text(tmp_path)
