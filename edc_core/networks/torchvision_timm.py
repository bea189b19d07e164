"""Networks that torchvision or timm build, at full width, for any channel count and class count.

Above 64 px each is the library's own to the parameter. Up to 64 px the first strides are removed or
the patches made smaller, as in the networks of `builders.py`; only AlexNet and VGG-11 keep all of
theirs. Dropout and stochastic depth are off: they draw from torch's global generator at every step,
which a resumed training could not repeat to the bit.
"""

from collections import OrderedDict
from functools import partial

import torch.nn.functional as F
from torch import Tensor, nn
from torchvision import models
from torchvision.models.swin_transformer import SwinTransformer

from edc_core.networks.catalogue import SMALL_IMAGE


def _replace_stem(parent: nn.Module, name: str, channels: int, **changes: int) -> None:
    """Give `parent.name`, a convolution, another input width and other strides, kernel or padding."""
    old = getattr(parent, name)
    settings = {"kernel_size": old.kernel_size, "stride": old.stride, "padding": old.padding} | changes
    setattr(parent, name, nn.Conv2d(channels, old.out_channels, bias=old.bias is not None, **settings))


def efficientnet(channels: int, size: int, classes: int) -> nn.Module:
    """EfficientNet-B0; small images keep full resolution through the first three stages, as in MobileNetV2."""
    network = models.efficientnet_b0(num_classes=classes, dropout=0.0, stochastic_depth_prob=0.0)
    small = size <= SMALL_IMAGE
    _replace_stem(network.features[0], "0", channels, stride=1 if small else 2)
    if small:
        depthwise = next(m for m in network.features[2].modules() if isinstance(m, nn.Conv2d) and m.stride == (2, 2))
        depthwise.stride = (1, 1)
    return network


def alexnet(channels: int, size: int, classes: int) -> nn.Module:
    """AlexNet as torchvision has it."""
    network = models.alexnet(num_classes=classes, dropout=0.0)
    _replace_stem(network.features, "0", channels)
    return network


def vgg11(channels: int, size: int, classes: int) -> nn.Module:
    """VGG-11 with BatchNorm; small images leave it by one linear layer in place of 120 million weights."""
    if size <= SMALL_IMAGE:
        features = models.vgg.make_layers(models.vgg.cfgs["A"], batch_norm=True)
        head = {"pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "head": nn.Linear(512, classes)}
        network = nn.Sequential(OrderedDict(features=features, **head))
    else:
        network = models.vgg11_bn(num_classes=classes, dropout=0.0)
    _replace_stem(network.features, "0", channels)
    return network


def densenet(channels: int, size: int, classes: int) -> nn.Module:
    """DenseNet-121; small images enter by a 3x3 convolution, without max-pooling."""
    network = models.densenet121(num_classes=classes)
    if size <= SMALL_IMAGE:
        _replace_stem(network.features, "conv0", channels, kernel_size=3, stride=1, padding=1)
        network.features.pool0 = nn.Identity()
    else:
        _replace_stem(network.features, "conv0", channels)
    return network


def convnext(channels: int, size: int, classes: int) -> nn.Module:
    """ConvNeXt-T; small images are cut into patches of 2 px instead of 4."""
    network = models.convnext_tiny(num_classes=classes, stochastic_depth_prob=0.0)
    patch = 2 if size <= SMALL_IMAGE else 4
    _replace_stem(network.features[0], "0", channels, kernel_size=patch, stride=patch)
    return network


def swin(channels: int, size: int, classes: int) -> nn.Module:
    """Swin-T; small images are cut into patches of 2 px instead of 4."""
    network = SwinTransformer(
        patch_size=[4, 4],
        embed_dim=96,
        depths=[2, 2, 6, 2],
        num_heads=[3, 6, 12, 24],
        window_size=[7, 7],
        stochastic_depth_prob=0.0,
        num_classes=classes,
    )
    patch = 2 if size <= SMALL_IMAGE else 4
    _replace_stem(network.features[0], "0", channels, kernel_size=patch, stride=patch)
    return network


def _padded(_: nn.Module, images: tuple[Tensor], by: int) -> Tensor:
    """Zeros on the right and below, for sides that are no multiple of a patch."""
    return F.pad(images[0], (0, by, 0, by))


def deit(channels: int, size: int, classes: int) -> nn.Module:
    """DeiT-Tiny of timm; small images are cut into patches of 4 px instead of 16."""
    from timm import create_model  # here, because it is the one network that needs timm

    patch = 4 if size <= SMALL_IMAGE else 16
    network = create_model(
        "deit_tiny_patch16_224",
        pretrained=False,
        in_chans=channels,
        num_classes=classes,
        img_size=size + -size % patch,
        patch_size=patch,
    )
    if size % patch:
        network.register_forward_pre_hook(partial(_padded, by=-size % patch))
    for block in network.blocks:
        block.attn.fused_attn = False  # the fused kernel has no second derivative, which curvature needs
    return network
