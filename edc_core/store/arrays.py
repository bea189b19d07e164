"""Arrays of finished results, read with NumPy: whole, or some rows of one."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from edc_core.store.digests import damaged, verified


def read_arrays(path: Path, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """A safetensors file's arrays, all or the named ones.

    Raises:
        StoreError: it is missing or damaged.
    """
    try:
        with safe_open(verified(path), framework="np") as file:
            return {name: file.get_tensor(name) for name in (file.keys() if names is None else names)}
    except (SafetensorError, OSError, ValueError) as error:
        raise damaged(path, error) from None


def read_rows(path: Path, name: str, rows: Iterable[int]) -> np.ndarray:
    """Some rows of one array, without reading the rest.

    Raises:
        StoreError: it is missing or damaged.
    """
    try:
        with safe_open(verified(path), framework="np") as file:
            part = file.get_slice(name)
            chosen = [part[row : row + 1] for row in map(int, rows)]
            return np.concatenate(chosen) if chosen else part[0:0]
    except (SafetensorError, OSError, ValueError) as error:
        raise damaged(path, error) from None
