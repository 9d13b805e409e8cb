"""What travels between a student's process and the one that asks.

To the student's side values go as pickles: they come from the instructor's own code. From there everything comes as plain
JSON that is read strictly (`Unpacker`): a stranger wrote it. What cannot travel (a function, an object of a class of one's
own) stays where it is, under a number, and can be called or looked at from the other side.
"""

from __future__ import annotations

import base64
import io
import pickle
import sys
import types
from collections import namedtuple

import numpy as np

TYPE_CHECKING = False  # as typing has it, which need not be loaded here
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, BinaryIO

    import numpy.typing as npt

DEEPEST = 12  # how far lists and dicts may nest
MOST_ITEMS = 200_000  # in one message, all its lists and dicts together
PLAIN = (type(None), bool, int, float, str)
NUMBERS = "biufc"  # kinds of arrays whose bytes are numbers, and of text and times
OTHER_ARRAYS = "USMm"
CONTAINERS: dict[str, type[Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
MUTABLE = (np.ndarray, list, dict, set, bytearray)


class CannotTravel(TypeError):
    """A value that the other side cannot be given."""


# From the student's side, as plain JSON.


class Packer:
    """Writes values as JSON. keep: object → the number under which it stays here, for what cannot travel.

    given: arrays, lists, dicts and sets that the other side has too (`mutables` of a call's inputs): of these only the place
    travels. What comes twice, travels once.
    """

    def __init__(self, keep: Callable[[Any], int], given: Sequence[Any] = ()) -> None:
        self.keep = keep
        self.seen: dict[int, int] = {}  # id → its place
        self.given = {id(value): place for place, value in enumerate(given)}
        self.held = list(given)  # keep them alive, so that no id is reused

    def pack(self, value: Any, depth: int = 0) -> Any:
        """`value` as JSON. What nests too deeply stays here."""
        kind = type(value)
        if kind in PLAIN and not (kind is int and value.bit_length() > 10_000):
            return value
        if id(value) in self.given:
            return {"is": "given", "place": self.given[id(value)]}
        if isinstance(value, MUTABLE):
            if id(value) in self.seen:
                return {"is": "again", "place": self.seen[id(value)]}
            self.seen[id(value)] = len(self.seen)
            self.held.append(value)
            packed = self.packed_anew(value, depth)
            if packed["is"] == "there":  # it did not travel: the other side does not count it
                del self.seen[id(value)]
            return packed
        return self.packed_anew(value, depth)

    def packed_anew(self, value: Any, depth: int = 0) -> Any:
        """The same for what the value holds now, whether the other side has it or not."""
        kind = type(value)
        if depth < DEEPEST:
            if kind is complex:
                return {"is": "complex", "parts": [value.real, value.imag]}
            if kind in (bytes, bytearray):
                return {"is": kind.__name__, "data": base64.b64encode(value).decode("ascii")}
            if isinstance(value, dict):
                pairs = [[self.pack(each, depth + 1) for each in pair] for pair in value.items()]
                return {"is": "dict", "items": pairs}
            if isinstance(value, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
                items = [self.pack(each, depth + 1) for each in value]
                return {"is": "named", "type": kind.__name__, "fields": list(kind._fields), "items": items}
            for name, container in CONTAINERS.items():
                if isinstance(value, container):  # a subclass is handled as its base
                    return {"is": name, "items": [self.pack(each, depth + 1) for each in value]}
            for plain in (bool, int, float, str):
                if isinstance(value, plain) and kind is not plain and not isinstance(value, np.generic):
                    return self.pack(plain(value), depth + 1)
            if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in NUMBERS + OTHER_ARRAYS:
                return _pack_array(value)
            if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.size <= 1_000:
                items = [self.pack(each, depth + 1) for each in value.ravel().tolist()]
                return {"is": "objects", "shape": list(value.shape), "items": items}
            if kind is range:
                return {"is": "range", "parts": [value.start, value.stop, value.step]}
        if isinstance(value, types.ModuleType):
            return {"is": "module", "name": value.__name__}
        return {"is": "there", "number": self.keep(value), "type": kind.__name__, "called": callable(value)}


def _pack_array(value: npt.NDArray[Any] | np.generic) -> dict[str, Any]:
    array = np.ascontiguousarray(value).reshape(np.shape(value))
    array = array.astype(array.dtype.newbyteorder("<"))
    data = base64.b64encode(array.tobytes()).decode("ascii")
    what = "array" if isinstance(value, np.ndarray) else "scalar"
    return {"is": what, "dtype": array.dtype.str, "shape": list(array.shape), "data": data}


class Unpacker:
    """Reads what a Packer wrote. there: (number, type's name, whether it can be called) → what stands for it here; for a
    module, (None, its name, False). given: as the Packer's. Raises CannotTravel for anything that no Packer writes."""

    def __init__(self, there: Callable[[int | None, str, bool], Any], given: Sequence[Any] = ()) -> None:
        self.there, self.given, self.left = there, given, MOST_ITEMS
        self.seen: dict[int, Any] = {}  # place → what stands there

    def unpack(self, data: Any, depth: int = 0) -> Any:
        self.left -= 1
        if isinstance(data, PLAIN):
            return data
        if not isinstance(data, dict) or depth > DEEPEST or self.left < 0:
            raise CannotTravel("what came back cannot be read")
        try:
            return self._unpack(data, depth)
        except (
            KeyError,
            IndexError,
            ValueError,
            TypeError,
            OverflowError,
            MemoryError,
            RecursionError,
            AttributeError,
        ):
            raise CannotTravel("what came back cannot be read") from None

    def _unpack(self, data: dict[str, Any], depth: int) -> Any:
        kind = data.get("is")
        if kind == "given" and type(data["place"]) is int and data["place"] >= 0:
            return self.given[data["place"]]
        if kind == "again":
            return self.seen[data["place"]]
        place = len(self.seen)
        if kind in (
            "list",
            "dict",
            "set",
            "array",
            "objects",
            "bytearray",
        ):  # it may hold itself: counted before its parts
            self.seen[place] = None
        found = self._read(kind, data, depth + 1)
        if place in self.seen:
            self.seen[place] = found
        return found

    def _read(self, kind: Any, data: dict[str, Any], depth: int) -> Any:
        if kind in CONTAINERS:
            return CONTAINERS[kind]([self.unpack(each, depth) for each in data["items"]])
        if kind == "dict":
            return {self.unpack(a, depth): self.unpack(b, depth) for a, b in data["items"]}
        if kind in ("array", "scalar"):
            return _unpack_array(data)
        if kind == "objects":
            found = np.empty(len(data["items"]), dtype=object)
            for place, each in enumerate(data["items"]):
                found[place] = self.unpack(each, depth)
            return found.reshape([int(length) for length in data["shape"]])
        if kind == "named" and len(data["fields"]) == len(data["items"]) <= 100:
            names = [str(field)[:80] for field in data["fields"]]
            fields = namedtuple(str(data["type"])[:80], names)  # type: ignore[misc]
            return fields(*[self.unpack(each, depth) for each in data["items"]])
        if kind == "complex":
            return complex(*map(float, data["parts"]))
        if kind in ("bytes", "bytearray"):
            return {"bytes": bytes, "bytearray": bytearray}[kind](base64.b64decode(data["data"], validate=True))
        if kind == "range":
            return range(*map(int, data["parts"]))
        if kind == "module":
            return self.there(None, str(data["name"])[:200], False)
        if kind == "there" and type(data["number"]) is int:
            return self.there(data["number"], str(data["type"])[:80], bool(data["called"]))
        raise CannotTravel("what came back cannot be read")


def _unpack_array(data: dict[str, Any]) -> Any:
    dtype = np.dtype(data["dtype"]) if isinstance(data["dtype"], str) and len(data["dtype"]) < 30 else None
    if dtype is None or dtype.kind not in NUMBERS + OTHER_ARRAYS or dtype.hasobject or dtype.shape:
        raise CannotTravel("what came back cannot be read")
    shape = [int(length) for length in data["shape"]]
    if dtype.itemsize == 0:
        return np.zeros(shape if np.prod(shape, dtype=float) < MOST_ITEMS else [0], dtype)
    array = np.frombuffer(base64.b64decode(data["data"], validate=True), dtype=dtype).reshape(shape).copy()
    return array if data["is"] == "array" else array[()]


# Inputs that a function changes: what it does to its copies is done to the originals when it calls back or returns.


def mutables(*values: Any) -> list[Any]:
    """The arrays, lists, dicts and sets in these values, each once, in an order that a copy of them has too."""
    found: list[Any] = []
    left: list[Any] = list(reversed(values))
    seen: set[int] = set()
    while left:
        value = left.pop()
        if isinstance(value, (*MUTABLE, tuple)) and id(value) not in seen and len(found) < 1_000:
            seen.add(id(value))
            if isinstance(value, MUTABLE):
                found.append(value)
            if type(value) is list or type(value) is tuple:
                left += reversed(value)
            elif type(value) is dict:
                left += reversed(value.values())
    return found


def holds(value: Any) -> Any:
    """What a mutable value holds at the moment, to be compared later."""
    if isinstance(value, np.ndarray):
        return (value.shape, value.dtype, None if value.dtype.hasobject else value.tobytes())
    return list(value.items()) if isinstance(value, dict) else list(value)


def has_changed(value: Any, held: Any) -> bool:
    now = holds(value)
    if isinstance(value, np.ndarray):
        return now != held
    if len(now) != len(held):
        return True
    if isinstance(value, dict):
        return any(a is not c or b is not d for (a, b), (c, d) in zip(now, held, strict=True))
    return any(a is not b for a, b in zip(now, held, strict=True))


def change(original: Any, wanted: Any) -> None:
    """Have `original` hold what `wanted` holds, where that can be done in place."""
    if type(original) is not type(wanted):
        return
    if isinstance(original, np.ndarray):
        if original.shape == wanted.shape and original.dtype == wanted.dtype and original.flags.writeable:
            original[...] = wanted
    elif isinstance(original, (list, bytearray)):
        original[:] = wanted
    else:
        original.clear()
        original.update(wanted)


# To the student's side, as a pickle.


class _Writer(pickle.Pickler):
    def __init__(self, file: BinaryIO, name_of: Callable[[Any], Any]) -> None:
        super().__init__(file, protocol=5)
        self.persistent_id = name_of  # type: ignore[method-assign]


class _Reader(pickle.Unpickler):
    def __init__(self, file: BinaryIO, there: Callable[[Any], Any]) -> None:
        super().__init__(file)
        self.persistent_load = there  # type: ignore[method-assign]

    def find_class(self, module: str, name: str) -> Any:
        """What an input is made of, also where a notebook has thrown modules away."""
        if module not in sys.modules and module in loaded:
            return getattr(loaded[module], name)
        return super().find_class(module, name)


loaded: dict[str, types.ModuleType] = {}  # name → module, of all that was loaded before a notebook began


def write(value: Any, name_of: Callable[[Any], Any]) -> str:
    """`value` as text for the student's side. name_of: object → how the other side knows it, or None for what travels
    as it is. Raises CannotTravel."""
    file = io.BytesIO()
    try:
        _Writer(file, name_of).dump(value)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError, ValueError) as error:
        raise CannotTravel(f"this input cannot be handed to a student's function ({error})") from None
    return base64.b64encode(file.getvalue()).decode("ascii")


def read(text: str, there: Callable[[Any], Any]) -> Any:
    """The value that `write` wrote. there: how the other side knows something → what stands for it here."""
    return _Reader(io.BytesIO(base64.b64decode(text)), there).load()
