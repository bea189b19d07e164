"""Buttons for the whole class: stop all, clear the queue, give a nickname back, export, new class."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Literal

import streamlit as st

from edc_core import jobs
from edc_core.access.return_codes import VALID_SECONDS
from edc_core.errors import EDCError
from edc_core.store import Store
from edc_core.wording.grammar import capitalise, plural
from pages.shared.access import current_person, is_hidden
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, open_lab

Action = Callable[[Store, jobs.Person], str]  # says what it did
SAID = "teacher_said"  # in the session: what the last action did, and whether it was refused
CODE = "teacher_return_code"  # in the session: nickname and one-time code


def render_actions(lab: Lab) -> None:
    """The row of buttons, and what the last one did."""
    overview = jobs.class_overview(lab.store, current_person())
    with st.container(key="teacher-actions", horizontal=True, vertical_alignment="center"):
        if not is_hidden("stop"):
            _button("Stop all", "stop", jobs.stop_everything, "Stops every run, empties the queue; results are kept.")
            _button("Clear queue", "playlist_remove", jobs.clear_queue, "Takes out all that waits; what runs goes on.")
        _give_back(overview.students)
        st.download_button(
            "Export all (CSV)",
            partial(_export, None),
            "class.zip",
            "application/zip",
            key="teacher_export",
            icon=":material/download:",
            on_click="ignore",
            help="People, runs with every setting, bets and votes: a ZIP of four CSV files.",
        )
        _new_class(lab, len(overview.students))
    if said := st.session_state.pop(SAID, None):
        text, refused = said
        if refused:
            st.error(as_sentence(text), icon=":material/error:")
        else:
            st.success(escape_markdown(capitalise(text)), icon=":material/check:")


def _new_class(lab: Lab, students: int) -> None:
    """Archive this class, asked for once more; the earlier ones, to export or to bring back."""
    earlier = jobs.archived_classes(lab.store, current_person())
    with st.popover("New class", icon=":material/group_add:", disabled=not (students or earlier)):
        if students:
            st.markdown(
                f"Archives {students} {plural(students, 'person', 'people')} with their runs, bets and votes, and"
                " stops what runs. Then the page is empty, their nicknames are free, and their browsers ask for the"
                " code again. Nothing computed is lost."
            )
            _button("Archive this class", "archive", jobs.archive_class, "It can be brought back here.", "primary")
        for one in earlier:
            _earlier(one)


def _earlier(one: jobs.ArchivedClass) -> None:
    when = datetime.fromtimestamp(one.moment)
    st.markdown(
        f"**Until {when:%d %b %Y, %H:%M}:** {one.students} {plural(one.students, 'person', 'people')},"
        f" {one.runs} {plural(one.runs, 'run')}"
    )
    with st.container(horizontal=True):
        name = f"class-{when:%Y%m%d-%H%M}.zip"
        key = f"{one.moment:.3f}"
        st.download_button(
            "Export", partial(_export, one.moment), name, "application/zip", key=f"teacher_old_{key}", on_click="ignore"
        )
        back = partial(_restore, one.moment)
        st.button("Bring back", key=f"teacher_back_{key}", on_click=perform, args=(back,))


def _restore(moment: float, store: Store, person: jobs.Person) -> str:
    return jobs.restore_class(store, moment, person)


def _export(archived: float | None) -> bytes:
    """The ZIP, made when the button is pressed."""
    with open_lab() as here:
        return jobs.export_class(here.store, current_person(), archived)


def _button(label: str, icon: str, act: Action, help: str, type: Literal["primary", "secondary"] = "secondary") -> None:
    key = f"teacher_{act.__name__}"
    st.button(label, key=key, icon=f":material/{icon}:", help=help, type=type, on_click=perform, args=(act,))


def perform(act: Action) -> None:
    """Do it as who the visitor is now; what it says stands on the page afterwards."""
    try:
        with open_lab() as here:
            st.session_state[SAID] = act(here.store, current_person()), False
    except EDCError as error:
        st.session_state[SAID] = str(error), True


def _give_back(students: list[jobs.Member]) -> None:
    """One-time code for a student whose browser no longer knows them."""
    with st.popover("Give a nickname back", icon=":material/key:", disabled=not students):
        st.markdown(
            "Whose browser lost its cookie joins again with their nickname and a one-time code in place of the class"
            " code. Look who asks: the browser that had the nickname before is out then."
        )
        names = {one.id: one.nickname for one in students}
        chosen = st.selectbox("Nickname", list(names), format_func=names.get, key="teacher_student")
        st.button("Make a one-time code", key="teacher_code", type="primary", on_click=_make_code, args=(chosen, names))
        if found := st.session_state.get(CODE):
            nickname, code = found
            st.markdown(f"For **{escape_markdown(nickname)}**, once, for {VALID_SECONDS / 60:.0f} minutes:")
            st.code(code, language=None)


def _make_code(student: str, names: dict[str, str]) -> None:
    st.session_state.pop(CODE, None)
    try:
        with open_lab() as here:
            code = jobs.create_return_code(here.store, student, current_person())
    except EDCError as error:
        st.session_state[SAID] = str(error), True
        return
    st.session_state[CODE] = names[student], code
