"""torch.export's .pt2: a zip with the graph as JSON and the weights as raw numbers. Read without the pickles that it
also holds, and without evaluating a word of the graph (R14)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.dtypes import DTYPES, MOST_TENSORS, checked_name, damaged, shown, too_large
from dgm_studio.checkpoints.formats.json_reader import parse_json
from dgm_studio.checkpoints.formats.opened import Opened, Stub
from dgm_studio.checkpoints.formats.pickle_meanings import strided
from dgm_studio.checkpoints.formats.pickle_objects import Storage, Strided
from dgm_studio.checkpoints.formats.pickled import PickledFile
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.checkpoints.formats.torch_zip import read_archive, root_folder
from dgm_studio.checkpoints.formats.torchscript import program
from dgm_studio.checkpoints.formats.zip_directory import STORED, ZipDirectory, compressed, open_zip
from dgm_studio.core.inspection import WARNING, Finding, RefusedFile

LARGEST_JSON = 64 * 2**20
OLD_GRAPH = "serialized_exported_program.json"
_CONFIG = re.compile(r"data/(weights|constants)/[^/]+_(weights|constants)_config\.json")
_WHOLE = re.compile(r"data/(weights|constants)/[^/]+\.pt|serialized_(state_dict|constants)\.pt")
SCALARS = {
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32", 8: "float64",
    10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16", 28: "uint16", 29: "float8_e4m3fn",
    30: "float8_e5m2", 31: "float8_e4m3fnuz", 32: "float8_e5m2fnuz", 33: "float8_e8m0fnu", 34: "uint32", 35: "uint64",
}  # fmt: skip
"""torch.export's own numbers of the types (its schema's ScalarType)."""


def open_pt2(path: Path) -> Opened:
    """The weights by the names of the exported module; tree {"weights", "graph"}; RefusedFile E04, E07, E16, E23."""
    source = Source(path)
    directory = open_zip(source)
    folder = root_folder(directory) if all("/" in name for name in directory.entries) else ""
    weights: dict[str, Any] = {}
    checksums: dict[str, int] = {}
    pickled = 0
    for name in directory.entries:
        if _CONFIG.fullmatch(name.removeprefix(folder)):
            pickled += _weights(directory, name, weights, checksums)
        elif _WHOLE.fullmatch(name.removeprefix(folder)):
            _whole_file(directory, name, weights, checksums)
    out = PickledFile(FORMAT.id, FORMAT.title, source, weights, checksums, directory.tail)
    graph = "models/model.json" if f"{folder}models/model.json" in directory.entries else OLD_GRAPH
    return _with_graph(out, directory, folder + graph, pickled)


def _whole_file(directory: ZipDirectory, name: str, into: dict[str, Any], checksums: dict[str, int]) -> None:
    """Until 2.8 the weights, and the constants, are a PyTorch file each within the zip; an empty one is no file."""
    if directory.entries[name].method != STORED:
        raise compressed(directory.unpacked)
    if not directory.entries[name].size:
        return
    within = ZipDirectory(directory.stretch(name))
    found, more = read_archive(within, root_folder(within), within=f"{name}/")
    into.update(found if isinstance(found, dict) else {name: found})
    checksums.update(more)


def _with_graph(out: PickledFile, directory: ZipDirectory, name: str, pickled: int) -> PickledFile:
    graph: Any = Stub("<no graph>")
    if name in directory.entries:
        try:
            graph = parse_json(directory.unpack(name, LARGEST_JSON), "the graph")
        except RefusedFile:
            graph = Stub("<a graph too large to be shown>")  # the weights can be looked at without it
    out.tree = {"weights": out.tree, "graph": graph}
    left_out = Finding("E09", WARNING, f"{pickled:,} of its weights stand in pickles of their own and are not shown.")
    out.findings = (program("torch.export"), *([left_out] if pickled else []), *out.findings)
    return out


def _weights(directory: ZipDirectory, config: str, into: dict[str, Any], checksums: dict[str, int]) -> int:
    """Puts the tensors that the config describes into `into`; how many are pickles and were left out."""
    folder = config.rpartition("/")[0] + "/"
    found = parse_json(directory.unpack(config, LARGEST_JSON), "the list of its weights", unique=True)
    table = found.get("config") if isinstance(found, dict) else None
    if not isinstance(table, dict):
        raise damaged("the list of its weights is no table")
    if len(table) > MOST_TENSORS:
        raise too_large(f"it lists {len(table):,} tensors")
    storages: dict[str, Storage] = {}
    pickled = 0
    for name, one in table.items():
        if not isinstance(one, dict) or not isinstance(one.get("path_name"), str):
            raise damaged(f"weight {shown(name)} is not described")
        if one.get("use_pickle") is not False or not isinstance(one.get("tensor_meta"), dict):
            pickled += 1
            continue
        tensor = _tensor(directory, folder + one["path_name"], one["tensor_meta"], storages, checksums)
        if tensor is not None:
            into[checked_name(name)] = tensor
    return pickled


def _tensor(
    directory: ZipDirectory, entry: str, meta: dict[str, Any], storages: dict[str, Storage], checksums: dict[str, int]
) -> Strided | None:
    code = meta.get("dtype")
    dtype = SCALARS.get(code) if type(code) is int else None
    if dtype is None:
        return None
    storage = storages.get(entry)
    if storage is None:
        stretch = directory.stretch(entry)
        if directory.entries[entry].method != STORED:
            raise compressed(directory.unpacked)
        storage = storages[entry] = Storage(
            entry, dtype, stretch.size // DTYPES[dtype].size, DTYPES[dtype].size, stretch
        )
        checksums[entry] = directory.entries[entry].crc
    elif storage.dtype != dtype:
        raise damaged(f"the weights of {shown(entry)} have two types")
    return strided(storage, dtype, _whole(meta.get("storage_offset")), _list(meta, "sizes"), _list(meta, "strides"))


def _list(meta: dict[str, Any], name: str) -> list[Any]:
    found = meta.get(name)
    if not isinstance(found, list):
        raise damaged(f"a weight has no {name}")
    return [_whole(one) for one in found]


def _whole(one: Any) -> Any:
    return one.get("as_int") if isinstance(one, dict) else None


def _recognises(head: Head) -> bool:
    names = {name.partition("/")[2] for name in head.entries}
    old = {"serialized_state_dict.pt", OLD_GRAPH}
    return {"archive_format", "data.pkl"} & names == {"archive_format"} or old <= names or old <= set(head.entries)


FORMAT = Format("pt2", "torch.export program (.pt2)", _recognises, open_pt2, order=21)
