"""Data sets of a lab: added by path or upload, by whom, removed again; checked and squeezed as tasks of the queue."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from edc_core import jobs
from edc_core.config import DataConfig
from edc_core.data import describe, open_dataset
from edc_core.data.decoded import decoded, lock_of, note_place
from edc_core.data.readers import trees
from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import TINY
from edc_core.errors import Cancelled, DataError, SettingsError
from edc_core.events import Progress
from edc_core.exchange.merge_stores import merge
from edc_core.jobs import Person, Refused
from edc_core.jobs import datasets as known
from edc_core.jobs.tasks.check import CheckTask, stored_report
from edc_core.jobs.tasks.squeeze import SqueezeTask, execute_squeeze
from edc_core.pipeline.prepare import manifest, prepare
from edc_core.store import Store
from edc_core.store.schema import transaction
from tests.support.photos import photos, picture, small_photos
from tests.support.queued import ADA, BEN, two_by_two
from tests.support.wrong_inputs import packed

ME, TEACHER = Person(teacher=True), Person("t", "Ms T", True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "home")) as found:
        yield found


def addresses(store: Store) -> list[str]:
    return [one.address for one in known.datasets(store)]


def test_a_folder_is_listed_with_what_was_chosen_of_it_until_it_is_removed(store: Store, tmp_path: Path) -> None:
    root = photos(tmp_path / "photos")
    address = known.add(store, f"{root}?size=24", ME)
    assert address == f"{root}?size=24"
    (listed,) = [one for one in known.datasets(store) if one.added]
    assert (listed.title, listed.kind) == ("photos, 24 px", "a folder here")
    assert known.remove(store, listed, ME) == "taken off the list; its files stay."
    assert (address in addresses(store), root.is_dir()) == (False, True)


def test_what_is_no_data_set_is_not_added(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, error in ((str(tmp_path / "empty"), DataError), ("/no/such", SettingsError)):
        with pytest.raises(error):
            known.add(store, name, ME)
    assert addresses(store)[0] == known.add(store, "fashion-mnist-mini", ME)
    assert not [one for one in known.datasets(store) if one.added]


def test_an_upload_is_its_owners_and_goes_with_its_files(store: Store, in_class: None, tmp_path: Path) -> None:
    place = known.receive(store, packed(small_photos(tmp_path / "set")), "My photos.zip", ADA)
    large = known.add(store, f"{place}?size=48", ADA)
    small = known.add(store, place, ADA)
    by = {one.address: one for one in known.datasets(store)}
    assert (by[small].title, by[small].kind, by[small].owners) == ("my-photos", "uploaded", ("ada",))
    with pytest.raises(Refused, match="ask them or the teacher"):
        known.remove(store, by[small], BEN)
    known.remove(store, by[small], ADA)
    assert Path(place).is_dir()  # the other size stands on it
    assert known.remove(store, by[large], TEACHER) == "deleted."
    assert not Path(place).exists()


def test_one_zip_of_two_people_is_each_ones_own(store: Store, in_class: None, tmp_path: Path) -> None:
    zipped = packed(small_photos(tmp_path / "set"))
    place = known.receive(store, zipped, "set.zip", ADA)
    assert known.receive(store, zipped, "set.zip", BEN) == place
    known.discard(store, place, BEN)
    assert known.add(store, place, ADA) == place
    assert known.add(store, known.receive(store, zipped, "set.zip", BEN), BEN) == place

    def listed() -> known.Listed:
        return next(one for one in known.datasets(store) if one.address == place)

    assert set(listed().owners) == {"ada", "ben"}
    assert known.remove(store, listed(), ADA) == "yours no longer; others added it too."
    assert (listed().owners, Path(place).is_dir()) == (("ben",), True)
    assert known.remove(store, listed(), BEN) == "deleted."
    assert not list(Path(place).parent.iterdir())


def test_who_adds_an_upload_while_it_is_removed_keeps_it(store: Store, in_class: None, tmp_path: Path) -> None:
    place = known.add(store, known.receive(store, packed(small_photos(tmp_path / "set")), "set.zip", ADA), ADA)
    listed = next(one for one in known.datasets(store) if one.address == place)
    with closing(Store(store.home)) as other, ThreadPoolExecutor(1) as aside:
        with transaction(other.database):
            removing = aside.submit(known.remove, store, listed, ADA)
            time.sleep(0.3)  # it has looked by now, if it looks before it waits for the store
            other.database.execute("INSERT INTO datasets VALUES (?, 'ben', 0, 1)", (place,))
        assert removing.result() == "yours no longer; others added it too."
    assert Path(place).is_dir()


def test_what_was_decoded_of_an_upload_goes_with_it(store: Store, in_class: None, tmp_path: Path) -> None:
    zipped = packed(small_photos(tmp_path / "set"))
    place = known.add(store, known.receive(store, zipped, "set.zip", ADA), ADA)
    own = open_dataset(str(tmp_path / "set") + "?size=24", DataConfig(holdout=2), store.home)
    for address in (place, f"{place}?size=48"):
        open_dataset(address, DataConfig(holdout=2), store.home)
    killed = store.home / "datasets" / f"decoding-{'0' * 32}-x"  # half decoded by a process that is no more
    killed.mkdir()
    note_place(killed, place)
    assert len(decoded(store.home)) == 4
    assert known.remove(store, next(one for one in known.datasets(store) if one.address == place), ADA) == "deleted."
    assert [one.folder for one in decoded(store.home)] == [own.cache]
    assert len(own.part("train")) > 0


def test_the_names_of_uploads_that_are_gone_are_forgotten(store: Store, tmp_path: Path) -> None:
    """A server that a class uploads to for a term would keep every name of a file that it has ever seen."""
    for number in range(3):
        folder = small_photos(tmp_path / f"set {number}")
        picture(folder / "train" / "cat" / "own.png", (32, 32), seed=100 + number)
        kept = known.add(store, known.receive(store, packed(folder), f"set {number}.zip", ADA), ADA)
        if number < 2:
            known.remove(store, next(one for one in known.datasets(store) if one.address == kept), ADA)
    seen = [root for root in trees._walked if root.is_relative_to(store.home.resolve())]
    assert seen == [Path(kept)]


def test_pixels_that_somebody_reads_stay_until_the_next_removal(store: Store, in_class: None, tmp_path: Path) -> None:
    zipped = packed(small_photos(tmp_path / "set"))
    one = known.add(store, known.receive(store, zipped, "one.zip", ADA), ADA)
    same = known.add(store, known.receive(store, zipped, "same.zip", BEN), BEN)
    cache = open_dataset(one, DataConfig(holdout=2), store.home).cache
    check = CheckTask(same, describe(same))
    assert jobs.submit_task(store, check, BEN).outcome == "queued"
    by = {listed.address: listed for listed in known.datasets(store)}
    assert known.remove(store, by[one], ADA) == "deleted."
    assert (Path(one).exists(), cache.is_dir()) == (False, True)  # Ben's check may be reading them
    store.finish(check.id, "finished")
    with lock_of(cache):  # some process decodes it
        known.receive(store, packed(photos(tmp_path / "more")), "more.zip", ADA)
        assert cache.is_dir()
    known.remove(store, by[same], BEN)
    assert decoded(store.home) == []


def test_decoded_pixels_are_bounded_for_each_person(
    store: Store, in_class: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = known.add(store, known.receive(store, packed(small_photos(tmp_path / "set")), "set.zip", ADA), ADA)
    open_dataset(place, DataConfig(holdout=2), store.home)
    monkeypatch.setattr(known, "MAX_DECODED_BYTES", 8 * 32 * 32 * 3)  # of its eight pictures
    with pytest.raises(Refused, match="your uploads take 0.0 GiB here since they were decoded"):
        known.add(store, f"{place}?size=48", ADA)
    known.add(store, f"{place}?size=48", TEACHER)


def test_what_is_no_address_any_longer_stops_nothing(store: Store, tmp_path: Path) -> None:
    store.database.execute("INSERT INTO datasets VALUES ('/gone/a?b=c', '', 0, 1)")
    columns = "id, created, state, preset, dataset, ipc, seed, settings, plan, manifest"
    store.database.execute(
        f"INSERT INTO runs ({columns}) VALUES ('one', 0, 'finished', 'G', 'x?foo=1', 1, 0, '{{}}', '[]', '{{}}')"
    )
    by = {one.address: one for one in known.datasets(store)}
    assert [by[address].title for address in ("/gone/a?b=c", "x?foo=1")] == ["a?b=c", "x?foo=1"]
    gone = tmp_path / "home" / "uploads" / "unpacking-gone"
    gone.parent.mkdir()
    gone.symlink_to(tmp_path / "nothing")  # as a folder that another upload takes away just now
    known.add(store, known.receive(store, packed(small_photos(tmp_path / "set")), "set.zip", ME), ME)
    assert known.remove(store, by["/gone/a?b=c"], ME) == "taken off the list; its files stay."


def test_in_in_class_paths_are_the_teachers_and_uploads_are_bounded(
    store: Store, in_class: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_photos(tmp_path / "set")
    with pytest.raises(Refused, match="only the teacher"):
        known.add(store, str(root), ADA)
    with pytest.raises(Refused, match="code and a nickname"):
        known.receive(store, packed(root), "x.zip", Person())
    known.add(store, str(root), TEACHER)
    assert str(root) in addresses(store)
    monkeypatch.setattr(known, "MAX_UPLOADS", 1)
    known.add(store, known.receive(store, packed(root), "one.zip", ADA), ADA)
    with pytest.raises(Refused, match="you have 1 uploads"):
        known.receive(store, packed(root, **{"note.txt": b"x"}), "two.zip", ADA)
    waiting = known.receive(store, packed(root, **{"note.txt": b"x"}), "two.zip", BEN)
    with pytest.raises(Refused, match="or wait an hour for what you did not add"):
        known.receive(store, packed(root), "three.zip", BEN)
    known.discard(store, waiting, BEN)
    with pytest.raises(DataError):
        known.receive(store, io.BytesIO(b"no ZIP"), "three.zip", BEN)
    known.receive(store, packed(root), "three.zip", BEN)


def test_uploads_have_a_limit_and_what_nobody_added_is_swept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDC_UPLOAD_MIB", "1")
    with pytest.raises(DataError, match="has 2 MiB, and at most 1 are taken"):
        known.receive(store, io.BytesIO(bytes(2 * 2**20)), "x.zip", ME)
    first = known.receive(store, packed(small_photos(tmp_path / "set")), "first.zip", ME)
    monkeypatch.setattr(known, "UNLISTED_SECONDS", -1.0)
    second = known.receive(store, packed(photos(tmp_path / "more")), "second.zip", ME)
    assert [Path(place).exists() for place in (first, second)] == [False, True]
    known.discard(store, second, ME)
    assert not Path(second).exists()
    monkeypatch.setenv("EDC_UPLOAD_MIB", "9999")
    with pytest.raises(SettingsError, match="EDC_UPLOAD_MIB is '9999'"):
        known.receive(store, io.BytesIO(), "x.zip", ME)


def test_a_data_set_stays_while_a_matrix_rests_on_it(store: Store, in_class: None, tmp_path: Path) -> None:
    place = known.receive(store, packed(small_photos(tmp_path / "set")), "photos.zip", ADA)
    address = known.add(store, place, ADA)
    (listed,) = [one for one in known.datasets(store) if one.added]
    name = jobs.submit_matrix(store, two_by_two(1, datasets=[address], ipcs=[1]), BEN, held=True)
    with pytest.raises(Refused, match="1 matrix rests on data set 'photos': take it off the list first"):
        known.remove(store, listed, TEACHER)
    assert Path(place).is_dir()
    jobs.delete_matrix(store, name, BEN)
    assert known.remove(store, listed, TEACHER) == "deleted."


def test_nothing_is_added_where_the_lab_is_only_looked_at(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_photos(tmp_path / "set")
    asked = CheckTask(str(root), describe(str(root)))
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    for act in (
        lambda: known.add(store, str(root), ME),
        lambda: known.receive(store, packed(root), "x.zip", ME),
        lambda: jobs.submit_task(store, asked, ME),
    ):
        with pytest.raises(Refused, match="lab is read-only"):
            act()


def test_a_worker_checks_and_squeezes_what_recipes_run_then_finds(store: Store, tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", train=12)
    name, about = known.add(store, str(root), ME), describe(str(root))
    squeeze = SqueezeTask(prepare(configure("G", name, TINY, 1, 0), about))
    assert stored_report(store, about) is None
    part = {f"{stage}.observers": ("convnet-d2-w8",) for stage in ("synthesise", "relabel")}
    late = SqueezeTask(
        prepare(configure("G", name, TINY, 1, 0, changes=part), about)
    )  # all of it is made before its turn
    for task in (CheckTask(name, about), squeeze, late):
        assert jobs.submit_task(store, task, ME).outcome == "queued"
    listed = next(one for one in known.datasets(store) if one.address == name)
    with pytest.raises(Refused, match="is being checked or squeezed"):
        known.remove(store, listed, ME)
    jobs.work(store.home, idle=0)
    assert store.runs() == [run for run in store.runs() if run.bundled]
    report = stored_report(store, about)
    assert not report.fatal
    assert {finding.check for finding in report.findings} >= {"balance", "duplicates", "labels", "observers"}
    assert [store.find(task.id).state for task in (squeeze, late)] == ["finished", "finished"]
    result = store.find(squeeze.id).result
    assert [one["observer"] for one in result["observers"]] == ["convnet-d2-w8", "wrn-10-1"]
    for preset, ipc, seed in (("G", 10, 3), ("A", 2, 0)):
        run = prepare(configure(preset, name, TINY, ipc, seed), about)
        todo = {node.stage for node in run.pending(store.stage_results)}
        assert not todo & {"squeeze", "statistics"}, preset
    assert jobs.submit_task(store, squeeze, ME).outcome == "finished"
    store.register(run.run, run.config.model_dump(mode="json"), [], manifest(run))
    with pytest.raises(Refused, match="1 run rests on data set 'photos'"):
        known.remove(store, listed, ME)
    assert jobs.submit_task(store, CheckTask(name, about), ME).outcome == "queued"  # observers can be asked now


def test_a_squeeze_is_stopped_and_goes_on_and_is_no_run_that_a_merge_would_miss(store: Store, tmp_path: Path) -> None:
    name = str(photos(tmp_path / "photos", train=12))
    one = {f"{stage}.observers": ("convnet-d2-w8",) for stage in ("synthesise", "relabel")}
    changes = one | {"squeeze.epochs": 60}
    squeeze = SqueezeTask(prepare(configure("G", name, TINY, 1, 0, changes=changes)))

    def stop(event: object) -> None:
        if isinstance(event, Progress):
            store.cancel(squeeze.id)  # as from another process; the recorder looks four times a second

    with pytest.raises(Cancelled):
        execute_squeeze(squeeze, store.home, stop)
    assert store.find(squeeze.id).state == "cancelled"
    assert squeeze.pending(store.stage_results)
    result = jobs.execute_job(store.find(squeeze.id), store.home)
    assert [one["cached"] for one in result["observers"]] == [False]
    assert store.find(squeeze.id).state == "finished"
    merged = merge(store.home, tmp_path / "other")
    assert (merged.runs, merged.skipped) == (0, [])
    assert merged.stage_results == 2
