"""One run, or several beside each other, as one HTML file that needs nothing else.

A run here is the store's plain dictionary (`Store.run`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from edc_core.data.short_names import short_name, short_names
from edc_core.design_space.presets import PROTOCOLS
from edc_core.errors import StoreError
from edc_core.figures.runs import compared_accuracy
from edc_core.figures.style import grey
from edc_core.judging.set_checks import ALL_THE_SAME, stored_check
from edc_core.report.document import TERMS, document, to_cite
from edc_core.report.images import MAX_CLASSES, SCALE
from edc_core.report.markup import Charts, data_address, element, listed, paragraphs, table, text
from edc_core.runs.command_line import command_of
from edc_core.runs.compare import differences, means, read_by_some, read_settings, redrawn, resolution
from edc_core.runs.condensed_set import CondensedSet, condensed_set
from edc_core.runs.image_grids import by_class, png, sheet
from edc_core.runs.run_table import (
    best_observer,
    image_bytes,
    name_of,
    names_of,
    observers_top1,
    seconds_of,
    title_of,
    top1_of,
)
from edc_core.runs.setting_text import shown
from edc_core.store import Store
from edc_core.store.files import read_json
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import capitalise
from edc_core.wording.stage_text import title_of_stage

MAX_IMAGES = 10  # of a class
MADE = {  # settings that say how a set was made and judged
    "initialise.kind": "starting images",
    "synthesise.iterations": "iterations of synthesis",
    "synthesise.observers": "observers that made the images",
    "relabel.labels": "labels",
    "relabel.observers": "observers that gave the labels",
    "views.epochs": "student's epochs",
    "views.steps": "student's steps",
    "evaluate.students": "students",
    "evaluate.seeds": "students of each network",
}


def runs_html(store: Store, runs: Sequence[RunRecord], charts: Charts | None = None) -> str:
    """The report of finished and unfinished runs, in their order; its figures are added to `charts`.

    Raises:
        StoreError: a result that it shows is damaged.
    """
    charts, one = charts or Charts(), runs[0] if len(runs) == 1 else None
    names = names_of(runs)
    heading = f"{title_of(one)}: {short_name(one.dataset)}" if one else f"{len(runs)} runs compared"
    parts = [
        element("h2", "What was done") + _made(one) if one else "",
        element("h2", "What came out") + _came_out(store, runs, names, charts),
        _set_checks(runs, names),
        _images(store, runs, names),
        "" if one else _differing(runs, names),
        _rests(store, runs, names),
    ]
    return document(heading, list(filter(None, parts)), charts)


def _made(run: RunRecord) -> str:
    settings, about = read_settings(run.settings), run.manifest["dataset"]
    name, protocol = name_of(run), run.settings["protocol"]
    colour = "grey" if about["channels"] == 1 else "colour"
    rows: list[list[Any]] = [
        ["run", str(name)],
        *([f"differs from {name.base}", "; ".join(name.changed)] for _ in name.changed[:1]),
        ["data set", f"{about['name']}: {len(about['classes'])} classes, {about['size']} px, {colour}"],
        ["images a class", run.ipc],
        ["protocol", f"{protocol}: {PROTOCOLS[protocol][0]}" if protocol in PROTOCOLS else protocol],
        *([title, shown(settings[path])] for path, title in MADE.items() if settings.get(path) is not None),
        ["seed", run.seed],
    ]
    return table(["", ""], [[name, str(value)] for name, value in rows])


def _results(store: Store, runs: Sequence[RunRecord], names: Sequence[str]) -> str:
    """A line for each run: what it reached, on which images, by which weights, and what it cost."""
    rows, called = [], short_names(run.dataset for run in runs)
    for run, name in zip(runs, names, strict=True):
        result, weight = run.result or {}, image_bytes(run, store.stage_results)
        reached = {
            "run": name,
            "data set": called[run.dataset],
            "top-1 (%)": top1_of(run),
            "scored on": {"test": "test images", "val": "held-out images"}.get(result.get("split"), ""),
            "weights": {"top1_ema": "averaged (EMA)", "top1": "raw"}.get(result.get("headline"), ""),
            "looks at the test set": run.manifest.get("test_looks", {}).get("run", 0),
            "computing (s)": seconds_of(run, store.stage_results),
            "images (KiB)": weight / 1024 if weight else None,
            "state": run.state,
        }
        rows.append(reached)
    if len(rows) == 1:
        del rows[0]["run"], rows[0]["data set"]  # the heading says them
    return table(list(rows[0]), [list(row.values()) for row in rows])


def _came_out(store: Store, runs: Sequence[RunRecord], names: Sequence[str], charts: Charts) -> str:
    words = [f"{name}: {found.text(' %')} over {found.count} seeds." for name, found in means(runs).items()]
    if len(runs) > 1:
        words += filter(None, [redrawn(runs), resolution(runs)])
    figure = compared_accuracy(runs, names, store.curves, best_observer(runs, store.stage_results))
    figure.update_xaxes(gridcolor=grey(0.2)).update_yaxes(gridcolor=grey(0.2))
    caption = "Top-1 (%) of the student on real training images that were held out, by epoch."
    failed = [f"{name} failed: {run.error}" for run, name in zip(runs, names, strict=True) if run.error]
    return "\n".join(
        [
            paragraphs(failed, "warning"),
            _results(store, runs, names),
            _students(runs[0]) if len(runs) == 1 else "",
            paragraphs(words),
            charts.add(figure, caption),
        ]
    )


def _students(run: RunRecord) -> str:
    """Every student, where there are several."""
    students = (run.result or {}).get("students", [])
    if len(students) < 2:
        return ""
    rows = [[one["student"], one["seed"], one["top1"], one["top1_ema"]] for one in students]
    return table(["student", "seed", "top-1 raw (%)", "top-1 averaged (%)"], rows)


def _set_checks(runs: Sequence[RunRecord], names: Sequence[str]) -> str:
    """What was found of other methods' sets before they were judged; a score must not be read without it."""
    parts = []
    for run, name in zip(runs, names, strict=True):
        check = stored_check(run.manifest)
        if check is None or not check.findings:
            continue
        said = [capitalise(finding.message) for finding in check.warnings]
        said += [ALL_THE_SAME] if check.stops else []
        notes = [finding.message for finding in check.findings if finding.severity == "note"]
        parts += [element("h3", name) if len(runs) > 1 else "", paragraphs(said, "warning"), listed(notes)]
    return "\n".join([element("h2", "The set as it was given"), *filter(None, parts)]) if parts else ""


