"""Somebody else's set as an NPZ: checked before it is unpacked, brought to eight bits, never unpickled."""

import io
import math

import numpy as np
from numpy.lib import format as npy

from edc_core.data.external_sets.members import Member
from edc_core.data.sources import Description
from edc_core.errors import DataError, SettingsError

# Names of arrays as people save them; of MedMNIST and Keras the training part.
IMAGES = ("images", "image", "x", "data", "train_images", "x_train", "train_x", "images_syn", "imgs", "samples")
LABELS = ("labels", "label", "targets", "y", "train_labels", "y_train", "train_y", "labels_syn", "target", "classes")
OUTSIDE = 0.25  # share of values clearly outside the valid range that means a wrong normalisation
UNREADABLE_ARRAY = (ValueError, EOFError, OSError, SyntaxError, MemoryError, OverflowError)


def read_array(member: Member) -> np.ndarray:
    """One array of numbers or text.

    Raises:
        DataError: it is damaged, claims more than it holds, or holds Python objects.
    """
    try:
        content = member.read()
        file = io.BytesIO(content)
        version = npy.read_magic(file)
        shape, _, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(file)
        if dtype.hasobject:
            raise DataError(
                f"array '{member.name}' holds Python objects, which are never unpacked", "save plain numbers"
            )
        if math.prod(shape) * dtype.itemsize != len(content) - file.tell():
            raise ValueError("its header and its length disagree")
        return npy.read_array(io.BytesIO(content), allow_pickle=False)
    except UNREADABLE_ARRAY as error:
        reason = str(error).split("\n")[0][:120]
        raise DataError(f"array '{member.name}' is damaged ({reason})", "save the NPZ again") from None


def choose_labels(members: list[Member]) -> Member | None:
    """The array of labels by its name, or the only one there is."""
    return _called(members, LABELS) or (members[0] if len(members) == 1 else None)


def images_and_labels(members: list[Member]) -> tuple[Member, Member | None, tuple[str, ...]]:
    """The arrays of images and of labels, and what is said of the choice.

    Raises:
        DataError: there are no images.
    """
    images, labels = _called(members, IMAGES), _called(members, LABELS)
    if images is None and len(members) == 1:
        images, labels = members[0], None
    if images is None and labels is None:
        images, labels = _by_shape(members)
    if images is None:
        raise DataError(
            f"the NPZ has the arrays {', '.join(map(_name, members))}, but none called 'images'",
            "save it as images=..., labels=...",
        )
    usual = {_name(images).lower(), _name(labels).lower() if labels else "labels"} <= {"images", "labels", "x", "y"}
    others = [_name(member) for member in members if member not in (images, labels)]
    if usual and not others:
        return images, labels, ()
    said = f"read from the NPZ: '{_name(images)}'" + (f" and '{_name(labels)}'" if labels else "")
    return images, labels, (said + (f", not {', '.join(others)}" if others else ""),)


def _called(members: list[Member], names: tuple[str, ...]) -> Member | None:
    by_name = {_name(member).lower(): member for member in members}
    return next((by_name[name] for name in names if name in by_name), None)


def _name(member: Member) -> str:
    return member.name.removesuffix(".npy")


def _by_shape(members: list[Member]) -> tuple[Member | None, Member | None]:
    """Of two arrays without telling names (arr_0, arr_1): the one of images and the one of a label each."""
    shapes = {member.name: read_array(member).shape for member in members} if len(members) == 2 else {}
    for images, labels in (members, members[::-1]) if shapes else ():
        many, few = shapes[images.name], shapes[labels.name]
        if len(many) in (3, 4) and len(few) in (1, 2) and many[0] == few[0]:
            return images, labels
    return None, None


