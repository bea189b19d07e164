"""`report`: an ablation, or runs, as one self-contained HTML file; as a table for a spreadsheet or for a paper."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from edc_core.ablation import Matrix, build_matrix, parse_design
from edc_core.ablation import published_scores as ablations
from edc_core.ablation.design import DESIGN_KINDS
from edc_core.ablation.published_scores import ScoreLookup, published_matrices
from edc_core.ablation.results import rows_of
from edc_core.cli.ablate import Choices, Datasets, Presets, checked_design, names, numbers_of
from edc_core.cli.options import Home, ProfileOption, Protocol, Set, Students, app, home_of, parse_int, print_result
from edc_core.design_space.compose import parse_changes, require_known
from edc_core.errors import SettingsError, StoreError
from edc_core.store import Store
from edc_core.store.files import write_bytes

StoredName = Annotated[
    str | None,
    typer.Option("--stored", metavar="NAME", help="name of a stored matrix, in place of the design options"),
]
Runs = Annotated[
    list[str] | None,
    typer.Option(help="report on this run instead of a matrix: its name, beginning or end; may be repeated"),
]

WRITTEN = ("out", "csv", "latex", "figures")


@dataclass(frozen=True)
class Files:
    """Where a report goes: files, and a folder of figures of a width."""

    out: Path | None
    csv: Path | None
    latex: Path | None
    figures: Path | None
    width: float

    def named(self) -> dict[str, str]:
        """Each that was asked for, by its option."""
        return {name: str(path) for name in WRITTEN if (path := getattr(self, name))}

    def check(self) -> None:
        """Before anything is read: at least one, and each where a file can be.

        Raises:
            SettingsError: none, or one that cannot be.
        """
        if not self.named():
            raise SettingsError(
                "report writes a file: name one with --out FILE.html, --csv FILE, --latex FILE or --figures DIR."
            )
        for name in WRITTEN[:-1]:
            if path := getattr(self, name):
                _check_file(f"--{name}", path)
        if self.figures:
            from edc_core.figures.print_style import shrinkage  # plotly is loaded only here

            shrinkage(self.width)  # refuses other widths
            if self.figures.exists() and not self.figures.is_dir():
                raise SettingsError(f"--figures is '{self.figures}', which is a file: name a folder.")

    def draw(self, charts: Any) -> None:
        """Every figure of a report in every format, numbered in the report's order."""
        if not self.figures:
            return
        from edc_core.figures.save import write_figures

        named = [
            (figure, f"{number:02} {caption.partition(':')[0].partition('.')[0]}", caption)
            for number, (figure, caption) in enumerate(charts.drawn, 1)
        ]
        try:
            write_figures(named, self.figures, self.width)
        except OSError as error:
            said = error.strerror or error
            raise StoreError(f"'{self.figures}' cannot be written ({said}): name another folder.") from None


