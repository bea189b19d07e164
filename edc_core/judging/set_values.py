"""A condensed set's pixel values beside the data set's: blank, inverted, stretched, cut, or of other scales."""

from collections.abc import Iterator

import numpy as np

from edc_core.doctor.finding import Finding

BLANK, FAINT = 0.02, 0.15  # standard deviation below which a set is blank: in [0, 1] units; share of the data set's
SHIFTED = 0.25  # of the data set's standard deviation that a mean may differ by, beside its sampling error
NARROW, WIDE = 0.6, 1.6  # standard deviation as a share of the data set's
CUT = 0.05  # share of values outside the range of pixels
COLOURS = {1: ("",), 3: ("red ", "green ", "blue ")}
RESAVE = "save the pixels as they were, values 0 to 255, or give the --normalisation that they were made with"


def check_values(
    images: np.ndarray, clipped: float, sample: np.ndarray, moments: tuple[tuple[float, ...], tuple[float, ...]]
) -> Iterator[Finding]:
    """Findings on values: `images` are the set's, `sample` some of the data set's, (N, C, H, W) uint8.

    `moments` are the data set's mean and standard deviation of each channel, in [0, 1] units.
    """
    mean, std = channel_moments(images)
    told = f"the set's mean is {_listed(mean)} and its deviation {_listed(std)}; the data set's {_listed(moments[0])}"
    told += f" and {_listed(moments[1])}"
    if blank := _blank(images, mean, std, moments[1]):
        yield Finding("values", "fatal", f"{blank}: {told}.", f"{RESAVE}.")
        return
    if _is_inverted(images, mean, sample, np.asarray(moments[0])):
        yield Finding("values", "fatal", f"the images look inverted: {told}.", "invert them: 255 minus each value.")
        return
    if clipped > CUT:
        message = (
            f"{clipped:.0%} of the numbers lay outside the range of pixels and were cut to it: values of whitened"
            " images (ZCA) or of another normalisation are so extreme."
        )
        yield Finding("values", "warning", message, "undo the whitening, or give the set's own normalisation.")
    error = _sampling_error(images, sample)
    yield from _shifted(mean, std, np.asarray(moments[0]), np.asarray(moments[1]), error, told)


def channel_moments(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(C,) mean and standard deviation in [0, 1] units of (N, C, H, W) uint8."""
    means = np.stack([image.mean((1, 2)) for image in pixels])
    squares = np.stack([(image.astype(np.float32) ** 2).mean((1, 2)) for image in pixels])
    mean = means.mean(0)
    return mean / 255, np.sqrt(np.maximum(squares.mean(0) - mean**2, 0)) / 255


def _blank(images: np.ndarray, mean: np.ndarray, std: np.ndarray, usual: tuple[float, ...]) -> str:
    """What the set is where there is hardly anything to see."""
    highest = int(images.max())
    if highest <= 1:
        return f"the images are black, their values reach {highest} of 255 (numbers from 0 to 1 taken for pixels?)"
    if (std < np.maximum(BLANK, FAINT * np.asarray(usual))).all():
        kind = "black" if mean.mean() < 0.1 else "white" if mean.mean() > 0.9 else "blank"
        return f"the images are nearly {kind}"
    return ""


def _is_inverted(images: np.ndarray, mean: np.ndarray, sample: np.ndarray, usual: np.ndarray) -> bool:
    """Whether negatives would have the data set's mean, and light and dark stand in each other's places."""
    error = _sampling_error(images, sample)
    off, off_inverted = np.abs(mean - usual).max(), np.abs(1 - mean - usual).max()
    if off < 2 * SHIFTED * sample.std() / 255 + 4 * error or off_inverted > off / 3:
        return False
    ours, theirs = images.mean((0, 1)), sample.mean((0, 1))
    if min(ours.std(), theirs.std()) < 1:
        return False
    return bool(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] < -0.3)


def _sampling_error(images: np.ndarray, sample: np.ndarray) -> float:
    """Standard error of a set's mean, as real images of that number would have it."""
    return float(sample.mean((1, 2, 3)).std() / 255 / np.sqrt(len(images)))


def _shifted(
    mean: np.ndarray, std: np.ndarray, usual: np.ndarray, usual_std: np.ndarray, error: float, told: str
) -> Iterator[Finding]:
    """A mean or contrast that real or condensed images of the data set hardly have."""
    for number, colour in enumerate(COLOURS.get(len(mean), ("",) * len(mean))):
        ratio = std[number] / usual_std[number]
        if not NARROW <= ratio <= WIDE:
            what = f"{colour}contrast is {ratio:.2f} times the data set's"
        elif abs(mean[number] - usual[number]) > SHIFTED * usual_std[number] + 4 * error:
            what = f"{colour}mean is far from the data set's"
        else:
            continue
        message = f"the images' {what}: {told}. Were they stretched, darkened or normalised otherwise when saved?"
        yield Finding("values", "warning", message, f"{RESAVE}.")
        return


def _listed(values: np.ndarray | tuple[float, ...]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
