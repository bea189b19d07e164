"""Files of raw pixels as their makers published them: idx, CIFAR's binary records, STL-10's columns, SVHN's .mat.

Nothing here is unpickled: CIFAR's Python version is a pickle, so its binary version is read.
"""

import gzip
import struct
import zlib
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from edc_core.data.images.image_faults import reason
from edc_core.errors import DataError


@dataclass(frozen=True)
class Raw:
    """(N,) int64 class numbers, and blocks of (M, C, H, W) uint8 pixels, read when they are asked for."""

    labels: np.ndarray
    blocks: Callable[[], list[np.ndarray]]


@contextmanager
def whole(path: Path):
    """What cannot be read inside the block is said in one sentence that names the file."""
    try:
        yield
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, struct.error, zlib.error) as error:
        raise DataError(f"{path} is damaged or cut short ({reason(error)})", "delete it and fetch it again") from None


def idx(paths: tuple[Path, ...]) -> Raw:
    """MNIST's format, packed or not: images and labels, big-endian sizes first."""
    images, labels = paths
    return Raw(_idx(labels).astype(np.int64), lambda: [_idx(images)[:, None]])


def _idx(path: Path) -> np.ndarray:
    with whole(path):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        zero, kind, dimensions = struct.unpack_from(">HBB", content)
        if (zero, kind) != (0, 8) or not 1 <= dimensions <= 3:
            raise ValueError("this is no idx file of bytes")
        shape = struct.unpack_from(f">{dimensions}I", content, 4)
        start = 4 + 4 * dimensions
        if len(content) != start + prod(shape):
            raise ValueError("its header and its length disagree")
        return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def cifar(paths: tuple[Path, ...], labels: int) -> Raw:
    """CIFAR's binary records: `labels` bytes, the last of them the class, then 3 x 32 x 32 pixels."""
    length = labels + 3 * 32 * 32
    records = []
    for path in paths:
        with whole(path):
            if path.stat().st_size == 0 or path.stat().st_size % length:
                raise ValueError(f"its length is no multiple of {length} bytes")
            records.append(np.memmap(path, np.uint8, "r").reshape(-1, length))
    numbers = np.concatenate([block[:, labels - 1] for block in records]).astype(np.int64)
    return Raw(numbers, lambda: [block[:, labels:].reshape(-1, 3, 32, 32) for block in records])


def stl(paths: tuple[Path, ...]) -> Raw:
    """STL-10: pixels column by column, classes counted from 1."""
    images, labels = paths
    with whole(labels):
        numbers = np.fromfile(labels, np.uint8).astype(np.int64) - 1
    with whole(images):
        if images.stat().st_size != len(numbers) * 3 * 96 * 96:
            raise ValueError(f"there are {len(numbers)} labels for it")
        pixels = np.memmap(images, np.uint8, "r").reshape(-1, 3, 96, 96).transpose(0, 1, 3, 2)
    return Raw(numbers, lambda: [pixels])


def svhn(paths: tuple[Path, ...]) -> Raw:
    """SVHN's cropped digits in MATLAB's format 5: X (32, 32, 3, N), y (N, 1) with 10 for the digit 0."""
    (path,) = paths
    return Raw(_matrix(path, "y").astype(np.int64).ravel() % 10, lambda: [_matrix(path, "X").transpose(3, 2, 0, 1)])


def _matrix(path: Path, name: str) -> np.ndarray:
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError:
        raise DataError("SVHN's files are MATLAB's, and scipy is not installed", "pip install scipy") from None
    with whole(path):
        try:
            found = loadmat(path, variable_names=[name])[name]
        except (MatReadError, NotImplementedError) as error:
            raise ValueError(reason(error)) from None
        if found.dtype != np.uint8 or found.ndim != (4 if name == "X" else 2):
            raise ValueError(f"{name} is of type {found.dtype} and shape {found.shape}")
        return found
