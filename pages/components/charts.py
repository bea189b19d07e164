"""Plotly charts on a page: laid out anew where the window is a phone's.

A script on the server cannot know how wide a window is. An unseen element beside each chart tells it, where it is not
what the server believes: on a phone once a visit, and on a turn of the phone; never where windows are wide.
"""

from functools import partial
from typing import Any

import streamlit as st

NARROW = "_narrow"  # in the session: whether the window is a phone's
_JS = """
export default ({ data, setStateValue, parentElement }) => {
  const phone = matchMedia("(max-width: 600px)");
  parentElement.believed = data.narrow;  // the newest; a call before this one may still wait below
  const tell = times => {
    if (parentElement.isConnected && phone.matches !== parentElement.believed)
      setStateValue("window", [phone.matches, times]);
  };
  const turned = () => tell(2);
  tell(0);
  const again = setTimeout(tell, 4000, 1);  // a word that went by while the script ran
  phone.addEventListener("change", turned);
  return () => { phone.removeEventListener("change", turned); clearTimeout(again); };
};
"""
_window = st.components.v2.component("edc_window", js=_JS)


def plot(figure, key: str, config: dict[str, Any] | None = None) -> None:
    """Draw a figure as wide as its place, laid out for the window at hand."""
    with st.container(key=f"unseen_window_{key}"):
        _window(data={"narrow": narrow()}, key=f"{key}.window", on_window_change=partial(_told, f"{key}.window"))
    if narrow():
        from edc_core.figures_narrow import narrowed

        figure = narrowed(figure)
    st.plotly_chart(figure, key=key, config=config)


def narrow() -> bool:
    """Whether the visitor's window is at most 600 pixels wide, as far as it is known."""
    return bool(st.session_state.get(NARROW))


def _told(key: str) -> None:
    st.session_state[NARROW] = bool(st.session_state[key].window[0])
