"""The report of runs: what was found of another method's set stands beside its score."""

from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path

from edc_core import report
from edc_core.store import Store

HOSTILE = "<script>alert('me')</script> & 100 %_{}"
CHECK = {
    "consented": True,
    "findings": [
        {"check": "values", "severity": "fatal", "message": "the images look inverted.", "cure": "invert them"},
        {"check": "reading", "severity": "note", "message": HOSTILE, "cure": ""},
    ],
}


def test_what_was_found_of_a_given_set_stands_by_its_score(tiny_run: dict, shared_home: Path) -> None:
    with closing(Store(shared_home)) as store:
        run = store.run(tiny_run["run"])
        given = replace(run, manifest=dict(run.manifest) | {"set_check": CHECK})
        page, two = report.runs_html(store, [given]), report.runs_html(store, [run, given])
    said = unescape(page)
    assert "The images look inverted." in said
    assert "It was judged all the same" in said
    assert HOSTILE in said
    assert "<script>alert" not in page
    assert unescape(two).count("The images look inverted.") == 1
    assert all(name in unescape(two) for name in ("@inproceedings{shao2024elucidating,", "@software{edclab2026,"))
