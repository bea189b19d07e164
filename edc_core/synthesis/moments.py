"""Moments of layer inputs, which every matching loss compares.

Each matched layer's input h, (B, K, H, W), is read once. Per image it leaves a mean and a biased
variance for each channel and, for convolutions, for each patch position. All layers' columns stand
side by side in one (B, S) pair, so that moments of any set of images (a batch, a class) are one
matrix product, for all layers at once:

    mean = average of the images' means
    variance = average of the images' variances + variance of the images' means
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.torch_utils.deterministic_resize import upsample_bilinear

CLASSES_PER_CHUNK = 50  # a thousand classes at once in float64 would double the memory of statistics
CHUNK_ELEMENTS = 2**19  # numbers of a layer's input that are read together on a CPU: 2 MiB


@dataclass(frozen=True)
class Moments:
    """Moments of M sets of images: means and biased variances, each (M, S), S the columns of all layers."""

    mean: Tensor
    variance: Tensor


@dataclass(frozen=True)
class NormGroup:
    """Group of columns that one norm is taken over: a layer's channels, or its patch positions."""

    layer: int
    kind: str  # "channel" or "patch"
    width: int


@dataclass
class FeatureLayout:
    """Layout of the moments' columns: which belong to which matched layer; filled by the first forward pass."""

    layers: list[str]
    is_norm: list[bool]  # BatchNorm2d, else Conv2d
    groups: list[NormGroup] = field(default_factory=list)

    @property
    def width(self) -> int:
        return sum(group.width for group in self.groups)

    def owners(self) -> Tensor:
        """(S,) the number of the `NormGroup` that each column belongs to."""
        return torch.repeat_interleave(torch.tensor([group.width for group in self.groups]))


class Channels:
    """Channel grouping: one group per channel, over all positions of the map."""

    def pool(self, x: Tensor) -> Tensor:
        return x.mean((2, 3), keepdim=True)

    def spread(self, m: Tensor) -> Tensor:
        return m


@dataclass(frozen=True)
class Patches:
    """Patch grouping: one group per patch of p x q positions, over all channels."""

    p: int
    q: int

    def pool(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x.mean(1, keepdim=True), (self.p, self.q))

    def spread(self, m: Tensor) -> Tensor:
        return m.repeat_interleave(self.p, 2).repeat_interleave(self.q, 3)


