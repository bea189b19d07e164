"""The page Data and repositories of the Hub: the size before consent, and only for who may name folders."""

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.data.hub.download import Offer
from edc_core.data.hub.repositories import repository_of
from edc_core.store import Store
from pages.shared import access
from tests.support.app_pages import at_address
from tests.support.hub_cache import COMMIT, cached, empty_cache, sizes


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    return empty_cache(tmp_path, monkeypatch)


def typed(address: str) -> AppTest:
    app = at_address("data").run()
    app.text_input(key="data.path").input(address)
    next(button for button in app.button if button.label == "Look at it").click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(part.value for part in (*app.markdown, *app.caption, *app.error))


def test_the_size_is_shown_before_anything_is_downloaded(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub's listing and download are stood in for; all else is real."""
    from huggingface_hub import snapshot_download

    files = [SimpleNamespace(rfilename=name, size=size) for name, size in {**sizes(cache), "net.pt": 9}.items()]
    listing = SimpleNamespace(sha=COMMIT, siblings=files)
    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", lambda *_, **__: listing)
    app = typed("hf:ada/pets?size=16")
    assert "20 files" in said(app)
    assert "files that may be pickles (1, such as" in said(app)
    assert list(cache.iterdir()) == []

    def fetch(name: str, **options: object) -> str:
        return snapshot_download(name, **options) if options.get("local_files_only") else str(cached(cache))

    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    app.button(key="data.download").click().run()
    assert not app.exception
    assert f"at commit {COMMIT[:12]}" in said(app)
    app.button(key="data.add").click().run()
    assert app.selectbox(key="data.chosen").value == f"hf:ada/pets@{COMMIT}?size=16"


def test_a_refusal_of_the_hub_is_a_sentence_on_the_page(cache: Path) -> None:
    app = typed("hf:ada/pets")
    assert "is set: unset it" in app.error[0].value
    assert not [button for button in app.button if button.key == "data.download"]


def test_a_pupil_is_offered_no_download(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", "blackboard")
    with closing(Store(cache.parent / "home")) as store:
        _, token = jobs.enter_class(store, jobs.classroom(), "blackboard", "Ada")
    app = at_address("data")
    app.session_state[access.TOKEN] = token
    app.session_state["data.offered"] = "hf:ada/pets", Offer(repository_of("hf:ada/pets"), COMMIT, {"a.png": 1}, ())
    app.run()
    assert not app.exception
    assert not [button for button in app.button if button.key == "data.download"]
    assert app.get("file_uploader")
