"""Devices: how each computes, who gets a worker, and that no tensor is made anywhere but where its inputs are.

The engine's functions run on torch's `meta` device here, which has shapes and no numbers: whatever is made on the
CPU by mistake cannot be mixed with it, and raises.
"""

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from edc_core import jobs
from edc_core.config import EvaluateConfig, SynthesiseConfig, ViewsConfig
from edc_core.environment import visible_gpus, worker_devices
from edc_core.errors import SettingsError
from edc_core.jobs.worker import work
from edc_core.landscape.directions import filter_normalised, parameters_of, raw_directions
from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime, chosen_precision
from edc_core.pipeline.stages.evaluate import make_optimiser
from edc_core.pipeline.stages.nearest import Nearest
from edc_core.pipeline.stages.statistics import batch_size
from edc_core.rng import named_generator, seeded_global_rng
from edc_core.store import Store
from edc_core.store.processes import birth
from edc_core.synthesis.flatness import FLATNESS_LOSSES
from edc_core.synthesis.image_optimiser import ImageOptimiser, Observer
from edc_core.synthesis.initialise import mosaic
from edc_core.synthesis.matching import Matcher, make_targets
from edc_core.synthesis.moments import ClassSums, MomentHooks
from edc_core.torch_utils.deterministic_resize import crop_and_resize, upsample_bilinear
from edc_core.torch_utils.device import peak_memory_bytes, reset_peak_memory, to_device, to_float64
from edc_core.training.committee import Committee
from edc_core.training.ema import make_ema_model
from edc_core.training.label_losses import LOSSES, LossInputs
from edc_core.training.views import Normalisation, ViewPlan, pad_crop_flip
from tests.support.queued import tiny

META, NETWORK = "meta", "wrn-10-1"  # BatchNorm and convolutions
COUNT, CLASSES, SIZE = 6, 3, 8


