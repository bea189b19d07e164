r"""A table for a paper: booktabs, mean and half its 95 % interval."""

from collections.abc import Sequence
from typing import Any

from edc_core.ablation.results import Row
from edc_core.data.short_names import short_names
from edc_core.intervals import MIN_SEEDS, Estimate, estimate
from edc_core.wording.grammar import plural

ESCAPES = {
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}"},
    **{">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}", "\n": " ", "\r": " "},
    **{character: "\\" + character for character in "&%$#_{}"},
}
GREEK = {"ζ": r"$\zeta$", "α": r"$\alpha$", "β": r"$\beta$", "τ": r"$\tau$", "γ": r"$\gamma$", "−": "$-$"}


def escaped(text: Any) -> str:
    """Any text as LaTeX prints it."""
    return "".join((ESCAPES | GREEK).get(character, character) for character in str(text))


def latex(rows: Sequence[Row | dict[str, Any]]) -> str:
    """Cells down, IPC (and student and data set, where there are several) across; top-1 in percent."""
    plain = [row if isinstance(row, dict) else vars(row) for row in rows]
    columns = list(dict.fromkeys((row["dataset"], row["student"], row["ipc"]) for row in plain))
    cells = list(dict.fromkeys(row["cell"] for row in plain))
    lines = [" & ".join([escaped(cell), *(_entry(plain, cell, column) for column in columns)]) for cell in cells]
    return "\n".join(
        [
            r"% \usepackage{booktabs}",
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{_caption(plain, columns)}}}",
            rf"  \begin{{tabular}}{{l{'r' * len(columns)}}}",
            r"    \toprule",
            rf"    {' & '.join(['', *(_heading(column, columns) for column in columns)])} \\",
            r"    \midrule",
            *(rf"    {line} \\" for line in lines),
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _heading(column: tuple, columns: Sequence[tuple]) -> str:
    dataset, student, ipc = column
    several = [len({one[place] for one in columns}) > 1 for place in (0, 1)]
    parts = [_names(columns)[dataset]] * several[0] + [student] * several[1] + [f"IPC {ipc}"]
    return escaped(", ".join(parts))


def _names(columns: Sequence[tuple]) -> dict[str, str]:
    return short_names(dataset for dataset, _, _ in columns)


def _entry(rows: Sequence[dict[str, Any]], cell: str, column: tuple) -> str:
    values = [row["top1"] for row in rows if (row["cell"], _column(row)) == (cell, column)]
    return _shown(estimate(values)) if values else "--"


def _column(row: dict[str, Any]) -> tuple:
    return row["dataset"], row["student"], row["ipc"]


def _shown(found: Estimate) -> str:
    if found.half is None:
        return f"${found.mean:.1f}$"
    few = "^{*}" if found.count < MIN_SEEDS else ""
    return rf"${found.mean:.1f} \pm {found.half:.1f}{few}$"


def _caption(rows: Sequence[dict[str, Any]], columns: Sequence[tuple]) -> str:
    if not rows:
        return "Nothing is measured yet."
    on = " and ".join(sorted({{"val": "held-out training", "test": "test"}[row["split"]] for row in rows}))
    counts: dict[tuple, int] = {}
    for row in rows:
        counts[row["cell"], _column(row)] = counts.get((row["cell"], _column(row)), 0) + 1
    least, most = min(counts.values()), max(counts.values())
    seeds = f"{most} {plural(most, 'seed')}" if least == most else f"{least} to {most} seeds"
    few = f"; $^{{*}}$: fewer than {MIN_SEEDS} seeds" if least < MIN_SEEDS else ""
    data = ", ".join(_names(columns).values())
    students = ", ".join(dict.fromkeys(student for _, student, _ in columns))
    where = escaped(f"{data}, {students}")
    return (
        rf"Top-1 in percent on {on} images ({where}): mean $\pm$ half of the 95\,\% interval (Student's $t$) over"
        f" {seeds}, last epoch{few}."
    )
