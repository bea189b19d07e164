"""Condensed sets from elsewhere: uploads and their limits, the kept sets, their judgement."""

import io
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from edc_core.data import describe
from edc_core.data.external_sets import members
from edc_core.data.external_sets.given import load_given
from edc_core.data.external_sets.imports import read_set
from edc_core.data.external_sets.members import most_of_upload
from edc_core.design_space.compose import get_profile
from edc_core.errors import DataError, EDCError, SettingsError, StoreError
from edc_core.jobs import Person, Refused
from edc_core.jobs.judge_upload import judge_upload
from edc_core.judging import external_sets as given
from edc_core.pipeline.prepare import manifest
from edc_core.runs.initial_preview import starting_pixels
from edc_core.store import Store
from tests.conftest import answer, edc
from tests.support.external_sets import GOOD, GREY, IMAGES, LABELS, files, folder, npz, png, zipped

MINI = "fashion-mnist-mini"
ADA, BEN = Person("ada", "Ada"), Person("ben", "Ben")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"Bag/a.png": b"\0" * 2**22})  # 4 MiB of nothing in 4 KiB
    assert len(bomb) < 2**13
    with pytest.raises(EDCError, match="more than 100,000 files or 2 MiB"):
        read_set(bomb, GREY, most=2**21)
    with pytest.raises(EDCError, match="the images weigh 6 MiB as pixels: at most 2 MiB"):
        read_set(zipped({f"Bag/{n}.png": b"" for n in range(6)}), replace(GREY, size=2**10), most=2**21)
    monkeypatch.setattr(members, "MAX_IMAGES", 5)
    with pytest.raises(EDCError, match="more than 5 files"):
        read_set(zipped(files("names")), GREY)


class Noted(io.BytesIO):
    """An upload that writes down when it is looked into, and is slow to read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.times: list[float] = []

    def seek(self, *place: int) -> int:
        self.times.append(time.monotonic())
        time.sleep(0.01)
        return super().seek(*place)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store whose queue nobody works on: a worker seems to be there."""
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    with closing(Store(tmp_path / "home")) as made:
        yield made


def judged(store: Store, source: io.BytesIO, person: Person, seeds: int = 1) -> str:
    return judge_upload(store, source, MINI, get_profile("tiny"), person, {"evaluate.seeds": seeds}).run


def noise(seed: int = 2) -> bytes:
    images = np.random.default_rng(seed).integers(0, 256, (20, 1, 28, 28), np.uint8)
    return npz(images=images, labels=np.tile(np.arange(10), 2))


def kept(store: Store) -> int:
    return len(list((store.home / "given").glob("*")))


def test_an_upload_that_is_a_bomb_is_refused_by_its_size(queue: Store) -> None:
    bomb = io.BytesIO()
    np.savez_compressed(bomb, images=np.zeros((2**15, 28, 28), np.uint8), labels=np.zeros(2**15, np.int64))
    assert len(bomb.getvalue()) < 2**16  # and 24 MiB of pixels
    with pytest.raises(DataError, match="more than 100,000 files or 16 MiB: give the condensed images only"):
        judged(queue, bomb, ADA)
    assert kept(queue) == 0
    assert [most_of_upload(size) >> 20 for size in (2**10, 2**20, 50 * 2**20)] == [16, 25, 128]


def test_who_has_enough_runs_waiting_has_nothing_unpacked(queue: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_MAX_QUEUED_PER_SESSION", "1")
    with pytest.raises(SettingsError):
        judged(queue, io.BytesIO(noise()), ADA, seeds=0)
    assert kept(queue) == 0  # it was taken in, and not judged
    assert queue.run(judged(queue, io.BytesIO(noise()), ADA)).state == "queued"
    with pytest.raises(Refused, match="1 of your runs is waiting"):
        judged(queue, io.BytesIO(b"not even a ZIP"), ADA)
    with pytest.raises(SettingsError):
        judged(queue, io.BytesIO(noise()), BEN, seeds=0)
    assert kept(queue) == 1  # Ada's run refers to it


def test_uploads_are_taken_in_one_at_a_time(queue: Store) -> None:
    uploads = [Noted(noise(seed)) for seed in range(3)]

    def send(upload: Noted) -> str:
        with closing(Store(queue.home)) as own:
            return judged(own, upload, ADA)

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(send, uploads))) == 3
    first, second, third = sorted((upload.times for upload in uploads), key=min)
    assert max(first) < min(second)
    assert max(second) < min(third)


def test_a_set_is_kept_once_under_its_digest(tmp_path: Path) -> None:
    digest = given.import_set(zipped(files("SRe2L")), GREY, tmp_path)
    assert given.import_set(npz(**GOOD), GREY, tmp_path) == digest
    assert [path.name for path in (tmp_path / "given").iterdir()] == [f"{digest}.safetensors"]
    assert np.array_equal(load_given(tmp_path, digest)[0], IMAGES)
    found = given.read_external_set(digest, 3, tmp_path)
    assert (found.ipc, found.ipc_text, found.even, found.bytes) == (2, "2", True, 6 * 64)
    for wrong in ("0" * 24, "../../etc/passwd"):
        with pytest.raises(StoreError):
            given.read_external_set(wrong, 3, tmp_path)


