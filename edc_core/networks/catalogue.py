"""Catalogue of networks by name, without torch: all that is decided by a network's name.

An entry says who builds a family, which images it needs, in which precision it is fast, and what it costs against
others of its family or, where it was not measured, against a stand-in.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from edc_core.errors import SettingsError

SMALL_IMAGE = 64  # px; up to here a network has the stem of its CIFAR variant, above its ImageNet stem


Parts = Mapping[str, str | None]  # of a network's name, as the family's pattern names them


@dataclass(frozen=True)
class StandIn:
    """A measured network that stands for a family that the table of costs leaves out, and what this one takes of it.

    Multiples of a training step of 25 at 32 px (AlexNet: 64 px) under `auto` precision, measured once on two cores,
    and of the weights. A forecast's first guess, no more.
    """

    seconds: float
    weights: float
    network: str = "resnet18"


def _squared_width(parts: Parts) -> float:
    return float(parts.get("width") or 1) ** 2


@dataclass(frozen=True)
class Family:
    """One family of networks: the grammar of its names, and everything that follows from a name."""

    pattern: str
    example: str
    summary: str
    builder: str | Callable[..., Any]  # or "module:function" of this package; takes channels, size, classes, parts
    smallest: int = 8  # px; below, a feature map would vanish
    halved_by: str | None = None  # the part of the name that says how often the image's side is halved
    batch_norm: bool = True  # whether it has BatchNorm2d layers, whose moments SRe2L matches
    alone: int = 0  # px; below, the last map is one pixel, whose BatchNorm learns from no image alone
    package: str | None = None  # that builds it, where it is not one of those that are always there
    fast_in_bfloat16: bool = False  # on a CPU, whatever the shape (see `runtime`); a GPU computes all in bfloat16
    channels_last: bool = True  # whether a narrow precision wants channels last on a CPU, too
    work: Callable[[Parts], float] = _squared_width  # against others of the family: width and depth decide
    probe: str | None = None  # who stands for it where a machine's speed is measured: one that computes alike
    stand_in: StandIn | None = None  # None: the table of costs has networks of this family

    def match(self, name: str) -> re.Match[str] | None:
        return re.fullmatch(self.pattern, name)

    def smallest_image(self, parts: Parts) -> int:
        """The least side in px that a network of these parts can see."""
        return 2 ** int(parts[self.halved_by] or 0) if self.halved_by else self.smallest


def _convnet_work(parts: Parts) -> float:
    """Each block works on a quarter of the pixels of the one before."""
    width, depth = int(parts["width"] or 0), int(parts["depth"] or 0)
    return width + width**2 * sum(0.25**block for block in range(1, depth)) / 4


def _resnet_work(parts: Parts) -> float:
    return float(parts["width"] or 64) ** 2


def _wrn_work(parts: Parts) -> float:
    return (int(parts["depth"] or 0) - 4) * int(parts["widen"] or 0) ** 2


def _bottleneck_work(parts: Parts) -> float:
    """Against ResNet-50 at full width: ResNet-101 has 33 blocks, ResNet-50 16."""
    return (33 / 16 if parts["depth"] == "101" else 1.0) * (float(parts["width"] or 64) / 64) ** 2


FAMILIES: dict[str, Family] = {
    "convnet": Family(
        r"convnet-d(?P<depth>[1-9])-w(?P<width>[1-9]\d{0,3})",
        "convnet-d3-w128",
        "depth x (3x3 convolution, instance norm, ReLU, average pooling), then linear",
        batch_norm=False,
        builder="builders:convnet",
        halved_by="depth",
        channels_last=False,
        work=_convnet_work,
        probe="convnet-d3-w64",
    ),
    "resnet18": Family(
        r"resnet18(?:-w(?P<width>[1-9]\d{0,3}))?",
        "resnet18",
        "ResNet-18; up to 64 px with a 3x3 stem and no max-pooling; -w16 narrows it",
        alone=9,
        builder="builders:resnet18",
        fast_in_bfloat16=True,
        work=_resnet_work,
        probe="resnet18-w16",
    ),
    "wrn": Family(
        r"wrn-(?P<depth>10|16|22|28|34|40)-(?P<widen>[1-9]\d?)",
        "wrn-16-2",
        "wide residual network of a depth and a widening factor",
        builder="builders:wrn",
        fast_in_bfloat16=True,
        work=_wrn_work,
        probe="wrn-10-2",
    ),
    "mobilenetv2": Family(
        r"mobilenetv2(?:-(?P<width>0\.\d{1,2}|1\.0))?",
        "mobilenetv2-0.5",
        "MobileNetV2 of a width factor, without one torchvision's own; up to 64 px with early strides removed",
        alone=9,
        builder="builders:mobilenet_v2",
        probe="shufflenetv2-0.25",
    ),
    "shufflenetv2": Family(
        r"shufflenetv2-(?P<width>0\.25|0\.5|1\.0)",
        "shufflenetv2-0.5",
        "ShuffleNetV2 of a width factor, torchvision's own above 64 px; below with a 1x1 stem",
        alone=9,
        builder="builders:shufflenet_v2",
        probe="shufflenetv2-0.25",
    ),
    "bottleneck": Family(
        r"resnet(?P<depth>50|101)(?:-w(?P<width>[1-9]\d{0,3}))?",
        "resnet50",
        "ResNet-50 and ResNet-101; up to 64 px with a 3x3 stem and no max-pooling; -w16 narrows them",
        alone=9,
        builder="builders:bottleneck",
        fast_in_bfloat16=True,
        work=_bottleneck_work,
        stand_in=StandIn(2.7, 2.1),
    ),
    "efficientnet": Family(
        r"efficientnet-b0",
        "efficientnet-b0",
        "EfficientNet-B0; up to 64 px with early strides removed",
        alone=9,
        builder="torchvision_timm:efficientnet",
        stand_in=StandIn(2.3, 0.36),
    ),
    "alexnet": Family(
        r"alexnet",
        "alexnet",
        "AlexNet with its 11x11 stem; matched on its convolutions",
        smallest=63,
        batch_norm=False,
        builder="torchvision_timm:alexnet",
        stand_in=StandIn(0.2, 5.1),
    ),
    "vgg": Family(
        r"vgg11-bn",
        "vgg11-bn",
        "VGG-11 with BatchNorm; up to 64 px with one linear layer as its head",
        smallest=32,
        builder="torchvision_timm:vgg11",
        fast_in_bfloat16=True,
        stand_in=StandIn(0.42, 0.83),
    ),
    "densenet": Family(
        r"densenet121",
        "densenet121",
        "DenseNet-121; up to 64 px with a 3x3 stem and no max-pooling",
        alone=16,
        builder="torchvision_timm:densenet",
        fast_in_bfloat16=True,
        stand_in=StandIn(3.6, 0.62),
    ),
    "convnext": Family(
        r"convnext-t",
        "convnext-t",
        "ConvNeXt-T; up to 64 px with patches of 2 px; matched on its convolutions",
        smallest=16,
        batch_norm=False,
        builder="torchvision_timm:convnext",
        stand_in=StandIn(2.6, 2.5),
    ),
    "swin": Family(
        r"swin-t",
        "swin-t",
        "Swin-T; up to 64 px with patches of 2 px; its one convolution, which is matched, sees only pixels",
        smallest=16,
        batch_norm=False,
        builder="torchvision_timm:swin",
        fast_in_bfloat16=True,
        stand_in=StandIn(2.2, 2.5),
    ),
    "deit": Family(
        r"deit-tiny",
        "deit-tiny",
        "DeiT-Tiny; up to 64 px with patches of 4 px; its one convolution, which is matched, sees only pixels",
        smallest=16,
        package="timm",
        batch_norm=False,
        builder="torchvision_timm:deit",
        stand_in=StandIn(1.7, 0.49),
    ),
}


def family_of(name: str) -> tuple[str, re.Match[str]]:
    """Family of a network, by its name, and the name's parts.

    Raises:
        SettingsError: no family has such a name.
    """
    for family, entry in FAMILIES.items():
        if match := entry.match(name):
            return family, match
    examples = [entry.example for entry in FAMILIES.values()]
    alike = [example for example in examples if _letters(example) == _letters(name)]  # "convnet-d3" is no ConvNeXt
    near = difflib.get_close_matches(name.lower(), alike or examples, n=1, cutoff=0.3)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise SettingsError(f"network '{name}' is unknown: {hint}Choose a name like {', '.join(examples)}.")


def work_of(name: str) -> float:
    """A network's work against others of its family."""
    family, match = family_of(name)
    return FAMILIES[family].work(match.groupdict())


