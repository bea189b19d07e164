"""bench: a clock on a run's events, the operations that networks need, and a short real run by the command."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from edc_core.config import EvaluateConfig, ViewsConfig
from edc_core.errors import SettingsError
from edc_core.events import Progress, StageDone, StageStarted
from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime
from edc_core.performance import timed_steps as probing_steps
from edc_core.performance.bench import reference_ops as plain
from edc_core.performance.bench.report import Report, Timed
from edc_core.performance.bench.roofline import forward_operations
from edc_core.performance.bench.run import shortened
from edc_core.performance.bench.spin_wait import SLEEPS, seconds_in_a_process
from edc_core.performance.bench.techniques import TECHNIQUES, Gain, Gains, when_it_pays
from edc_core.performance.bench.watch import Watch
from edc_core.performance.timed_steps import normalisation, placed, random_images
from edc_core.pipeline.stages.evaluate import make_optimiser
from edc_core.synthesis import moments
from edc_core.synthesis.moments import both_moments
from edc_core.torch_utils import frozen_batchnorm as frozen
from edc_core.torch_utils.avg_pool import AvgPool2x2
from edc_core.torch_utils.device import best_device
from edc_core.torch_utils.frozen_batchnorm import FrozenBatchNorm2d, freeze_batchnorm
from edc_core.training.views import View, ViewPlan
from tests.conftest import answer, edc
from tests.support.photos import picture


def test_a_round_is_the_medians_of_its_places_and_the_first_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two observers in turn: 1 and 3 seconds a step; the first round is slow, and one step was disturbed."""
    ends = iter([5.0, 14.0, 15.0, 18.0, 19.0, 22.0, 23.0, 36.0, 37.0, 40.0])
    monkeypatch.setattr("edc_core.performance.bench.watch.time.perf_counter", lambda: next(ends))
    watch = Watch()
    watch(StageStarted("synthesise", "", "0" * 24))
    for step in range(10):
        watch(Progress(step + 1, 10, "step"))
    watch(StageDone("synthesise", "", "0" * 24, False, 40.0))
    assert watch.round("synthesise", 2) == 4.0
    assert watch.seconds["synthesise"] == {"": 40.0}


def test_operations_are_two_for_each_weight_at_each_place() -> None:
    expected = 0
    shapes = []
    network = build("convnet-d1-w4", 1, 28, 10).eval()
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(lambda layer, given, out: shapes.append((layer, out.shape)))
    with torch.no_grad():
        network(torch.zeros(1, 1, 28, 28))
    for layer, shape in shapes:
        places = shape[2] * shape[3] if len(shape) == 4 else 1
        expected += 2 * layer.weight.numel() * places
    assert forward_operations("convnet-d1-w4", 1, 28, 10) == expected


def test_the_papers_networks_want_its_images() -> None:
    with pytest.raises(SettingsError, match="28 px with 1 channels"):
        shortened("fashion-mnist-mini", True, "auto")


def test_a_report_sets_seconds_beside_what_is_possible() -> None:
    part = Timed("synthesis", "a step", 0.4, 1e9, 0.1, 0.3, "0.8 s")
    report = Report({"device": "cpu"}, {"float32": 1e10}, (part,), {"evaluate": 900}, {"evaluate": 0})
    assert "| synthesis, a step | 0.4 | 0.1 | 4.0 | under 0.3 | 0.8 s |" in report.markdown()
    assert "GPU" not in report.markdown()  # there is none whose memory could be told
    with_gpu = replace(
        report, about={"device": "cuda"}, gpu_memory={"evaluate": 1486}, parts=(replace(part, bound=0.000077),)
    )
    assert "evaluate 900. Peak memory of the GPU in MiB: evaluate 1,486." in with_gpu.markdown()
    assert "| 0.4 | 7.7e-05 | 5194.8 | under 0.3 |\n" in with_gpu.markdown()  # two cores' time says nothing of a GPU
    assert "| 1,530 | 0.1 |" in replace(report, parts=(replace(part, seconds=1530.0),)).markdown()
    assert report.plain()["parts"][0]["ratio"] == 4.0
    assert report.plain()["gigaflops"] == {"float32": 10.0}


@pytest.fixture
def _two_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first, which is left out, and one that is timed."""
    for name in ("ROUNDS", "EPOCHS"):
        monkeypatch.setattr(f"edc_core.performance.bench.run.{name}", 2)


@pytest.mark.usefixtures("_two_rounds")
def test_the_command_times_a_real_run_and_writes_its_section(shared_home: Path, tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("# Benchmarks\n")
    found = answer(
        edc("bench", "--profile", "tiny", "--update-section", document, "--section", "tiny", home=shared_home)
    )
    assert [part["name"] for part in found["parts"]] == ["statistics", "synthesis", "student"]
    for part in found["parts"]:
        assert 0 < part["bound"] < part["seconds"]
    assert found["peak_mib"]["synthesise"] > 100
    if best_device() == "cpu":
        faster = found["gigaflops"]["bfloat16"] > found["gigaflops"]["float32"]
        assert ("with bfloat16 units" in found["about"]["processor"]) == faster
    text = document.read_text()
    assert text.startswith(
        f"# Benchmarks\n\n<!-- tiny -->\n## Speed of each part: {found['about']['processor']}\n\n"
        "`python -m edc_core bench --profile"
    )
    assert f"torch {found['about']['versions']['torch']}" in text
    assert "| statistics, 1,000 images |" in text


@pytest.mark.usefixtures("_two_rounds")
def test_the_papers_whole_committee_is_timed_on_a_few_pictures(tmp_path: Path) -> None:
    """An epoch at the paper's rate makes the loss of some of its observers rise a hundredfold: none is refused."""
    for split, count in (("train", 6), ("test", 1)):
        for seed, name in enumerate(("cat", "dog")):
            for index in range(count):
                picture(tmp_path / "made" / split / name / f"{index}.png", (32, 32), seed=10 * seed + index)
    found = answer(edc("bench", "--paper", "--ipc", "1", "--dataset", tmp_path / "made", home=tmp_path / "home"))
    assert (found["about"]["settings"], found["about"]["ipc"]) == ("cifar-10", 1)
    assert [part["name"] for part in found["parts"]] == ["statistics", "synthesis", "student"]
    assert all(part["seconds"] > 0 for part in found["parts"])