def _check_file(option: str, path: Path) -> None:
    if path.is_dir() or (option == "--out" and path.suffix not in (".html", ".htm")):
        raise SettingsError(f"{option} is '{path}': name a file" + " that ends in .html." * (option == "--out"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{option} is '{path}', where no file can be ({error.strerror}): choose another.") from None


@app.command()
def report(
    out: Annotated[Path | None, typer.Option(help="HTML report (a file that ends in .html)")] = None,
    csv: Annotated[Path | None, typer.Option(help="CSV file with one row per run")] = None,
    latex: Annotated[Path | None, typer.Option(help="LaTeX tables (booktabs)")] = None,
    figures: Annotated[
        Path | None, typer.Option(help="folder for every figure as PDF, SVG and PNG, with its caption (.txt)")
    ] = None,
    width: Annotated[float, typer.Option(help="inches of these figures: 3.25 or 6.75")] = 3.25,
    name: StoredName = None,
    run: Runs = None,
    title: Annotated[str, typer.Option(help="title of the report")] = "",
    kind: Annotated[
        str,
        typer.Option(help=f"kind of matrix: {', '.join(DESIGN_KINDS)}; this and the following options as in ablate"),
    ] = "ladder",
    presets: Presets = None,
    choices: Choices = None,
    dataset: Datasets = None,
    ipc: Annotated[str, typer.Option(help="images per class, comma-separated")] = "10",
    seeds: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="number of seeds")] = 3,
    first_seed: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="first seed")] = 0,
    student: Students = None,
    protocol: Protocol = None,
    split: Annotated[str, typer.Option(help="images that scores are measured on: val or test")] = "val",
    profile: ProfileOption = "auto",
    change: Set = None,
    home: Home = None,
) -> None:
    """Write what an ablation, or runs, have shown so far; nothing is computed."""
    files = Files(out, csv, latex, figures, width)
    files.check()
    given = (ipc, seeds, first_seed, split, profile) != ("10", 3, 0, "val", "auto")
    designed = kind != "ladder" or presets or choices or dataset or student or protocol or change or given
    if run:
        _of_runs(run, files, home, name or designed or csv or latex or title)
        return
    if name and designed:
        raise SettingsError(f"--stored is '{name}', which has a design of its own: leave the design's options out.")
    values = {"kind": kind, "datasets": dataset or ["fashion-mnist-mini"], "ipcs": numbers_of(ipc), "seeds": seeds}
    values |= {"first_seed": first_seed, "students": student or [], "profile": profile, "protocol": protocol}
    values |= {"split": split, "changes": parse_changes(change or [])}
    values |= {key: names(text) for key, text in (("presets", presets), ("choices", choices)) if text}
    with closing(Store(home_of(home))) as store:
        lookup = ScoreLookup(store.stage_results, (ablations.PUBLISHED,))
        record = _stored(name, lookup) if name else None
        matrix = build_matrix(parse_design(record["design"]) if record else checked_design(values, presets, choices))
        _write(matrix, lookup, store, title or (record["title"] if record else ""), files)
        wanted = sum(len(job.score_keys) for job in matrix.jobs)
        print_result({"measured": len(rows_of(matrix, lookup)), "of": wanted} | files.named())


def _of_runs(names: list[str], files: Files, home: Path | None, others: object) -> None:
    from edc_core import report  # plotly is loaded only here

    if others or not (files.out or files.figures):
        raise SettingsError(
            f"--run is '{', '.join(names)}': a report of runs takes --out FILE.html, --figures DIR and --home."
        )
    with closing(Store(home_of(home))) as store:
        runs = list({found.id: found for found in map(store.run, names)}.values())
        charts = report.Charts()
        page = report.runs_html(store, runs, charts)
        if files.out:
            _save(files.out, page)
        files.draw(charts)
        print_result({"runs": [found.id for found in runs]} | files.named())


def _stored(name: str, lookup: ScoreLookup) -> dict[str, Any]:
    found = {record["name"]: record for place in lookup.places for record in published_matrices(place)}
    if not found:
        raise SettingsError(f"--stored is '{name}', but no matrix is stored here: give the design's own options.")
    return found[require_known(name, found, "stored matrix")]


def _write(matrix: Matrix, lookup: ScoreLookup, store: Store, title: str, files: Files) -> None:
    from edc_core import report  # plotly is loaded only here
    from edc_core.ablation import tidy_table as tidy  # plotly is loaded only here

    charts = report.Charts()
    page = report.html(matrix, lookup, store, title, charts) if files.out or files.figures else ""
    for path, make in (
        (files.out, lambda: page),
        (files.csv, lambda: report.csv(tidy.table(matrix, lookup, store))),
        (files.latex, lambda: report.latex(rows_of(matrix, lookup))),
    ):
        if path is not None:
            _save(path, make())
    files.draw(charts)


def _save(path: Path, content: str) -> None:
    try:
        write_bytes(path, content.encode())
    except OSError as error:
        raise StoreError(f"'{path}' cannot be written ({error.strerror or error}): name another file.") from None
