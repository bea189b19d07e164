"""Every wrong data set and bundle: one sentence that names what is wrong and ends with the cure; nothing half done."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from edc_core.config import DataConfig
from edc_core.data import describe, open_dataset
from edc_core.data.dataset import check_part_sizes
from edc_core.data.readers.unpack import unpack_classes
from edc_core.doctor import examine
from edc_core.errors import DataError, EDCError
from edc_core.exchange.export_run import export
from edc_core.exchange.import_run import import_run
from edc_core.jobs.datasets import datasets
from edc_core.store import Store
from edc_core.store.run_row_schema import read_row
from tests.conftest import answer, edc
from tests.support.photos import small_photos
from tests.support.wrong_bundles import BUNDLES, manifest_of, set_run
from tests.support.wrong_inputs import FOLDERS, PARQUET, ZIPS, packed, small_parquet


@pytest.fixture(scope="module")
def original(tiny_run: dict, shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run's bundle with its observers."""
    folder = tmp_path_factory.mktemp("bundles") / "out"
    with closing(Store(shared_home)) as store:
        export(store, store.run(tiny_run["run"]), folder, observers=True)
    return folder


@pytest.fixture
def bundle(original: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(original, tmp_path / "bundle"))


def use(name: str, home: Path) -> None:
    """What a run does with a data set before anything is computed."""
    about = describe(name)
    check_part_sizes(about, DataConfig(holdout=2), 1)
    open_dataset(name, DataConfig(holdout=2), home, about)


def folder(makes, place: Path, home: Path) -> None:
    makes(small_photos(place))
    use(
        f"{place}?classes={place.parent / 'wanted.txt'}" if (place.parent / "wanted.txt").exists() else str(place), home
    )


def parquet(makes, place: Path, home: Path) -> None:
    makes(small_parquet(place))
    use(str(place), home)


def upload(makes, place: Path, home: Path) -> None:
    unpack_classes(makes(small_photos(place)), home)


CASES = {
    **{name: (folder, *case) for name, case in FOLDERS.items()},
    **{name: (parquet, *case) for name, case in PARQUET.items()},
    **{name: (upload, *case) for name, case in ZIPS.items()},
}


def sentence(error: EDCError) -> str:
    """The message, if it is one line that says what to do."""
    said = str(error)
    assert said.isprintable()
    assert said.endswith(".")
    cure = error.cure if isinstance(error, DataError) else said.rpartition(": ")[2]
    assert len(cure) > 5, "no cure"
    return said


@pytest.mark.parametrize("wrong", CASES)
def test_a_wrong_data_set_is_refused_in_one_sentence(wrong: str, tmp_path: Path) -> None:
    uses, makes, says = CASES[wrong]
    with pytest.raises(EDCError, match=says) as raised:
        uses(makes, tmp_path / "set", tmp_path / "home")
    sentence(raised.value)
    assert not [path for path in (tmp_path / "home").rglob("*") if path.name != "uploads"]
    assert not (tmp_path / "evil.png").exists()


def refusal(source: Path, home: Path) -> str:
    """What importing it says; nothing of it may have entered the store."""
    with pytest.raises(EDCError) as caught:
        import_run(source, home)
    assert not list((home / "artefacts").glob("*")), "something entered the store"
    assert not [path for path in (home / "partial").glob("*") if path.is_dir()]
    if (home / "store.sqlite").exists():
        with closing(Store(home, ())) as store:
            assert store.runs() == []
    return sentence(caught.value)


@pytest.mark.parametrize("wrong", BUNDLES)
def test_a_wrong_bundle_is_refused_in_one_sentence(wrong: str, bundle: Path, tmp_path: Path) -> None:
    makes, says = BUNDLES[wrong]
    makes(bundle)
    with pytest.raises(EDCError, match=says):
        raise EDCError(refusal(bundle, tmp_path / "home"))


