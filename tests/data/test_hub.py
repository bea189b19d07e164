"""Repositories of Hugging Face's Hub by name: read from the cache, never fetched by an address, fetched when asked."""

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from edc_core.cli import app
from edc_core.data import describe
from edc_core.data.hub import download, repositories
from edc_core.data.hub.repositories import condensed_set, repository_of
from edc_core.data.short_names import short_name
from edc_core.data.sources import full_name
from edc_core.errors import DataError, EDCError, SettingsError
from edc_core.judging.external_sets import import_set, read_external_set
from tests.support.hub_cache import COMMIT, cached, empty_cache, sizes
from tests.support.hub_server import hub_of

OLDER = "f" * 40


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_cache(tmp_path, monkeypatch)


def test_a_cached_repository_is_a_data_set_by_its_commit(cache: Path) -> None:
    cached(cache)
    about = describe("hf:ada/pets")
    assert (about.classes, about.test_count) == (("cat", "dog"), 10)
    assert about.name == f"ada/pets@{COMMIT[:12]}"
    assert f"hf:ada/pets at commit {COMMIT[:12]}" in about.census.readings[0]
    assert full_name("hf:ada/pets?size=16") == f"hf:ada/pets@{COMMIT}?size=16"
    assert short_name(full_name("hf:ada/pets")) == f"ada/pets@{COMMIT[:7]}"
    assert describe(f"hf:ada/pets@{COMMIT}").digest == about.digest


def test_the_commit_is_in_the_digest_and_the_place_is_not(cache: Path, tmp_path: Path, monkeypatch) -> None:
    cached(cache)
    cached(cache, commit=OLDER, main=False)  # the same images
    first = describe("hf:ada/pets").digest
    assert describe(f"hf:ada/pets@{OLDER}").digest != first
    shutil.move(cache, tmp_path / "elsewhere")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "elsewhere"))
    assert describe("hf:ada/pets").digest == first


@pytest.mark.parametrize(
    "address",
    ["hf:pets", "hf:../x", "hf:a/..", "hf:a/b/c", "hf:/a/b", "hf:a/b@../../etc", "hf:a/b@", "hf:a/b@-x", "hf:a b/c",
     "hf:a--b/c", "hf:a/b\\c", "hf:a/b@x\n", "hf:ä/b"],
)  # fmt: skip
def test_what_is_no_repository_becomes_no_path(address: str) -> None:
    with pytest.raises(SettingsError, match="names no repository.*hf:OWNER/NAME"):
        repository_of(address)


def test_an_address_alone_downloads_nothing(cache: Path) -> None:
    with pytest.raises(DataError, match="downloads nothing: 'python -m edc_core download hf:a/b'"):
        describe("hf:a/b")
    assert list(cache.iterdir()) == []


def test_without_the_package_one_sentence_names_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(SettingsError, match=r"pip install 'edc-lab\[hub\]'"):
        describe("hf:ada/pets")


FILES = {
    "train/cat/0.png": 3,
    "a.parquet": 5,
    "x.PT": 7,
    "net/y.bin": 9,
    "pets.py": 1,
    ".gitattributes": 1,
    "../z.png": 1,
}


def listing(name: str, revision: str, files_metadata: bool) -> SimpleNamespace:
    assert (name, files_metadata) == ("ada/pets", True)
    return SimpleNamespace(sha=COMMIT, siblings=[SimpleNamespace(rfilename=n, size=s) for n, s in FILES.items()])


def test_the_size_is_known_first_and_pickles_and_scripts_are_counted() -> None:
    offer = download.offer_of("hf:ada/pets", listing)
    assert offer.files == {"train/cat/0.png": 3, "a.parquet": 5}
    assert {reason: count for reason, count, _ in offer.left_out} == {
        "files that may be pickles": 2,
        "scripts": 1,
        "files of other kinds": 1,
    }
    assert "2 files, 1 KiB; never fetched: files of other kinds (1), files that may be" in offer.sentence


def fetched(cache: Path) -> tuple[download.Offer, list]:
    """A download whose network is a folder."""
    asked = []

    def fetch(name: str, **options) -> str:
        asked.append(options)
        return str(cached(cache))

    offer = download.Offer(repository_of("hf:ada/pets"), COMMIT, sizes(cache), (("scripts", 1, "pets.py"),))
    download.fetch_repository(offer, fetch)
    return offer, asked


