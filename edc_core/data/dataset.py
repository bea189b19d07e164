"""A data set's pixels, decoded once into memory-mapped uint8, and its parts: train, val and test."""

import contextlib
import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from edc_core.config import DataConfig
from edc_core.data.address import stored_address
from edc_core.data.decoded import DECODING, REMOVING, is_of_this_reader, lock_of, note_place, note_reader
from edc_core.data.description import Description, Source
from edc_core.data.sources import describe, full_name, open_source
from edc_core.errors import DataError, EDCError, SettingsError, StoreError
from edc_core.rng import seed_from
from edc_core.store.digests import damaged as damaged_file
from edc_core.store.files import read_json


@dataclass(frozen=True)
class Part:
    """Some images of one split: `pixels` is (M, C, H, W) uint8 on disk, `index` the (N,) chosen rows."""

    pixels: np.ndarray
    all_labels: np.ndarray
    index: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    @cached_property
    def labels(self) -> np.ndarray:
        """(N,) int64 class numbers."""
        return np.asarray(self.all_labels[self.index])

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Pixels of the given rows of this part, (len(rows), C, H, W) uint8."""
        return self.pixels[self.index[rows]]

    def batches(self, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(pixels, labels) in order, `size` at a time."""
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            yield self.take(rows), self.labels[rows]

    def first(self, count: int) -> "Part":
        return Part(self.pixels, self.all_labels, self.index[:count])

    def some(self, count: int) -> "Part":
        """`count` of its images: the first ones, or where it lies class by class as many drawn, always the same."""
        if self.is_mixed:
            return self.first(count)
        drawn = np.random.default_rng(seed_from("some images")).permutation(len(self))[:count]
        return Part(self.pixels, self.all_labels, self.index[np.sort(drawn)])

    @property
    def is_mixed(self) -> bool:
        """Whether neighbours differ in class about as often as drawn ones: then any stretch has all classes."""
        shares = np.bincount(self.labels) / max(1, len(self))
        changes = np.count_nonzero(np.diff(self.labels))
        return changes >= 0.5 * (1 - (shares**2).sum()) * (len(self) - 1)


