"""A pickle's opcodes, interpreted into records: no import, no attribute, no call; every length and count is bounded.

The pickle protocol, versions 0 to 5: Python's `pickletools` documents every opcode. A machine of our own instead of
`pickletools.genops`, because it leaves long byte strings in the file as stretches of it, knows where in the file it is,
and imports no codec while it reads.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Callable
from typing import Any, Protocol

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange
from dgm_studio.checkpoints.formats.dtypes import LONGEST_NAME, damaged, shown, too_large
from dgm_studio.checkpoints.formats.pickle_budget import PIECE, Budget
from dgm_studio.checkpoints.formats.pickle_input import CHUNK, LONGEST_LINE, LONGEST_TEXT, PickleInput
from dgm_studio.checkpoints.formats.pickle_objects import Call, Global, OddKey, Storage, Strided

MOST_MARKS = 65_536
CALL = 4
"""Objects that the record of a call counts for."""
LONGEST_NUMBER = 256
HELD = 4_096
"""Byte strings longer than it stay in the file."""
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|[\\'\"nrt])")
_UNESCAPED = {b"\\": b"\\", b"'": b"'", b'"': b'"', b"n": b"\n", b"r": b"\r", b"t": b"\t"}
"""What Python 2's repr writes in the texts of protocol 0."""


class Meanings(Protocol):
    """What is understood of a file's calls and persistent ids; all else becomes a Call record."""

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """The value of `name(*arguments)` where it is plain data, else a Call."""

    def persistent(self, key: Any) -> Any:
        """The storage that a persistent id names."""


