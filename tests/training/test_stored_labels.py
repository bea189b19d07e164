"""Labels stored ahead are those made on the fly: the same views, the same logits, the same first step."""

import json
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors import safe_open

from edc_core.config import RunConfig
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import Cancelled, SettingsError, StoreError
from edc_core.events import Progress
from edc_core.exchange.export_run import export
from edc_core.exchange.import_run import import_run
from edc_core.jobs.tasks.landscape import LandscapeTask, StudentQuery, execute_landscape
from edc_core.landscape.config import landscape_config
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare
from edc_core.pipeline.stages.evaluate import LABELLERS, Training
from edc_core.pipeline.stages.landscape import LoadedStudent
from edc_core.pipeline.stages.relabel import relabel
from edc_core.runs.landscape_results import found, node_of
from edc_core.stage_graph import build_stage_graph
from edc_core.store import Store
from edc_core.store.files import read_json
from edc_core.training.stored_labels import StoredLabels, label_bytes, pack, save_shard, shard_path, unpack
from edc_core.training.views import ViewPlan
from tests.conftest import answer, edc
from tests.support.stage_contexts import context_of

LOGITS = 20 * torch.randn(7, 10, generator=torch.Generator().manual_seed(0))


def settings(**changes):
    return configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0, changes=changes)


@pytest.fixture(scope="module")
def stored(tiny_run: dict, shared_home: Path) -> dict:
    """The tiny run's images with labels stored ahead."""
    return answer(edc("relabel", tiny_run["run"], "--stored", home=shared_home))


def key(run: dict, stage: str) -> str:
    return next(node["key"] for node in run["stages"] if node["stage"] == stage)


# What is stored -------------------------------------------------------------------------------------


def test_half_precision_is_equal_to_a_thousandth() -> None:
    back = unpack(pack(LOGITS), 10)
    assert pack(LOGITS)["logits"].dtype == torch.float16
    assert torch.allclose(back, LOGITS, rtol=1e-3, atol=1e-3)
    assert unpack(pack(torch.full((1, 3), 1e9)), 3).isfinite().all()


def test_top_k_keeps_the_largest_and_the_mean_of_the_others() -> None:
    back = unpack(pack(LOGITS, 3), 10)
    for row, (kept, whole) in enumerate(zip(back, LOGITS, strict=True)):
        largest = whole.argsort(descending=True)
        assert torch.allclose(kept[largest[:3]], whole[largest[:3]], rtol=1e-3), row
        assert torch.allclose(kept[largest[3:]], whole[largest[3:]].mean().expand(7), rtol=1e-2, atol=1e-2), row
    assert label_bytes(pack(LOGITS, 3)) == 7 * (3 * (2 + 2) + 2)
    assert label_bytes(pack(LOGITS)) == 7 * 10 * 2


def test_the_labels_of_other_views_are_refused(tmp_path: Path) -> None:
    rows = torch.tensor([3, 1, 2, 0, 6, 5, 4])
    save_shard(tmp_path, 0, rows, LOGITS)
    labels = StoredLabels(tmp_path, 10)
    assert torch.allclose(labels(0, 2, rows[2:5]), LOGITS[2:5], rtol=1e-3, atol=1e-3)
    with pytest.raises(StoreError, match="of other views"):
        labels(0, 0, rows[2:5])
    with pytest.raises(StoreError, match="missing or damaged"):
        labels(1, 0, rows)


# The same as on the fly -----------------------------------------------------------------------------


def test_stored_logits_and_the_first_loss_are_those_made_on_the_fly(stored, shared_home, tmp_path) -> None:
    losses, seen = {}, {}
    for name, config in {"soft": settings(), "stored": settings(**{"relabel.stored": True})}.items():
        context = context_of(config, shared_home, "evaluate", tmp_path / name)
        student = context.node.trained_student
        runtime = context.runtime({student.network: config.evaluate.precision})
        teacher = LABELLERS[name](context)
        seen[name] = []

        def listening(*view, teacher=teacher, seen=seen[name]):
            seen.append(teacher(*view))
            return seen[-1]

        training = Training(context, config.evaluate, runtime, listening, student.network, student.seed)
        views = [(epoch, batch, view) for epoch in (0, 5) for batch, view in enumerate(training.plan.epoch(epoch))]
        losses[name] = [training._train_on(view, epoch, batch) for epoch, batch, view in views]
    for mine, theirs in zip(seen["stored"], seen["soft"], strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-3, atol=1e-3)
        assert not torch.equal(mine, theirs)  # rounded: they were not made anew
    assert losses["stored"][0] == pytest.approx(losses["soft"][0], rel=1e-3)


def test_shards_hold_every_view_and_their_bytes_are_told(stored, shared_home: Path) -> None:
    folder = shared_home / "artefacts" / key(stored, "relabel")
    config = settings(**{"relabel.stored": True})
    plan = ViewPlan(config.views, 20, 28)
    shards = sorted((folder / "soft").iterdir())
    assert shards == [shard_path(folder, epoch) for epoch in range(plan.epochs)]
    with safe_open(shards[0], "pt") as file:
        assert file.get_slice("logits").get_shape() == [20, 10]
    views = plan.epochs * 20
    assert stored["labels"]["bytes_if_stored"] == views * 10 * 2
    shown = json.loads(edc("show", stored["run"], home=shared_home).stdout)
    assert shown["labels"] == stored["labels"] == read_json(folder / "labels.json")
    assert shown["labels"]["stored"]
    assert shown["settings"]["relabel"]["stored"]


