"""The report: one file that needs nothing else, whatever is in it; and the tables for papers and spreadsheets."""

import csv
import io
import json
import re
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edc_core import report
from edc_core.ablation import published_scores as ablations
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.results import rows_of
from edc_core.ablation.tidy_table import table
from edc_core.cli import app
from edc_core.errors import SettingsError, StoreError
from edc_core.report.about import records, settings_tables
from edc_core.report.latex import escaped
from edc_core.report.markup import Charts
from edc_core.report.sections import cost
from edc_core.store import Store
from tests.support.browser import browsing, needs_chromium
from tests.support.stored_matrices import stored_matrix

HOSTILE = "<script>alert('me')</script> & 100 %_{}"
LADDER = {"kind": "ladder", "presets": ["A", "B", "G", "random"], "seeds": 3}
EIGHT_NOTE = "The teacher's soft labels are not among the eight choices"


@pytest.fixture
def made(bare_store: Store, tmp_path: Path):
    """Makes a stored matrix with made-up scores: the matrix and its answers."""

    def make(name: str = "made-up", **design):
        of = None
        if design["kind"] in ("ladder", "confounds"):
            of = scored
        matrix = stored_matrix(tmp_path / "stored", name, of, settings="tiny", **design)
        return matrix, ScoreLookup(bare_store.stage_results, (tmp_path / "stored",))

    return make


def scored(job) -> tuple[float, float]:
    value = 60.0 + len(job.cell.name) + 0.3 * job.seed * (job.cell.name != "A")
    return value, value + 1


