"""The private API of torch that the project uses is there, and does what we need of it.

Where one of these fails with a new torch: read "Remove when" beside the function, and the release notes.
"""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

from edc_core.torch_utils.private_api import (
    TorchDispatchMode,
    compile_error,
    cpu_has_bfloat16,
    fuse_conv_batchnorm,
    standard_gamma,
    without_compile_caches,
)

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = re.compile(r"torch\._(?!_version__)|torch\.\w+\._[a-z]|torch\.fx\.(experimental|proxy)")


def test_private_names_of_torch_stand_in_one_file() -> None:
    files = [path for name in ("edc_core", "pages", "experiments") for path in (ROOT / name).rglob("*.py")]
    using = {path.name for path in files if PRIVATE.search(path.read_text(encoding="utf-8"))}
    assert using == {"private_api.py"}


def test_gamma_samples_follow_their_generator_and_their_mean() -> None:
    first, second = (standard_gamma(torch.full((4000,), 3.0), torch.Generator().manual_seed(seed)) for seed in (1, 1))
    assert torch.equal(first, second)
    assert first.mean().item() == pytest.approx(3.0, abs=0.1)


def test_folding_leaves_no_batchnorm_and_the_same_outputs() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    network(torch.randn(8, 1, 6, 6))  # running moments that are not 0 and 1
    network.eval()
    folded = fuse_conv_batchnorm(network)
    images = torch.randn(2, 1, 6, 6)
    assert folded is not None
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    assert torch.allclose(folded(images), network(images), atol=1e-5)


def test_a_network_that_cannot_be_traced_is_not_folded() -> None:
    class Branching(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x if x.sum() > 0 else -x

    assert fuse_conv_batchnorm(Branching()) is None


def test_a_dispatch_mode_sees_the_operations_inside() -> None:
    class Counting(TorchDispatchMode):
        calls = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            Counting.calls += 1
            return function(*args, **(kwargs or {}))

    with Counting():
        torch.ones(2) + 1
    assert Counting.calls == 2  # ones, add


def test_the_probes_of_the_cpu_are_there() -> None:
    assert hasattr(torch.cpu, "_is_amx_tile_supported")
    assert hasattr(torch.cpu, "_is_avx512_bf16_supported")
    assert cpu_has_bfloat16() in (True, False)


def test_the_caches_of_compile_can_be_switched_off() -> None:
    from torch._inductor import config

    with without_compile_caches():
        assert config.force_disable_caches
    assert not config.force_disable_caches


def test_the_error_of_compile_is_what_an_unknown_backend_raises() -> None:
    assert issubclass(compile_error(), RuntimeError)
    with pytest.raises(compile_error()):
        torch.compile(lambda x: x + 1, backend="no-such-backend")(torch.ones(1))
