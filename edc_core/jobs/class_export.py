"""A class's runs, bets and votes as CSV files in one ZIP."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from edc_core.access.duel_votes import votes_of
from edc_core.access.permissions import Person
from edc_core.jobs.class_overview import ClassOverview, class_overview
from edc_core.runs.compare import setting_columns
from edc_core.runs.run_table import as_csv, plain_text, rows, title_of
from edc_core.store import Store


def export_class(store: Store, person: Person, archived: float | None = None) -> bytes:
    """The present class, or the one archived at a moment: runs.csv, bets.csv, votes.csv and people.csv.

    Raises:
        Refused: this person is not the teacher of the class.
    """
    overview = class_overview(store, person, archived)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people.csv", _students(overview))
        archive.writestr("runs.csv", _runs(store, overview))
        archive.writestr("bets.csv", _bets(store, overview))
        archive.writestr("votes.csv", _votes(store, overview))
    return file.getvalue()


def _students(overview: ClassOverview) -> str:
    lines = []
    for one in overview.students:
        top1 = one.best_top1
        best = title_of(one.best) if one.best else ""
        lines.append((one.nickname, len(one.launched), "" if top1 is None else top1, best, one.best and one.best.id))
    return _table(("nickname", "runs", "best top-1 (%)", "best run", "run"), lines)


def _runs(store: Store, overview: ClassOverview) -> str:
    """The table of the page Runs with every setting; its owners are all who launched a run."""
    runs = list(overview.runs)
    found = [
        row | {"owner": ", ".join(overview.nicknames_of(run))}
        for row, run in zip(rows(runs, store.stage_results), runs, strict=True)
    ]
    return as_csv(found, setting_columns(runs))


def _bets(store: Store, overview: ClassOverview) -> str:
    names = {one.id: one.nickname for one in overview.members}
    lines = [
        (names[row["person"]], row["ablation"], _moment(row["time"]), _prediction(row["bet"]), row["settings"])
        for row in store.database.rows("SELECT person, ablation, time, bet, settings FROM bets ORDER BY time")
        if row["person"] in names
    ]
    return _table(("nickname", "matrix", "time (UTC)", "prediction", "seal"), lines)


def _prediction(bet: str) -> str:
    return json.dumps(json.loads(bet)["prediction"], sort_keys=True)


def _votes(store: Store, overview: ClassOverview) -> str:
    names = {one.id: one.nickname for one in overview.students}
    lines = [
        (names[person], picked, next(run for run in pair.runs if run != picked))
        for pair in votes_of(store, names)
        for person, picked in pair.voters.items()
    ]
    return _table(("nickname", "voted for", "against"), sorted(lines))


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")


def _table(heading: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(heading)
    writer.writerows([plain_text(value) for value in line] for line in lines)
    return file.getvalue()
