"""Charts are written in the page's colour of text, and large enough: a chart's own grey is too pale for a projector."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.charts import inked_spec
from tests.conftest import ROOT
from tests.support.app_pages import at_page

G, A = "g-fashion-mnist-mini-ipc10-s0-e603d908", "a-fashion-mnist-mini-ipc10-s0-5bf1a313"
SEEN = (
    ("data", {}),
    ("recipe", {"choice": "synthesise.flatness"}),
    ("gallery", {"gallery-view": "Soft labels"}),
    ("runs", {"compare": [G, A]}),
    ("landscape", {"view": "Between two"}),
)


@pytest.mark.parametrize(("page", "address"), SEEN)
def test_axes_are_written_in_the_pages_colour(page: str, address: dict, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at_page(app, page)
    for key, value in address.items():
        app.query_params[key] = app.session_state[key] = value
    app.run()
    assert not app.exception
    charts = [json.loads(chart.proto.spec)["layout"] for chart in app.get("plotly_chart")]
    assert charts
    for layout in charts:
        assert all(note["font"]["color"] == "#1C2430" for note in layout.get("annotations", ()))
        for name, axis in layout.items():
            if name.startswith(("xaxis", "yaxis")):
                assert axis["tickfont"]["color"] == "#1C2430"
                if axis.get("title", {}).get("text"):
                    assert axis["title"]["font"]["color"] == "#1C2430", axis["title"]["text"]


def test_a_live_charts_words_are_in_the_pages_colour_of_text() -> None:
    note = {"mark": {"type": "text", "color": "#8A8F98"}, "encoding": {"y": {"field": "top1", "type": "quantitative"}}}
    spec = inked_spec(
        {"layer": [note, {"mark": {"type": "rule", "color": "#8A8F98"}}], "config": {"view": {}}}, "#1C2430"
    )
    assert spec["layer"][0]["mark"]["color"] == "#1C2430"
    assert spec["layer"][1]["mark"]["color"] == "#8A8F98"
    assert spec["config"]["axis"] == {"labelColor": "#1C2430", "titleColor": "#1C2430"}
    assert note["mark"]["color"] == "#8A8F98"  # the figure itself is not touched