def _images(store: Store, runs: Sequence[RunRecord], names: Sequence[str]) -> str:
    sets = [(name, found) for run, name in zip(runs, names, strict=True) if (found := condensed_set(store, run))]
    if not sets:
        return ""
    heading = element("h2", "The condensed images")
    if len(runs) == 1:
        return f"<section>{heading}{_sheet(sets[0][1])}</section>"
    said = element("p", "The first image of each class.")
    return f'<section>{heading}{said}<div class="strips">{"".join(_strip(*one) for one in sets)}</div></section>'


def _first(found: CondensedSet, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and labels of so many images of each of the first classes."""
    classes = np.unique(found.labels)[:MAX_CLASSES]
    rows = np.concatenate([found.rows_of(label)[:count] for label in classes])
    return found.pixels(rows), found.labels[rows]


def _sheet(found: CondensedSet) -> str:
    cells, filled, present = by_class(*_first(found, MAX_IMAGES), MAX_IMAGES)
    image_png = data_address(png(sheet(cells, filled), SCALE), "image/png")
    rows = "".join(element("li", found.classes[label]) for label in present)
    left_out = len(found) - int(filled.sum())
    said = f"{filled.sum()} of {len(found):,} images." if left_out else f"All {len(found):,} images."
    return (
        f'{element("p", said)}<div class="sheet"><ol>{rows}</ol><img alt="condensed images, a row per class"'
        f' src="{image_png}"></div>'
    )


def _strip(name: str, found: CondensedSet) -> str:
    cells, _, _ = by_class(*_first(found, 1), 1)
    image_png = data_address(png(sheet(cells.swapaxes(0, 1)), SCALE), "image/png")
    return (
        f'<figure class="strip">{element("figcaption", name)}<img alt="{text(name)}: an image of each class"'
        f' src="{image_png}"></figure>'
    )


def _differing(runs: Sequence[RunRecord], names: Sequence[str]) -> str:
    parts = [element("h2", "What differs")]
    if different := differences(runs):
        parts.append(table(["setting", *names], ([path, *values] for path, values in different.items())))
    else:
        parts.append(element("p", "All settings that they share are the same."))
    if partly := read_by_some(runs):
        rows = ([path, *values] for path, values in partly.items())
        parts.append(_folded("Settings that only some of them read", table(["setting", *names], rows)))
    return "\n".join(parts)


def _rests(store: Store, runs: Sequence[RunRecord], names: Sequence[str]) -> str:
    """What the figures rest on, and how to have them again."""
    parts = [element("h2", "What it rests on"), listed([TERMS])]
    seen = {name: top1 for run in runs for name, top1 in observers_top1(run, store.stage_results).items()}
    if seen:
        rows = [[name, top1] for name, top1 in seen.items()]
        parts.append(table(["observer", "top-1 on held-out images (%)"], rows, "Trained on all real images"))
    parts += [element("h3", "To repeat it"), element("pre", "\n".join(command_of(run.settings) for run in runs))]
    if len(runs) == 1:
        own = [[path, shown(value)] for path, value in read_settings(runs[0].settings).items()]
        parts.append(_folded("Settings", table(["setting", "value"], own)))
        parts.append(_folded("Stages", table(["stage", "of", "seconds", "key"], _stages(store, runs[0]))))
    parts += [element("h3", "Versions"), _versions(runs, names), to_cite(run.settings for run in runs)]
    return "\n".join(parts)


def _folded(title: str, content: str) -> str:
    return f"<details>{element('summary', title)}{content}</details>"


def _stages(store: Store, run: RunRecord) -> Iterable[list]:
    for node in run.plan:
        folder = store.stage_results.find(node["key"])
        try:
            seconds = read_json(folder / "stage.json").get("seconds") if folder else None
        except StoreError:  # bundled results have no such file
            seconds = None
        yield [title_of_stage(node["stage"]), node["name"], seconds, node["key"]]


def _versions(runs: Sequence[RunRecord], names: Sequence[str]) -> str:
    columns = []
    for run in runs:
        about = run.manifest
        columns.append(about.get("versions", {}) | {"machine": about.get("machine", "")})
        columns[-1]["data set's digest"] = about["dataset"]["digest"]
    if all(column == columns[0] for column in columns):
        names, columns = ["all of them" if len(runs) > 1 else names[0]], columns[:1]
    known = dict.fromkeys(name for column in columns for name in column)
    return table(["", *names], [[name, *(column.get(name, "") for column in columns)] for name in known])