@pytest.mark.parametrize(
    ("kind", "bfloat16", "scaled", "expected"),
    [
        ("cuda", True, False, "bfloat16"),
        ("cuda", True, True, "bfloat16"),
        ("cuda", False, True, "float16"),
        ("cuda", False, False, "float32"),  # small gradients of images would vanish without a scaler
        ("cpu", True, True, "bfloat16"),
        ("cpu", False, True, "float32"),
        ("mps", False, True, "float32"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*GradScaler is enabled, but CUDA is not available")
def test_what_a_device_can_decides_how_it_computes(kind: str, bfloat16: bool, scaled: bool, expected: str) -> None:
    precision = chosen_precision("auto", "resnet18", kind, bfloat16, scaled)
    assert precision == expected
    runtime = Runtime(kind, 1, {"resnet18": precision})
    narrow = expected != "float32"
    assert runtime.memory_format("resnet18") == (torch.channels_last if narrow else torch.contiguous_format)
    assert runtime.scaler("resnet18").is_enabled() == (expected == "float16" and torch.cuda.is_available())
    for asked in ("float32", "bfloat16"):
        assert chosen_precision(asked, "resnet18", kind, bfloat16, scaled) == asked


@pytest.mark.parametrize(("device", "layout"), [("cpu", torch.contiguous_format), ("cuda:1", torch.channels_last)])
def test_a_processors_convnets_keep_the_layout_that_their_norms_are_fast_in(
    device: str, layout: torch.memory_format
) -> None:
    assert Runtime(device, 1, {"convnet-d3-w128": "bfloat16"}).memory_format("convnet-d3-w128") == layout


def test_a_network_that_gains_nothing_stays_in_float32_on_a_processor_alone() -> None:
    assert chosen_precision("auto", "convnet-d3-w64", "cpu", True) == "float32"
    assert chosen_precision("auto", "convnet-d3-w64", "cuda", True) == "bfloat16"


def test_each_of_several_gpus_has_a_worker_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker_devices(None, 0) == worker_devices(None, 1) == ("",)  # the best one there is
    assert worker_devices(None, 3) == ("cuda:0", "cuda:1", "cuda:2")
    assert worker_devices("cuda:1", 3) == ("cuda:1",)
    for named, count in {"": 0, "-1": 0, "3": 1, "0,2,5": 3, "0,-1,2": 1, "GPU-8932f937": 1}.items():
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
        assert visible_gpus() == count


def test_as_many_workers_are_started_as_runs_wait_a_device_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDC_DEVICE", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "6,7,8")
    with closing(Store(tmp_path)) as store:
        for name in ("a-run", "b-run"):
            store.register(name, tiny().config.model_dump(mode="json"), [], {"dataset": {"digest": ""}})
        assert jobs.supervise(store) is None
        rows = store.database.rows("SELECT device FROM workers ORDER BY device")
        assert [row["device"] for row in rows] == ["cuda-0", "cuda-1"]
        for pid in jobs.live_workers(store):
            os.killpg(pid, signal.SIGKILL)


def test_a_worker_among_several_starts_those_of_the_other_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_DEVICE", "cuda:1")
    monkeypatch.setenv("EDC_WORKER_DEVICES", "cuda:0,cuda:1,cuda:2")
    with closing(Store(tmp_path)) as store:
        own = (os.getpid(), birth(os.getpid()), "cuda-1", 0.0, 0.0)
        store.database.execute(
            "INSERT INTO workers (pid, created, device, started, heartbeat) VALUES (?, ?, ?, ?, ?)", own
        )
        for name in ("a-run", "b-run"):
            store.register(name, tiny().config.model_dump(mode="json"), [], {"dataset": {"digest": ""}})
        store.set_measurement("gpus", 2)  # the third is there for the system alone
        assert jobs.supervise(store) is None
        rows = store.database.rows("SELECT device FROM workers ORDER BY device")
        assert [row["device"] for row in rows] == ["cuda-0", "cuda-1"]
        for pid in set(jobs.live_workers(store)) - {os.getpid()}:
            os.killpg(pid, signal.SIGKILL)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a torch that can use no GPU")
def test_where_torch_can_use_no_gpu_the_first_worker_computes_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDC_WORKER_DEVICES", "cuda:0,cuda:1")
    for device, stays in {"cuda:1": False, "cuda:0": True}.items():
        monkeypatch.setenv("EDC_DEVICE", device)
        assert (work(tmp_path, idle=0) is not None) == stays
    assert "EDC_DEVICE" not in os.environ
    with closing(Store(tmp_path)) as store:
        assert store.measurement("gpus") == 0
        assert store.database.rows("SELECT * FROM workers") == []
    monkeypatch.setenv("EDC_DEVICE", "cuda:0")
    monkeypatch.delenv("EDC_WORKER_DEVICES")
    with pytest.raises(SettingsError, match="EDC_DEVICE is 'cuda:0'"):  # somebody asked for it
        work(tmp_path, idle=0)


def test_a_network_is_drawn_by_the_processor_alone_however_many_gpus_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_) -> None:
        raise AssertionError("a GPU's generator was touched")

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for name in ("get_rng_state", "manual_seed_all"):
        monkeypatch.setattr(torch.cuda, name, touched)
    before, drawn = torch.get_rng_state(), []
    for names in (("a", 1), ("a", 1), ("b", 1)):
        with seeded_global_rng(*names):
            drawn.append(torch.rand(3))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_gpu_is_given_more_small_images_at_a_time() -> None:
    assert batch_size(32, "cpu") == 50
    assert batch_size(32, "cuda:0") == batch_size(32, "mps") == 500
    assert batch_size(224, "cpu") == batch_size(224, "cuda") == 16


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a torch that can use no GPU")
def test_a_gpu_that_nobody_used_yet_has_no_peak_to_forget() -> None:
    reset_peak_memory("cuda:0")
    assert peak_memory_bytes("cpu") == 0


# No tensor on the wrong device --------------------------------------------------------------------


def on_meta(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.zeros(shape, dtype=dtype, device=META)


@pytest.fixture
def runtime() -> Runtime:
    return Runtime(META, 1, {NETWORK: "float32"})


@pytest.fixture
def network() -> nn.Module:
    return build(NETWORK, 3, SIZE, CLASSES).eval().requires_grad_(False)


@pytest.fixture
def normalise() -> Normalisation:
    return Normalisation.of((0.5,) * 3, (0.25,) * 3, device=META)


LABELS = torch.arange(COUNT) % CLASSES


def is_meta(value: Tensor) -> bool:
    return value.device.type == META


def test_the_check_itself_sees_a_tensor_on_the_wrong_device() -> None:
    with pytest.raises(RuntimeError):
        on_meta(2, 2) + torch.ones(2, 2)


def test_views_are_planned_on_the_processor_and_rendered_on_the_device(normalise: Normalisation) -> None:
    pixels = to_device(np.zeros((COUNT, 3, SIZE, SIZE), np.uint8), META)
    for view in ViewPlan(ViewsConfig(batch_size=4, randaugment_ops=2, epochs=3), COUNT, SIZE).epoch(0):
        assert view.rows.device.type == "cpu"  # every draw is, so that devices agree
        assert is_meta(view.render(pixels, normalise))
    images = normalise(pad_crop_flip(pixels, 2, True, named_generator("devices")))
    assert is_meta(normalise.pixels(normalise.clamp_(images)))


def observer_on_meta(network: nn.Module, config: SynthesiseConfig, runtime: Runtime) -> Observer:  # sums on the CPU
    with MomentHooks(network, 4) as hooks:
        network(torch.randn((COUNT, 3, SIZE, SIZE), generator=named_generator("devices")))
    moments = hooks.pop()
    sums = ClassSums.empty(CLASSES, hooks.layout.width)
    sums.add(moments, LABELS)
    targets = make_targets(sums.finish(), hooks.layout, network, config.category_variance)
    matcher = Matcher(config, hooks.layout, targets, runtime.device)
    return Observer(NETWORK, runtime.prepare_network(network, NETWORK), hooks, matcher, runtime)


@pytest.mark.parametrize(
    "changes",
    [
        *({"flatness": name} for name in FLATNESS_LOSSES),
        {"category_form": "batch_mixture", "crop_curriculum": "easy_to_hard"},
        {"category_variance": "within_image", "running_moments_init": "zero", "layer_drop_prob": 0.4},
    ],
    ids=str,
)
def test_a_step_of_synthesis_stays_on_its_device(
    changes: dict, network: nn.Module, runtime: Runtime, normalise: Normalisation
) -> None:
    config = SynthesiseConfig(observers=(NETWORK,), **changes)
    observer = observer_on_meta(network, config, runtime)
    work = ImageOptimiser(config, on_meta(COUNT, 3, SIZE, SIZE), LABELS.to(META), normalise, LABELS)
    for step in range(2):  # the second one meets the running moments of the first
        with observer.hooks:
            losses, gaps = work.step(step, observer, named_generator("devices", step))
    assert all(map(is_meta, [*losses.values(), gaps.form1, gaps.form2, work.images, work.averaged]))
    observer.matcher.restore(observer.matcher.state_copy())
    work.apply_data_residual(on_meta(COUNT, 3, SIZE, SIZE), 0.5)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_students_step_stays_on_its_device(loss: str, network: nn.Module, runtime: Runtime) -> None:
    config = EvaluateConfig(students=(NETWORK,), loss=loss)
    student = runtime.prepare_network(network.requires_grad_(True), NETWORK).train()
    ema, optimiser, scaler = make_ema_model(student, 0.9), make_optimiser(student, config), runtime.scaler(NETWORK)
    view = next(ViewPlan(ViewsConfig(batch_size=COUNT, epochs=1), COUNT, SIZE).epoch(0))
    for _ in range(2):
        images = on_meta(COUNT, 3, SIZE, SIZE)
        soft = Committee({NETWORK: student}, runtime, {NETWORK: 1.0})(images).clone()
        batch = LossInputs(student(images).float(), LABELS.to(META), soft, view.cutmix)
        scaler.scale(LOSSES[loss](batch, config)).backward()
        scaler.step(optimiser)
        ema.update_parameters(student)
    assert all(map(is_meta, [soft, *ema.module.parameters(), *ema.module.buffers()]))


MADE: dict[str, Callable[[], Tensor]] = {
    "enlarged": lambda: upsample_bilinear(on_meta(COUNT, 3, 7, 7), 8, 8),
    "boxes": lambda: crop_and_resize(on_meta(COUNT, 3, SIZE, SIZE), on_meta(COUNT, 2), on_meta(COUNT, 2)),
    "mosaic": lambda: mosaic(on_meta(8, 3, SIZE, SIZE), 2),
    "direction": lambda: direction_of(nn.Linear(4, 3, device=META)),
    "nearest": lambda: nearest_of(on_meta(4, 5)),
}


def direction_of(network: nn.Module) -> Tensor:
    weights = parameters_of(network)
    return filter_normalised(weights, raw_directions(weights, 0))[1][0]


def nearest_of(queries: Tensor) -> Tensor:
    search = Nearest(queries, 2)
    search.update(on_meta(COUNT, 5), torch.arange(COUNT))
    return search.rows


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_of_tensors_stays_on_their_device(name: str) -> None:
    assert is_meta(MADE[name]())


def test_apples_gpus_which_have_no_float64_send_numbers_to_the_cpu_first() -> None:
    class OnApple:
        device = torch.device("mps")

        def cpu(self) -> Tensor:
            return torch.tensor([0.1])

    assert to_float64(OnApple()).dtype == torch.float64
    assert to_float64(on_meta(2)).device.type == META
