"""Somebody else's condensed set, kept under its digest: images as they will be judged, and their classes."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from edc_core.errors import StoreError
from edc_core.store.digests import Identity, identity
from edc_core.store.files import write_bytes
from edc_core.store.stage_results import safe_key

_right: dict[str, Identity] = {}  # sets whose name was found to be what they hold, by path


def given_path(home: Path, digest: str) -> Path:
    """Where a set of that digest (24 hexadecimal digits) is kept."""
    return home / "given" / f"{safe_key(digest)}.safetensors"


def save_given(
    home: Path, images: np.ndarray, labels: np.ndarray, clipped: float = 0.0, readings: tuple[str, ...] = ()
) -> str:
    """Keep (N, C, H, W) uint8 images and (N,) class numbers; returns the digest of both.

    `clipped` is the share of values that were outside the range of pixels, `readings` what was read as what (a
    sentence each), kept for the record.

    Raises:
        StoreError: `home` cannot be written.
    """
    tensors = {"images": np.ascontiguousarray(images), "labels": np.ascontiguousarray(labels, np.int64)}
    digest = digest_of_set(**tensors)
    path = given_path(home, digest)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and list(readings) == _stored_readings(path):
            os.utime(path)  # of today again: a set that no run names goes after a day
        else:
            write_bytes(path, save(tensors, {"clipped": str(clipped), "readings": json.dumps(readings)}))
    except OSError as error:
        raise StoreError(
            f"the set cannot be kept in '{path.parent}' ({error.strerror}): choose another store with --home or"
            " EDC_HOME."
        ) from None
    return digest


def digest_of_set(images: np.ndarray, labels: np.ndarray) -> str:
    """What a set is named by: of its images' shape, its pixels and its classes, contiguous arrays."""
    total = hashlib.sha256(repr(images.shape).encode())
    for array in (images, labels):
        total.update(array.data)
    return total.hexdigest()[:24]


def load_given(home: Path, digest: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, C, H, W) uint8 and class numbers (N,) int64 of an imported set.

    Raises:
        StoreError: it is not in this store, or damaged.
    """
    with _readable(home, digest) as file:
        return file.get_tensor("images"), file.get_tensor("labels")


def given_labels(home: Path, digest: str) -> np.ndarray:
    """(N,) int64 class numbers of an imported set, without its images.

    Raises:
        StoreError: it is not in this store, or damaged.
    """
    with _readable(home, digest) as file:
        return file.get_tensor("labels")


def clipped_share(home: Path, digest: str) -> float:
    """The share of an imported set's values that had to be cut to the range of pixels.

    Raises:
        StoreError: it is not in this store, or damaged.
    """
    with _readable(home, digest) as file:
        return float(file.metadata()["clipped"])


def readings_of(home: Path, digest: str) -> tuple[str, ...]:
    """What an imported set was read as, a sentence each.

    Raises:
        StoreError: it is not in this store, or damaged.
    """
    with _readable(home, digest) as file:
        return tuple(json.loads(file.metadata().get("readings", "[]")))


def _stored_readings(path: Path) -> list[str]:
    """What a kept set says of its reading; nothing of a damaged one, which is then written again."""
    try:
        with safe_open(path, framework="np") as file:
            return list(json.loads(file.metadata().get("readings", "[]")))
    except (SafetensorError, OSError, ValueError, AttributeError):
        return ["damaged"]


@contextmanager
def _readable(home: Path, digest: str) -> Iterator:
    path = given_path(home, digest)
    try:
        now = identity(path)
        with safe_open(path, framework="np") as file:
            if _right.get(str(path)) != now:
                images, labels = (file.get_tensor(name) for name in ("images", "labels"))
                if not _is_set(images, labels) or digest_of_set(images, labels) != digest:
                    raise ValueError("it is not what its name says")
                _right[str(path)] = now
            yield file
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        raise StoreError(
            f"the imported set '{digest}' is missing or damaged in '{path.parent}': import it again with"
            " 'python -m edc_core evaluate --images'."
        ) from None


def _is_set(images: np.ndarray, labels: np.ndarray) -> bool:
    """Whether it is square eight-bit images, grey or RGB, and a class number for each."""
    whole = images.dtype == np.uint8 and images.ndim == 4 and images.shape[1] in (1, 3) and images.size > 0
    alike = labels.dtype == np.int64 and labels.shape == images.shape[:1]
    return bool(whole and alike and images.shape[2] == images.shape[3] and labels.min() >= 0)