def test_a_student_of_stored_labels_needs_no_observer(
    stored: dict, tiny_run: dict, shared_home, tmp_path, decoded
) -> None:
    """Taken to a store that has no observers, the run is judged again and is as accurate."""
    assert key(stored, "synthesise") == key(tiny_run, "synthesise")
    with closing(Store(shared_home)) as store:
        export(store, store.run(stored["run"]), tmp_path / "out")
    assert json.loads((tmp_path / "out" / "manifest.json").read_bytes())["labels"]["kind"] == "stored"
    import_run(tmp_path / "out", decoded(tmp_path / "home"), scores=False)
    again = execute(prepare(settings(**{"relabel.stored": True})), tmp_path / "home")
    assert {stage["stage"] for stage in again["stages"] if not stage["cached"]} == {"evaluate", "score"}
    assert (again["top1"], again["top1_ema"]) == (stored["top1"], stored["top1_ema"])


@pytest.mark.parametrize("question", [{"kind": "cosine"}, {"kind": "sharpness", "split": "condensed", "vectors": 2}])
def test_the_landscape_of_its_own_loss_has_the_teachers_back(question: dict, stored: dict, shared_home: Path) -> None:
    prepared = prepare(settings(**{"relabel.stored": True}))
    asked = landscape_config(images=10, **question)
    assert execute_landscape(LandscapeTask((StudentQuery(prepared, (asked,)),)), shared_home)
    assert found(shared_home, node_of(prepared, asked).key)


def test_its_own_loss_has_the_labels_as_they_were_cut() -> None:
    relabel = SimpleNamespace(stores=True, logits_top_k=1)
    asked = LoadedStudent(SimpleNamespace(config=SimpleNamespace(relabel=relabel)), None, None, "net/0", None)
    logits = torch.tensor([[4.0, 1.0, 0.0]])

    class Teachers:
        members = ("one",)

        def __call__(self, images: torch.Tensor) -> torch.Tensor:
            return logits

    assert asked.soft(Teachers(), logits).tolist() == [[4.0, 0.5, 0.5]]
    relabel.stores = False
    assert asked.soft(Teachers(), logits).tolist() == logits.tolist()


# Settings -------------------------------------------------------------------------------------------


def test_labels_that_are_not_stored_keep_their_keys() -> None:
    plain = settings()
    assert not {"stored", "top_k"} & plain.relabel.cache_key_fields().keys()
    other = settings(**{"relabel.logits_top_k": 3})  # not read
    keys, same = ([node.key for node in build_stage_graph(config, "0" * 32)] for config in (plain, other))
    assert keys == same
    hard = {"relabel.labels": "hard", "evaluate.loss": "ce"}
    assert "stored" not in settings(**hard, **{"relabel.stored": True}).relabel.cache_key_fields()


def test_as_many_logits_as_classes_are_refused() -> None:
    with pytest.raises(SettingsError, match="logits_top_k is 10, but the data set has 10 classes"):
        prepare(settings(**{"relabel.stored": True, "relabel.logits_top_k": 10}))


# Killed ---------------------------------------------------------------------------------------------


def stop_while_storing(config: RunConfig, home: Path, place: Path) -> None:
    """Start relabelling into a folder, and stop it after three fifths of the labels."""

    def stop(event) -> None:
        if isinstance(event, Progress) and event.note == "storing labels" and event.done > 0.6 * event.total:
            raise Cancelled("stopped")

    context = context_of(config, home, "relabel", place, stop)
    context.checkpoint_every = 0.0
    with pytest.raises(Cancelled):
        relabel(context)


def test_stopped_while_storing_it_goes_on_and_ends_with_the_same_bytes(stored, shared_home, tmp_path) -> None:
    config = settings(**{"relabel.stored": True})
    stop_while_storing(config, shared_home, tmp_path / "work")
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "work" / "soft").iterdir()}
    assert 1 < len(written) < 6
    resumed = context_of(config, shared_home, "relabel", tmp_path / "work")
    relabel(resumed)
    assert all(path.stat().st_mtime_ns == time_ for path, time_ in written.items()), "a finished shard was made anew"
    whole = shared_home / "artefacts" / key(stored, "relabel")
    for path in sorted((whole / "soft").iterdir()):
        assert path.read_bytes() == (tmp_path / "work" / "soft" / path.name).read_bytes()
    assert read_json(tmp_path / "work" / "labels.json") == read_json(whole / "labels.json")


def test_a_changed_shard_is_not_counted_on_by_whoever_resumes(stored: dict, shared_home: Path, tmp_path: Path) -> None:
    config = settings(**{"relabel.stored": True})
    stop_while_storing(config, shared_home, tmp_path / "work")
    shard = shard_path(tmp_path / "work", 0)
    content = bytearray(shard.read_bytes())
    content[-64:] = bytes(value ^ 255 for value in content[-64:])
    shard.write_bytes(content)
    relabel(context_of(config, shared_home, "relabel", tmp_path / "work"))
    whole = shard_path(shared_home / "artefacts" / key(stored, "relabel"), 0)
    assert shard.read_bytes() == whole.read_bytes()
