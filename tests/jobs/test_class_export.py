"""A class's results as CSV files: all of its runs, bets and votes, and nobody else's."""

import csv
import io
import zipfile

import pytest

from edc_core import jobs
from edc_core.ablation.bets import place_bet
from edc_core.jobs import Person, Refused
from edc_core.store import Store
from tests.support.classes import join
from tests.support.crowd import add, prepared
from tests.support.queued import two_by_two

pytestmark = pytest.mark.usefixtures("in_class")


def tables(content: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode()))) for name in archive.namelist()}


def test_the_export_holds_every_run_bet_and_vote_with_its_nicknames(store: Store) -> None:
    teacher, ada, ben = join(store, "Ms T", teacher=True), join(store, "Ada"), join(store, "=1+1")
    add(store, prepared("RDED"))  # nobody's of this class
    run = jobs.submit(store, prepared("G"), ada).run
    jobs.submit(store, prepared("G"), ben)
    add(store, prepared("G"), top1=74.0)
    bet = {"ranking": ["smoothing-schedule", "ema-evaluation"]}
    place_bet(store, "one", ada.id, "Ada", bet, design=two_by_two(1))
    jobs.record_vote(store, ben, (run, "other"), run)
    found = tables(jobs.export_class(store, teacher))
    assert [(row["nickname"], row["best top-1 (%)"]) for row in found["people.csv"]] == [
        ("'=1+1", "74.0"),  # no formula in a spreadsheet
        ("Ada", "74.0"),
    ]
    (line,) = found["runs.csv"]
    assert (line["top-1 (%)"], line["synthesise.iterations"] != "") == ("74.0", True)
    assert "'=1+1, Ada" in line.values()
    (line,) = found["bets.csv"]
    assert (line["nickname"], "ema-evaluation" in line["prediction"]) == ("Ada", True)
    assert found["votes.csv"] == [{"nickname": "'=1+1", "voted for": run, "against": "other"}]
    jobs.archive_class(store, teacher)
    assert not any(tables(jobs.export_class(store, teacher)).values())
    (old,) = jobs.archived_classes(store, teacher)
    assert tables(jobs.export_class(store, teacher, old.moment)) == found


def test_nobody_but_the_teacher_exports_a_class(store: Store) -> None:
    for who in (join(store, "Ada"), Person(), Person(teacher=True)):
        with pytest.raises(Refused, match="for the teacher"):
            jobs.export_class(store, who)
