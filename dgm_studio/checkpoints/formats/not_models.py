"""What people have under a model's name that is none, or none of ours: said by name, with what to do (tier 5)."""

from __future__ import annotations

import re
from pathlib import Path

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.sniff import FIRST, Format, Head, sniff
from dgm_studio.core.inspection import RefusedFile

LFS = "version https://git-lfs"
PAGE = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.{0,2000}?-->\s*)?<(!doctype\s+html|html|head|body|title|script|meta)\b", re.I | re.S
)
ANSWER = re.compile(r'\s*\{[^{}]{0,400}"(error|errors|message|detail)"\s*:', re.I)
PROGRAM = re.compile(
    r"^(#!.{0,80}python|import \w|from [\w.]{1,200} import |class \w{1,200}.{0,200}:\s*$|def \w{1,200}\()", re.M
)

OTHER_FRAMEWORKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras saves"),
    (0, b"ftrt", "a TensorRT engine"),
    (0, b"ptrt", "a TensorRT engine"),
    (4, b"TFL3", "a TensorFlow Lite model"),
)
"""Refused with E17: (where, what stands there, what it is)."""
ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x04\x22\x4d\x18", "an lz4 archive"),
)
OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program for Linux"),
    (b"MZ\x90\x00", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"PAR1", "a Parquet table"),
    (b"SQLite format 3\x00", "a database"),
    (b"ARROW1", "an Arrow table"),
)
FRAMEWORK_NAMES = {
    ".msgpack": "a Flax (JAX) file",
    ".tflite": "a TensorFlow Lite model",
    ".engine": "a TensorRT engine",
    ".plan": "a TensorRT engine",
    ".mlmodel": "a Core ML model",
}
"""By the name alone: these have no signature, so they are asked for last (see `leftovers`)."""
FOLDERS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"), "a TensorFlow SavedModel folder"),
    (("_METADATA", "_CHECKPOINT_METADATA", "manifest.ocdbt"), "an Orbax (JAX) folder"),
    (("checkpoint",), "a TensorFlow or Flax checkpoint folder"),
    (("Data/com.apple.CoreML/model.mlmodel",), "a Core ML package"),
)
ADVICE = "Not supported. Convert it to safetensors or ONNX."


def what_it_is(head: Head) -> RefusedFile | None:
    """The refusal of a thing that is known to be no model of ours; None for what may be one."""
    if head.folder:
        return _folder(head.path)
    if not head.first:
        return RefusedFile("E03", "The file is empty: its content never came. Copy or download it again.")
    for at, magic, what in OTHER_FRAMEWORKS:
        if head.first.startswith(magic, at):
            return RefusedFile("E17", f"This is {what}. {ADVICE}")
    for magic, what in ARCHIVES:
        if head.first.startswith(magic):
            return RefusedFile("E24", f"This is {what}, not a model. Unpack it and open what is inside.")
    for magic, what in OTHERS:
        if head.first.startswith(magic):
            return RefusedFile("E24", f"This is {what}, not a model. Choose another file.")
    if len(head.first) >= 16 and not any(head.first):
        text = "The file begins with zeros only: its place on the disk was kept and its content never came."
        return RefusedFile("E04", f"{text} Copy or download it again.")
    return _zip(head) or _text(head)


def _zip(head: Head) -> RefusedFile | None:
    """Zips of others: Keras 3 and office documents."""
    if "model.weights.h5" in head.entries:
        return RefusedFile("E17", f"This is a Keras file. {ADVICE}")
    if "[Content_Types].xml" in head.entries:
        return RefusedFile("E24", "This is an office document, not a model. Choose another file.")
    return None


def _text(head: Head) -> RefusedFile | None:
    text = head.text
    if text.startswith(LFS):
        size = re.search(r"^size (\d{1,18})$", text, re.M)
        real = f"The real file is {int(size[1]):,} bytes. " if size else ""
        return RefusedFile(
            "E01",
            f"This is a Git LFS pointer ({head.size:,} bytes), not the model. {real}Run `git lfs pull` in that folder, "
            "or download the file again.",
        )
    if PAGE.match(text):
        what = "This is a web page saved under a model's name. The download probably asked for a login."
        return RefusedFile("E02", f"{what} Download it again.")
    if head.size < FIRST and ANSWER.match(text) and head.path.suffix != ".json":
        what = "This is a web server's error message (JSON) saved under a model's name. The download failed."
        return RefusedFile("E02", f"{what} Download it again.")
    if text and not text.lstrip().startswith(("{", "[")) and PROGRAM.search(text):
        return RefusedFile("E24", "This is a Python program, not weights. Open the file that the program saves.")
    return None


def _folder(path: Path) -> RefusedFile | None:
    if any((path / ours).is_file() for ours in ("config.json", "model_index.json")):
        return None  # other frameworks' files lie beside ours
    for marks, what in FOLDERS:
        if any((path / mark).is_file() for mark in marks):
            return RefusedFile("E17", f"This is {what}. {ADVICE}")
    return None


def leftover(path: Path) -> RefusedFile | None:
    """The refusal of a file that nobody recognised and whose name says what it is."""
    what = FRAMEWORK_NAMES.get(path.suffix.lower())
    if what is None and re.search(r"\.(index|data-\d{5}-of-\d{5})$", path.name):
        what = "a part of a TensorFlow checkpoint"
    if what is None and path.name == "saved_model.pb":
        what = "a TensorFlow SavedModel"
    return RefusedFile("E17", f"This is {what}. {ADVICE}") if what else None


def _recognises(head: Head) -> bool:
    return what_it_is(head) is not None


def _open(path: Path) -> Opened:
    raise what_it_is(sniff(path)) or RefusedFile("E16", "The file was rewritten while being read. Read it again.")


FORMAT = Format("not-a-model", "not a model", _recognises, _open, order=10)
