"""Pickles that would do harm if they were run: each must open, and nothing of it may happen."""

from __future__ import annotations

from pathlib import Path

from tests.checkpoints.crafted import call, legacy, named, pickled, state_dict, tensor, text, torch_zip

COMMAND = text("touch /tmp/dgm-studio-was-here")
CALLS = (
    "os.system", "posix.system", "nt.system", "os.popen", "subprocess.Popen", "subprocess.call", "builtins.eval",
    "builtins.exec", "__builtin__.execfile", "builtins.__import__", "builtins.open", "builtins.compile",
    "runpy.run_path", "runpy._run_code", "importlib.import_module", "pip.main", "pty.spawn",
    "socket.create_connection", "shutil.rmtree", "webbrowser.open", "ctypes.CDLL", "cProfile.run", "timeit.timeit",
    "bdb.Bdb", "pdb.run", "doctest.debug_script", "numpy.testing._private.utils.runstring", "torch.load",
    "torch.hub.load", "torch.utils.cpp_extension.load", "torch._dynamo.guards.GuardBuilder.get",
    "asyncio.unix_events._UnixSubprocessTransport._start", "code.interact",
    "idlelib.pyshell.ModifiedInterpreter.runcode", "lib2to3.pgen2.pgen.ParserGenerator", "operator.methodcaller",
    "functools.partial", "pickle.loads", "marshal.loads", "types.FunctionType", "site.execsitecustomize",
)  # fmt: skip
"""What picklescan's advisories are about, one after the other."""


def payloads() -> dict[str, bytes]:
    """Whole files by name."""
    found = {f"call-{name}.pkl": pickled(call(name, COMMAND)) for name in CALLS}
    system = call("os.system", COMMAND)
    inner = legacy(pickled(system), keys=(), counts=())
    chain = call("builtins.getattr", call("builtins.__import__", text("os")), text("system"))
    return found | {
        "in-a-state-dict.pt": torch_zip(state_dict(a=tensor(), b=system)),
        "in-an-old-file.pth": legacy(state_dict(a=tensor(), b=system)),
        "after-a-class.pkl": pickled(b"(ios\nsystem\nN0", b"(" + COMMAND + b"ios\nsystem\n"),
        "object.pkl": pickled(b"(", named("os.system"), COMMAND, b"o"),
        "new-object.pkl": pickled(named("os.system"), b"(", COMMAND, b"t\x81"),
        "new-with-keywords.pkl": pickled(named("os.system"), b"(", COMMAND, b"t}\x92"),
        "name-on-the-stack.pkl": pickled(text("os"), text("system"), b"\x93(", COMMAND, b"tR"),
        "extension.pkl": pickled(b"\x82\x01(", COMMAND, b"tR"),
        "chain.pkl": pickled(chain, b"(", COMMAND, b"tR"),
        "state.pkl": pickled(call("code.Holder"), b"}(", text("__setstate__"), named("os.system"), b"ub"),
        "entries.pkl": pickled(call("os._Environ"), b"(", text("PATH"), COMMAND, b"u"),
        "appended.pkl": pickled(call("os.system"), b"(", COMMAND, b"e"),
        "within-a-storage.pkl": pickled(
            call("torch.storage._load_from_bytes", b"B" + len(inner).to_bytes(4, "little") + inner)
        ),
        "by-a-subclass.pkl": pickled(
            call("torch._tensor._rebuild_from_type_v2", named("os.system"), named("a.B"), b"(" + COMMAND + b"t", b"N")
        ),
        "nvidia.pkl": pickled(
            call(
                "torch_utils.persistence._reconstruct_persistent_obj",
                b"}(" + text("module_src") + text("import os; os.system('touch /tmp/x')") + text("state") + b"}u",
            )
        ),
        "as-a-key.pkl": pickled(b"}(", system, b"K\x01u"),
        "circle.pkl": pickled(b"]q\x01h\x01a"),
        "circle-through-a-class.pkl": pickled(call("a.B"), b"q\x01}(", text("me"), b"h\x01ub"),
        "deep.pkl": pickled(b"]" * 50_000, b"a" * 49_999),
        "deep-tuples.pkl": pickled(b")", b"\x85" * 50_000),
        "deep-tuples-as-a-key.pkl": pickled(b"})", b"\x85" * 50_000, b"K\x01s"),
        "doubled.pkl": pickled(b"]", b"q\x01" + b"".join(b"0](h\x01h\x01eq\x01" for _ in range(60))),
        "doubled-as-a-key.pkl": pickled(b"})", b"2\x86" * 60, b"K\x01s"),
        "colliding-keys.pkl": pickled(
            b"}(", *(b"\x8a\x0c" + (k * (2**61 - 1)).to_bytes(12, "little") + b"N" for k in range(1, 20_000)), b"u"
        ),
        "memo-of-four-billion.pkl": pickled(b"]r\xff\xff\xff\xffj\xff\xff\xff\xff0"),
        "names-of-nobody.pkl": pickled(b"}(", text("a\0b\u202ec\n"), tensor_in_pickle(), b"u"),
        "no-torch-name.pt": torch_zip(state_dict(**{"a\0b\u202ec": tensor()})),
    }  # fmt: skip


def tensor_in_pickle() -> bytes:
    """A numpy scalar's bytes, so that something is read beside the name."""
    dtype = (
        call("numpy.dtype", text("f4"), b"\x89\x88")
        + b"(K\x03"
        + text("<")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    return call("numpy.core.multiarray.scalar", dtype, b"C\x04" + bytes(4))


def write(folder: Path) -> list[Path]:
    """All of them in a folder."""
    out = []
    for name, raw in payloads().items():
        (folder / name).write_bytes(raw)
        out.append(folder / name)
    return out
