"""Pickles and zips that must be refused, each with the code of its message."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile

from tests.checkpoints.crafted import (
    MAGIC,
    call,
    central,
    legacy,
    local,
    named,
    patched,
    pickled,
    state_dict,
    storage,
    tensor,
    text,
    torch_zip,
    whole,
    wholes,
    zipped,
)  # fmt: skip
from tests.checkpoints.negatives import Negative, file

GOOD = state_dict(a=tensor())
GOOD_ZIP, GOOD_LEGACY = torch_zip(GOOD), legacy(GOOD)


def _of(suffix: str, code: str, **files: bytes) -> list[Negative]:
    return [file(name.replace("_", " "), code, raw, f"model{suffix}") for name, raw in files.items()]


def _zip_of(**tensors: bytes) -> bytes:
    return torch_zip(state_dict(**tensors))


def _tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as made:
        for name in ("sys_info", "pickle", "tensors", "storages"):
            info = tarfile.TarInfo(name)
            info.size = 700
            made.addfile(info, io.BytesIO(bytes(700)))
    return held.getvalue()


def _array(shape: tuple[int, ...], nbytes: int) -> bytes:
    dtype = (
        call("numpy.dtype", text("f4"), b"\x89\x88")
        + b"(K\x03"
        + text("<")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    made = call("numpy.core.multiarray._reconstruct", named("numpy.ndarray"), wholes((0,)), b"C\x01b")
    return pickled(made, b"(K\x01", wholes(shape), dtype, b"\x89", b"C" + bytes([nbytes]) + bytes(nbytes), b"tb")


def _pt2(config: object, **more: bytes) -> bytes:
    entries = {
        "m/archive_format": b"pt2",
        "m/models/model.json": b"{}",
        "m/data/weights/model_weights_config.json": json.dumps(config).encode(),
        "m/data/weights/weight_0": bytes(16),
    }
    return zipped(entries | {f"m/{name}": raw for name, raw in more.items()})


def _weight(path: str = "weight_0", dtype: int = 7, size: int = 4) -> dict[str, object]:
    meta = {"dtype": dtype, "sizes": [{"as_int": size}], "strides": [{"as_int": 1}], "storage_offset": {"as_int": 0}}
    return {"path_name": path, "use_pickle": False, "tensor_meta": meta}


_END = GOOD_ZIP.rindex(b"PK\x05\x06")
_DATA, _PICKLE = central(GOOD_ZIP, "x/data/0"), central(GOOD_ZIP, "x/data.pkl")
_PART = b"(" + text("part") + whole(2) + whole(9) + b"t"

PICKLED: list[Negative] = [
    *_of(".pkl", "E04",
        pickle_cut_off=GOOD[:-40],
        pickle_without_stop=pickled(b"}")[:-1],
        bytes_longer_than_the_file=pickled(b"\x8e" + struct.pack("<Q", 2**62)),
        short_bytes_longer_than_the_file=pickled(b"B" + struct.pack("<I", 2**32 - 1)),
        text_longer_than_the_file=pickled(b"X" + struct.pack("<I", 2**32 - 1)),
        line_that_never_ends=b"\x80\x02cos",
    ),
    *_of(".pkl", "E23",
        unknown_opcode=pickled(b"\xff"),
        nothing_on_the_stack=pickled(),
        mark_never_set=pickled(b"t"),
        memo_never_put=pickled(b"j\xff\xff\xff\x7f"),
        entry_of_a_list=pickled(b"](K\x01K\x02u"),
        half_an_entry=pickled(b"}(K\x01u"),
        append_to_a_dictionary=pickled(b"}K\x01a"),
        call_of_a_number=pickled(b"K\x01)R"),
        call_with_a_list=pickled(named("os.system"), b"]R"),
        state_of_a_number=pickled(b"K\x01}b"),
        class_named_by_a_number=pickled(b"K\x01K\x02\x93"),
        data_from_outside=pickled(b"\x97"),
        unknown_persistent_id=pickled(text("0"), b"Q"),
        persistent_id_of_an_object=pickled(b"(", text("storage"), text("os"), text("0"), text("cpu"), b"K\x04tQ"),
        pickle_taken_out_of_its_zip=GOOD,
        storage_of_a_negative_count=pickled(storage(count=-1)),
        number_that_is_none=pickled(b"Inone\n"),
        float_that_is_none=pickled(b"Fnone\n"),
        numpy_array_too_short=_array((3,), 8),
        numpy_array_of_a_negative_size=_array((-1,), 4),
        numpy_array_beyond_64_bits=_array((2**40, 2**40), 4),
        old_torch_file_within_that_is_none=pickled(call("torch.storage._load_from_bytes", b"C\x14" + MAGIC + b".....")),
    ),
    *_of(".pkl", "E26",
        number_of_two_billion_bytes=pickled(b"\x8b\xff\xff\xff\x7f"),
        number_of_ten_thousand_digits=pickled(b"L" + b"9" * 4_000 + b"L\n"),
        line_without_end=pickled(b"c" + b"a" * 10_000),
        nested_marks=pickled(b"(" * 70_000),
        text_of_seventeen_million_bytes=pickled(b"X" + struct.pack("<I", 17 * 2**20) + bytes(17 * 2**20)),
    ),
    *_of(".pt", "E23",
        view_outside_its_storage=_zip_of(a=tensor(offset=1)),
        stride_outside_its_storage=_zip_of(a=tensor(shape=(2, 2), stride=(3, 1))),
        negative_offset=_zip_of(a=tensor(offset=-1)),
        negative_size=_zip_of(a=tensor(shape=(-4,))),
        negative_stride=_zip_of(a=tensor(offset=3, stride=(-1,))),
        sizes_beyond_64_bits=_zip_of(a=tensor(shape=(2**40, 2**40), stride=(0, 0))),
        strides_beyond_64_bits=_zip_of(a=tensor(stride=(2**62,))),
        empty_tensor_beyond_its_storage=_zip_of(a=tensor(offset=2**61, shape=(0,))),
        seventeen_dimensions=_zip_of(a=tensor(shape=(1,) * 17, stride=(1,) * 17)),
        stride_missing=_zip_of(a=tensor(shape=(2, 2), stride=(1,))),
        short_record=_zip_of(a=tensor(storage(count=5))),
        long_record=_zip_of(a=tensor(storage(count=3), shape=(3,))),
        record_missing=_zip_of(a=tensor(storage(key="7"))),
        record_leads_out=_zip_of(a=tensor(storage(key="../data.pkl", count=8))),
        one_storage_of_two_types=_zip_of(a=tensor(), b=tensor(storage(kind="torch.IntStorage"))),
        one_storage_of_two_sizes=_zip_of(a=tensor(), b=tensor(storage(count=2), shape=(2,))),
        pickle_cut_off_in_its_entry=torch_zip(GOOD[:-9]),
        byte_order_of_nobody=zipped({"x/data.pkl": GOOD, "x/data/0": bytes(16), "x/byteorder": b"middle"}),
        two_folders=zipped({"x/data.pkl": GOOD, "y/data/0": bytes(16)}),
        no_folder=zipped({"x/data.pkl": GOOD, "x/data/0": bytes(16), "loose": b""}),
        name_that_leads_out=zipped({"x/data.pkl": GOOD, "x/../../etc/cron.d/x": b""}),
        name_from_the_root=zipped({"x/data.pkl": GOOD, "/etc/passwd": b""}),
        name_with_a_backslash=zipped({"x/data.pkl": GOOD, "x/..\\x": b""}),
        name_with_a_drive=zipped({"x/data.pkl": GOOD, "C:/x": b""}),
        name_twice=torch_zip(GOOD, data_1=b"").replace(b"x/data/1", b"x/data/0"),
        entries_that_overlap=patched(GOOD_ZIP, _DATA + 42, GOOD_ZIP[_PICKLE + 42 : _PICKLE + 46]),
        entry_larger_than_its_place=patched(GOOD_ZIP, _DATA + 20, struct.pack("<II", 4096, 4096)),
        entry_of_two_sizes=patched(GOOD_ZIP, _DATA + 24, struct.pack("<I", 17)),
        entry_header_outside=patched(GOOD_ZIP, _DATA + 42, struct.pack("<I", 2**31)),
        header_names_another=patched(GOOD_ZIP, local(GOOD_ZIP, "x/data/0") + 30, b"x/data/9"),
        header_says_compressed=patched(GOOD_ZIP, local(GOOD_ZIP, "x/data/0") + 8, b"\x08\x00"),
        header_of_another_size=patched(GOOD_ZIP, local(GOOD_ZIP, "x/data/0") + 18, struct.pack("<I", 3)),
        header_is_none=patched(GOOD_ZIP, local(GOOD_ZIP, "x/data/0"), b"PK\x05\x05"),
        directory_promises_more=patched(GOOD_ZIP, _END + 8, struct.pack("<HH", 9, 9)),
        directory_elsewhere=patched(GOOD_ZIP, _END + 16, struct.pack("<I", 0)),
        directory_torn=patched(GOOD_ZIP, _PICKLE + 28, struct.pack("<H", 60_000)),
        several_disks=patched(GOOD_ZIP, _END + 4, struct.pack("<H", 1)),
        bytes_before_the_zip=GOOD_ZIP[:4] + bytes(64) + GOOD_ZIP[4:],
        locator_to_nowhere=GOOD_ZIP[:_END] + b"PK\x06\x07" + struct.pack("<LQL", 0, 2**60, 1) + GOOD_ZIP[_END:],
    ),
    *_of(".pt", "E04", zip_cut_off=GOOD_ZIP[:-30], zip_cut_in_half=GOOD_ZIP[: len(GOOD_ZIP) // 2]),
    *_of(".pt", "E06", pickle_of_another_checksum=GOOD_ZIP.replace(b"_rebuild_tensor_v2", b"_rebuild_tensor_v3", 1)),
    *_of(".pt", "E07",
        deflated=torch_zip(GOOD, zipfile.ZIP_DEFLATED),
        bomb=torch_zip(state_dict(a=tensor(storage("1", count=2**22))), zipfile.ZIP_DEFLATED, data_1=bytes(2**24)),
        method_of_nobody=patched(patched(GOOD_ZIP, _DATA + 10, b"\x63"), local(GOOD_ZIP, "x/data/0") + 8, b"\x63"),
    ),
    *_of(".pt", "E25",
        encrypted=patched(GOOD_ZIP, _DATA + 8, b"\x01\x00"),
        strongly_encrypted=patched(GOOD_ZIP, _DATA + 8, b"\x41\x00"),
    ),
    *_of(".pt", "E26",
        a_million_names_of_one_tensor=torch_zip(pickled(b"](", tensor(), b"q\x01", b"h\x01" * 1_000_000, b"e")),
    ),
    *_of(".pth", "E04",
        legacy_cut_in_its_numbers=GOOD_LEGACY[:-5],
        legacy_cut_in_its_pickle=GOOD_LEGACY[: len(MAGIC) + 60],
        legacy_of_a_magic_number=MAGIC,
        legacy_that_promises_a_terabyte=legacy(state_dict(a=tensor(storage(count=2**40))), counts=(2**40,)),
    ),
    *_of(".pth", "E23",
        legacy_of_another_protocol=legacy(GOOD, protocol=1000),
        legacy_of_another_list=legacy(GOOD, keys=("1",)),
        legacy_names_one_twice=legacy(GOOD, keys=("0", "0")),
        legacy_without_its_storage=legacy(GOOD, keys=(), counts=()),
        legacy_of_another_count=legacy(GOOD, counts=(3,)),
        legacy_of_a_negative_count=legacy(GOOD, counts=(-1,)),
        legacy_part_outside_its_storage=legacy(state_dict(a=tensor(storage(view=_PART)))),
        legacy_description_is_none=MAGIC + pickled(whole(1001)) + pickled(b"]") + pickled(b"}") + pickled(b"]"),
    ),
    *_of(".pth.tar", "E18", torch_of_2016=_tar()),
    *_of(".pt2", "E23",
        program_without_a_table=_pt2([]),
        program_of_a_weight_outside=_pt2({"config": {"a": _weight(size=5)}}),
        program_without_its_weight=_pt2({"config": {"a": _weight("weight_1")}}),
        program_with_a_way_out=_pt2({"config": {"a": _weight("../../archive_format")}}),
        program_of_two_types=_pt2({"config": {"a": _weight(), "b": _weight(dtype=4)}}),
        program_whose_table_is_cut=zipped(
            {"m/archive_format": b"pt2", "m/data/weights/model_weights_config.json": b"{"}
        ),
    ),
]  # fmt: skip
