"""Difficulty groups: each class's training images split by how far their statistics are from the class's (PSM).

An image's score under one observer is the mean over its matched layers, of K channels each, of
(||mean_i - mean_c|| + b ||log(variance_i / variance_c)||) / sqrt(K). Observers are put together by the
mean of their ranks within the class, because their scores' scales differ. Groups go from easy to hard.
"""

import numpy as np
import torch
from torch import Tensor

from edc_core.errors import SettingsError
from edc_core.synthesis.moments import FeatureLayout, Moments

VARIANCE_EPS = 1e-6  # added to both variances: a channel may be constant, and a 1 x 1 map has no variance


def scores(images: Moments, classes: Moments, layout: FeatureLayout, spread: float) -> Tensor:
    """Difficulty score of each image, (B,): distance of its moments, two (B, S), from its class's, two (B, S)."""
    means = images.mean - classes.mean
    ratios = ((images.variance + VARIANCE_EPS) / (classes.variance + VARIANCE_EPS)).log()
    start, layers = 0, []
    for group in layout.groups:
        own = slice(start, start + group.width)
        start += group.width
        if group.kind == "channel":
            norms = means[:, own].norm(dim=1) + spread * ratios[:, own].norm(dim=1)
            layers.append(norms / group.width**0.5)
    return torch.stack(layers).mean(0)


def class_ranks(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Rank within the class by value, (N,): 0 is the smallest; ties keep the order of the rows."""
    ranks = np.empty(len(values), np.int64)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        ranks[rows[np.argsort(values[rows], kind="stable")]] = np.arange(len(rows))
    return ranks


def split(difficulty: np.ndarray, labels: np.ndarray, ipc: int) -> np.ndarray:
    """Difficulty group of each image, (N,): class x ipc + place, from the easiest part of a class to the hardest.

    Parts are of equal size, the first ones by an image larger where a class cannot be divided.

    Raises:
        SettingsError: a class has fewer images than groups.
    """
    groups = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) < ipc:
            raise SettingsError(
                f"ipc is {ipc}, but class {label} has {len(rows)} training images to divide into as many groups:"
                f" choose at most {len(rows)}, or synthesise.grouping 'none'."
            )
        order = rows[np.argsort(difficulty[rows], kind="stable")]
        for place, part in enumerate(np.array_split(order, ipc)):
            groups[part] = label * ipc + place
    return groups


def members(labels: Tensor, ipc: int) -> Tensor:
    """Difficulty group of each condensed image, (N,): the class's first image stands for its first group, and so on."""
    places = torch.zeros_like(labels)
    for label in labels.unique():
        own = labels == label
        places[own] = torch.arange(int(own.sum()), device=labels.device) % ipc
    return labels * ipc + places