class PickleMachine(PickleInput):
    """Runs one pickle of `data` from `start`; `stop` is where it ended. Pickles of one file share a `budget`.

    RefusedFile E04 where the file ends first, E22 after 20 s, E23 for what is no pickle, E26 beyond the limits.
    """

    def __init__(
        self,
        data: ByteRange,
        meanings: Meanings,
        start: int = 0,
        whole_file: bool = False,
        chunk: int = CHUNK,
        budget: Budget | None = None,
    ) -> None:
        super().__init__(data, start, whole_file, chunk, budget or Budget())
        self._meanings = meanings
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._objects = self._tensors = 0
        """Made since the budget was settled."""

    def run(self) -> Any:
        """The object that the pickle describes."""
        try:
            while True:
                for done in range(1, PIECE + 1):
                    if self._at >= len(self._buffer):
                        self._fill(1)
                    code = self._buffer[self._at]
                    self._at += 1
                    if code == 0x2E:  # STOP
                        self._settle(done)
                        return self._stack.pop()
                    _OPCODES[code](self)
                self._settle(PIECE)
        except (IndexError, KeyError, ValueError, TypeError, AttributeError, OverflowError, struct.error):
            raise damaged(f"a pickle in it cannot be followed at byte {self.stop:,}") from None

    def _settle(self, steps: int) -> None:
        self._budget.settle(steps, self._objects, self._tensors)
        self._objects = self._tensors = 0

    def _made(self, value: Any) -> None:
        """Put a new container on the stack."""
        self._objects += 1
        self._stack.append(value)

    # Numbers and texts.

    def _text_of(self, width: int) -> None:
        self._stack.append(self._letters(self._number(width)).decode("utf-8", "backslashreplace"))

    def _python2_text(self, width: int) -> None:
        raw = self._letters(self._number(width))
        try:
            self._stack.append(raw.decode("utf-8"))  # as torch.load reads the texts of Python 2
        except UnicodeDecodeError:
            self._stack.append(raw)

    def _bytes_of(self, width: int) -> None:
        count = self._number(width)
        if count <= HELD:
            self._stack.append(self._letters(count))
            return
        if count > self._data.size - self.stop:
            self._fill(count)  # says that the file ends first
        self._made(self._data.part(self.stop, count))
        self._base, self._at, self._buffer = self.stop + count, 0, self._buffer[self._at + count :]

    def _long(self, width: int) -> None:
        count = self._number(width)
        if count > LONGEST_NUMBER:
            raise too_large(f"it holds a number of {count:,} bytes")
        self._stack.append(int.from_bytes(self._letters(count), "little", signed=True))

    def _decimal(self) -> None:
        line = self._line()
        if len(line) > 2 * LONGEST_NUMBER:
            raise too_large(f"it holds a number of {len(line):,} digits")
        self._stack.append(line == "01" if line in ("00", "01") else int(line.rstrip("L")))

    def _quoted(self) -> None:
        line = self._raw_line(LONGEST_TEXT)
        if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
            raise damaged("a pickle in it has a text without quotes")
        raw = _ESCAPE.sub(lambda found: _UNESCAPED.get(found[1]) or bytes.fromhex(found[1][1:].decode()), line[1:-1])
        self._stack.append(raw.decode("utf-8", "backslashreplace"))

    def _escaped(self) -> None:
        raw = self._raw_line(LONGEST_TEXT)
        # By the function: by its name the codec would be imported while a stranger's file is read.
        self._stack.append(codecs.raw_unicode_escape_decode(raw, "replace")[0])

    # Containers.

    def _marked(self) -> list[Any]:
        """What was put on the stack since the last mark."""
        found, self._stack = self._stack, self._marks.pop()
        return found

    def _mark(self) -> None:
        if len(self._marks) >= MOST_MARKS:
            raise too_large("a pickle in it is nested too deeply")
        self._marks.append(self._stack)
        self._stack = []

    def _pop(self) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._marked()

    def _tuple(self, count: int) -> None:
        if len(self._stack) < count:
            raise damaged("a pickle in it takes more than it has")
        found = tuple(self._stack[-count:])
        del self._stack[-count:]
        self._made(found)

    def _extend(self, values: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, Call):
            target.listed = target.listed or []
            target.listed.extend(values)
        elif type(target) is list:
            target.extend(values)
        else:
            raise damaged("a pickle in it appends to what is no list")

    def _put_in(self, pairs: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, Call):
            target.keyed = target.keyed or {}
        into = target.keyed if isinstance(target, Call) else target
        if type(into) is not dict or len(pairs) % 2:
            raise damaged("a pickle in it sets an entry of what is no dictionary")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            into[safe_key(key)] = value

    def _dict(self) -> None:
        pairs = self._marked()
        self._made({})
        self._put_in(pairs)

    def _one_list(self) -> None:
        self._made(self._marked())

    def _set(self, name: str, values: list[Any]) -> None:
        self._made(Call(name, listed=values))

    def _last(self, count: int) -> list[Any]:
        found = self._stack[-count:]
        del self._stack[-count:]
        return found

    # Memo.

    def _get(self, key: int) -> None:
        self._stack.append(self._memo[key])

    def _put(self, key: int) -> None:
        self._memo[key] = self._stack[-1]

    # Names and calls.

    def _global(self) -> None:
        module, name = self._line(), self._line()
        self._name(module, name)

    def _stack_global(self) -> None:
        module, name = self._last(2)
        self._budget.take_text(len(module) + len(name))  # the same texts may be put together again and again
        self._name(module, name)

    def _name(self, module: Any, name: Any) -> None:
        if not isinstance(module, str) or not isinstance(name, str) or len(module) + len(name) > LONGEST_LINE:
            raise damaged("a pickle in it names a class by what is no text")
        self._made(Global(f"{module}.{name}"))

    def _called(self, target: Any, arguments: Any) -> None:
        if type(arguments) is not tuple:
            raise damaged("a pickle in it calls something with what are no arguments")
        if isinstance(target, Call):
            self._budget.take_text(len(target.name))
        made = self._meanings.call(_name_of(target), arguments)
        if isinstance(made, Call):
            self._objects += CALL
        elif isinstance(made, Strided):
            self._tensors += 1
        elif isinstance(made, (dict, tuple)):
            self._budget.take_steps(len(made))  # a copy: one long list may be copied again and again
        elif isinstance(made, bytes):
            self._budget.take_text(len(made))
        self._made(made)

    def _reduce(self) -> None:
        target, arguments = self._last(2)
        self._called(target, arguments)

    def _new_keywords(self) -> None:
        target, arguments, keywords = self._last(3)
        self._budget.take_steps(len(arguments))
        self._called(target, (*arguments, keywords) if keywords else arguments)

    def _instance(self) -> None:
        module, name = self._line(), self._line()
        self._called(Global(f"{module}.{name}"), tuple(self._marked()))

    def _object(self) -> None:
        target, *arguments = self._marked()
        self._called(target, tuple(arguments))

    def _build(self) -> None:
        state = self._stack.pop()
        target = self._stack[-1]
        if isinstance(target, Call):
            target.state = state if target.state is None else (target.state, state)
        elif not isinstance(target, (dict, list, tuple, Global, Strided, Storage)):
            raise damaged("a pickle in it gives a state to what has none")

    def _outside(self) -> None:
        raise damaged(f"a pickle in it uses data from outside or an unknown step at byte {self.stop - 1:,}")


