"""Perceptual hashes of images, and distances between images that ignore brightness and contrast; NumPy alone."""

import hashlib
import math
from typing import Protocol

import numpy as np

COARSE = 8  # cells a side of a perceptual hash
FINE = 16  # cells a side, at most, that two images are compared by
BITS, TABLES, WINDOW = 64, 12, 4  # of a hash; sorted orders of its bits; neighbours looked at in each
CLOSE = 0.985  # correlation of coarse cells from which two images are compared cell by cell
NEAR, FARTHEST = 0.35, 0.2  # near duplicates: share of what is usual between neighbours, and at most this distance
SAMPLE, NEIGHBOUR = 300, 5  # images, and which of their nearest ones tells what is usual
CHUNK = 4096  # images at a time


def hash_pixels(pixels: np.ndarray) -> np.ndarray:
    """(N,) uint64 of each image's decoded pixels."""
    digests = (hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in pixels)
    return np.frombuffer(b"".join(digests), np.uint64)


def cell_means(pixels: np.ndarray, most: int) -> np.ndarray:
    """(N, C, cells, cells) float32 means of (N, C, H, W) uint8 over about `most` cells a side."""
    side = pixels.shape[-1]
    count = side if side <= most else next((n for n in (most, most - 1, most - 2) if side % n == 0), most)
    step = side // count
    first = (side - step * count) // 2
    inner = pixels[..., first : first + step * count, first : first + step * count].astype(np.float32)
    if step == 1:
        return inner
    return inner.reshape(*inner.shape[:2], count, step, count, step).mean((3, 5))


def unit_vectors(cells: np.ndarray) -> np.ndarray:
    """(N, D) float32 of length 1 and mean 0; a blank image is all zeros."""
    flat = cells.reshape(len(cells), -1)
    flat = flat - flat.mean(1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.divide(flat, length, out=np.zeros_like(flat), where=length > 1e-3 * flat.shape[1])


def coarse_vectors(pixels: np.ndarray) -> np.ndarray:
    """(N, COARSE**2) float32 unit vectors of grey cells."""
    parts = [
        unit_vectors(cell_means(np.asarray(pixels[start : start + CHUNK]), COARSE).mean(1))
        for start in range(0, len(pixels), CHUNK)
    ]
    return np.concatenate(parts)


def perceptual_hashes(vectors: np.ndarray) -> np.ndarray:
    """(N, BITS) bool: on which side of the median an image lies along fixed random directions."""
    directions = np.random.default_rng(0).normal(size=(vectors.shape[1], BITS)).astype(np.float32)
    along = vectors @ directions
    return along > np.median(along, axis=0)


def candidate_pairs(vectors: np.ndarray) -> np.ndarray:
    """(P, 2) rows of images whose hashes are neighbours in some order of their bits, and whose cells are alike."""
    bits = perceptual_hashes(vectors)
    generator = np.random.default_rng(1)
    found = []
    for _ in range(TABLES):
        packed = np.ascontiguousarray(np.packbits(bits[:, generator.permutation(BITS)], axis=1))
        order = np.argsort(packed.view(">u8").ravel(), kind="stable")
        for step in range(1, min(WINDOW, len(order) - 1) + 1):
            one, other = order[:-step], order[step:]
            alike = np.einsum("nd,nd->n", vectors[one], vectors[other]) >= CLOSE
            found.append(np.sort(np.stack([one[alike], other[alike]], 1), axis=1))
    return np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), np.int64)


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(N,) distances of unit vectors, from 0 to 2, of pairs of images (N, C, H, W) uint8."""
    parts = [
        _distances(one[start : start + CHUNK], other[start : start + CHUNK]) for start in range(0, len(one), CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    a, b = (unit_vectors(cell_means(np.asarray(pixels), FINE)) for pixels in (one, other))
    return np.sqrt(np.maximum(2 - 2 * np.einsum("nd,nd->n", a, b), 0))


class Rows(Protocol):
    """Images (N, C, H, W) uint8 of which some rows can be read: an array, or several in turn."""

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray: ...


def near_distance(pixels: Rows, vectors: np.ndarray) -> float:
    """The distance below which two of these images are near duplicates.

    A share of what is usual between an image and its fifth nearest: trousers are more alike than street scenes.
    """
    rows = np.linspace(0, len(vectors) - 1, min(SAMPLE, len(vectors))).astype(int)
    place = min(NEIGHBOUR, len(vectors) - 1)
    if place < 1:
        return 0.0
    alike = vectors[rows] @ vectors.T
    nearest = np.argpartition(-alike, place, axis=1)[:, place]
    usual = float(np.median(distances(pixels[rows], pixels[nearest])))
    return min(FARTHEST, NEAR * usual) if math.isfinite(usual) else 0.0
