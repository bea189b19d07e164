"""Images of a condensed set that are the data set's own: its test images, training images, or each other's copies."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from edc_core.data import Dataset
from edc_core.doctor.finding import MAX_SHOWN, Finding
from edc_core.doctor.similarity import coarse_vectors, distances, hash_pixels, near_distance

MAX_BYTES = 2**31  # of a split that is looked at; of a larger one images spread over it
NEAREST = 3  # by coarse cells, which are compared cell by cell
NEARER = 0.7  # of the distance to the nearest training image, to be called a test image
SOME, MANY = 3, 0.1  # images, and share of the set, that are near test images: no chance
REPEATED = 0.1  # share of a set that repeats others of it


def check_copies(images: np.ndarray, dataset: Dataset) -> Iterator[Finding]:
    """Findings on (N, C, H, W) uint8 images that stand in the data set, or in the set itself more than once."""
    train, test = (_Compared(images, known_images(dataset.cache, name)) for name in ("train", "test"))
    told = _has_detail(images)
    equal_test = test.equal & ~train.equal & told
    equal_train = train.equal & told
    limit = known_images(dataset.cache, "train").limit
    near = (test.distance <= limit) & (test.distance < NEARER * train.distance) & ~train.equal & ~test.equal & told
    yield from _of_the_test_set(equal_test, near, len(images))
    near_train = (train.distance <= limit) & told & ~equal_test & ~near
    if count := int((equal_train | near_train).sum()):
        how = "pixel by pixel" if count == equal_train.sum() else f"{int(equal_train.sum())} of them pixel by pixel"
        message = f"{count} of {len(images)} images are real training images ({how})."
        yield Finding("copies", "note", message)
    repeated = len(images) - len(np.unique(hash_pixels(images)))
    if repeated and repeated >= REPEATED * len(images):
        message = f"{repeated} of {len(images)} images repeat another one of the set, pixel by pixel."
        yield Finding("copies", "warning", message, "leave repetitions out: they count as images per class.")


def _of_the_test_set(equal: np.ndarray, near: np.ndarray, total: int) -> Iterator[Finding]:
    """Students that learn test images are scored on what they have seen."""
    cure = "make the set from training images alone: accuracy on images that were learned is no accuracy."
    examples = tuple(f"image {row}" for row in np.flatnonzero(equal | near)[:MAX_SHOWN])
    if equal.any():
        more = f" and {near.sum()} more nearly so" if near.any() else ""
        message = f"{equal.sum()} of {total} images are the data set's own test images, pixel by pixel{more}."
        yield Finding("copies", "fatal", message, cure, examples)
    elif near.any():
        message = f"{near.sum()} of {total} images are nearly the data set's own test images."
        certain = near.sum() >= max(SOME, MANY * total)
        yield Finding("copies", "fatal" if certain else "warning", message, cure, examples)


@dataclass(frozen=True)
class KnownImages:
    """A split of a data set as images are compared with it; `limit` is the distance of near duplicates in it."""

    pixels: np.ndarray  # (M, C, H, W) uint8 on disk
    vectors: np.ndarray  # (M, COARSE**2) float32
    hashes: np.ndarray  # (M,) uint64
    limit: float


@lru_cache(4)
def known_images(cache: Path, split: str) -> KnownImages:
    """A decoded data set's images, "train" or "test", hashed once in a process."""
    pixels = np.load(cache / f"{split}_pixels.npy", mmap_mode="r")
    pixels = pixels[:: max(1, -(-pixels.nbytes // MAX_BYTES))]
    vectors = coarse_vectors(pixels)
    return KnownImages(pixels, vectors, hash_pixels(pixels), near_distance(pixels, vectors))


class _Compared:
    """How near a set's images come to those of a split: `distance` (N,), and (N,) whether they are `equal` to one."""

    def __init__(self, images: np.ndarray, known: KnownImages) -> None:
        self.equal = np.isin(hash_pixels(images), known.hashes)
        vectors, found = coarse_vectors(images), []
        count = min(NEAREST, len(known.vectors))
        for start in range(0, len(images), 256):
            alike = vectors[start : start + 256] @ known.vectors.T
            rows = np.argpartition(-alike, count - 1, axis=1)[:, :count]
            mine = np.repeat(images[start : start + 256], count, axis=0)
            found.append(distances(mine, known.pixels[rows.ravel()]).reshape(-1, count).min(1))
        self.distance = np.concatenate(found)


def _has_detail(images: np.ndarray) -> np.ndarray:
    """(N,) whether an image is no blank area, which equals others by chance."""
    return np.array([len(np.unique(image)) > 8 for image in images])
