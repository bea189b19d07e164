"""Images or labels?: what the page says of the bundled EDC run, so that nothing has to be computed."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.store import Store
from pages.components.frame import ROUTED
from tests.conftest import ROOT


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens the page at a run, at the bundled EDC run where none is named."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path))

    def open_at(run: str | None = None) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.switch_page("pages/labels.py")
        app.query_params["run"] = run or bundled(tmp_path)
        return drawn(app)

    return open_at


def bundled(home: Path) -> str:
    with closing(Store(home)) as store:
        runs = store.runs()
    return next(run["id"] for run in runs if run["bundled"] and (run["preset"], run["ipc"]) == ("G", 10))


def drawn(app: AppTest) -> AppTest:
    app.session_state[ROUTED] = "labels"
    app.run()
    assert not app.exception
    assert not app.error
    return app


def said(app: AppTest) -> str:
    words = [element.value for kind in ("markdown", "caption", "info") for element in getattr(app, kind)]
    figure = json.loads(app.get("plotly_chart")[0].proto.spec) if app.get("plotly_chart") else {"layout": {}}
    return "\n".join(words + [note["text"] for note in figure["layout"].get("annotations", [])])


def judge_by(app: AppTest, *protocols: str) -> AppTest:
    next(field for field in app.multiselect if field.label == "Labels and training").set_value(list(protocols))
    return drawn(app)


@pytest.mark.parametrize(
    ("protocol", "column", "there"),
    [
        ("edc", "the teacher's labels", "EDC's images, 100 of them with the teacher's labels, are worth"),
        ("hard", "hard labels", "EDC's images, 100 of them with hard labels, are worth"),
    ],
)
def test_one_kind_of_labels_is_not_compared_with_itself(page, protocol: str, column: str, there: str) -> None:
    app = page()
    app.toggle(key="labels_hard").set_value(protocol == "edc")  # as it stood when both kinds were asked for
    app = judge_by(drawn(app), protocol)
    words = said(app)
    assert there in words
    assert ("floor: random, hard labels" in words) == (protocol == "hard")
    assert not any(claim in words for claim in ("Taking the labels away", "random photographs with hard", "Hollow"))
    assert (app.toggle[0].value, app.toggle[0].disabled) == (protocol == "hard", True)
    assert list(app.table[1].value.columns) == [column]
    for view in ("Other students", "Bytes and seconds"):
        app.session_state["labels_view"] = view
        drawn(app)
    app = judge_by(app, "edc", "hard")
    assert app.toggle(key="labels_hard").value == (protocol == "edc")
