"""Who the visitor is, and which controls a link hides.

Without a class everybody is one person. In a class the code and a nickname are asked for first; a
random token in a cookie brings the same person back after a reload.
"""

import ipaddress
import re
import secrets
import time
from contextlib import closing
from typing import Any

import streamlit as st

from edc_core import jobs
from edc_core.access.wrong_codes import network_of
from edc_core.errors import EDCError
from edc_core.store import Store
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.streamlit_workarounds import admit

TOKEN = "_access_token"  # in the session: what the cookie holds
SESSION = "_access_session"
HIDDEN = "_access_hidden"
COOKIE_DAYS = 30
WRONG_CODE_PAUSE = 0.7  # seconds; guessing is slow


def current_person() -> jobs.Person:
    """The visitor. In a class, one who has not entered is nobody: they own nothing and may change nothing."""
    room = jobs.classroom()
    if room is None:
        session = st.session_state.setdefault(SESSION, secrets.token_hex(8))
        return jobs.Person(teacher=True, session=session, at_machine=for_this_machine())
    return _visitor(room)[0]


def _visitor(room: jobs.Classroom) -> tuple[jobs.Person, jobs.ClassDigests]:
    with closing(Store()) as store:
        rooms = jobs.class_digests(store, room)
        return jobs.person_of_token(store, room, _token(rooms)) or jobs.Person(), rooms


def teaches_class() -> bool:
    """Whether the visitor is the teacher of a class; not where the store cannot be read, which the page says."""
    try:
        return jobs.classroom() is not None and current_person().teacher
    except EDCError:
        return False


def for_this_machine() -> bool:
    """Whether the server was started for this machine alone; a proxy on it may still let others in."""
    address = st.get_option("server.address") or "0.0.0.0"  # every address, where none is given
    if address == "localhost" or address.startswith("unix://"):
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:  # some machine's name
        return False


READ_ONLY = "Read-only lab: nothing can be started or changed."


def closed_reason() -> str | None:
    """Reason why this visitor cannot start work here; None if they can."""
    if jobs.read_only():
        return READ_ONLY
    return "The link you followed disables this." if is_hidden("launch") else None


def start_button(label: str, key: str, icon: str, **how: Any) -> bool:
    """Button that starts work; where nothing can be started it is disabled and its hover help says why."""
    shut = closed_reason()
    return st.button(label, key=key, icon=f":material/{icon}:", disabled=shut is not None, help=shut, **how)


def require_entry() -> None:
    """In a class: ask for the code and a nickname, and end the script where the visitor has not entered."""
    room = jobs.classroom()
    if room is None:
        admit(not jobs.read_only())
        return
    visitor, rooms = _visitor(room)
    admit(bool(visitor.id) and not jobs.read_only())
    if visitor.id:
        _badge(visitor)
        _remember(rooms)
        return
    _form(room)
    st.stop()


def render_reach_note() -> None:
    """Of a lab that is meant for others and is started for this machine alone: so it is, and how it is opened."""
    if for_this_machine() and (jobs.classroom() or jobs.read_only()):
        st.caption(
            ":material/computer: This server answers only its own machine, so others reach it only through a proxy"
            " there; `python -m edc_core serve` opens it to the network."
        )


def store_hidden_controls() -> None:
    """Keep what the link hides, as in ?hide=launch,stop: the menu opens pages without it."""
    if given := st.query_params.get_all("hide"):
        st.session_state[HIDDEN] = {name.strip().lower() for value in given for name in value.split(",")}


def is_hidden(control: str) -> bool:
    """Whether the visitor's link hides a control: "launch" is all that starts work, Resume too; "stop" what ends it."""
    return control in st.session_state.get(HIDDEN, ())


def _form(room: jobs.Classroom) -> None:
    st.set_page_config(page_title="Join the class · EDC Lab")
    _, middle, _ = st.columns([1, 2, 1])
    with middle.container(border=True):
        st.title("Join the class", anchor=False)
        with st.form("access_form", border=False, enter_to_submit=True):
            code = st.text_input("Class code", max_chars=64, help="You find it on the board.", autocomplete="off")
            nickname = st.text_input(
                "Nickname", max_chars=24, help="Others see it beside your runs. Nothing else about you is stored."
            )
            entered = st.form_submit_button("Enter", type="primary", width="stretch")
        if entered:
            _enter(room, code, nickname)


def _enter(room: jobs.Classroom, code: str, nickname: str) -> None:
    try:
        with closing(Store()) as store:
            _, st.session_state[TOKEN] = jobs.enter_class(
                store, room, code, nickname, network_of(st.context.ip_address)
            )
    except EDCError as error:
        if isinstance(error, jobs.WrongCode):
            time.sleep(WRONG_CODE_PAUSE)
        st.error(as_sentence(str(error)), icon=":material/error:")
        return
    st.rerun()


def _token(rooms: jobs.ClassDigests) -> str | None:
    held = [st.session_state.get(TOKEN), *map(st.context.cookies.get, rooms.cookies)]
    return next((token for token in held if token and isinstance(token, str)), None)


def _remember(rooms: jobs.ClassDigests) -> None:
    """Leave the token with the browser where it is not there yet; it holds letters, digits, - and _ only."""
    token, name = _token(rooms), rooms.cookies[0]
    if not token or st.context.cookies.get(name) == token or not re.fullmatch(r"[\w-]{8,64}", token):
        return
    cookie = f"{name}={token}; path=/; max-age={COOKIE_DAYS * 86400}; SameSite=Lax"
    with st.sidebar:  # where it shifts nothing
        st.html(f"<script>document.cookie = '{cookie}'</script>", unsafe_allow_javascript=True)


def _badge(visitor: jobs.Person) -> None:
    role = ", teacher" if visitor.teacher else ""
    st.sidebar.caption(f":material/person: {escape_markdown(visitor.nickname)}{role}", help="You, in this class.")
