"""Data sets that are called alike: every list tells them apart, and what is chosen is what is opened."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edc_core.design_space.compose import configure, get_profile
from edc_core.jobs import Person
from edc_core.jobs import datasets as known
from edc_core.jobs.dataset_titles import apart, titles
from edc_core.jobs.datasets import Listed
from edc_core.pipeline.prepare import manifest, prepare
from edc_core.store import Store
from tests.support.app_pages import opened, runs_page
from tests.support.photos import picture, small_photos
from tests.support.wrong_inputs import packed

ME = Person(teacher=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "home")) as found:
        yield found


def folders(*places: str) -> list[str]:
    return list(apart([Listed(place, "a folder here") for place in places]).values())


def test_folders_are_told_apart_by_where_they_lie_and_others_keep_their_names() -> None:
    assert folders("/x/a/photos", "/x/b/photos", "/x/b/birds") == ["photos · in a", "photos · in b", "birds"]
    assert folders("/a/s/photos", "/b/s/photos") == ["photos · in a/s", "photos · in b/s"]
    assert folders("/photos", "/photos?size=24", "/s/photos?size=24")[0] == "photos"
    assert folders("/été", "/s/e\u0301te\u0301", "/s/Photos", "/t/photos")[0] == "été · in /"
    assert len(set(folders("/a/photos", "/b/photos", "/photos · in a"))) == 3


def test_a_folder_beside_a_known_set_of_its_name_says_where_it_lies() -> None:
    known_one, own = (
        Listed("fashion-mnist-mini", "comes with the lab"),
        Listed("/x/a/fashion-mnist-mini", "used by runs"),
    )
    assert list(apart([known_one, own]).values()) == ["fashion-mnist-mini", "fashion-mnist-mini · in a"]


def test_uploads_of_one_name_are_told_apart_by_when_or_which(store: Store, tmp_path: Path) -> None:
    places = []
    for seed in (1, 2):
        root = small_photos(tmp_path / str(seed) / "set")
        picture(root / "train" / "cat" / "v.png", (32, 32), seed=1000 + seed)
        places.append(known.add(store, known.receive(store, packed(root), "photos.zip", ME), ME))
    within_a_minute = titles(store)
    assert {within_a_minute[place] for place in places} == {f"photos · upload {place[-8:]}" for place in places}
    store.database.execute("UPDATE datasets SET added = added - 86400 WHERE address = ?", (places[0],))
    days = [titles(store)[place] for place in places]
    assert len(set(days)) == 2
    assert all(day.startswith("photos · sent ") for day in days)


@pytest.fixture
def alike(tmp_path: Path, store: Store) -> list[str]:
    """Two folders of one name on the list, and a run of each."""
    picture(tmp_path / "b" / "photos" / "train" / "cat" / "v.png", (32, 32), seed=99)
    places = [known.add(store, str(small_photos(tmp_path / top / "photos")), ME) for top in "ab"]
    for place in places:
        one = prepare(configure("G", place, get_profile("tiny"), 1, 0))
        plan = [node.plain() for node in one.nodes]
        store.claim_or_resume(one.run, one.config.model_dump(mode="json"), plan, manifest(one))
        store.finish(one.run, "failed", error="x")
    return places


def test_every_page_with_a_list_of_data_sets_opens_the_one_that_is_chosen(
    alike: list[str], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page, key, tail in (("data", "data.chosen", " · a folder here"), ("recipe", "recipe.dataset", "")):
        app = opened(page, store.home, monkeypatch)
        for top, place in zip("ab", alike, strict=True):
            box = app.selectbox(key=key)
            assert box.options.count(f"photos · in {top}{tail}") == 1, page
            box.select_index(box.options.index(f"photos · in {top}{tail}")).run()
            assert app.session_state["dataset"] == place
    app = opened("choices", store.home, monkeypatch)
    app.session_state["choices"] = "Build"
    app.run()
    assert {"photos · in a", "photos · in b"} <= set(app.multiselect(key="build_datasets").options)
    app = runs_page()
    app.multiselect(key="runs_data").select("photos · in b").run()
    assert set(app.dataframe[0].value["dataset"]) == {"photos · in b"}