@dataclass(frozen=True)
class Dataset:
    """A described data set, the settings that divide it, and its decoded pixels under `cache`."""

    description: Description
    config: DataConfig
    cache: Path

    @cached_property
    def normalisation(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each channel over the training split, in [0, 1] units."""
        info = read_json(self.cache / "info.json")
        return tuple(info["mean"]), tuple(info["std"])

    def part(self, name: str) -> Part:
        """ "train" (condensed), "val" (held out of training) or "test"."""
        split = "test" if name == "test" else "train"
        try:
            pixels = np.load(self.cache / f"{split}_pixels.npy", mmap_mode="r")
            labels = np.load(self.cache / f"{split}_labels.npy")
        except (OSError, ValueError, EOFError) as error:
            raise damaged_file(self.cache / f"{split}_pixels.npy", error) from None
        if name == "test":
            return Part(pixels, labels, np.arange(len(labels)))
        train, val = divide(labels, len(self.description.classes), self.config)
        return Part(pixels, labels, train if name == "train" else val)


def held_out_per_class(counts: tuple[int, ...], config: DataConfig) -> int:
    """Images of each class that are held out: an even share, but at most a tenth of the smallest class."""
    return max(1, min(config.holdout // len(counts), min(counts) // 10))


def divide(labels: np.ndarray, classes: int, config: DataConfig) -> tuple[np.ndarray, np.ndarray]:
    """Rows for training and rows held out, the same for every run: drawn within each class.

    The held-out rows are shuffled, so that their first few hundred show every class.
    """
    held = held_out_per_class(tuple(np.bincount(labels, minlength=classes).tolist()), config)
    draw = np.random.default_rng(seed_from("holdout"))
    train, val = [], []
    for label in range(classes):
        rows = draw.permutation(np.flatnonzero(labels == label))
        val.append(rows[:held])
        train.append(rows[held:][: config.train_per_class])
    return np.sort(np.concatenate(train)), draw.permutation(np.concatenate(val))


def training_images(counts: tuple[int, ...], config: DataConfig) -> int:
    """How many images observers are trained on: those that are not held out, as far as they are taken."""
    held, most = held_out_per_class(counts, config), config.train_per_class
    return sum(min(count - held, most or count) for count in counts)


def most_per_class(description: Description, config: DataConfig) -> int:
    """The largest IPC that every class can fill."""
    held = held_out_per_class(description.train_counts, config)
    return min(min(count - held, config.train_per_class or count) for count in description.train_counts)


def check_part_sizes(description: Description, config: DataConfig, ipc: int) -> None:
    """Refuse an IPC that some class cannot fill.

    Raises:
        SettingsError: naming the class and the largest IPC.
    """
    held = held_out_per_class(description.train_counts, config)
    for label, count in zip(description.classes, description.train_counts, strict=True):
        usable = min(count - held, config.train_per_class or count)
        if usable < 1:
            raise SettingsError(
                f"class '{label}' has {count} training image, and one of each class is held out: give it at least two."
            )
        if ipc > usable:
            raise SettingsError(
                f"ipc is {ipc}, but class '{label}' has {usable} training images"
                f" ({held} more are held out): choose at most {usable}."
            )


def open_dataset(name: str, config: DataConfig, home: Path, description: Description | None = None) -> Dataset:
    """A data set ready to be read; its pixels are decoded into `home` on the first call.

    Raises:
        SettingsError: there is no such data set.
        DataError: an image is damaged, or sizes differ.
        StoreError: `home` cannot be written.
    """
    description = description or describe(name)
    cache = home / "datasets" / description.digest
    if not (_is_whole(cache) and is_of_this_reader(cache)):
        with _decoding(cache):
            _clear_away(cache)
            if _is_whole(cache) and not is_of_this_reader(cache) and _is_right(cache, open_source(name)):
                note_reader(cache)
            elif not (_is_whole(cache) and is_of_this_reader(cache)):  # no other process was first
                _decode_into(cache, stored_address(full_name(name)).place, open_source(name), description)
    return Dataset(description, config, cache)


CACHE_FILES = ("info.json", *(f"{split}_{kind}.npy" for split in ("train", "test") for kind in ("pixels", "labels")))


def _is_whole(cache: Path) -> bool:
    """Whether every file is there."""
    return all((cache / name).is_file() for name in CACHE_FILES)


def _is_right(cache: Path, source: Source) -> bool:
    """Whether an earlier version of the lab decoded a data set as this one does: plain images, and the same labels."""
    try:
        labels = {split: np.load(cache / f"{split}_labels.npy").tolist() for split in ("train", "test")}
    except (OSError, ValueError, EOFError):
        return False
    return getattr(source, "is_plain", True) and all(source.labels(split) == labels[split] for split in labels)


@contextlib.contextmanager
def _decoding(cache: Path) -> Iterator[None]:
    """One process at a time decodes a data set; folders made for the lock alone go with a failure."""
    made = [folder for folder in (cache.parent.parent, cache.parent) if not folder.exists()]
    lock = lock_of(cache)
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise _unwritable(cache, error) from None
    try:
        yield
    except EDCError:
        if made:
            with contextlib.suppress(OSError):  # no longer empty: somebody else's, too
                Path(lock.lock_file).unlink()
                for folder in reversed(made):
                    folder.rmdir()
        raise
    finally:
        lock.release()


def _clear_away(cache: Path) -> None:
    """Under the lock: what is left of a damaged cache, and of processes that were killed while they decoded."""
    try:
        if cache.exists() and not _is_whole(cache):
            shutil.rmtree(cache)
        for left in cache.parent.glob(f"{DECODING}{cache.name}-*"):
            shutil.rmtree(left)
    except OSError as error:
        raise _unwritable(cache, error) from None


def _unwritable(cache: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the store '{cache.parent.parent}' cannot be written ({error.strerror}):"
        " choose another with --home or EDC_HOME."
    )


def _decode_into(cache: Path, place: str, source: Source, description: Description) -> None:
    """Decode every image under a temporary name, then rename: the cache is whole or absent."""
    try:
        work = Path(tempfile.mkdtemp(prefix=f"{DECODING}{cache.name}-", dir=cache.parent))
    except OSError as error:
        raise _unwritable(cache, error) from None
    try:
        needed = (sum(description.train_counts) + description.test_count) * description.channels * description.size**2
        if shutil.disk_usage(work).free < needed + 2**24:
            raise StoreError(
                f"the disk of '{cache.parent.parent}' is full: {needed >> 20} MiB are needed; choose another."
            )
        note_place(work, place)
        counts = {"train": sum(description.train_counts), "test": description.test_count}
        for split, count in counts.items():
            _decode_split(work, split, count, source, description)
        # Mapped no longer than that: Windows renames no folder that holds an open file.
        mean, std = channel_moments(np.load(work / "train_pixels.npy", mmap_mode="r"))
        info = description.plain() | {"mean": mean, "std": std}
        (work / "info.json").write_text(json.dumps(info, indent=1), encoding="utf-8")
        note_reader(work)
        try:
            if cache.exists():  # of an earlier reader
                cache.rename(old := cache.with_name(f"{REMOVING}{work.name.removeprefix(DECODING)}"))
                shutil.rmtree(old, ignore_errors=True)
            work.rename(cache)
        except OSError as error:
            if not _is_whole(cache):  # no other process was first
                raise _unwritable(cache, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _decode_split(work: Path, split: str, count: int, source: Source, description: Description) -> None:
    shape = (count, description.channels, description.size, description.size)
    labels, row = np.zeros(count, np.int64), -1
    # Written in one go and never mapped: what is decoded does not pile up in memory.
    with (work / f"{split}_pixels.npy").open("wb") as file:
        layout = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, layout)
        for row, (image, label, where) in zip(range(count), source.rows(split), strict=False):
            file.write(source.decode(image, where, description).tobytes())
            labels[row] = label
    if row + 1 != count:
        raise DataError(f"data set '{description.name}' lost images while it was read", "start again")
    np.save(work / f"{split}_labels.npy", labels)


def channel_moments(pixels: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel, in [0, 1] units; pixels: (N, C, H, W) uint8."""
    histogram = np.zeros((pixels.shape[1], 256), np.int64)
    at_once = max(1, 2**20 // math.prod(pixels.shape[1:]))
    for start in range(0, len(pixels), at_once):
        chunk = pixels[start : start + at_once]
        for channel in range(pixels.shape[1]):
            histogram[channel] += np.bincount(chunk[:, channel].ravel(), minlength=256)
    values = np.arange(256) / 255
    share = histogram / histogram.sum(1, keepdims=True)
    mean = share @ values
    std = np.sqrt(share @ values**2 - mean**2)
    return [float(value) for value in mean], [float(max(value, 1e-3)) for value in std]
