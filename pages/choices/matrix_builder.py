"""Matrix builder: design fields, forecast, command line, Launch."""

import shlex
from collections import Counter
from typing import Any

import streamlit as st

from edc_core import jobs
from edc_core.ablation.design import DESIGN_KINDS, WITH_CHOICES, Design, parse_design
from edc_core.data.short_names import short_name
from edc_core.data.sources import EMBEDDED
from edc_core.design_space.paper_choices import CHOICES
from edc_core.design_space.presets import PRESETS, PROTOCOLS
from edc_core.design_space.profiles import OFFERED_STUDENTS, PROFILES
from edc_core.errors import EDCError
from edc_core.jobs import Person
from edc_core.jobs.dataset_access import check_listed, is_listed, may_add_paths
from edc_core.jobs.dataset_titles import titles
from edc_core.jobs.datasets import datasets
from edc_core.performance import calibrate as calibration
from edc_core.performance.remaining import RemainingWork, remaining_work
from edc_core.wording.grammar import capitalise, plural
from edc_core.wording.stage_text import STAGE_TEXT
from pages.choices import build_address
from pages.choices.build_address import IPCS, KINDS, METHODS, ipcs_key
from pages.choices.few_scored import render_few_scored
from pages.choices.matrix_picker import open_matrix, store_version
from pages.shared import access, page_address
from pages.shared.formatting import duration
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab, open_lab

REFUSED = "build_refused"
ALL_CHOICES = ("one-at-a-time", "leave-one-out")  # which begin with all of them
SHORT = {
    METHODS: "Compare methods",
    "ladder": "Compare presets",
    "one-at-a-time": "One at a time",
    "leave-one-out": "Leave one out",
    "factorial": "Full factorial",
    "fractional": "Fractional factorial",
    "confounds": "Confounds",
    "waterfall": "Waterfall",
}
SUMMARIES = {METHODS: "EDC, RDED and random images (or others), under one protocol", **DESIGN_KINDS}
PRESETS_AT_FIRST = {METHODS: ["G", "RDED", "random"], "ladder": list("ABCDEFG")}
WRAPPED = '[class*="st-key-build_"] [data-testid="stButtonGroup"] * { flex-wrap: wrap; overflow: visible; }'


def render_builder(lab: Lab) -> None:
    """The builder's form, and below it the forecast and Launch."""
    st.html(f"<style>{WRAPPED}</style>")
    build_address.read(lab)
    build_address.render_refused()
    kinds, fields = st.columns([1, 2], gap="large")
    with kinds:
        kind = st.radio(
            "Which runs?",
            KINDS,
            captions=[f"{capitalise(SUMMARIES[name])}." for name in KINDS],
            format_func=SHORT.get,
            key="build_kind",
            persist_state="session",
        )
    with fields:
        values = _asked(lab, kind)
        build_address.write(kind, values)
        title = st.text_input("Name", max_chars=80, key="build_title", placeholder="named after its settings")
        _comes_to(lab, values, title)


def _asked(lab: Lab, kind: str) -> dict[str, Any]:
    """The design's plain values, from the widgets."""
    values: dict[str, Any] = {"kind": "ladder" if kind == METHODS else kind}
    if kind in PRESETS_AT_FIRST:
        values["presets"] = st.pills(
            "Methods" if kind == METHODS else "Presets",
            [name for name in PRESETS if kind != METHODS or name == "G" or PRESETS[name].kind != "ladder"],
            selection_mode="multi",
            default=PRESETS_AT_FIRST[kind],
            key=f"build_presets_{kind}",
            format_func=lambda name: "EDC" if name == "G" and kind == METHODS else name,
            help="A to G are the rungs of the paper's ladder (its CONFIGs); G is EDC. EDC+ adds two later choices;"
            " the others are baselines, controls and negative controls.",
        )
    elif kind in WITH_CHOICES:
        values["choices"] = st.pills(
            "Design choices",
            list(CHOICES),
            selection_mode="multi",
            format_func=lambda name: CHOICES[name].title,
            default=list(CHOICES)[: None if kind in ALL_CHOICES else 4],
            key=f"build_choices_{kind}",
            help="Choices that you leave out stay as they are in EDC.",
        )
    one, two, three = st.columns(3)
    values["profile"] = two.selectbox(
        "Profile",
        ["auto", *PROFILES],
        key=_first("build_profile", "lab-quick" if "lab-quick" in PROFILES else "auto"),
        help="; ".join(f"{name}: {table.summary}" for name, table in PROFILES.items()) + "; auto: the one that"
        " suits the data set.",
    )
    values["ipcs"] = one.multiselect(
        "Images per class (IPC)", IPCS, key=_first(ipcs_key(kind), [1, 10] if kind == METHODS else [10])
    )
    values["seeds"] = int(
        three.number_input(
            "Seeds",
            1,
            jobs.MAX_SEEDS,
            key=_first("build_seeds", 3),
            help="Each seed redraws starting images, synthesis, views and students. Use at least three.",
        )
    )
    return values | _more(lab, kind)


