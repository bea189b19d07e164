"""Builders of observers and students, for any channel count, image size and class count.

Up to 64 px the first strides are removed, as the CIFAR variants in the literature do; above, each
network keeps its ImageNet stem. Sizes for 10 classes at 32 px are those of the paper's committee
(supplement of arXiv 2404.13733): ResNet-18 11,173,962 parameters, ConvNet-W128 320,010, ...
"""

from collections import OrderedDict
from importlib import import_module

import torch
from torch import Tensor, nn
from torchvision.models import mobilenetv2, shufflenetv2
from torchvision.models.resnet import BasicBlock, Bottleneck

from edc_core.networks.catalogue import FAMILIES, SMALL_IMAGE, check_fits, family_of
from edc_core.torch_utils.avg_pool import AvgPool2x2


def convnet(channels: int, size: int, classes: int, depth: int, width: int) -> nn.Module:
    """ConvNet-D`depth`-W`width`, instance norm written as GroupNorm with one channel a group."""
    layers: list[nn.Module] = []
    for block in range(depth):
        layers += [
            nn.Conv2d(channels if block == 0 else width, width, 3, padding=1),
            nn.GroupNorm(width, width),
            nn.ReLU(inplace=True),
            AvgPool2x2(),
        ]
    side = size // 2**depth
    return nn.Sequential(
        OrderedDict(features=nn.Sequential(*layers), flatten=nn.Flatten(), head=nn.Linear(width * side**2, classes))
    )


def _pooled(*layers: nn.Module, features: int, classes: int) -> nn.Module:
    """`layers`, global average pooling, one linear layer."""
    return nn.Sequential(
        OrderedDict(
            features=nn.Sequential(*layers),
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            head=nn.Linear(features, classes),
        )
    )


def _residual(
    channels: int, size: int, classes: int, width: int, block: type[BasicBlock | Bottleneck], counts: tuple[int, ...]
) -> nn.Module:
    """A ResNet of torchvision's blocks, `counts` of them in each stage, `width` channels in the first."""
    small = size <= SMALL_IMAGE
    layers: list[nn.Module] = [
        nn.Conv2d(channels, width, 3 if small else 7, stride=1 if small else 2, padding=1 if small else 3, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
    ]
    if not small:
        layers.append(nn.MaxPool2d(3, stride=2, padding=1))
    inputs = width
    for stage, count in enumerate(counts):
        planes, stride = width * 2**stage, 1 if stage == 0 else 2
        outputs, shortcut = planes * block.expansion, None
        if stride != 1 or inputs != outputs:
            shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        layers += [block(inputs, planes, stride, shortcut), *(block(outputs, planes) for _ in range(count - 1))]
        inputs = outputs
    return _pooled(*layers, features=inputs, classes=classes)


def resnet18(channels: int, size: int, classes: int, width: int = 64) -> nn.Module:
    """ResNet-18 of torchvision's blocks, `width` channels in its first stage."""
    return _residual(channels, size, classes, width, BasicBlock, (2, 2, 2, 2))


def bottleneck(channels: int, size: int, classes: int, depth: int, width: int = 64) -> nn.Module:
    """ResNet-50 or ResNet-101 of torchvision's blocks, which stride in their 3x3 convolution."""
    return _residual(channels, size, classes, width, Bottleneck, {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}[depth])


class WideBlock(nn.Module):
    """The pre-activation block of Zagoruyko & Komodakis (2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(outputs), nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = None if inputs == outputs else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.norm1(x))
        skip = x if self.shortcut is None else self.shortcut(h)
        return skip + self.conv2(torch.relu(self.norm2(self.conv1(h))))


def wrn(channels: int, size: int, classes: int, depth: int, widen: int) -> nn.Module:
    """Wide residual network WRN-`depth`-`widen`."""
    blocks, inputs = (depth - 4) // 6, 16
    layers: list[nn.Module] = [
        nn.Conv2d(channels, 16, 3, stride=1 if size <= SMALL_IMAGE else 4, padding=1, bias=False)
    ]
    for stage in range(3):
        outputs = 16 * widen * 2**stage
        for block in range(blocks):
            layers.append(WideBlock(inputs, outputs, stride=2 if stage and block == 0 else 1))
            inputs = outputs
    return _pooled(*layers, nn.BatchNorm2d(inputs), nn.ReLU(inplace=True), features=inputs, classes=classes)


def mobilenet_v2(channels: int, size: int, classes: int, width: float | None = None) -> nn.Module:
    """MobileNetV2 of torchvision; small images keep full resolution through its first three stages.

    With a `width` factor it is as in the paper's committee for CIFAR, without one as torchvision has it.
    """
    small = size <= SMALL_IMAGE
    strides = (1, 1, 2, 2, 1, 2, 1) if small else (1, 2, 2, 2, 1, 2, 1)
    stages = zip((1, 6, 6, 6, 6, 6, 6), (16, 24, 32, 64, 96, 160, 320), (1, 2, 3, 4, 3, 3, 1), strides, strict=True)
    network = mobilenetv2.MobileNetV2(
        num_classes=classes,
        width_mult=1.0 if width is None else width,
        inverted_residual_setting=[list(stage) for stage in stages],
        round_nearest=8 if width is None else 4,
        dropout=0.0,
    )
    stem = network.features[0][0]
    network.features[0][0] = nn.Conv2d(channels, stem.out_channels, 3, stride=1 if small else 2, padding=1, bias=False)
    if width is None:
        return network
    # The paper's committee expands in the first block too (53 convolutions, not 52).
    expand = mobilenetv2.Conv2dNormActivation(
        stem.out_channels, stem.out_channels, kernel_size=1, norm_layer=nn.BatchNorm2d, activation_layer=nn.ReLU6
    )
    network.features[1].conv.insert(0, expand)
    return network


_SHUFFLE_WIDTHS = {0.25: (24, 24, 48, 96, 512), 0.5: (24, 48, 96, 192, 1024), 1.0: (24, 116, 232, 464, 1024)}


def shufflenet_v2(channels: int, size: int, classes: int, width: float) -> nn.Module:
    """ShuffleNetV2 of torchvision; small images enter by a 1x1 convolution, without max-pooling."""
    network = shufflenetv2.ShuffleNetV2([4, 8, 4], list(_SHUFFLE_WIDTHS[width]), num_classes=classes)
    small = size <= SMALL_IMAGE
    network.conv1[0] = nn.Conv2d(
        channels, 24, 1 if small else 3, stride=1 if small else 2, padding=0 if small else 1, bias=False
    )
    if small:
        network.maxpool = nn.Identity()
    return network


def build(name: str, channels: int, size: int, classes: int) -> nn.Module:
    """Build a network by name, its weights drawn from torch's global generator (see `rng.seeded_global_rng`).

    It maps images (B, `channels`, `size`, `size`), float, to logits (B, `classes`).

    Raises:
        SettingsError: the name is unknown, the images are too small, or the package that builds it is missing.
    """
    family, match = family_of(name)
    check_fits(name, size)
    given = {key: value for key, value in match.groupdict().items() if value is not None}
    parts = {key: int(value) if value.isdigit() else float(value) for key, value in given.items()}
    builder = FAMILIES[family].builder
    if isinstance(builder, str):
        module, _, function = builder.partition(":")
        builder = getattr(import_module(f"edc_core.networks.{module}"), function)
    return builder(channels, size, classes, **parts)


def features_of(network: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (B, C) and penultimate features (B, F): the input of the last linear layer."""
    seen: list[Tensor] = []
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    handle = last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    try:
        return network(images), seen[-1]
    finally:
        handle.remove()
