"""Frozen networks against the plain ones that they stand for."""

import pytest
import torch
from torch import nn

from edc_core.networks.builders import build
from edc_core.torch_utils.frozen_batchnorm import FrozenBatchNorm2d, fold_batchnorm, freeze_batchnorm


def seasoned(name: str) -> nn.Module:
    """A network whose BatchNorm layers have seen images, frozen."""
    torch.manual_seed(0)
    network = build(name, 3, 32, 10).train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
    with torch.no_grad():
        for _ in range(5):
            network(torch.randn(32, 3, 32, 32))
    return network.eval().requires_grad_(False)


def norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize("name", ["resnet18-w4", "wrn-10-1", "mobilenetv2-0.5", "shufflenetv2-0.25"])
def test_a_folded_network_has_fewer_layers_and_the_same_logits(name: str) -> None:
    network, images = seasoned(name), torch.randn(6, 3, 32, 32)
    before = network(images)
    fewer = fold_batchnorm(network)
    assert norms(fewer) < norms(network)
    assert not any(parameter.requires_grad for parameter in fewer.parameters())
    scale = before.abs().max()
    torch.testing.assert_close(fewer(images) / scale, before / scale, rtol=0, atol=2e-5)
    assert torch.equal(network(images), before)  # a copy: the network itself is as it was


def test_a_network_without_batch_norm_is_folded_to_itself() -> None:
    network = build("convnet-d2-w4", 3, 32, 10)
    assert fold_batchnorm(network) is network


@pytest.mark.parametrize("name", ["resnet18-w4", "mobilenetv2-0.5"])
def test_frozen_norms_give_the_same_logits_and_the_same_gradient_to_images(name: str) -> None:
    network, images = seasoned(name), torch.randn(4, 3, 32, 32, requires_grad=True)
    logits = network(images)
    (gradient,) = torch.autograd.grad(logits.square().sum(), images)
    freeze_batchnorm(network)
    assert any(type(module) is FrozenBatchNorm2d for module in network.modules())
    assert torch.equal(network(images), logits)
    (short,) = torch.autograd.grad(network(images).square().sum(), images)
    torch.testing.assert_close(short / gradient.abs().max(), gradient / gradient.abs().max(), rtol=0, atol=1e-5)


def test_a_frozen_norm_can_be_differentiated_twice() -> None:
    norm = nn.BatchNorm2d(3).double().eval().requires_grad_(False)
    norm.running_var.uniform_(0.5, 2)
    freeze_batchnorm(norm)
    x = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(norm, x)
    assert torch.autograd.gradgradcheck(lambda x: norm(x).square(), x)
