"""tests/rounding.py stands for units that compute bfloat16: its networks agree with torch's own emulation."""

from contextlib import nullcontext

import pytest
import torch

from edc_core.backbones import build
from edc_core.device import Runtime
from tests.rounding import Rounding, rounded


def apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return ((one - other).norm() / other.norm()).item()


@pytest.mark.parametrize("name", ["wrn-10-1", "resnet18-w4"])
def test_rounded_networks_agree_with_emulated_ones(name: str) -> None:
    torch.manual_seed(0)
    network, x = build(name, 1, 28, 10).eval(), torch.randn(4, 1, 28, 28)
    found = {}
    contexts = {"exact": nullcontext(), "emulated": torch.autocast("cpu", torch.bfloat16), "rounded": Rounding()}
    for kind, context in contexts.items():
        images = x.clone().requires_grad_()
        with context:
            logits = network(images).float()
        logits.square().sum().backward()
        found[kind] = logits.detach(), images.grad
    for exact, emulated, ours in zip(found["exact"], found["emulated"], found["rounded"], strict=True):
        assert apart(ours, emulated) < apart(emulated, exact) / 3


def test_only_networks_in_bfloat16_are_rounded_and_only_inside() -> None:
    runtime = Runtime("cpu", 1, {"a": "bfloat16", "b": "float32"})
    before = Runtime.autocast
    with rounded():
        assert isinstance(runtime.autocast("a"), Rounding)
        assert not isinstance(runtime.autocast("b"), Rounding)
        assert runtime.memory_format("a") == torch.contiguous_format
    assert Runtime.autocast is before
