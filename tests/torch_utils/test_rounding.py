"""tests/support/rounding.py stands for units that compute bfloat16: its networks agree with torch's own emulation."""

from contextlib import nullcontext

import pytest
import torch

from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime
from edc_core.synthesis.moments import MomentHooks
from edc_core.torch_utils.frozen_batchnorm import freeze_batchnorm
from tests.support.rounding import Rounding, rounded


def apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return ((one - other).norm() / other.norm()).item()


CONTEXTS = {"exact": nullcontext, "emulated": lambda: torch.autocast("cpu", torch.bfloat16), "rounded": Rounding}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ["wrn-10-1", "resnet18-w4", "convnet-d2-w8"])
def test_rounded_networks_agree_with_emulated_ones(name: str, training: bool) -> None:
    torch.manual_seed(0)
    network, x = build(name, 1, 28, 10).train(training), torch.randn(4, 1, 28, 28)
    found = {}
    with rounded():
        for kind, context in CONTEXTS.items():
            images = x.clone().requires_grad_()
            network.zero_grad()
            with context():
                logits = network(images).float()
            logits.square().sum().backward()
            weights = torch.cat([parameter.grad.flatten() for parameter in network.parameters()])
            found[kind] = logits.detach(), images.grad, weights
    for exact, emulated, ours in zip(found["exact"], found["emulated"], found["rounded"], strict=True):
        assert apart(ours, emulated) < apart(emulated, exact)
        assert apart(emulated, exact) / 2 < apart(ours, exact) < 2 * apart(emulated, exact)


@pytest.mark.parametrize("name", ["wrn-10-1", "convnet-d2-w8"])
def test_moments_are_taken_in_float32_of_what_is_rounded(name: str) -> None:
    torch.manual_seed(0)
    observer, x = freeze_batchnorm(build(name, 1, 28, 10).eval().requires_grad_(False)), torch.randn(8, 1, 28, 28)
    hooks, found = MomentHooks(observer, 4), {}
    with rounded():
        for kind, context in CONTEXTS.items():
            with torch.inference_mode(), hooks, context():
                observer(x)
            taken = hooks.pop()
            found[kind] = torch.cat([taken.mean, taken.variance], 1)
    exact, emulated, ours = found.values()
    assert apart(ours, emulated) < apart(emulated, exact) / 2
    assert not torch.equal(ours, ours.bfloat16().float())


def test_only_networks_in_bfloat16_are_rounded_and_only_inside() -> None:
    runtime = Runtime("cpu", 1, {"a": "bfloat16", "b": "float32"})
    before = Runtime.autocast
    with rounded():
        assert isinstance(runtime.autocast("a"), Rounding)
        assert not isinstance(runtime.autocast("b"), Rounding)
        assert runtime.memory_format("a") == torch.contiguous_format
    assert Runtime.autocast is before