def _first(key: str, value: Any) -> str:
    """A widget's key; its value where neither a visitor nor a link has set one."""
    st.session_state.setdefault(key, value)
    return key


def _more(lab: Lab, kind: str) -> dict[str, Any]:
    """Data set, students, protocol, and on which images."""
    values: dict[str, Any] = {}
    known, person = [one.address for one in datasets(lab.store)], access.current_person()
    own = may_add_paths(person)
    called = titles(lab.store, st.session_state.get("build_datasets") or ())
    with st.expander("Data set, students, test set", icon=":material/tune:"):
        one, two = st.columns(2)
        values["datasets"] = one.multiselect(
            "Data sets",
            known,
            format_func=lambda address: called.get(address) or short_name(address),
            key=_first("build_datasets", [_last_dataset(lab, person)]),
            accept_new_options=own,
            help="Data sets are added and checked on the page Data"
            + ("; a folder's path may be typed here." if own else "."),
        )
        for address in values["datasets"]:  # before anything is looked at there
            check_listed(lab.store, address, person)
        values["students"] = two.multiselect(
            "Students",
            OFFERED_STUDENTS,
            key="build_students",
            accept_new_options=True,
            placeholder="the profile's own",
            help="Networks that are trained on nothing but the set; each run has all of them.",
        )
        if kind in PRESETS_AT_FIRST:
            values["protocol"] = one.selectbox(
                "Judged by",
                [None, *PROTOCOLS],
                format_func=lambda name: "each preset's own protocol" if name is None else name,
                key=_first(f"build_protocol_{kind}", "edc" if kind == METHODS else None),
            )
        opened = st.checkbox(
            "Score on the test set", key="build_test", help="Otherwise held-out training images are scored."
        )
        if opened:
            st.warning(
                "Each use of the test set makes its result less trustworthy: choose on held-out images and use it"
                " once, at the end. The store counts its uses.",
                icon=":material/warning:",
            )
        values["split"] = "test" if opened else "val"
    return values


def _last_dataset(lab: Lab, person: Person) -> str:
    """The data set that another page looked at last, else the embedded one."""
    address = st.session_state.get(page_address.DATASET)
    return address if address and is_listed(lab.store, address, person) else next(iter(EMBEDDED))


def _comes_to(lab: Lab, values: dict[str, Any], title: str) -> None:
    """How many runs, stages, seconds; the command line; Launch."""
    design, count = None, None
    with st.container(border=True, key="build_bar"):
        try:
            design = parse_design(values)
            with st.spinner("Counting the runs ..."):
                count = count_stages(lab, design)
        except EDCError as error:
            st.warning(as_sentence(str(error)), icon=":material/info:")
        if count:
            calibration.measure_soon(lab.store)  # once a machine: the next forecast rests on it
            st.markdown(count_text(design, count), help=f"Forecast: {count.forecast.basis}.")
            render_few_scored(design)
        with st.container(horizontal=True, vertical_alignment="center"):
            _launch(design if count else None, title, bool(count and not count.runs))
            if count:
                with st.popover("Command line", icon=":material/terminal:", type="tertiary"):
                    st.code(command_line(design), language="bash", wrap_lines=True)
        if refused := st.session_state.pop(REFUSED, None):
            st.error(as_sentence(refused), icon=":material/error:")


