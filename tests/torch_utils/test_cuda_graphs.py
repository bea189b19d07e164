"""What a GPU repeats by itself is what it was told; elsewhere nothing is recorded."""

import pytest
import torch

from edc_core.networks.builders import build
from edc_core.networks.runtime import resolve_runtime
from edc_core.rng import named_generator, seeded_global_rng
from edc_core.torch_utils.cuda_graphs import GraphedCallable
from edc_core.torch_utils.device import best_device
from edc_core.torch_utils.frozen_batchnorm import fold_batchnorm
from edc_core.training.committee import Committee

NAMES = ("wrn-10-1", "convnet-d2-w8")


def committee() -> Committee:
    runtime = resolve_runtime(dict.fromkeys(NAMES, "auto"))
    with seeded_global_rng("recorded"):
        networks = {name: build(name, 3, 32, 10).eval().requires_grad_(False) for name in NAMES}
    return Committee(
        {name: runtime.prepare_network(fold_batchnorm(network), name) for name, network in networks.items()}, runtime
    )


def test_a_recorded_committee_says_what_it_says_unrecorded() -> None:
    told, device = committee(), best_device()
    recorded = GraphedCallable(told)
    for number, count in enumerate((25, 25, 7, 25)):  # the last batch of an epoch is smaller
        images = torch.randn((count, 3, 32, 32), generator=named_generator("recorded", number)).to(device)
        torch.testing.assert_close(recorded(images).clone(), told(images).clone(), rtol=0, atol=0)
    assert len(recorded.captured) == (2 if device.startswith("cuda") else 0)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_repeats_without_being_told_again() -> None:
    calls = []
    recorded = GraphedCallable(lambda images: (calls.append(1), images * 2)[1])
    for value in range(6):
        assert recorded(torch.full((2,), float(value), device="cuda")).tolist() == [2.0 * value] * 2
    assert len(calls) == 4  # three to warm up, one recorded
