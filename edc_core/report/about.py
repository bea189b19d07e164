"""What was asked and what it rests on, in words: the design, its command, its settings, versions."""

import json
import shlex
import time
from collections.abc import Mapping, Sequence
from typing import Any

from edc_core.ablation.design import DESIGN_KINDS, REDRAWN, SAME_IMAGES, Design
from edc_core.ablation.factors import Factor
from edc_core.ablation.matrix import Job, Matrix
from edc_core.ablation.published_scores import ScoreLookup, published_matrices
from edc_core.ablation.results import Row
from edc_core.config.base import Settings
from edc_core.data.short_names import short_names
from edc_core.design_space.profiles import PROFILES
from edc_core.pipeline.prepare import versions
from edc_core.report.markup import table
from edc_core.stage_graph import CODE_VERSIONS
from edc_core.wording.grammar import capitalise

SPLITS = {"val": "held-out training images: the test set stayed closed", "test": "the test set, opened for this"}
DEFAULTS = {"ipcs": (10,), "seeds": 3, "first_seed": 0, "profile": "auto", "split": "val", "protocol": None}
MAX_CELLS = 20  # whose own settings are listed


def asked(design: Design, matrix: Matrix) -> list[str]:
    """The design in words."""
    cells = len({job.cell.name for job in matrix.jobs})
    data = ", ".join(short_names(job.dataset for job in matrix.jobs).values())
    profile = f"'{design.profile}'" + (f" ({PROFILES[design.profile].summary})" if design.profile in PROFILES else "")
    students = ", ".join(dict.fromkeys(name for job in matrix.jobs for name in job.prepared.config.evaluate.students))
    words = [
        f"{capitalise(DESIGN_KINDS[design.kind])}: {cells} cells, {len(matrix.jobs):,} runs.",
        f"Data: {data}; {_listed(design.ipcs)} images a class. Students: {students}. Profile: {profile}.",
        f"Seeds {design.seed_list[0]} to {design.seed_list[-1]} ({design.seeds}); scored on {SPLITS[design.split]}.",
    ]
    if design.protocol:
        words.append(f"Every cell is judged by the protocol '{design.protocol}'.")
    if design.changes:
        words.append(f"Laid over every cell: {_said(design.changes)}.")
    return words


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(filter(None, [", ".join(map(str, numbers[:-1])), str(numbers[-1])]))


def command(design: Design) -> str:
    """What computes the same matrix into a store."""
    words = ["python", "-m", "edc_core", "ablate", "--kind", design.kind]
    for name, option in (("presets", "--presets"), ("choices", "--choices")):
        if design.is_active(name):
            words += [option, ",".join(getattr(design, name))]
    words += [word for name in design.datasets for word in ("--dataset", name)]
    words += [word for name in design.students for word in ("--student", name)]
    for name, default in DEFAULTS.items():
        value = getattr(design, name)
        if value != default:
            option = {"ipcs": "--ipc", "first_seed": "--first-seed"}.get(name, f"--{name}")
            words += [option, ",".join(map(str, value)) if name == "ipcs" else str(value)]
    for path, value in design.changes.items():
        words += ["--set", f"{path}={value if isinstance(value, str) else json.dumps(value)}"]
    return shlex.join(words)


def records(rows: Sequence[Row], answers: ScoreLookup) -> list[Mapping[str, Any]]:
    """The stored matrices that figures come from."""
    names = {row.stored for row in rows if row.stored}
    return [record for place in answers.places for record in published_matrices(place) if record["name"] in names]


def redrawn(kept: Sequence[Mapping[str, Any]]) -> str:
    said = "; ".join(dict.fromkeys(record["redrawn"] for record in kept)) or REDRAWN
    return f"Each seed redraws {said}. {SAME_IMAGES}"


def origin(rows: Sequence[Row], kept: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where the figures come from, and how long computing them took."""
    own = sum(row.stored is None for row in rows)
    words = [f"{own} of {len(rows)} figures were computed in this store."] if own else []
    for record in kept:
        count = sum(row.stored == record["name"] for row in rows)
        day = time.strftime("%d %B %Y", time.localtime(record["finished"]))
        hours = sum(stage["seconds"] for stage in record["seconds"].values()) / 3600
        took = f", {hours:.1f} hours of computing" if hours >= 0.05 else ""
        words.append(f"{count} come from the stored matrix '{record['title']}', finished on {day}{took}.")
    return words


def versions_table(kept: Sequence[Mapping[str, Any]]) -> str:
    """Of this report, and of each stored matrix where they were other ones."""
    columns = {"this report": versions()} | {record["title"]: record["versions"] for record in kept}
    names = list(dict.fromkeys(name for found in columns.values() for name in found))
    stages = ", ".join(f"{name} {number}" for name, number in CODE_VERSIONS.items())
    rows = [[name, *(found.get(name, "") for found in columns.values())] for name in names]
    return table(["software", *columns], rows, f"Versions of the stages' code: {stages}.")


def settings_tables(matrix: Matrix, factors: Sequence[Factor]) -> str:
    """Every setting of one cell, and in what the others differ from it."""
    reference = next((job for job in matrix.jobs if job.cell.name in ("EDC", "G", "all on")), matrix.jobs[-1])
    own = flat(reference)
    named = f"{reference.cell.name}, IPC {reference.ipc}, seed {reference.seed}"
    parts = [_differences(matrix, reference, factors), table(["setting", "value"], own.items(), f"All of {named}")]
    return "\n".join(parts)


def _differences(matrix: Matrix, reference: Job, factors: Sequence[Factor]) -> str:
    if factors:
        rows = [[factor.title, _said(factor.off), _said(factor.on)] for factor in factors]
        return table(["choice", "off", "on"], rows, "What a choice switches")
    own = flat(reference)
    alike = [job for job in matrix.jobs if (job.dataset, job.ipc, job.seed) == _coordinates(reference)]
    rows = []
    for job in alike[:MAX_CELLS]:
        other = {name: value for name, value in flat(job).items() if own.get(name) != value}
        gone = [name for name in own if name not in flat(job)]
        rows.append([job.cell.name, _said(other) or "-", ", ".join(gone)])
    return table(["cell", "other settings", "not read"], rows, f"In what the cells differ from {reference.cell.name}")


def _coordinates(job: Job) -> tuple[str, int, int]:
    return job.dataset, job.ipc, job.seed


def _said(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def flat(job: Job) -> dict[str, str]:
    """Dotted path -> value of every setting that a run reads."""
    config = job.prepared.config
    stages = {name: getattr(config, name) for name in type(config).model_fields}
    return {
        f"{stage}.{name}": _value(value)
        for stage, values in stages.items()
        if isinstance(values, Settings)
        for name, value in values.active_fields().items()
    }