def test_images_per_class_are_refused_where_no_run_is_timed(tmp_path: Path) -> None:
    done = edc("bench", "--techniques", "--ipc", "1", home=tmp_path, check=False)
    assert (done.returncode, "--ipc is 1, but --techniques times no run" in done.stderr) == (2, True)


def test_every_technique_can_be_off_and_comes_back() -> None:
    runtime = Runtime("cpu", 1, {"resnet18-w4": "float32"})
    images = random_images(4, 3, 32, runtime)

    def in_use() -> tuple:
        replaced = (
            moments.both_moments,
            AvgPool2x2.forward,
            FrozenBatchNorm2d.forward,
            frozen.fold_batchnorm,
            probing_steps.make_optimiser,
        )
        return *replaced, View.render, torch.inference_mode, Runtime.autocast, torch.get_num_threads()

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    fast = in_use()
    for technique in (technique for places in TECHNIQUES.values() for technique in places):
        with technique.off():
            technique.step("resnet18-w4", images, runtime)()
            assert sum(now is not before for now, before in zip(in_use(), fast, strict=True)) == 1
        technique.step("resnet18-w4", images, runtime)()
        assert in_use() == fast
    torch.set_num_threads(threads)


def test_what_techniques_take_away_is_gone_inside() -> None:
    name = "resnet18-w4"
    runtime = Runtime("cpu", 1, {name: "bfloat16"})
    images = random_images(2, 1, 28, runtime)

    def wanting() -> bool:
        return any(parameter.requires_grad for parameter in placed(name, images, runtime).parameters())

    assert not wanting()
    with plain.plain_passes():
        assert wanting()
    assert isinstance(runtime.autocast(name), torch.autocast)
    assert runtime.memory_format(name) == torch.channels_last
    with plain.plain_precision():
        assert not isinstance(runtime.autocast(name), torch.autocast)
        assert runtime.memory_format(name) == torch.contiguous_format
    with plain.compiled_networks():
        assert placed(name, images, runtime)._compiled_call_impl is not None
    assert placed(name, images, runtime)._compiled_call_impl is None


def test_plain_forms_take_the_place_of_the_fast_ones_and_agree_with_them() -> None:
    h = torch.randn(3, 4, 7, 8, generator=torch.Generator().manual_seed(0))

    with plain.plain_moments():
        assert moments.both_moments is not both_moments
        without = moments.both_moments(h, 4)
    assert moments.both_moments is both_moments
    for got, wanted in zip(both_moments(h, 4), without, strict=True):
        torch.testing.assert_close(got, wanted, rtol=2e-6, atol=2e-6)
    norm = freeze_batchnorm(nn.BatchNorm2d(4).eval())
    with plain.plain_norms():
        expected = norm(h)
    assert torch.equal(norm(h), expected)


def test_adamw_in_one_go_takes_the_steps_of_the_plain_one() -> None:

    def trained(make) -> nn.Module:
        generator = torch.Generator().manual_seed(0)
        student = nn.Linear(5, 3)
        for parameter in student.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator)
        optimiser = make(student, EvaluateConfig())
        for _ in range(20):
            for parameter in student.parameters():
                parameter.grad = torch.randn(parameter.shape, generator=generator)
            optimiser.step()
        return student

    fast = trained(make_optimiser)
    with plain.plain_optimiser():
        slow = trained(probing_steps.make_optimiser)
    torch.testing.assert_close(fast.weight, slow.weight, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(fast.bias, slow.bias, rtol=1e-5, atol=1e-6)


def test_a_gain_is_what_is_taken_without_over_what_is_taken_with() -> None:
    found = Gains({}, (Gain("pooling by rows", "synthesis", 100, 0.3, 0.2),))
    assert "| pooling by rows | synthesis, 100 images | 0.3000 s | 0.2000 s | 1.50 |" in found.markdown()
    assert found.plain()["techniques"][0]["ratio"] == 1.5


def test_views_one_by_one_are_the_views_of_a_batch() -> None:
    plan = ViewPlan(ViewsConfig(batch_size=6, shuffle_tiles=2), 6, 16)
    pixels = torch.randint(0, 256, (6, 3, 16, 16), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    view = next(plan.epoch(0))
    together = view.render(pixels, normalisation(3, "cpu"))
    with plain.plain_views():
        torch.testing.assert_close(view.render(pixels, normalisation(3, "cpu")), together)


def test_a_step_is_timed_in_a_process_of_its_own() -> None:
    assert 0 < seconds_in_a_process(["convnet-d1-w4", "2", "1", "28", "auto"], SLEEPS) < 5


def test_compiling_pays_once_its_seconds_are_saved() -> None:
    assert "takes 30 s before a student's first step, which pays after 300 steps" in when_it_pays(30.0, 0.3, 0.2)
    assert "which never pays" in when_it_pays(30.0, 0.2, 0.2)