class Reader(HTMLParser):
    """The page's own text, its links, and how often each element stands in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.links, self.tags, self._inside = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self._inside.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]

    def handle_endtag(self, tag) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data) -> None:
        if not {"script", "style"} & set(self._inside):
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader(page)
    reader.said = " ".join(" ".join(reader.text).split())
    return reader


def test_the_page_is_one_file_that_asks_for_no_other(made, bare_store: Store) -> None:
    page = report.html(*made(**LADDER), bare_store)
    assert len(page.encode()) < 6e6
    reader = read(page)
    assert all(link.startswith(("data:", "#")) for link in reader.links)
    assert not {"link", "iframe", "object", "embed"} & set(reader.tags)
    style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    assert "url(" not in style
    assert "@import" not in style
    assert page.count("plotly.js v") <= 2  # its banner: written in once


def test_it_says_what_was_asked_found_and_how_far_to_believe_it(made, bare_store: Store) -> None:
    said = read(report.html(*made(**LADDER), bare_store)).said
    # B, G and A have names of one letter: 60 + 1 + 1 for A's raw weights and the others' own
    assert re.search(r"A to G climbs by [\d.]+ points \(95 % interval [\d.]+ to [\d.]+, 3 seeds\)|A to G: ", said)
    for needed in ("held-out training images", "CONFIG A to G", "arXiv 2404.13733", "best epoch on the test set"):
        assert needed in said
    for needed in (
        "python -m edc_core ablate",
        "python -m edc_core report",
        "evaluate.zeta",
        "seed 2",
        "by chance alone",
        "@inproceedings{shao2024elucidating,",
    ):
        assert needed in said


def test_every_kind_has_its_own_parts_and_no_others(made, bare_store: Store) -> None:
    three = ["flatness", "small-batch", "ema-evaluation"]
    pages = {
        kind: read(report.html(*made(kind, kind=kind, **more), bare_store)).said
        for kind, more in (
            ("factorial", {"choices": three}),
            ("fractional", {"choices": three}),
            ("leave-one-out", {"choices": three}),
            ("waterfall", {}),
            ("confounds", {}),
        )
    }
    assert {kind for kind, said in pages.items() if "Shapley" in said} == {"factorial", "waterfall"}
    assert {kind for kind, said in pages.items() if EIGHT_NOTE in said} >= {"factorial", "fractional"}
    assert EIGHT_NOTE not in pages["waterfall"]
    assert "equal optimiser steps" in pages["confounds"] or "equal steps" in pages["confounds"]
    assert all("Nothing is measured" not in said for said in pages.values())


def test_texts_from_people_stay_text(made, bare_store: Store) -> None:
    matrix, lookup = made(**LADDER, changes={"initialise.single_class": HOSTILE})
    page = report.html(matrix, lookup, bare_store, title=HOSTILE)
    assert "<script>alert" not in page
    assert HOSTILE in read(page).said
    assert page.count("<script") == report.html(*made("other", **LADDER), bare_store).count("<script")
    rows = [dict(row, cell=HOSTILE) for row in table(matrix, lookup, bare_store)]
    tex = report.latex(rows)
    assert r"\textless{}script\textgreater{}" in tex
    assert r"\& 100 \%\_\{\}" in tex
    assert escaped("a\\b~^$#") == r"a\textbackslash{}b\textasciitilde{}\textasciicircum{}\$\#"


def test_fewer_than_three_seeds_are_marked_and_an_empty_matrix_says_so(made, bare_store: Store, tmp_path: Path) -> None:
    matrix, lookup = made(**LADDER | {"seeds": 2})
    page = report.html(matrix, lookup, bare_store)
    assert "Only 2 seeds: treat these figures as a hint" in read(page).said
    empty = report.html(matrix, ScoreLookup(bare_store.stage_results, (tmp_path / "nowhere",)), bare_store)
    assert "Nothing is measured yet" in read(empty).said
    assert "python -m edc_core ablate" in read(empty).said


@pytest.mark.parametrize("design", [LADDER, {"kind": "waterfall", "seeds": 2}], ids=["ladder", "waterfall"])
def test_what_is_half_measured_is_reported_as_far_as_it_goes(made, bare_store: Store, tmp_path: Path, design) -> None:
    matrix, lookup = made(**design)
    place = tmp_path / "stored" / "made-up.json"
    record = json.loads(place.read_text())
    some = dict(list(record["scores"].items())[::3])
    place.write_text(json.dumps(record | {"scores": some}))
    said = read(report.html(matrix, lookup, bare_store)).said
    assert re.search(rf"{len(rows_of(matrix, lookup))} of {sum(len(job.score_keys) for job in matrix.jobs)}\b", said)
    assert "Shapley" not in said


def test_the_latex_table_is_mean_and_half_interval(made) -> None:
    tex = report.latex(rows_of(*made(**LADDER)))
    body = tex.split(r"\midrule")[1].split(r"\bottomrule")[0]
    lines = dict(line.strip().rstrip("\\ ").split(" & ") for line in body.strip().splitlines())
    # G: 62, 62.3, 62.6 with averaged weights: half 4.303 x 0.3 / sqrt 3 = 0.745
    assert lines["G"] == r"$62.3 \pm 0.7$"
    assert tex.count(r"\begin{tabular}") == tex.count(r"\end{tabular}") >= 1
    assert r"\toprule" in tex
    few = report.latex(rows_of(*made("few", **LADDER | {"seeds": 2})))
    assert re.search(r"G & \$62\.\d \\pm \d\.\d\^\{\*\}\$", few)
    assert "fewer than 3 seeds" in few
    assert "*" not in tex


def test_seconds_are_charted_where_every_cell_has_them(made, bare_store: Store) -> None:
    tidy = table(*made(**LADDER), bare_store)
    for gone, charted in (((), True), (("B",), False)):
        rows = [row | {"seconds_making": None if row["cell"] in gone else 1.0} for row in tidy]
        assert ("Seconds of starting images" in cost(rows, "top-1", Charts())) == charted


def test_a_report_rests_on_the_stored_matrices_that_its_figures_come_from(made) -> None:
    made("another", **LADDER | {"first_seed": 10})
    matrix, lookup = made(**LADDER)
    assert [record["name"] for record in records(rows_of(matrix, lookup), lookup)] == ["made-up"]


def test_each_cell_is_set_beside_the_reference_once_whatever_its_seeds(made) -> None:
    matrix, _ = made(**LADDER)
    differences = settings_tables(matrix, ()).split("</table>")[0]
    for cell in ("A", "B", "random"):
        assert differences.count(f"<td>{cell}</td>") == 1


def test_the_command_writes_the_three_files(made, bare_store: Store, tmp_path: Path, monkeypatch) -> None:
    made("another", **LADDER | {"presets": ["A", "G"]})  # has some of the same runs
    matrix, lookup = made(**LADDER)
    monkeypatch.setattr(ablations, "PUBLISHED", tmp_path / "stored")
    files = [tmp_path / "out" / f"it.{ending}" for ending in ("html", "csv", "tex")]
    options = ["--out", files[0], "--csv", files[1], "--latex", files[2], "--home", bare_store.home]
    done = CliRunner().invoke(app, ["report", "--stored", "made-up", *map(str, options)], catch_exceptions=False)
    assert json.loads(done.stdout.splitlines()[-1])["measured"] == 12
    runs = list(csv.DictReader(io.StringIO(files[1].read_text())))
    assert len(runs) == len(rows_of(matrix, lookup)) == 12
    assert "<title>made-up made-up</title>" in files[0].read_text()
    assert files[2].read_text() == report.latex(rows_of(matrix, lookup))


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    for options, words in (
        ([], "--out"),
        (["--out", str(tmp_path)], "html"),
        (["--out", str(tmp_path / "x.html"), "--stored", "nothing-like-it"], "nothing-like-it"),
        (["--out", str(tmp_path / "x.html"), "--stored", "it", "--presets", "A,G"], "design of its own"),
        (["--out", str(tmp_path / "x.html"), "--stored", "it", "--split", "test"], "design of its own"),
        (["--out", str(tmp_path / "x.html"), "--kind", "factorial", "--presets", "A,G"], "--presets"),
        (["--out", str(tmp_path / "x.html"), "--run", "it", "--seeds", "2"], "--out FILE.html, --figures"),
        (["--figures", str(tmp_path / "new"), "--width", "5"], "the width is 5.0 inches, but a figure is 3.25 or 6.75"),
        (["--csv", str(tmp_path / "x.csv"), "--run", "it"], "--out FILE.html, --figures"),
    ):
        with pytest.raises(SettingsError, match=words):
            CliRunner().invoke(app, ["report", *options, "--home", str(tmp_path)], catch_exceptions=False)


def test_a_run_is_one_page_with_its_images_curves_and_settings(tiny_run: dict, shared_home: Path) -> None:
    with closing(Store(shared_home)) as store:
        run = store.run(tiny_run["run"])
        page = report.runs_html(store, [replace(run, title=HOSTILE)])
    reader = read(page)
    assert all(link.startswith(("data:image/png", "#")) for link in reader.links)
    assert "<script>alert" not in page
    assert HOSTILE in reader.said
    for needed in (
        f"{run.result['top1_ema']:.2f}",
        "All 20 images.",
        "Ankle boot",
        "python -m edc_core run --preset G",
        "evaluate.zeta",
        run.manifest["dataset"]["digest"],
        run.manifest["versions"]["torch"],
    ):
        assert needed in reader.said
    (curves,) = json.loads(re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.S)[1])
    assert [line["name"] for line in curves["data"]] == [HOSTILE]


def test_runs_beside_each_other_say_what_differs(tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    with closing(Store(shared_home)) as store:
        bundled = next(run.id for run in store.runs() if run.bundled and run.preset == "random")
    options = ["--run", tiny_run["run"], "--run", bundled, "--run", bundled[-8:]]
    place = tmp_path / "two.html"
    done = CliRunner().invoke(
        app, ["report", *options, "--out", str(place), "--home", str(shared_home)], catch_exceptions=False
    )
    assert json.loads(done.stdout.splitlines()[-1])["runs"] == [tiny_run["run"], bundled]
    said = read(place.read_text(encoding="utf-8")).said
    assert "2 runs compared" in said
    assert "The first image of each class." in said
    assert "ipc 2 10" in said.partition("What differs")[2]
    assert "Random images, IPC 10, seed 0 fashion-mnist-mini" in said


def test_a_file_that_cannot_be_written_is_named(tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    place = tmp_path / f"{'x' * 245}.html"  # too long for the file that is renamed
    with pytest.raises(StoreError, match=r"x\.html' cannot be written \(File name too long\): name another file"):
        CliRunner().invoke(
            app,
            ["report", "--run", tiny_run["run"], "--out", str(place), "--home", str(shared_home)],
            catch_exceptions=False,
        )


@needs_chromium
def test_it_is_drawn_from_disk_without_a_network_light_dark_and_on_paper(
    made, bare_store: Store, tmp_path: Path
) -> None:
    place = tmp_path / "report.html"
    place.write_text(report.html(*made(kind="factorial", choices=["small-batch", "ema-evaluation"]), bare_store))
    with browsing(1200, "dark", offline=True) as (tab, errors):
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(place.as_uri())
        drawn = "[...document.querySelectorAll('.plot')].filter(one => one.querySelector('.main-svg')).length"
        wanted = tab.locator(".plot").count()
        assert wanted >= 3
        tab.wait_for_function(f"{drawn} === {wanted}")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shade = "getComputedStyle(document.documentElement).backgroundColor"
        dark = tab.evaluate(shade)
        tab.emulate_media(media="print")
        assert tab.evaluate(shade) != dark
        tab.wait_for_function("[...document.querySelectorAll('.main-svg')].every(one => one.clientWidth <= 690)")  # A4
        assert len(tab.pdf(prefer_css_page_size=True, print_background=True)) > 20_000
        assert not errors
        assert all(address.startswith(("file:", "data:", "blob:")) for address in asked)