def test_uneven_classes_round_the_ipc_up_and_say_so(tmp_path: Path) -> None:
    digest = given.import_set(npz(images=IMAGES[:4], labels=[0, 0, 0, 1]), GREY, tmp_path)
    found = given.read_external_set(digest, 3, tmp_path)
    assert (found.ipc, found.ipc_text, found.counts) == (2, "1.3 (0 to 3)", (3, 1, 0))


def test_clipped_values_are_on_record(tmp_path: Path) -> None:
    values = IMAGES / 255
    values[0] = 1.5  # a sixth of the set
    digest = given.import_set(npz(images=values, labels=LABELS), GREY, tmp_path, normalisation="0-1")
    assert given.read_external_set(digest, 3, tmp_path).clipped == pytest.approx(1 / 6)
    assert load_given(tmp_path, digest)[0][0].min() == 255


def test_sets_that_no_run_refers_to_are_swept_after_a_while(tmp_path: Path) -> None:
    digest = given.import_set(npz(**GOOD), GREY, tmp_path)
    store = Store(tmp_path)
    assert given.remove_unused_sets(store) == 0
    (file,) = (tmp_path / "given").iterdir()
    os.utime(file, (0, 0))
    assert given.import_set(npz(**GOOD), GREY, tmp_path) == digest  # wanted again, so of today again
    assert given.remove_unused_sets(store) == 0
    assert given.remove_unused_sets(store, seconds=-1) == 1
    assert not list((tmp_path / "given").iterdir())
    digest = imported_noise(tmp_path)
    run = given.prepared_for(digest, "fashion-mnist-mini", get_profile("tiny"), 0, home=tmp_path)
    store.claim_or_resume(run.run, run.config.model_dump(mode="json"), [], manifest(run))
    assert given.remove_unused_sets(store, seconds=-1) == 0
    store.close()


def test_what_a_killed_import_left_half_written_is_swept_after_a_while(tmp_path: Path) -> None:
    digest = given.import_set(npz(**GOOD), GREY, tmp_path)
    half = tmp_path / "given" / f".{digest}.safetensors.4711.tmp"  # as `write_bytes` calls it until it is whole
    half.write_bytes(b"half")
    with closing(Store(tmp_path)) as store:
        assert given.remove_unused_sets(store) == 0
        os.utime(half, (0, 0))
        assert given.remove_unused_sets(store) == 1
    assert [path.stem for path in (tmp_path / "given").iterdir()] == [digest]


def imported_noise(home: Path) -> str:
    return given.import_set(noise(), describe(MINI), home)


def test_a_run_of_an_imported_set_and_its_controls_share_the_judgement(tmp_path: Path) -> None:
    digest = imported_noise(tmp_path)
    run = given.prepared_for(digest, "fashion-mnist-mini", get_profile("tiny"), 4, "hard", home=tmp_path)
    assert run.config.preset == "given"
    assert np.array_equal(starting_pixels(run, tmp_path)[0], load_given(tmp_path, digest)[0])
    for name, other in given.controls_for(run).items():
        assert other.config.preset == name
        assert other.config.ipc == 2
        for stage in ("views", "relabel", "evaluate", "score"):
            assert getattr(other.config, stage) == getattr(run.config, stage)


def test_a_runs_own_images_given_back_are_judged_to_the_same_bits(
    tiny_run: dict, shared_home: Path, tmp_path: Path
) -> None:
    key = next(stage["key"] for stage in tiny_run["stages"] if stage["stage"] == "synthesise")
    tensors = load_file(shared_home / "artefacts" / key / "images.safetensors")
    names = zip(tensors["images"], tensors["labels"], range(20), strict=True)
    place = folder(tmp_path, {f"new{label:03d}/{i:03d}.png": png(image[0]) for image, label, i in names})
    arguments = ("evaluate", "--images", place, "--profile", "tiny")
    found = answer(edc(*arguments, home=shared_home))
    assert found["students"] == tiny_run["students"]
    assert found["images"]["ipc"] == "2"
    assert set(found["controls"]) == {"random", "herding"}
    others = ("--no-controls", "--protocol", "hard", "--ipc", "1", "--split", "val")
    again = answer(edc(*arguments, *others, home=shared_home))
    assert again["controls"] == {}
    assert again["images"]["count"] == 10
    judged = answer(edc("evaluate", found["run"], "--protocol", "plain", "--split", "val", home=shared_home))
    assert {stage["stage"] for stage in judged["stages"] if not stage["cached"]} == {"relabel", "evaluate", "score"}
