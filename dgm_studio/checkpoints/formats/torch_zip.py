"""torch.save since 1.6: a zip of stored entries, a pickle `data.pkl` and one entry of raw numbers for each storage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange, checksum
from dgm_studio.checkpoints.formats.dtypes import damaged, too_large
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.pickle_machine import PickleMachine
from dgm_studio.checkpoints.formats.pickle_meanings import TorchMeanings
from dgm_studio.checkpoints.formats.pickled import PickledFile, check_size
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.checkpoints.formats.zip_directory import STORED, ZipDirectory, compressed, open_zip
from dgm_studio.core.inspection import RefusedFile

LARGEST_PICKLE = 256 * 2**20


def open_torch_zip(path: Path) -> Opened:
    """The file's tensors and tree; RefusedFile E04, E06, E07, E16, E23, E25, E26."""
    source = Source(path)
    directory = open_zip(source)
    root, checksums = read_archive(directory, root_folder(directory))
    return PickledFile(FORMAT.id, FORMAT.title, source, root, checksums, directory.tail)


def root_folder(directory: ZipDirectory) -> str:
    """The one folder in which all entries lie, with its slash; RefusedFile E23 where there are several."""
    found = {name.partition("/")[0] for name in directory.entries}
    if len(found) != 1 or any("/" not in name for name in directory.entries):
        raise damaged("its entries do not lie in one folder")
    return next(iter(found)) + "/"


def read_archive(
    directory: ZipDirectory, folder: str, pickle: str = "data", all_stored: bool = True, within: str = ""
) -> tuple[Any, dict[str, int]]:
    """The object of `<folder><pickle>.pkl` with its storages in `<folder><pickle>/`, and their CRC-32 by key.

    `all_stored` refuses any compressed entry (E07), not only those that are read; `within` goes before the keys.
    """
    if all_stored and any(entry.method != STORED for entry in directory.entries.values()):
        raise compressed(directory.unpacked)
    meanings = TorchMeanings()
    root = PickleMachine(_pickle(directory, f"{folder}{pickle}.pkl"), meanings).run()
    big_endian = _byte_order(directory, folder) == b"big"
    checksums = {}
    for key, storage in meanings.storages.items():
        entry = f"{folder}{pickle}/{key}"
        storage.stretch = _stored(directory, entry)
        storage.big_endian = big_endian
        storage.key = within + key
        check_size(storage, storage.stretch.size)
        checksums[storage.key] = directory.entries[entry].crc
    for part, of in meanings.parts:
        part.stretch, part.big_endian = meanings.storages[of].stretch, big_endian
    return root, checksums


def _stored(directory: ZipDirectory, name: str) -> ByteRange:
    stretch = directory.stretch(name)
    if directory.entries[name].method != STORED:
        raise compressed(directory.unpacked)
    return stretch


def _pickle(directory: ZipDirectory, name: str) -> ByteRange:
    stretch, entry = _stored(directory, name), directory.entries[name]
    if entry.size > LARGEST_PICKLE:
        raise too_large(f"its pickle has {entry.size:,} bytes")
    if checksum(stretch) != entry.crc:
        raise RefusedFile(
            "E06", "Damaged: the checksum of the list of its tensors does not match. Copy or download the file again."
        )
    return stretch


def _byte_order(directory: ZipDirectory, folder: str) -> bytes:
    name = f"{folder}byteorder"
    found = directory.unpack(name, 16) if name in directory.entries else b"little"
    if found not in (b"little", b"big"):
        raise damaged("its byte order is neither little nor big")
    return found


def _recognises(head: Head) -> bool:
    if not head.entries:  # a zip that is cut off, or whose directory does not hold: what is wrong is said here
        return head.first.startswith(b"PK\x03\x04")
    names = [name.partition("/")[2] for name in head.entries]
    return "data.pkl" in names and "constants.pkl" not in names


FORMAT = Format("torch-zip", "PyTorch file (zip)", _recognises, open_torch_zip, order=22)