def safe_key(key: Any) -> Any:
    """The key where it hashes in a bounded time; else one of its own."""
    if _plain(key) or isinstance(key, (Global, OddKey)):
        return key
    if (
        type(key) is tuple
        and len(key) <= 16
        and all(_plain(one) and (type(one) is not str or len(one) <= LONGEST_NAME) for one in key)
        and any(type(one) is str for one in key)
    ):
        return key
    return OddKey(key)


def _plain(key: Any) -> bool:
    # Whole numbers beyond 64 bits, and tuples of numbers alone, can be made to collide by the hundred thousand.
    return key is None or type(key) in (str, bytes, bool, float) or (type(key) is int and -(2**63) <= key < 2**63)


def _name_of(target: Any) -> str:
    if isinstance(target, Global):
        return target.name
    if isinstance(target, Call):
        return target.name if target.name.endswith("()") else f"{target.name}()"
    raise damaged(f"a pickle in it calls what is no class or function ({shown(type(target).__name__)})")


_Step = Callable[[PickleMachine], Any]
_M = PickleMachine


def _push(value: Any) -> _Step:
    return lambda machine: machine._stack.append(value)


def _steps() -> dict[int, _Step]:
    """Each opcode's step; what stands not here ends the reading."""
    return {
        ord("("): _M._mark, ord("0"): _M._pop, ord("1"): _M._marked, ord("2"): lambda m: m._stack.append(m._stack[-1]),
        ord("N"): _push(None), 0x88: _push(True), 0x89: _push(False), 0x80: lambda m: m._take(1),
        0x95: lambda m: m._take(8),
        ord("I"): _M._decimal, ord("L"): _M._decimal, ord("F"): lambda m: m._stack.append(float(m._line())),
        ord("J"): lambda m: m._stack.append(int.from_bytes(m._take(4), "little", signed=True)),
        ord("K"): lambda m: m._stack.append(m._number(1)), ord("M"): lambda m: m._stack.append(m._number(2)),
        0x8A: lambda m: m._long(1), 0x8B: lambda m: m._long(4),
        ord("G"): lambda m: m._stack.append(struct.unpack(">d", m._take(8))[0]),
        ord("S"): _M._quoted, ord("T"): lambda m: m._python2_text(4), ord("U"): lambda m: m._python2_text(1),
        ord("V"): _M._escaped,
        ord("X"): lambda m: m._text_of(4), 0x8C: lambda m: m._text_of(1), 0x8D: lambda m: m._text_of(8),
        ord("B"): lambda m: m._bytes_of(4), ord("C"): lambda m: m._bytes_of(1), 0x8E: lambda m: m._bytes_of(8),
        0x96: lambda m: m._bytes_of(8),
        ord("]"): lambda m: m._made([]), ord("}"): lambda m: m._made({}), ord(")"): lambda m: m._stack.append(()),
        ord("l"): _M._one_list, ord("d"): _M._dict, ord("t"): lambda m: m._made(tuple(m._marked())),
        0x85: lambda m: m._tuple(1), 0x86: lambda m: m._tuple(2), 0x87: lambda m: m._tuple(3),
        ord("a"): lambda m: m._extend([m._stack.pop()]), ord("e"): lambda m: m._extend(m._marked()),
        ord("s"): lambda m: m._put_in(m._last(2)), ord("u"): lambda m: m._put_in(m._marked()),
        0x8F: lambda m: m._set("set", []), 0x90: lambda m: m._extend(m._marked()),
        0x91: lambda m: m._set("frozenset", m._marked()),
        ord("g"): lambda m: m._get(int(m._line())), ord("h"): lambda m: m._get(m._number(1)),
        ord("j"): lambda m: m._get(m._number(4)), ord("p"): lambda m: m._put(int(m._line())),
        ord("q"): lambda m: m._put(m._number(1)), ord("r"): lambda m: m._put(m._number(4)),
        0x94: lambda m: m._put(len(m._memo)),
        ord("c"): _M._global, 0x93: _M._stack_global, ord("R"): _M._reduce, 0x81: _M._reduce, 0x92: _M._new_keywords,
        ord("i"): _M._instance, ord("o"): _M._object, ord("b"): _M._build,
        ord("P"): lambda m: m._made(m._meanings.persistent(m._line())),
        ord("Q"): lambda m: m._made(m._meanings.persistent(m._stack.pop())),
        0x82: lambda m: m._name("copyreg", f"extension {m._number(1)}"),
        0x83: lambda m: m._name("copyreg", f"extension {m._number(2)}"),
        0x84: lambda m: m._name("copyreg", f"extension {m._number(4)}"),
    }  # fmt: skip


_OPCODES: list[_Step] = [_steps().get(code, _M._outside) for code in range(256)]