def as_pixels(images: np.ndarray, about: Description, normalisation: str | None, most: int) -> tuple[np.ndarray, float]:
    """(N, C, H, W) uint8 images, and the share of values that had to be cut to the valid range.

    Raises:
        DataError: shape or values do not fit the data set.
        SettingsError: the normalisation is missing or wrong.
    """
    images = _channels_first(images, about)
    check_weight(images.size, most)
    if images.dtype == np.uint8 or (images.dtype.kind in "iu" and images.min() >= 0 and images.max() <= 255):
        if normalisation is not None:
            raise SettingsError(
                f"the images are whole pixels from 0 to 255: leave normalisation '{normalisation}' away."
            )
        return images.astype(np.uint8), 0.0
    if images.dtype.kind not in "fiu":
        raise DataError(f"the images are of type {images.dtype}", "save them as uint8 or as floating-point numbers")
    return _from_floats(images, normalisation)


def check_weight(weight: int, most: int) -> None:
    """Refuse images of more than `most` bytes as eight-bit pixels.

    Raises:
        DataError: naming what they weigh.
    """
    if weight > most:
        raise DataError(f"the images weigh {weight >> 20} MiB as pixels", f"at most {most >> 20} MiB are taken")


def _channels_first(images: np.ndarray, about: Description) -> np.ndarray:
    side, channels = about.size, about.channels
    grey = images.ndim == 3 and channels == 1 and images.shape[1:] == (side, side)
    if len(images) and grey:
        return images[:, None]
    if images.ndim == 4 and len(images):
        if images.shape[1:] == (channels, side, side):
            return images
        if images.shape[1:] == (side, side, channels):
            return images.transpose(0, 3, 1, 2)
    raise DataError(
        f"the images have the shape {images.shape}, but {about.name} needs (N, {channels}, {side}, {side}) or"
        f" (N, {side}, {side}, {channels})",
        "resize or convert them first; they are judged exactly as they are",
    )


def _from_floats(images: np.ndarray, normalisation: str | None) -> tuple[np.ndarray, float]:
    if not np.isfinite(images).all():
        raise DataError("the images hold values that are not finite numbers", "replace them")
    mean, std = _moments(images, normalisation)
    pixels = np.empty(images.shape, np.uint8)
    cut = outside = 0
    for start in range(0, len(images), 1000):
        values = images[start : start + 1000].astype(np.float32) * std + mean
        outside += int(((values < -0.05) | (values > 1.05)).sum())
        rounded = np.rint(values * 255)
        cut += int(((rounded < 0) | (rounded > 255)).sum())
        pixels[start : start + 1000] = rounded.clip(0, 255)
    if outside > OUTSIDE * images.size:
        raise SettingsError(
            f"normalisation '{normalisation}' puts {100 * outside / images.size:.0f} % of the values outside the range"
            " of pixels: give the one that the images were made with, or undo the whitening (ZCA)."
        )
    return pixels, cut / images.size


def _moments(images: np.ndarray, normalisation: str | None) -> tuple[np.ndarray, np.ndarray]:
    """(1, C, 1, 1) mean and standard deviation in [0, 1] units that "MEAN/STD", "0-1" or "0-255" stand for."""
    channels = images.shape[1]
    known = {"0-1": ([0.0], [1.0]), "0-255": ([0.0], [1 / 255])}
    try:
        mean, std = known.get(normalisation) or [
            [float(number) for number in part.split(",")] for part in (normalisation or "").split("/")
        ]
    except ValueError:
        mean, std = [], []
    right = {1, channels}
    if len(mean) not in right or len(std) not in right or not all(map(math.isfinite, mean + std)) or min(std) <= 0:
        given = "no normalisation is given" if normalisation is None else f"normalisation is '{normalisation[:100]}'"
        example = "/".join([",".join(["0.5"] * channels), ",".join(["0.25"] * channels)])
        raise SettingsError(
            f"the images are numbers from {images.min():.3g} to {images.max():.3g} and {given}: choose 0-1, 0-255, or"
            f" the means and standard deviations that they were normalised by, such as {example}."
        )
    return tuple(np.asarray(values, np.float32).reshape(1, -1, 1, 1) for values in (mean, std))