def probes() -> dict[str, str]:
    """Family -> the network whose speed on a machine stands for the family's, for those that were measured."""
    return {name: entry.probe for name, entry in FAMILIES.items() if entry.probe}


def _letters(name: str) -> str:
    """Letters at the start of a network's name, up to its first number or hyphen."""
    return re.match("[a-z]*", name.lower())[0]


def check_fits(name: str, size: int) -> None:
    """Refuse a network that cannot be built, or that would shrink an image of `size` px to nothing.

    Raises:
        SettingsError: the image is too small for it, or a package that builds it is not installed.
    """
    family, match = family_of(name)
    entry = FAMILIES[family]
    smallest = entry.smallest_image(match.groupdict())
    if size < smallest:
        cure = "a shallower one" if entry.halved_by else "one for small images, like resnet18"
        raise SettingsError(
            f"network '{name}' needs images of at least {smallest} px, but these are {size} px: choose {cure}."
        )
    if entry.package and find_spec(entry.package) is None:
        raise SettingsError(
            f"network '{name}' is built by {entry.package}, which is not installed: pip install {entry.package}."
        )


def check_batches(name: str, size: int, images: int, batch_size: int, setting: str) -> None:
    """Refuse batches whose last one is a single image, where a network's BatchNorm cannot learn from one.

    Raises:
        SettingsError: naming the setting of the batch size.
    """
    if size < FAMILIES[family_of(name)[0]].alone and (images - 1) % batch_size == 0:
        raise SettingsError(
            f"{setting} is {batch_size}, so that the last batch of {images:,} images holds one alone, of which the"
            f" BatchNorm layers of {name} learn nothing at {size} px: choose another."
        )
