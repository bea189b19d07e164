"""Sharpness while a run works: not one bit of the run changes, and it keeps to its share of the time."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from edc_core.design_space.compose import configure, get_profile
from edc_core.environment import live_sharpness
from edc_core.errors import Cancelled, SettingsError
from edc_core.events import Progress, Scalars
from edc_core.landscape.losses import real_sample
from edc_core.pipeline.stages import live_sharpness as sharpness
from edc_core.pipeline.stages.evaluate import evaluate
from edc_core.pipeline.stages.synthesise import synthesise
from tests.support.stage_contexts import context_of


class Watch:
    """Keeps what is measured, and stops once at a step."""

    def __init__(self, stop: int = 0) -> None:
        self.stop, self.seen = stop, {}

    def __call__(self, event) -> None:
        if isinstance(event, Scalars):
            found = {name: value for name, value in event.values.items() if name.startswith("sharpness/")}
            self.seen |= {(event.step, name): value for name, value in found.items()}
        if isinstance(event, Progress) and event.done == self.stop:
            self.stop = 0
            raise Cancelled("stopped")


@pytest.mark.parametrize(
    ("stage", "compute", "series"),
    [("synthesise", synthesise, {"images"}), ("evaluate", evaluate, {"raw", "ema"})],
)
def test_results_have_the_same_bits_with_and_without_it_and_when_resumed(
    stage: str,
    compute: Callable,
    series: set[str],
    tiny_run: dict,
    shared_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0)
    monkeypatch.setattr(sharpness, "SHARE", 1e9)  # at every step or epoch

    def computed(name: str, stop: int = 0) -> tuple[dict[str, bytes], Watch]:
        watch, work = Watch(stop), tmp_path / name
        for _ in range(2 if stop else 1):
            context = context_of(config, shared_home, stage, work, watch)
            context.checkpoint_every = 0.0
            state = torch.get_rng_state()
            if stop and watch.stop:
                with pytest.raises(Cancelled):
                    compute(context)
            else:
                compute(context)
            assert torch.equal(torch.get_rng_state(), state)
        return {path.name: path.read_bytes() for path in work.iterdir() if "checkpoint" not in path.name}, watch

    measured, seen = computed("measured")
    resumed, again = computed("resumed", stop=5)
    monkeypatch.setenv("EDC_LIVE_SHARPNESS", "0")
    plain, nothing = computed("plain")
    assert measured == plain
    assert resumed == plain
    assert nothing.seen == {}
    assert {name for _, name in seen.seen} == {f"sharpness/{name}" for name in series}
    assert all(value >= 0 for value in seen.seen.values())
    assert again.seen == {place: seen.seen[place] for place in again.seen}
    assert len(again.seen) > 1


def test_a_network_is_left_as_it_was() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.LazyLinear(3))
    images = torch.rand(6, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    network(images).square().mean().backward()
    kept = [*(p.clone() for p in network.parameters()), *(p.grad.clone() for p in network.parameters())]
    kept += [buffer.clone() for buffer in network.buffers()]
    rise = sharpness.student_rise(network, real_sample(images, torch.tensor([0, 1, 2] * 2)))
    assert rise > 0
    now = [*network.parameters(), *(p.grad for p in network.parameters()), *network.buffers()]
    assert all(map(torch.equal, kept, now))
    assert network.training


def test_the_rise_of_a_slope_is_the_radius_in_percent_of_the_loss() -> None:
    images = torch.zeros(3, 1, 4, 4)
    assert sharpness.images_rise(lambda x: 2 + x.mean(), images) == pytest.approx(100 * sharpness.LIVE_IMAGE_RADIUS / 2)


def test_measuring_keeps_to_its_share_of_the_time() -> None:
    now = 0.0
    budget = sharpness.TimeBudget(clock=lambda: now)
    measured = 0
    for step in range(1, 2001):
        now += 0.1
        if budget.allows(step, 8):
            with budget.spending():
                now += 0.95 if measured == 0 else 0.75
            measured += 1
        assert budget.spent <= 0.05 * now
    assert measured >= 7


def test_a_wrong_switch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_LIVE_SHARPNESS", "yes")
    with pytest.raises(SettingsError, match="EDC_LIVE_SHARPNESS is 'yes': give 1, or 0"):
        live_sharpness()
