"""What diverges ends with the setting to lower, and is not said to be worth resuming; sound work is not refused."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import torch
from torch import Tensor

from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import Diverged
from edc_core.events import Progress
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare
from edc_core.pipeline.stages.divergence import at_chance, is_finite
from edc_core.pipeline.stages.evaluate import Training
from edc_core.pipeline.stages.squeeze import squeeze
from edc_core.store import Store
from edc_core.store.tensors import load_state, read_tensors, save_state
from experiments.network_trials import squeezed
from tests.support.photos import picture
from tests.support.stage_contexts import context_of

RATES = [  # the second observer's loss stays finite, ever so large
    ("squeeze.lr", "observer convnet", {"squeeze.lr": 1e6, "squeeze.weight_decay": 1e6}),
    ("squeeze.lr", "observer convnet", {"squeeze.lr": 1e6}),
    ("evaluate.lr", "student convnet", {"evaluate.lr": 1e6}),
]


@pytest.mark.parametrize(("setting", "what", "changes"), RATES)
def test_a_rate_far_too_high_is_named_with_its_value(
    setting: str, what: str, changes: dict, begun: Callable[[Path], Path], tmp_path: Path
) -> None:
    home, name = begun(tmp_path), "fashion-mnist-mini"
    run = prepare(configure("G", name, get_profile("tiny"), 2, 0, changes=changes), describe(name))
    with pytest.raises(Diverged, match=rf"^{what}.* diverged.*: lower {setting} \(now 1000000.0\)"):
        execute(run, home)
    with closing(Store(home)) as store:
        row = store.run(run.run)
    assert row.state == "failed"
    assert not row.resumable
    assert row.progress["stage"] == setting.partition(".")[0]  # not the one before


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Noise in four classes, of which nothing can be learnt."""
    place = tmp_path_factory.mktemp("made")
    for split, count in (("train", 12), ("test", 1)):
        for number in range(4):
            for index in range(count):
                picture(place / split / f"class {number}" / f"{index}.png", (32, 32), seed=100 * number + index)
    return str(place)


@pytest.mark.parametrize("batch_size", [8, 64])  # steps of an epoch: six, and one
@pytest.mark.parametrize("name", ["convnet-d1-w128", "convnet-d2-w8", "wrn-10-1", "resnet18-w4", "mobilenetv2-0.25"])
def test_an_epoch_on_noise_refuses_no_observer(name: str, batch_size: int, made: str, tmp_path: Path) -> None:
    """Its loss is high, ConvNets' a hundredfold, and it stays at chance."""
    assert squeezed(name, made, tmp_path, tmp_path / "work", squeeze__batch_size=batch_size)["network"] == name


def test_an_observer_that_hardly_moves_has_not_diverged(made: str, tmp_path: Path) -> None:
    found = squeezed("convnet-d1-w8", made, tmp_path, tmp_path / "work", squeeze__lr=1e-6)
    assert found["network"] == "convnet-d1-w8"


@pytest.mark.parametrize("noted", [True, False], ids=["", "checkpoint of an earlier version"])
@pytest.mark.parametrize("lr", [0.05, 100.0])
def test_a_resumed_squeeze_is_judged_as_one_without_a_break(lr: float, noted: bool, made: str, tmp_path: Path) -> None:
    changes = {"synthesise.observers": ("convnet-d2-w8",), "relabel.observers": ("convnet-d2-w8",)}
    changes |= {"squeeze.epochs": 3, "squeeze.batch_size": 16, "squeeze.lr": lr}
    config = configure("G", made, get_profile("lab"), 1, 0, changes=changes)

    def stop(event: object) -> None:
        if isinstance(event, Progress) and event.done == 5:  # in the second of three epochs
            raise KeyboardInterrupt

    def end(work: Path, watch=lambda event: None) -> object:
        context = context_of(config, tmp_path, "squeeze", work, watch)
        context.checkpoint_every = 0
        try:
            squeeze(context)
        except Diverged as error:
            return str(error)
        return {name: tensor.tolist() for name, tensor in read_tensors(work / "observer.safetensors").items()}

    whole = end(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        end(tmp_path / "broken", stop)
    (file,) = (tmp_path / "broken").glob("checkpoint*")
    state = load_state(file)
    assert state["step"] == 4
    if not noted:
        del state["fell"]
        save_state(file, state)
    assert end(tmp_path / "broken") == whole
    assert isinstance(whole, str) == (lr == 100.0)  # its weights stay numbers to the end


def test_chance_is_a_guessers_accuracy_give_or_take_its_error() -> None:
    assert at_chance(10.0, 1000, 10)
    assert not at_chance(13.0, 1000, 10)
    assert at_chance(30.0, 10, 10)  # three of ten images are a guesser's luck
    assert not at_chance(50.0, 10, 10)


def student(shared_home: Path, work: Path, precision: str, broken: set[int]) -> Training:
    """A student whose teacher says nothing that is a number in some epochs."""

    def teacher(epoch: int, start: int, rows: Tensor, images: Tensor) -> Tensor:
        return torch.full((len(rows), 10), float("nan") if epoch in broken and start == 0 else 0.0)

    config = configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0, changes={"views.epochs": 2})
    context = context_of(config, shared_home, "evaluate", work)
    runtime = Runtime("cpu", 1, {"convnet-d2-w8": precision})
    return Training(context, config.evaluate, runtime, teacher, "convnet-d2-w8", 0)


@pytest.mark.parametrize("epoch", [0, 1])
def test_a_step_that_the_scaler_leaves_out_ends_no_student(
    epoch: int, tiny_run: dict, shared_home: Path, tmp_path: Path
) -> None:
    training = student(shared_home, tmp_path / "work", "float16", {epoch})
    training.run()
    assert is_finite(training.student)
    assert training.step == training.plan.steps


def test_a_step_without_a_scaler_ends_it_in_that_epoch(tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    with pytest.raises(Diverged, match="student convnet-d2-w8 diverged in epoch 1: lower evaluate.lr"):
        student(shared_home, tmp_path / "work", "float32", {0}).run()
