"""Matrix picker: bundled matrices and those submitted here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import streamlit as st

from edc_core import jobs
from edc_core.ablation import published_scores as ablations
from edc_core.ablation.design import REDRAWN, Design, cells_of, factors_of, parse_design
from edc_core.ablation.factors import Factor
from edc_core.ablation.matrix import Matrix, profile_of
from edc_core.ablation.published_lookup import folder_stamp
from edc_core.ablation.published_scores import ScoreLookup, published_matrices
from edc_core.ablation.results import Row, rows_of
from edc_core.data import describe
from edc_core.design_space.presets import PRESETS
from edc_core.store import BUNDLED, StageResults
from edc_core.store.states import MatrixState
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab

RESULTS, BUILD = "Results", "Build"  # as they stand in the address
MODES = (RESULTS, BUILD)
KIND_ORDER = ("factorial", "waterfall", "ladder", "confounds", "leave-one-out", "one-at-a-time", "fractional")


@dataclass(frozen=True)
class Entry:
    """One matrix: `record` for a stored one, `asked` for a submitted one."""

    name: str
    title: str
    design: Design
    record: Mapping[str, Any] | None = None  # less its scores
    asked: jobs.MatrixRequest | None = None

    @property
    def bundled(self) -> bool:
        return self.asked is None

    @property
    def redrawn(self) -> str:
        return self.record["redrawn"] if self.record else REDRAWN

    @cached_property
    def matrix(self) -> Matrix:
        return jobs.expand_matrix(self.design)

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        return factors_of(self.design, profile_of(self.design, self._about))

    def cells(self, ipc: int) -> list[str]:
        """Names of the cells in display order."""
        return [
            cell.name
            for cell in cells_of(self.design, profile_of(self.design, self._about), ipc, len(self._about.classes))
        ]

    @property
    def _about(self):
        return describe(self.design.datasets[0])


def select_mode() -> None:
    """Results or builder, kept in the address."""
    st.segmented_control(
        "Look or build",
        MODES,
        default=RESULTS,
        required=True,
        key="choices",
        bind="query-params",
        label_visibility="collapsed",
    )


def open_matrix(name: str) -> None:
    """Show this matrix in the next run of the script (from a callback)."""
    st.session_state["matrix"] = name
    st.session_state["choices"] = RESULTS


def list_entries(lab: Lab) -> list[Entry]:
    """All matrices: submitted ones (newest first), then bundled ones (full factorial first)."""
    own = [
        Entry(asked.id, title_of(asked.title, asked.design), asked.design, asked=asked)
        for asked in jobs.all_matrices(lab.store)
        if asked.archived is None
    ]
    kept = [
        Entry(
            record["name"],
            record["title"],
            parse_design(record["design"]),
            record={key: value for key, value in record.items() if key != "scores"},
        )
        for record in published_matrices(ablations.PUBLISHED)
    ]
    return own + sorted(kept, key=lambda entry: (KIND_ORDER.index(entry.design.kind), entry.name))


def title_of(title: str, design: Design) -> str:
    """Title of a matrix, or a description of its design."""
    if title:
        return title
    what = {
        "ladder": _presets_text(design),
        "confounds": "Confounds",
        "waterfall": "Waterfall",
        "one-at-a-time": f"One of {len(design.choices)} choices at a time",
        "leave-one-out": f"Each of {len(design.choices)} choices left out",
        "factorial": f"Factorial of {len(design.choices)} choices",
        "fractional": f"Fraction of {len(design.choices)} choices",
    }[design.kind]
    return f"{what}, IPC {', '.join(map(str, design.ipcs))}, {design.profile}"


def _presets_text(design: Design) -> str:
    if all(PRESETS[name].kind == "ladder" for name in design.presets):
        return f"Ladder {', '.join(design.presets)}"
    return f"Methods {', '.join('EDC' if name == 'G' else name for name in design.presets)}"


def select_matrix(lab: Lab) -> Entry | None:
    """The selected matrix; None (and a hint) if there is none."""
    found = {entry.name: entry for entry in list_entries(lab)}
    if not found:
        st.info(
            "Nothing is measured here yet. A matrix is a set of runs that differ in their design choices, with"
            " several seeds each: build one, and it fills as its runs end.",
            icon=":material/grid_on:",
        )
        st.button("Build a matrix", type="primary", icon=":material/add:", key="choices_first", on_click=_to_builder)
        return None
    named = st.session_state.get("matrix") or st.query_params.get("matrix")
    if named not in found:
        if named:
            st.warning(
                f"The matrix '{escape_markdown(named)}' is not here:"
                " it was deleted, or the link is from another machine."
            )
        named = next((name for name in found if found[name].bundled), next(iter(found)))
        st.session_state["matrix"] = named
    with st.container(key="unseen_address"):
        st.text_input("Matrix in the address", key="matrix", bind="query-params", persist_state="session")
    st.session_state["choices_matrix"] = named
    st.selectbox(
        "Matrix",
        list(found),
        format_func=lambda name: _shown(found[name]),
        key="choices_matrix",
        on_change=_chosen,
        help="Matrices that come with the project or were started in this lab.",
    )
    return found[named]


def _chosen() -> None:
    st.session_state["matrix"] = st.session_state["choices_matrix"]


def _shown(entry: Entry) -> str:
    if entry.bundled:
        return f"{entry.title} · comes with the project"
    state = {
        MatrixState.HELD: "not started",
        MatrixState.RUNNING: "running",
        MatrixState.STOPPED: "stopped",
        MatrixState.FINISHED: "",
    }[entry.asked.state]
    return " · ".join(part for part in (entry.title, entry.asked.nickname, state) if part)


def _to_builder() -> None:
    st.session_state["choices"] = BUILD


def store_version(lab: Lab) -> tuple:
    """Cache key that changes with every new result in the store or the stored matrices."""
    stage_results = lab.home / "artefacts"
    changed = stage_results.stat().st_mtime_ns if stage_results.is_dir() else 0
    return folder_stamp(ablations.PUBLISHED), str(ablations.PUBLISHED), str(lab.home), changed


def measured_rows(lab: Lab, entry: Entry) -> list[Row]:
    """Measured rows of a matrix, cached until the store changes."""
    return _rows(entry.design.model_dump_json(), store_version(lab), entry.matrix)


@st.cache_resource(show_spinner=False, max_entries=40)
def _rows(design: str, seen: tuple, _matrix: Matrix) -> list[Row]:
    places = (Path(seen[1]),)
    return rows_of(_matrix, ScoreLookup(StageResults(Path(seen[2]), (BUNDLED,)), places))
