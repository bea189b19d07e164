"""Names, types and shapes of a safetensors file's arrays, from its header alone: nothing is allocated for them."""

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.errors import StoreError

MAX_HEADER_BYTES = 100_000_000  # bytes, as safetensors itself bounds it
WIDTHS = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "F16": 2, "BF16": 2, "I32": 4, "F32": 4, "I64": 8, "F64": 8}
WHOLE_NUMBERS = {"I16": "<i2", "I32": "<i4", "I64": "<i8"}


@dataclass(frozen=True)
class Array:
    """What a header says of one array; `begin` and `end` count bytes from the file's first."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def arrays_of(path: Path) -> dict[str, Array]:
    """A file's arrays by name.

    Raises:
        StoreError: it is cut short, or an array is not as large as its own shape says.
        ValueError, KeyError, TypeError, struct.error: its header is none.
    """
    with path.open("rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        if length > min(MAX_HEADER_BYTES, path.stat().st_size):
            raise StoreError(f"'{path.name}' is cut short")
        header = json.loads(file.read(length))
    found = {name: _array(entry, 8 + length) for name, entry in header.items() if name != "__metadata__"}
    place = 8 + length
    for name, array in sorted(found.items(), key=lambda item: (item[1].begin, item[1].end)):
        size = math.prod(array.shape) * WIDTHS.get(array.dtype, 0)
        if array.dtype not in WIDTHS or size != array.end - array.begin or array.begin != place:
            raise StoreError(
                f"'{path.name}' says that its {name[:100]!r} is {array.dtype[:20]} of the shape"
                f" {shown(array.shape)}, which is not what its {array.end - array.begin:,} bytes are"
            )
        place = array.end
    if path.stat().st_size != place:
        raise StoreError(f"'{path.name}' is cut short")
    return found


def range_of(path: Path, array: Array) -> tuple[int, int]:
    """The least and the largest of an array of whole numbers; (0, 0) of an empty one."""
    numbers = values_of(path, array)
    return (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)


def values_of(path: Path, array: Array) -> np.ndarray:
    """An array of whole numbers, flat."""
    with path.open("rb") as file:
        file.seek(array.begin)
        return np.frombuffer(file.read(array.end - array.begin), WHOLE_NUMBERS[array.dtype])


def shown(shape: tuple[int, ...]) -> str:
    """A shape as it is said, long ones cut."""
    text = " x ".join(map(str, shape[:8])) or "a single number"
    return text[:80]


def _array(entry: Any, start: int) -> Array:
    (begin, end), shape = entry["data_offsets"], entry["shape"]
    if not all(type(number) is int and 0 <= number < 2**63 for number in (begin, end, *shape)):
        raise ValueError(f"{str(entry)[:100]} is no place and shape of an array")
    return Array(str(entry["dtype"]), tuple(shape), start + begin, start + end)
