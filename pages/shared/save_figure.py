"""Save figure: the button beside a chart, and the dialog that saves it in the print style.

The visitor's own browser makes SVG and PNG, at once and without the lab: plotly's button of the preview does, pressed
by ours. A PDF needs a browser beside the lab, where kaleido draws it.
"""

from dataclasses import dataclass

import streamlit as st

from edc_core.errors import EDCError
from pages.shared.markdown_escape import as_sentence

NEEDS = "PDF needs kaleido and Chrome or Chromium where the lab runs: `pip install kaleido`."
PREVIEWS = {3.25: "save_preview_one", 6.75: "save_preview_two"}  # keys; theme.css shows both at their true size
WIDTH_NAMES = {3.25: "3.25 in, one column", 6.75: "6.75 in, two columns"}
_HTML = '<button type="button" disabled></button>'
_CSS = """
button { font: inherit; color: #fff; background: #0072b2; border: 0; border-radius: 0.5rem; padding: 0.5rem 0.9rem;
  cursor: pointer; }
button:hover, button:focus-visible { background: #005a8d; outline: 2px solid currentColor; outline-offset: 2px; }
button:disabled { opacity: 0.5; cursor: wait; }
"""
_JS = """
export default ({ data, parentElement }) => {
  const button = parentElement.querySelector("button");
  const camera = () => document.querySelector('[class*="st-key-save_preview"] .modebar-btn');
  clearInterval(parentElement.look);  // a call before this one set it
  const look = parentElement.look = setInterval(() => { button.disabled = !camera(); }, 200);
  button.textContent = data.label;
  button.onclick = () => camera()?.click();
  return () => clearInterval(look);
};
"""
_press = st.components.v2.component("edc_save_figure", html=_HTML, css=_CSS, js=_JS)


@dataclass(frozen=True)
class Printed:
    """What a saved chart is: its content, which names the file, and its caption."""

    content: str
    caption: str


@st.fragment
def render_save_button(figure, printed: Printed, key: str) -> None:
    """The button; nothing is made before it is pressed."""
    with st.container(horizontal=True, horizontal_alignment="right", key=f"save_row_{key}"):
        pressed = st.button(
            "Save figure",
            key=f"save_{key}",
            icon=":material/download:",
            type="tertiary",
            help="For a paper: SVG, PNG or, where kaleido is installed, PDF, with the caption.",
        )
    if pressed:
        _dialog(figure, printed, key)


@st.dialog("Save figure", width="medium")
def _dialog(figure, printed: Printed, key: str) -> None:
    from edc_core.figures.print_style import for_print
    from edc_core.figures.save import drawing_browser, file_name, scale_of

    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        inches = st.segmented_control(
            "Width", list(WIDTH_NAMES), default=3.25, format_func=WIDTH_NAMES.get, required=True, key="save_width"
        )
        formats = ["svg", "png", "pdf"] if drawing_browser() else ["svg", "png"]
        ending = st.segmented_control(
            "Format", formats, default="svg", format_func=str.upper, required=True, key="save_format"
        )
    shown, name = for_print(figure, inches), file_name(printed.content, inches, ending)
    if ending == "pdf":
        _pdf(figure, inches, name, key)
    else:
        label = f"Save {ending.upper()} (made by your browser)"
        _press(data={"label": label}, key="save_press")
    st.caption(f"`{name}`" + ("" if "pdf" in formats else f" · {NEEDS}"))
    st.code(printed.caption, language=None, wrap_lines=True)
    camera = {"format": ending, "filename": name.removesuffix(f".{ending}"), "scale": scale_of(ending, inches)}
    camera |= {"width": shown.layout.width, "height": shown.layout.height}
    with st.container(key=PREVIEWS[inches]):
        st.plotly_chart(
            shown,
            theme=None,
            width="content",
            key=f"save_chart_{ending}_{inches}",
            config={
                "displayModeBar": True,
                "displaylogo": False,
                "modeBarButtons": [["toImage"]],
                "toImageButtonOptions": camera,
            },
        )


def _pdf(figure, inches: float, name: str, key: str) -> None:
    """Draw the PDF when asked, then offer it."""
    from edc_core.figures.save import figure_bytes

    if not st.button("Draw PDF (made by the lab)", key="save_draw", type="primary"):
        return
    try:
        with st.spinner("Drawing ..."):
            content = figure_bytes(figure, "pdf", inches)
    except EDCError as error:
        st.error(as_sentence(str(error)), icon=":material/error:")
        return
    st.download_button("Save PDF", content, name, "application/pdf", key=f"save_pdf_{key}", on_click="ignore")
