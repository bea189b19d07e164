"""Plotly charts on a page: laid out anew where the window is a phone's.

A script on the server cannot know how wide a window is. An unseen element of each page tells it, where it is not what
the server believes: on a phone once a visit, and on a turn of the phone; never where windows are wide.
"""

from typing import Any

import streamlit as st

from pages.shared.save_figure import Printed, render_save_button

NO_MODE_BAR = {"displayModeBar": False}  # of plotly's configuration: no buttons over the chart
NARROW, WINDOW = "_narrow", "_window"  # in the session: whether the window is a phone's, and what tells it
_JS = """
export default ({ data, setStateValue, parentElement }) => {
  const phone = matchMedia("(max-width: 600px)"), dark = matchMedia("(prefers-color-scheme: dark)");
  parentElement.believed = data.narrow;  // the newest; a call before this one may still wait below
  const tell = times => {
    if (parentElement.isConnected && phone.matches !== parentElement.believed)
      setStateValue("window", [phone.matches, times]);
  };
  const turned = () => tell(2);
  tell(0);
  const again = setTimeout(tell, 4000, 1);  // a word that went by while the script ran
  const repaint = () => setTimeout(() => setStateValue("window", [phone.matches, Date.now()]), 300);
  phone.addEventListener("change", turned);
  dark.addEventListener("change", repaint);  // charts were drawn in the other page's colour of text
  return () => {
    phone.removeEventListener("change", turned);
    dark.removeEventListener("change", repaint);
    clearTimeout(again);
  };
};
"""
_window = st.components.v2.component("edc_window", js=_JS)


def watch_window() -> None:
    """The unseen element that tells whether the window is a phone's; once a page."""
    with st.container(key="unseen_window"):
        _window(data={"narrow": is_narrow()}, key=WINDOW, on_window_change=_told)


def render_chart(figure, key: str, config: dict[str, Any] | None = None, printed: Printed | None = None) -> None:
    """Draw a figure as wide as its place, laid out for the window at hand; `printed` puts *Save figure* under it."""
    whole = figure
    if is_narrow():
        from edc_core.figures.phone_layout import narrowed

        figure = narrowed(figure)
    st.plotly_chart(figure, key=key, config=config)
    if printed:
        render_save_button(whole, printed, key)


def is_narrow() -> bool:
    """Whether the visitor's window is at most 600 pixels wide, as far as it is known."""
    return bool(st.session_state.get(NARROW))


def _told() -> None:
    st.session_state[NARROW] = bool(st.session_state[WINDOW].window[0])


def is_dark() -> bool:
    """Whether the visitor's page is the dark one."""
    return st.context.theme.type == "dark"


def ink() -> str:
    """The page's colour of text: a chart's own is too pale for a projector."""
    return "#EEF2F6" if is_dark() else "#1C2430"


def inked(figure):
    """A copy of a figure whose axes, legend and notes are in the page's colour of text."""
    from plotly.graph_objects import Figure

    colour = {"color": ink()}
    shown = Figure(figure)
    shown.update_xaxes(tickfont=colour, title_font=colour)
    shown.update_yaxes(tickfont=colour, title_font=colour)
    shown.update_annotations(font=colour)
    for beside in ({"textposition": "outside"}, {"type": "scatter"}):  # a bar or a mark, not on it
        shown.update_traces(textfont=colour, selector=beside)
    for trace in shown.data:
        if trace.type == "heatmap":
            trace.colorbar.update(tickfont=colour, title_font=colour)
    return shown.update_layout(legend_font=colour)


def render_live_chart(rows, spec: dict[str, Any], key: str) -> None:
    """Draw a Vega-Lite chart that is updated in place, its words in the page's colour of text."""
    st.vega_lite_chart(rows, inked_spec(spec, ink()), width="stretch", key=key)


def inked_spec(spec: dict[str, Any], colour: str) -> dict[str, Any]:
    """A copy of a Vega-Lite specification whose axes, legends, headers and notes are in this colour."""
    words = {"labelColor": colour, "titleColor": colour}
    given = spec.get("config", {})
    own = {part: words | given.get(part, {}) for part in ("axis", "legend", "header")}
    return _noted(spec, colour) | {"config": given | own}


def _noted(part: Any, colour: str) -> Any:
    if isinstance(part, list):
        return [_noted(one, colour) for one in part]
    if not isinstance(part, dict):
        return part
    inside = {name: _noted(one, colour) for name, one in part.items()}
    return inside | {"color": colour} if part.get("type") == "text" and "color" in part else inside
