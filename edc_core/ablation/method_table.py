"""Methods by images per class: mean top-1 over seeds with its interval, and the best method at each size."""

from collections.abc import Sequence
from dataclasses import dataclass

from edc_core.ablation.results import Row
from edc_core.intervals import Estimate, estimate


@dataclass(frozen=True)
class MethodTable:
    """Mean top-1 (percent) of each method at each IPC; what is not measured has no cell."""

    methods: tuple[str, ...]
    ipcs: tuple[int, ...]
    cells: dict[tuple[str, int], Estimate]

    def best(self, ipc: int) -> str | None:
        """The method with the highest mean at this IPC; None where fewer than two are measured."""
        known = {method: self.cells[method, ipc].mean for method in self.methods if (method, ipc) in self.cells}
        return max(known, key=known.__getitem__) if len(known) > 1 else None


def method_table(rows: Sequence[Row]) -> MethodTable:
    """Of rows of one data set and student, in the order in which they come."""
    values: dict[tuple[str, int], list[float]] = {}
    for row in rows:
        values.setdefault((row.cell, row.ipc), []).append(row.top1)
    methods = tuple(dict.fromkeys(method for method, _ in values))
    ipcs = tuple(sorted({ipc for _, ipc in values}))
    return MethodTable(methods, ipcs, {cell: estimate(top1) for cell, top1 in values.items()})
