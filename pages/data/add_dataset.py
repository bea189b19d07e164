"""Form that adds a data set: a server folder or an uploaded ZIP, previewed, resized, listed."""

from dataclasses import replace

import streamlit as st

from edc_core.data import Description
from edc_core.data.address import MAX_SIDE, MIN_SIDE, address_of
from edc_core.data.glance import image_sizes
from edc_core.data.known_datasets import KNOWN
from edc_core.data.sources import EMBEDDED, full_name
from edc_core.environment import upload_mib
from edc_core.errors import EDCError
from edc_core.jobs import datasets as known
from edc_core.jobs import read_only
from pages.data.census import render_census
from pages.data.hub_download import OFFERED, offer_download, render_offer
from pages.recipe.recipe_address import description_of, set_dataset
from pages.shared.access import current_person
from pages.shared.help_texts import FOLDER_HELP
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab, open_lab

PENDING, REFUSED, TAKEN, ROUND = "data.pending", "data.refused", "data.taken", "data.round"


def render_add_dataset(here: Lab) -> None:
    """Path field, upload field, and the preview of the pending data set."""
    if read_only():
        return
    is_open = bool(st.session_state.get(PENDING) or st.session_state.get(OFFERED))
    with st.expander("Add a data set", icon=":material/add:", expanded=is_open):
        if pending := st.session_state.get(PENDING):
            _preview(pending)
            return
        paths = known.may_add_paths(current_person())
        if paths and st.session_state.get(OFFERED):
            if fetched := render_offer():
                preview_dataset(fetched)
                st.rerun()
            return
        sides = st.columns(2, gap="large") if paths else [st.container()]
        if paths:
            with sides[-1]:
                _by_path()
        with sides[0]:
            _by_upload(here)
        if refused := st.session_state.pop(REFUSED, None):
            st.error(as_sentence(refused), icon=":material/error:")


def _by_upload(here: Lab) -> None:
    most = min(upload_mib(), st.get_option("server.maxUploadSize"))
    file = st.file_uploader(
        "A ZIP of your images",
        ["zip"],
        max_upload_size=most,
        key=f"data.upload.{st.session_state.get(ROUND, 0)}",
        help=f"At most {most} MiB, holding {FOLDER_HELP}. Images may have any format and size.",
    )
    if file is not None and st.session_state.get(TAKEN) != file.file_id:
        st.session_state[TAKEN] = file.file_id
        try:
            with st.spinner("Unpacking it"):
                place = known.receive(here.store, file, file.name, current_person())
        except EDCError as error:
            st.session_state[REFUSED] = str(error)
            return
        st.session_state[PENDING] = place
        st.rerun()


def _by_path() -> None:
    with st.form("data_path", border=False):
        st.text_input(
            "A folder on this machine",
            key="data.path",
            placeholder="/home/me/photos or hf:OWNER/NAME",
            help=f"It holds {FOLDER_HELP}; or train*.parquet and test*.parquet. Nothing is copied. Of a"
            " repository the size is shown, and you are asked before anything is downloaded.",
        )
        st.form_submit_button("Look at it", icon=":material/search:", on_click=_look)


def _look() -> None:
    """Callback: preview the typed path."""
    preview_dataset((st.session_state["data.path"] or "").strip())


def preview_dataset(name: str) -> None:
    """Callback: preview the data set at a path."""
    if not known.may_add_paths(current_person()):
        return
    if not name:
        st.session_state[REFUSED] = "no folder is given: type its path, such as /home/me/photos."
        return
    try:
        if offer_download(name):
            return
        address = full_name(name)
        description_of(address)
    except EDCError as error:
        st.session_state[REFUSED] = str(error)
        return
    st.session_state[PENDING] = address


def _preview(pending: str) -> None:
    """Preview of the pending data set, and the target image size."""
    try:
        about, sizes = description_of(pending), image_sizes(pending)
    except EDCError as error:
        st.error(as_sentence(str(error)), icon=":material/error:")
        st.button("Choose another", key="data.other", on_click=_drop, args=(pending,))
        return
    st.markdown(
        f"**{known.short_name(pending)}**: {len(about.classes):,} classes, {sum(about.train_counts):,} images for"
        f" training and {about.test_count:,} for testing, {colour(about)}."
    )
    render_census(about.census, counts=False)
    size = about.size
    if address_of(pending).place not in (*EMBEDDED, *KNOWN):
        size = _size(about, sizes)
    with st.container(horizontal=True):
        st.button(
            "Add it",
            key="data.add",
            type="primary",
            icon=":material/add:",
            on_click=_add,
            args=(pending, about.size, int(size)),
        )
        st.button("Choose another", key="data.other", type="tertiary", on_click=_drop, args=(pending,))
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_sentence(refused), icon=":material/error:")


def _size(about: Description, sizes: list[tuple[int, int]]) -> float:
    if len(sizes) > 1:
        small, large = sizes[0], max(sizes, key=lambda size: size[0] * size[1])
        told = f"The images have {len(sizes)} sizes, from {small[0]} x {small[1]} to {large[0]} x {large[1]} px."
    elif sizes:
        told = f"All images are {sizes[0][0]} x {sizes[0][1]} px."
    else:
        told = ""
    size = st.number_input(
        "Resize to (pixels per side)",
        MIN_SIDE,
        MAX_SIDE,
        about.size,
        key=f"data.size.{about.digest[:8]}",
        width=330,
        help="The shorter side is resized, and the middle cut out. A run's time grows with the square of this;"
        " networks are made for 32, 64, 96, 128, 160 and 224.",
    )
    alike = len(sizes) == 1 and set(sizes[0]) == {about.size}
    st.caption(told if alike else f"{told} {about.size} px suits most of them.".strip())
    return size


def _add(pending: str, natural: int, size: int) -> None:
    """Callback: add the data set to the list and select it."""
    address = pending
    if size != natural:
        found = address_of(pending)
        address = found.place + replace(found, size=size).options
    try:
        with open_lab() as here:
            address = known.add(here.store, address, current_person())
    except EDCError as error:
        st.session_state[REFUSED] = str(error)
        return
    _clear()
    set_dataset(address)


def _drop(pending: str) -> None:
    """Callback: discard the pending data set, and an upload's files."""
    with open_lab() as here:
        known.discard(here.store, pending, current_person())
    _clear()


def _clear() -> None:
    st.session_state.pop(PENDING, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1  # an empty uploader in place of the full one


def colour(about: Description) -> str:
    return "in colour" if about.channels == 3 else "grey"
