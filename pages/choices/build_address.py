"""A prepared Build in the address: read into the builder's widgets, written as they change."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from edc_core import jobs
from edc_core.ablation.design import DESIGN_KINDS, WITH_CHOICES
from edc_core.design_space.compose import require_known
from edc_core.design_space.paper_choices import CHOICES
from edc_core.design_space.presets import PRESETS, PROTOCOLS
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import EDCError, SettingsError
from edc_core.jobs.dataset_access import check_listed
from pages.shared import access
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab

METHODS = "methods"  # of the builder alone: a ladder of methods under one protocol
KINDS = (METHODS, *DESIGN_KINDS)
IPCS = (1, 2, 5, 10, 20, 50)
OWN = "own"  # each preset's own protocol, in the address
PREFIX, WRITTEN, REFUSED = "build-", "build_written", "build_address_refused"
NAMES = ("kind", "presets", "parts", "ipcs", "seeds", "profile", "protocol", "split", "data", "students")


def ipcs_key(kind: str) -> str:
    """Methods are compared at several sizes, choices mostly at one: each keeps its own."""
    return "build_ipcs_methods" if kind == METHODS else "build_ipcs"


def read(lab: Lab) -> None:
    """Take over what a link names, once; a value that is wrong is said in a sentence and left as it was."""
    named = {name: st.query_params.get_all(PREFIX + name) for name in NAMES}
    named = {name: values for name, values in named.items() if values}
    if not named or named == st.session_state.get(WRITTEN):
        return
    refused: list[str] = []
    kind = named.get("kind", [st.session_state.get("build_kind", METHODS)])[-1]
    if kind not in KINDS:
        refused.append(f"{PREFIX}kind is '{kind}': choose one of {', '.join(KINDS)}.")
        kind = METHODS
    st.session_state["build_kind"] = kind
    for name, take in _readers(lab, kind).items():
        if name in named:
            try:
                take(named[name])
            except EDCError as error:
                refused.append(f"{PREFIX}{name} is not taken over: {error}")
    st.session_state[REFUSED], st.session_state[WRITTEN] = refused, named


def _readers(lab: Lab, kind: str) -> dict[str, Callable[[list[str]], None]]:
    """How each parameter becomes a widget's value."""

    def keep(key: str, convert: Callable[[list[str]], Any]) -> Callable[[list[str]], None]:
        def take(values: list[str]) -> None:
            st.session_state[key] = convert(values)

        return take

    def listed(values: list[str]) -> list[str]:
        for address in values:
            check_listed(lab.store, address, access.current_person())
        return values

    return {
        "presets": keep(f"build_presets_{kind}", lambda values: [require_known(v, PRESETS, "preset") for v in values]),
        "parts": keep(f"build_choices_{kind}", lambda values: [require_known(v, CHOICES, "choice") for v in values]),
        "ipcs": keep(ipcs_key(kind), lambda values: [_number(value, "IPC", IPCS) for value in values]),
        "seeds": keep("build_seeds", lambda values: _number(values[-1], "seeds", range(1, jobs.MAX_SEEDS + 1))),
        "profile": keep("build_profile", lambda values: require_known(values[-1], ("auto", *PROFILES), "profile")),
        "protocol": keep(f"build_protocol_{kind}", lambda values: _protocol(values[-1])),
        "split": keep("build_test", lambda values: require_known(values[-1], ("val", "test"), "split") == "test"),
        "data": keep("build_datasets", listed),
        "students": keep("build_students", list),
    }


def _number(text: str, name: str, allowed: range | tuple[int, ...]) -> int:
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) in allowed:
        return int(text)
    many = isinstance(allowed, range)
    known = f"a whole number from {allowed[0]} to {allowed[-1]}" if many else f"one of {', '.join(map(str, allowed))}"
    raise SettingsError(f"{name} is '{text}': choose {known}.")


def _protocol(name: str) -> str | None:
    return None if name == OWN else require_known(name, PROTOCOLS, "protocol")


def render_refused() -> None:
    """One sentence for each value of the address that was not taken over."""
    for sentence in st.session_state.get(REFUSED) or ():
        st.warning(as_sentence(sentence), icon=":material/info:")


def write(kind: str, values: Mapping[str, Any]) -> None:
    """The Build as it stands, in the address: whoever opens the link finds it prepared."""
    named = {
        "kind": [kind],
        "presets": list(values.get("presets") or ()),
        "parts": list(values.get("choices") or ()) if kind in WITH_CHOICES else [],
        "ipcs": [str(ipc) for ipc in values["ipcs"]],
        "seeds": [str(values["seeds"])],
        "profile": [values["profile"]],
        "protocol": [values["protocol"] or OWN] if "protocol" in values else [],
        "split": [values["split"]],
        "data": list(values["datasets"]),
        "students": list(values["students"]),
    }
    named = {name: found for name, found in named.items() if found}
    st.session_state[WRITTEN] = named
    _publish(named)


def clear() -> None:
    """Take the Build out of the address where the page shows results."""
    st.session_state.pop(WRITTEN, None)
    _publish({})


def _publish(named: Mapping[str, list[str]]) -> None:
    for name in NAMES:
        if st.query_params.get_all(PREFIX + name) == named.get(name, []):
            continue
        if name in named:
            st.query_params[PREFIX + name] = named[name]
        else:
            del st.query_params[PREFIX + name]
