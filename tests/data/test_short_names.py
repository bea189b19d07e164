"""Data sets of one name: lists, LaTeX, reports and the command line tell them apart; odd names break none of them."""

import csv
import io
import re
import shlex
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edc_core.ablation.tidy_table import as_csv
from edc_core.data.short_names import short_name, short_names
from edc_core.doctor import examine
from edc_core.report.latex import escaped, latex
from edc_core.runs.compare import mark
from edc_core.runs.run_table import rows
from edc_core.store import Store
from pages.gallery.run_picker import run_labels
from tests.conftest import edc
from tests.support.photos import small_photos
from tests.support.store_rows import begin

ODD = 'o\'brien & co_100% "new" #1 ~{x}^\\$'
LONG = "n" * 240


@pytest.mark.parametrize(
    ("addresses", "shown"),
    [
        (["/x/a/photos", "/x/b/photos", "cifar10"], ["photos · in a", "photos · in b", "cifar10"]),
        (["/x/a/photos", "/x/a/photos?size=24"], ["photos", "photos, 24 px"]),
        (["/x/a/photos?label=y", "/z/photos?label=y"], ["photos, y · in a", "photos, y · in z"]),
        (
            ["/h/uploads/photos-1a2b3c4d", "/h/uploads/photos-5e6f7a8b"],
            ["photos · upload 1a2b3c4d", "photos · upload 5e6f7a8b"],
        ),
        (["cifar10", "/x/cifar10"], ["cifar10", "cifar10 · in x"]),
        (["/a/Photos", "/b/photos"], ["Photos · in a", "photos · in b"]),
        (["/a/e\u0301te\u0301", "/b/été"], ["e\u0301te\u0301 · in a", "été · in b"]),
        (["/data/Photos", "/data/photos"], ["/data/Photos", "/data/photos"]),
    ],
)
def test_names_tell_apart_by_as_much_of_the_path_as_is_needed(addresses: list[str], shown: list[str]) -> None:
    assert list(short_names(addresses).values()) == shown


def test_options_with_a_slash_are_no_folder() -> None:
    assert short_name("/x/photos?classes=/lists/birds.txt") == "photos, /lists/birds.txt"


def test_latex_and_csv_tell_data_sets_of_one_name_apart() -> None:
    plain = {"student": "s", "ipc": 1, "cell": "EDC", "top1": 50.0, "split": "val", "seed": 0}
    table = [plain | {"dataset": f"/x/{top}/photos"} for top in "ab"]
    found = latex(table)
    assert "photos · in a, IPC 1 & photos · in b, IPC 1" in found
    assert "(photos · in a, photos · in b, s)" in found
    read = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert [row["dataset"] for row in read] == ["/x/a/photos", "/x/b/photos"]


@pytest.mark.parametrize("name", [ODD, LONG])
def test_odd_names_break_neither_latex_nor_csv_nor_a_shell(name: str) -> None:
    row = {"student": "s", "ipc": 1, "cell": name, "top1": 5.0, "split": "val", "seed": 0, "dataset": f"/x/{name}"}
    body = re.sub(r"\\[&%$#_{}]", "", latex([row]))
    assert all(line.count("&") == 1 for line in body.splitlines() if line.endswith(r"\\"))
    assert body.count("{") == body.count("}")
    left = re.sub(r"\\\w+\{\}|\\[&%$#_{}]", "", escaped(name))
    assert not set("%#~^_&{}$\\") & set(left)
    assert next(csv.DictReader(io.StringIO(as_csv([row]))))["dataset"] == f"/x/{name}"


@pytest.fixture
def store(tmp_path: Path):
    """Two runs, alike but for where their data lie."""
    with closing(Store(tmp_path, ())) as found:
        config = {"protocol": "edc", "evaluate": {"seed": 0, "students": ["s"], "seeds": 1}, "data": {}}
        config |= {"settings": "tiny", "relabel": {"labels": "soft"}}
        for top in "ab":
            about = {"digest": top * 16, "name": "photos"}
            begin(found, f"g-photos-{top}", config | {"dataset": f"/x/{top}/photos"}, about)
        yield found


def test_runs_tell_their_data_sets_apart(store: Store) -> None:
    runs = sorted(store.runs(), key=lambda run: run.id)
    assert [row["dataset"] for row in rows(runs, store.stage_results)] == ["photos · in a", "photos · in b"]
    assert [mark(run, runs) for run in runs] == ["photos · in a", "photos · in b"]
    assert list(run_labels(runs).values()) == [f"EDC, IPC 1, seed 0 · photos · in {top} · running" for top in "ab"]
    other = replace(runs[1], ipc=5, id="other")
    assert "photos · in b" in run_labels([runs[0], other])["other"]


def test_the_command_line_lists_where_data_sets_of_one_name_lie(store: Store, tmp_path: Path) -> None:
    lines = edc("runs", home=tmp_path).stdout.splitlines()
    assert {line.split()[0]: line.rpartition("  ")[2] for line in lines if "g-photos" in line} == {
        "g-photos-a": "photos · in a",
        "g-photos-b": "photos · in b",
    }


def test_the_command_that_doctor_gives_can_be_pasted(tmp_path: Path) -> None:
    for name in ("o'brien & co", 'a "b" $HOME'):
        place = small_photos(tmp_path / name)
        (cure,) = [one.cure for one in examine(str(place), tmp_path / "home").findings if one.check == "observers"]
        assert str(place) in shlex.split(cure)
