"""Download of a Hub repository: its size first, then a button that consents; for who may name folders only."""

import streamlit as st

from edc_core.data.address import address_of
from edc_core.data.hub.download import Offer, fetch_repository, offer_of
from edc_core.data.hub.repositories import is_hub_address, snapshot_of
from edc_core.errors import DataError, EDCError
from edc_core.jobs.dataset_access import may_add_paths
from edc_core.wording.grammar import plural
from pages.shared.access import current_person
from pages.shared.formatting import storage
from pages.shared.markdown_escape import as_sentence, escape_markdown

OFFERED, REFUSED = "data.offered", "data.refused"  # the address, and what would be fetched


def offer_download(name: str) -> bool:
    """Whether an address is of a repository that is not on this machine; its size is then asked of the Hub, no more.

    Raises:
        EDCError: the address is wrong, or the Hub refuses.
    """
    address = address_of(name)
    if not is_hub_address(address.place):
        return False
    try:
        snapshot_of(address.place)
    except DataError:
        st.session_state[OFFERED] = name, offer_of(address.place)
        return True
    return False


def render_offer() -> str | None:
    """The size of what was asked for, and the button that downloads it; returns the address once it is here."""
    name, offer = st.session_state[OFFERED]
    st.markdown(
        f"**{escape_markdown(str(offer.repository))}** is on Hugging Face's Hub, not on this machine:"
        f" {len(offer.files):,} {plural(len(offer.files), 'file')}, {storage(offer.bytes)},"
        f" at commit `{offer.commit[:12]}`."
    )
    if offer.left_out:
        left = ", ".join(f"{reason} ({count:,}, such as '{example}')" for reason, count, example in offer.left_out)
        st.caption(escape_markdown(f"Never downloaded: {left}."))
    with st.container(horizontal=True):
        label = f"Download {storage(offer.bytes)}"
        wanted = st.button(label, key="data.download", type="primary", icon=":material/download:")
        st.button("Choose another", key="data.other", type="tertiary", on_click=_drop)
    return _fetched(name, offer) if wanted and may_add_paths(current_person()) else None


def _fetched(name: str, offer: Offer) -> str | None:
    address = address_of(name)
    try:
        with st.spinner("Downloading it"):
            place = fetch_repository(offer).pinned
    except EDCError as error:
        st.error(as_sentence(str(error)), icon=":material/error:")
        return None
    _drop()
    return place + address.options


def _drop() -> None:
    st.session_state.pop(OFFERED, None)