def test_one_flipped_bit_in_any_file_is_refused_by_its_name(bundle: Path, tmp_path: Path) -> None:
    """Images, labels, settings, results, the manifest and its own hash."""
    for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for place in {0, len(content) // 2, len(content) - 1}:
            spoilt = bytearray(content)
            spoilt[place] ^= 1
            path.write_bytes(spoilt)
            assert path.relative_to(bundle).as_posix() in refusal(bundle, tmp_path / "home")
        path.write_bytes(content)
    assert import_run(bundle, tmp_path / "home").taken > 0


ZIPPED = {
    "beside the run": ({"more/x.txt": b"x"}, "'more/x.txt' beside the run's folder"),
    "out of it": ({"../x": b"x"}, "'../x' leads out of the ZIP"),
    "twice": ({"run\\labels.csv": b"x"}, "'run/labels.csv' twice"),
    "a file where a folder is": ({"run/images": b"x"}, "cannot be unpacked in"),
    "one more": ({"run/x.txt": b"x"}, "holds 'x.txt', which its manifest does not name"),
}


@pytest.mark.parametrize("wrong", ZIPPED)
def test_a_bundles_zip_is_checked_like_any_upload(wrong: str, original: Path, tmp_path: Path) -> None:
    more, says = ZIPPED[wrong]
    (tmp_path / "run.zip").write_bytes(packed(original, "run/", **more).getvalue())
    assert says in refusal(tmp_path / "run.zip", tmp_path / "home")
    assert not (tmp_path / "x").exists()


def test_a_bundles_zip_is_no_bomb_and_no_other_zip(original: Path, tmp_path: Path) -> None:
    with pytest.raises(EDCError, match="more than may be unpacked here"):
        import_run(packed(original), tmp_path / "home", largest=1000)
    with pytest.raises(EDCError, match="the ZIP is no exported run"):
        import_run(packed(original / "images"), tmp_path / "home")
    assert not list((tmp_path / "home").glob("artefacts/*"))


def test_an_import_unpacks_without_keeping_others_waiting(original: Path, tmp_path: Path) -> None:
    (home := tmp_path / "home" / "partial").mkdir(parents=True)
    with FileLock(home / "merge.lock"):
        assert "the ZIP is no exported run" in refusal(packed(original / "images"), tmp_path / "home")
        said = refusal(packed(original), tmp_path / "home")
    assert said == "another import or merge is at work: wait for its end."


def test_an_imported_run_puts_no_folder_of_this_machine_on_the_list(bundle: Path, tmp_path: Path) -> None:
    hidden = str(small_photos(tmp_path / "hidden"))
    set_run(settings={"dataset": hidden})(bundle)
    import_run(bundle, tmp_path / "home", owner="ada")
    with closing(Store(tmp_path / "home")) as store:
        assert hidden in [run.dataset for run in store.runs()]
        assert hidden not in [one.address for one in datasets(store)]


def test_looks_that_a_bundle_claims_are_dropped_and_its_run_can_be_read_and_deleted(
    bundle: Path, tiny_run: dict, tmp_path: Path
) -> None:
    """Such a bundle once made every page and every command on the store end."""
    set_run(manifest=manifest_of(bundle)["run"]["manifest"] | {"test_looks": 5})(bundle)
    import_run(bundle, home := tmp_path / "home")
    with closing(Store(home, ())) as store:
        assert store.run(tiny_run["run"]).manifest["test_looks"] == {"run": 1, "store": 1}
        store.database.execute("UPDATE runs SET manifest = json_set(manifest, '$.test_looks', 5)")  # taken in earlier
        store.database.execute("DELETE FROM looks")
        assert [run.manifest["test_looks"]["run"] for run in store.runs()] == [0]
        store.delete(tiny_run["run"])
        assert store.runs() == []


def test_every_run_that_comes_with_the_project_would_be_taken_from_elsewhere() -> None:
    with closing(Store()) as store:
        runs = [run for run in store.runs() if run.bundled]
    assert len(runs) > 10
    for run in runs:
        told = {name: json.dumps(getattr(run, name)) for name in ("settings", "plan", "manifest", "progress", "result")}
        assert read_row(vars(run) | told).result.students


def test_what_was_finished_stays_beside_what_is_refused(bundle: Path, tiny_run: dict, tmp_path: Path) -> None:
    """A store with the run in it is left as it was by a spoilt bundle of the same run."""
    home = tmp_path / "home"
    import_run(bundle, home)
    before = {path: path.read_bytes() for path in (home / "artefacts").rglob("*") if path.is_file()}
    (bundle / "labels.csv").unlink()
    with pytest.raises(EDCError, match="lacks"):
        import_run(bundle, home)
    assert {path: path.read_bytes() for path in (home / "artefacts").rglob("*") if path.is_file()} == before
    with closing(Store(home)) as store:
        assert store.result(tiny_run["run"])["top1"] == tiny_run["top1"]


def test_the_doctor_names_every_damaged_picture_and_describes_the_rest(tmp_path: Path) -> None:
    root = small_photos(tmp_path / "set")
    for name in ("a.jpg", "b.jpg"):
        (root / "train" / "cat" / name).write_text("meow")
    report = examine(str(root), tmp_path / "home")
    (files,) = (found for found in report.findings if found.severity == "fatal")
    assert "2 of 10 images" in files.message
    assert ["a.jpg" in files.examples[0], "b.jpg" in files.examples[1]] == [True, True]
    assert (report.about.classes, report.about.train_counts) == (("cat", "dog"), (5, 3))
    assert not (tmp_path / "home").exists()


def test_the_command_line_says_it_in_one_line(bundle: Path, tmp_path: Path) -> None:
    root, home = small_photos(tmp_path / "set"), tmp_path / "home"
    (root / "train" / "cat" / "a\nb.png").touch()
    (bundle / "labels.csv").unlink()
    for words in (("run", "--dataset", root, "--ipc", "1"), ("import", bundle)):
        done = edc(*words, home=home, check=False)
        assert (done.returncode, len(done.stderr.strip().splitlines()), done.stdout) == (1, 1, "")
        assert done.stderr.startswith("error: ")
    found = edc("doctor", root, home=home, check=False)
    assert found.returncode == 1
    assert answer(found)["fatal"] == 1
    assert "Traceback" not in found.stderr
