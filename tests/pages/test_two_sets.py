"""Two sets side by side, in the Gallery and under a comparison of runs."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from edc_core.runs.image_grids import beside, png, sheet
from edc_core.runs.set_pair import set_pair
from edc_core.store import Store
from pages.shared.two_sets import GAP_PX, IMAGES_PER_CLASS, _framed, _names
from tests.support.app_pages import at_address, pictures, sent_as

SIDE = IMAGES_PER_CLASS


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Ids of the bundled runs by preset and protocol, in a store that the pages open."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    with closing(Store(tmp_path)) as store:
        newest_last = reversed(store.runs())  # EDC itself after EDC with a setting changed
        return {f"{run.preset} {run.settings['protocol']}": run.id for run in newest_last}


def said(app: AppTest) -> str:
    assert not app.exception
    return " ".join(part.value for part in (*app.markdown, *app.caption, *app.info))


def test_the_gallery_puts_edc_beside_what_it_began_as_and_shows_the_difference(
    runs: dict[str, str], tmp_path: Path
) -> None:
    address = {"run": runs["G edc"], "gallery-view": "Two sets", "two-sets-difference": "true"}
    app = at_address("gallery", **address).run()
    assert "**EDC** 81.5 % · **Random images** 81.8 %" in said(app)
    with closing(Store(tmp_path)) as store:
        pair = set_pair(store, *(store.run(runs[name]) for name in ("G edc", "random edc")))
    panels = [sheet(cells[:, :SIDE], pair.filled[:, :SIDE]) for cells in (pair.first, pair.second, pair.difference)]
    assert pictures(app)[0] == sent_as(png(beside(panels, GAP_PX)))
    assert f"**They differ most in** {pair.by_class[0][0]}" in said(app)
    assert "began as the same images" in said(app)
    app.toggle(key="two-sets-difference").set_value(False).run()
    assert pictures(app)[0] == sent_as(png(beside(panels[:2], GAP_PX)))


def test_another_set_chosen_beside_it_stands_in_the_address(runs: dict[str, str]) -> None:
    app = at_address("gallery", **{"run": runs["G edc"], "gallery-view": "Two sets"}).run()
    app.selectbox(key="gallery-beside").set_value(runs["noise edc"]).run()
    assert "**EDC** 81.5 % · **Noise** 52.1 %" in said(app)
    assert app.query_params["compare"] == [runs["G edc"], runs["noise edc"]]


def test_compared_runs_show_their_images_side_by_side(runs: dict[str, str]) -> None:
    shown = said(at_address("runs", compare=[runs["G edc"], runs["A edc"], runs["noise edc"]]).run())
    assert "**Their images** &nbsp; the first two of 3" in shown
    assert "no image has a partner: class means are compared" in shown
    assert "judge the same images" in said(at_address("runs", compare=[runs["G edc"], runs["G hard"]]).run())


def test_sets_called_alike_are_headed_by_what_only_one_of_them_is(runs: dict[str, str], tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        assert _names(*(store.run(runs[name]) for name in ("G edc", "G hard"))) == ["EDC", "EDC, hard labels"]


def test_a_panel_of_one_column_stands_in_the_middle_under_its_head() -> None:
    framed = _framed(np.full((2, 2, 2), 255, np.uint8), tall=3, wide=6)
    assert framed[..., 1].tolist() == [[0, 0, 255, 255, 0, 0], [0, 0, 255, 255, 0, 0], [0] * 6]
