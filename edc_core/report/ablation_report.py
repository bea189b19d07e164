"""The report of a matrix: text, charts, images and every figure."""

from collections.abc import Callable, Sequence
from typing import Any

from edc_core.ablation.analysis import AblationAnalysis
from edc_core.ablation.bounds import Bounds, bounds
from edc_core.ablation.design import factors_of
from edc_core.ablation.factors import Factor
from edc_core.ablation.matrix import Matrix, profile_of
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.results import Row, rows_of
from edc_core.ablation.tidy_table import as_csv, table
from edc_core.data.short_names import short_names
from edc_core.report import about
from edc_core.report.document import TERMS, document, to_cite
from edc_core.report.images import strips
from edc_core.report.markup import Charts, data_address, element, listed, paragraphs
from edc_core.report.printed import printed
from edc_core.report.sections import axis_of, cost, section
from edc_core.store import Store

WORDS = (
    f"{TERMS[:-1]}; differences are paired by seed. Every figure on this page is computed from runs; the paper's own"
    " are marked as such."
)
TITLES = {
    **{"ladder": "The ladder", "one-at-a-time": "One choice at a time", "leave-one-out": "One choice left out"},
    **{"factorial": "Every combination of the choices", "fractional": "A fraction of the combinations"},
    **{"confounds": "Confounds held fixed", "waterfall": "Where the gain comes from"},
}


def html(matrix: Matrix, lookup: ScoreLookup, store: Store, title: str = "", charts: Charts | None = None) -> str:
    """The report of a matrix as far as it is measured; `title` else the stored matrix's own.

    Its figures are added to `charts`.
    """
    rows = rows_of(matrix, lookup)
    kept = about.records(rows, lookup)
    charts = charts or Charts()
    tidy = table(matrix, lookup, store)
    factors = factors_of(matrix.design, profile_of(matrix.design, matrix.jobs[0].prepared.description))
    heading = title or (kept[0]["title"] if len(kept) == 1 else TITLES[matrix.design.kind])
    parts = [
        _asked(matrix, rows),
        _slices(matrix, rows, tidy, factors, charts, lambda *place: bounds(matrix, lookup, store.home, *place)),
        _costs(matrix, tidy, charts),
        printed(matrix.design),
        _images(matrix, store),
        _rests(matrix, rows, kept, factors, tidy),
    ]
    return document(heading, parts, charts)


def _asked(matrix: Matrix, rows: Sequence[Row]) -> str:
    words = about.asked(matrix.design, matrix)
    wanted = sum(len(job.score_keys) for job in matrix.jobs)
    if len(rows) < wanted:
        words.append(f"So far {len(rows):,} of {wanted:,} students are measured: this report is of those.")
    return element("h2", "What was asked") + paragraphs(words)


def _slices(
    matrix: Matrix,
    rows: Sequence[Row],
    tidy: Sequence[dict[str, Any]],
    factors: Sequence[Factor],
    charts: Charts,
    between: Callable[[str, int, str], Bounds],
) -> str:
    """One part for each data set, IPC and student."""
    places = list(dict.fromkeys((row.dataset, row.ipc, row.student) for row in rows))
    if not places:
        return element("h2", "What was found") + element("p", "Nothing is measured yet.")
    parts, called = [], short_names(dataset for dataset, _, _ in places)
    for dataset, ipc, student in places:
        heading = "What was found"
        if len(places) > 1:
            heading += f": {called[dataset]}, IPC {ipc}, {student}"
        own = tuple(row for row in rows if (row.dataset, row.ipc, row.student) == (dataset, ipc, student))
        about_it = [row for row in tidy if (row["dataset"], row["ipc"], row["student"]) == (dataset, ipc, student)]
        found = AblationAnalysis(matrix.design, tuple(factors), own, between(dataset, ipc, student))
        parts.append(f"<section>{element('h2', heading)}{section(found, about_it, charts)}</section>")
    return "\n".join(parts)


def _costs(matrix: Matrix, tidy: Sequence[dict[str, Any]], charts: Charts) -> str:
    """What accuracy costs, of each data set and student at every IPC."""
    parts, called = [], short_names(row["dataset"] for row in tidy)
    for dataset, student in dict.fromkeys((row["dataset"], row["student"]) for row in tidy):
        own = [row for row in tidy if (row["dataset"], row["student"]) == (dataset, student)]
        if shown := cost(own, axis_of(matrix.design), charts):
            parts.append(element("h3", f"{called[dataset]}, {student}") + shown)
    return f"<section>{element('h2', 'What accuracy costs')}{''.join(parts)}</section>" if parts else ""


def _images(matrix: Matrix, store: Store) -> str:
    shown = strips(matrix, store.stage_results)
    if not shown:
        return ""
    said = f"Seed {matrix.design.first_seed}, the first image of each class."
    heading = element("h2", "The condensed images") + element("p", said)
    return f'<section>{heading}<div class="strips">{shown}</div></section>'


def _rests(matrix: Matrix, rows: Sequence[Row], kept: Sequence, factors: Sequence[Factor], tidy: Sequence[dict]) -> str:
    """What the figures rest on, and how to have them again."""
    file = data_address(as_csv(tidy).encode(), "text/csv")
    commands = about.command(matrix.design) + "\npython -m edc_core report " + " ".join(_again(matrix))
    return "\n".join(
        [
            element("h2", "What it rests on"),
            listed([about.redrawn(kept), *about.origin(rows, kept), WORDS]),
            f'<p class="download"><a download="runs.csv" href="{file}">Every run as a tidy table (CSV)</a></p>',
            element("h3", "To repeat it"),
            element("pre", commands),
            f"<details><summary>Settings</summary>{about.settings_tables(matrix, factors)}</details>",
            element("h3", "Versions"),
            about.versions_table(kept),
            to_cite(job.prepared.config.model_dump(mode="json") for job in matrix.jobs),
        ]
    )


def _again(matrix: Matrix) -> list[str]:
    """The design's options, then the file."""
    words = about.command(matrix.design).split(" ", 4)[4]
    return [words, "--out", "report.html"]