def count_stages(lab: Lab, design: Design) -> RemainingWork:
    """Runs and stages still to compute, cached until the store changes."""
    return _counted(design.model_dump_json(), store_version(lab), lab.store, design)


@st.cache_data(show_spinner=False, max_entries=60)
def _counted(key: str, seen: tuple, _store, _design: Design) -> RemainingWork:
    return remaining_work(jobs.expand_matrix(_design), _store)


def count_text(design: Design, count: RemainingWork) -> str:
    """Markdown sentence on what Launch would compute."""
    runs = count.runs + count.answered
    cells = runs // (design.seeds * len(design.ipcs) * len(design.datasets))
    said = f"**{_many(runs, 'run')}**: {_many(cells, 'cell')} x {_many(design.seeds, 'seed')}"
    said += "".join(
        f" x {_many(len(several), name)}"
        for several, name in ((design.ipcs, "IPC"), (design.datasets, "data set"))
        if len(several) > 1
    )
    if count.answered:
        are = "is" if count.answered == 1 else "are"
        said += f"; **{count.answered} of them {are} already computed** and will be reused"
    if not count.runs:
        return f"{said}. Nothing is left to compute."
    made = Counter(STAGE_TEXT[stage.stage].made for stage in count.forecast.stages)
    listed = ", ".join(f"{number:,} {plural(number, *names)}" for names, number in made.items() if any(names))
    return (
        f"{said}.  \n:material/timer: **about {duration(count.forecast.seconds)}**,"
        f" {count.forecast.memory_mb / 1000:.1f} GB of memory: {count.stages:,} stages ({listed}), each once;"
        f" without sharing they would be {count.alone:,}."
    )


def _many(number: int, name: str) -> str:
    plural = name if name == "IPC" else f"{name}s"
    return f"{number:,} {name if number == 1 else plural}"


def command_line(design: Design) -> str:
    """The command line that runs the same matrix."""
    parts = ["python -m edc_core ablate", "--kind", design.kind]
    parts += ["--presets", ",".join(design.presets)] if design.kind == "ladder" else []
    parts += ["--choices", ",".join(design.choices)] if design.kind in WITH_CHOICES else []
    for name in design.datasets:
        parts += ["--dataset", name] if design.datasets != Design.model_fields["datasets"].default else []
    parts += ["--ipc", ",".join(map(str, design.ipcs)), "--seeds", str(design.seeds)]
    parts += ["--first-seed", str(design.first_seed)] if design.first_seed else []
    for name in design.students:
        parts += ["--student", name]
    parts += ["--protocol", design.protocol] if design.protocol else []
    parts += ["--split", design.split] if design.split != "val" else []
    parts += ["--profile", design.profile]
    for path, value in design.changes.items():
        parts += ["--set", f"{path}={value}"]
    return " ".join([parts[0], *map(shlex.quote, parts[1:])])


def _launch(design: Design | None, title: str, answered: bool) -> None:
    """The page's one primary action, and beside it the same with bets before."""
    if access.is_hidden("launch") or jobs.read_only():
        st.caption("Launching is disabled here.")
        return
    shape = {"disabled": design is None, "on_click": _submit}
    words, icon = ("Show it", "visibility") if answered else ("Launch", "play_arrow")
    icon = f":material/{icon}:"
    st.button(words, type="primary", icon=icon, key="build_launch", args=(design, title, False), **shape)
    if not answered:
        note = "This saves the matrix without starting it, so that bets are placed before the first result."
        st.button("Bet first", icon=":material/lock:", key="build_hold", help=note, args=(design, title, True), **shape)


def _submit(design: Design, title: str, held: bool) -> None:
    """A callback: the matrix is in the session before any widget asks for it."""
    try:
        with open_lab() as found:
            open_matrix(jobs.submit_matrix(found.store, design, access.current_person(), title, held))
    except EDCError as error:
        st.session_state[REFUSED] = capitalise(str(error))