class GroupMoments(torch.autograd.Function):
    """Means and biased variances of groups of elements, for several groupings of one h, with a one-pass gradient.

    A grouping's `pool` averages h over its groups, `spread` lays group values back over h's elements. torch's own
    `var_mean` was measured six to fifteen times slower on a CPU. There a few images are read at a time, so that
    all their passes find them in the processor's cache.
    """

    @staticmethod
    def forward(ctx, h: Tensor, *groupings: Channels | Patches) -> tuple[Tensor, ...]:
        parts = [_exact_moments(part, groupings) for part in _few_images(h)]
        found = parts[0] if len(parts) == 1 else tuple(map(torch.cat, zip(*parts, strict=True)))
        ctx.save_for_backward(h, *found[::2])
        ctx.groupings = groupings
        return found

    @staticmethod
    def backward(ctx, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        h, *means = ctx.saved_tensors
        slopes, offsets = [], []
        for grouping, mean, of_mean, of_variance in zip(
            ctx.groupings, means, gradients[::2], gradients[1::2], strict=True
        ):
            size = h.numel() // mean.numel()
            slope = 2 * of_variance / size
            slopes.append(grouping.spread(slope))
            offsets.append(grouping.spread(of_mean / size - slope * mean))
        gradient = torch.addcmul(sum(offsets), h.to(means[0].dtype), sum(slopes)).to(h.dtype)
        return gradient, *(None for _ in ctx.groupings)


def _few_images(h: Tensor) -> tuple[Tensor, ...]:
    """Chunks of the images of h that fit the CPU's cache; all at once on other devices."""
    if h.device.type != "cpu" or h.numel() < 2 * CHUNK_ELEMENTS:
        return (h,)
    return h.split(max(1, CHUNK_ELEMENTS // h[0].numel()))


def _exact_moments(h: Tensor, groupings: tuple[Channels | Patches, ...]) -> tuple[Tensor, ...]:
    """Mean and variance of each grouping in turn, around the mean: no cancellation."""
    exact, found = h if h.dtype == torch.float64 else h.float(), []
    for grouping in groupings:
        mean = grouping.pool(exact)
        squares = F.mse_loss(exact, grouping.spread(mean).expand_as(exact), reduction="none")  # in one pass
        found += [mean, grouping.pool(squares)]
    return tuple(found)


def channel_moments(h: Tensor) -> tuple[Tensor, Tensor]:
    """Each image's mean and biased variance per channel; h: (B, K, H, W) -> two (B, K)."""
    mean, variance = GroupMoments.apply(h, Channels())
    return mean.flatten(1), variance.flatten(1)


def patch_moments(h: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """Each image's mean and biased variance per patch position over (K, p, p); h: (B, K, H, W) -> two (B, UV).

    The map is interpolated bilinearly to multiples of `patch`; one smaller than `patch` is taken whole.
    """
    mean, variance = GroupMoments.apply(*_patched(h, patch))
    return mean.flatten(1), variance.flatten(1)


def both_moments(h: Tensor, patch: int) -> tuple[Tensor, ...]:
    """Channels' and patches' means and variances, read together where they can be: two (B, K), two (B, UV)."""
    larger, patches = _patched(h, patch)
    if larger is not h:
        return *channel_moments(h), *patch_moments(h, patch)
    return tuple(moment.flatten(1) for moment in GroupMoments.apply(h, Channels(), patches))


def _patched(h: Tensor, patch: int) -> tuple[Tensor, Patches]:
    """The map, upsampled where patches do not divide it evenly, and its patch grouping."""
    height, width = h.shape[-2:]
    p, q = min(patch, height), min(patch, width)
    rows, columns = -(-height // p), -(-width // q)
    if (rows * p, columns * q) != (height, width):
        h = upsample_bilinear(h.float(), rows * p, columns * q)
    return h, Patches(p, q)


class MomentHooks:
    """Forward hooks that record the moments of a network's layer inputs (paper, sec. 3.1).

    A context manager: the hooks are removed on exit. Call the network inside, then `pop` the moments.

    Args:
        network: its BatchNorm2d and Conv2d layers are recorded.
        patch: side of the patches of a convolution's input, in pixels of its map.
    """

    def __init__(self, network: nn.Module, patch: int) -> None:
        self.patch = patch
        self.paused = False  # True: forward passes leave no moments
        self.modules = [
            (name, module) for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d | nn.Conv2d)
        ]
        self.layout = FeatureLayout(
            [name for name, _ in self.modules], [isinstance(module, nn.BatchNorm2d) for _, module in self.modules]
        )
        self.seen: dict[int, list[tuple[str, Tensor, Tensor]]] = {}
        self.handles: list = []

    def __enter__(self) -> "MomentHooks":
        for number, (_, module) in enumerate(self.modules):
            self.handles.append(module.register_forward_pre_hook(self._hook(number)))
        return self

    def __exit__(self, *error) -> None:
        for handle in self.handles:
            handle.remove()
        self.handles.clear()

    def _hook(self, number: int):
        def read(module: nn.Module, inputs: tuple[Tensor]) -> None:
            if self.paused:
                return
            h = inputs[0]  # the moments are taken in float32 whatever the network computes in
            kind = h.device.type if h.device.type in ("cuda", "mps") else "cpu"
            with torch.autocast(kind, enabled=False):
                if isinstance(module, nn.Conv2d):
                    *channel, mean, variance = both_moments(h, self.patch)
                    parts = [("channel", *channel), ("patch", mean, variance)]
                else:
                    parts = [("channel", *channel_moments(h))]
            self.seen[number] = parts

        return read

    def pop(self) -> Moments:
        """Return and forget the moments of each image of the last forward pass: two (B, S), float32."""
        parts = [(number, *part) for number in sorted(self.seen) for part in self.seen[number]]
        self.seen = {}
        if not self.layout.groups:
            self.layout.groups = [NormGroup(number, kind, mean.shape[1]) for number, kind, mean, _ in parts]
        return Moments(torch.cat([part[2] for part in parts], 1), torch.cat([part[3] for part in parts], 1))


def pool_moments(images: Moments, member: Tensor, between: bool = True) -> Moments:
    """Pool the moments of images into those of M disjoint sets of images.

    Args:
        images: two (B, S).
        member: (M, B) of 0 and 1, each image in at most one set.
        between: False leaves out the variance between the images' means (the reference code's `within_image`).

    Returns:
        Two (M, S); zeros for a set without images.
    """
    share = member / member.sum(1, keepdim=True).clamp_min(1)
    mean = share @ images.mean
    variance = share @ images.variance
    if between:
        # Around each image's own set, not as a difference of squares: no cancellation in float32.
        variance = variance + share @ (images.mean - member.T @ mean).square()
    return Moments(mean, variance)


@dataclass
class ClassSums:
    """Sums of moments over a stream of images, in float64, from which per-class and global moments follow."""

    count: Tensor  # (C,)
    mean: Tensor  # (C, S) sums of the images' means
    square: Tensor  # (C, S) sums of their squares
    variance: Tensor  # (C, S) sums of the images' variances

    @classmethod
    def empty(cls, classes: int, width: int) -> "ClassSums":
        return cls(torch.zeros(classes, dtype=torch.float64), *(torch.zeros(3, classes, width, dtype=torch.float64)))

    def add(self, images: Moments, labels: Tensor) -> None:
        """Add the moments of a batch, two (B, S), with its class numbers, (B,)."""
        present, own = labels.cpu().unique(return_inverse=True)
        member = F.one_hot(own, len(present)).double().T
        mean, variance = (x.detach().cpu().double() for x in (images.mean, images.variance))
        self.count.index_add_(0, present, member.sum(1))
        for total, values in ((self.mean, mean), (self.square, mean.square()), (self.variance, variance)):
            total.index_add_(0, present, member @ values)

    def finish(self) -> dict[str, Tensor]:
        """Moments per class, float32 (C, S): `mean`, `within` (the images' mean variance), `between`; `count` (C,)."""
        found = {name: torch.empty(self.mean.shape) for name in ("mean", "within", "between")}
        for start in range(0, len(self.count), CLASSES_PER_CHUNK):
            rows = slice(start, start + CLASSES_PER_CHUNK)
            count = self.count[rows, None]
            mean = self.mean[rows] / count
            found["mean"][rows] = mean
            found["within"][rows] = self.variance[rows] / count
            found["between"][rows] = (self.square[rows] / count - mean.square()).clamp_min(0)
        return found | {"count": self.count.to(torch.int64)}