def test_what_was_fetched_is_written_down_and_counted_in_the_census(cache: Path) -> None:
    _, (asked,) = fetched(cache)
    assert "*.parquet" in asked["allow_patterns"]
    assert not {"*.pt", "*.bin", "*.py", "*"} & set(asked["allow_patterns"])
    said = describe("hf:ada/pets").census.sentences
    assert any("scripts of the repository, never fetched (1 file, such as 'pets.py')" in one for one in said)
    assert not any("perhaps in part" in one for one in said)


def test_a_missing_file_of_what_was_fetched_is_named(cache: Path) -> None:
    offer, _ = fetched(cache)
    gone = min(offer.files)
    (cache / "datasets--ada--pets" / "snapshots" / COMMIT / gone).unlink()
    with pytest.raises(DataError, match=f"not whole on this machine \\('{gone}'"):
        describe("hf:ada/pets")


def test_a_record_that_leads_out_is_not_believed(cache: Path) -> None:
    cached(cache)
    path = repositories.record_path("ada/pets", COMMIT)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"files": {"../../x": 1}, "left_out": []}))
    assert "perhaps in part" in describe("hf:ada/pets").census.readings[0]


def refusal(kind: str):
    from huggingface_hub import errors

    def ask(*_, **__):
        found = getattr(errors, kind)
        raise found.__new__(found)

    return ask


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("GatedRepoError", "is gated.*agree on https://huggingface.co/datasets/ada/pets"),
        ("RepositoryNotFoundError", "no data set 'ada/pets', or it is private"),
        ("RevisionNotFoundError", "no revision 'v9'"),
        ("OfflineModeIsEnabled", "HF_HUB_OFFLINE is set"),
        ("HfHubHTTPError", "look at the network"),
    ],
)
def test_each_refusal_of_the_hub_is_a_sentence_with_its_cure(kind: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        download.offer_of("hf:ada/pets@v9", refusal(kind))


def test_a_released_condensed_set_is_its_folder_or_its_only_array(cache: Path) -> None:
    folder = cached(cache)
    assert condensed_set("hf:ada/pets") == folder
    assert condensed_set("hf:ada/pets?config=train") == folder / "train"
    for name in ("ipc1.npz", "ipc10.npz"):
        (folder / name).write_bytes(b"PK")
    with pytest.raises(DataError, match=r"several sets \('ipc1.npz', 'ipc10.npz'\).*\?config=ipc1"):
        condensed_set("hf:ada/pets")
    assert condensed_set("hf:ada/pets?config=ipc10") == folder / "ipc10.npz"
    for wrong in ("hf:ada/pets?config=..", "hf:ada/pets?config=ipc5"):
        with pytest.raises(SettingsError, match="choose one"):
            condensed_set(wrong)


def test_a_released_set_is_kept_as_any_other(cache: Path, tmp_path: Path) -> None:
    cached(cache)
    digest = import_set(Path("hf:ada/pets?config=train"), describe("hf:ada/pets"), tmp_path)
    assert read_external_set(digest, 2, tmp_path).counts == (5, 5)


def test_the_command_asks_the_hub_and_says_why_it_cannot(cache: Path) -> None:
    for words, said in (("hf:ada/pets", "HF_HUB_OFFLINE is set"), ("hf:ada/pets?size=32", "download the whole")):
        found = CliRunner().invoke(app, ["download", words])
        assert isinstance(found.exception, EDCError)
        assert said in str(found.exception)
    assert list(cache.iterdir()) == []


def test_the_hubs_own_library_fetches_data_and_neither_pickles_nor_scripts(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a Hub on this machine: what goes over the line is what the size was said of."""
    files = {name: b"x" * size for name, size in FILES.items() if not name.startswith("..")}
    with hub_of(files) as (address, asked):
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        monkeypatch.setattr(
            "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
            address + "/{repo_id}/resolve/{revision}/{filename}",
        )
        offer = download.offer_of("hf:ada/pets")
        found = download.fetch_repository(offer)
    fetched_names = {path.relative_to(found.folder).as_posix() for path in found.folder.rglob("*") if path.is_file()}
    assert fetched_names == set(offer.files) == {"train/cat/0.png", "a.parquet"}
    assert not [path for path in asked if path.endswith((".PT", ".bin", ".py"))]
