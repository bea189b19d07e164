"""Race of learning curves: sent once, uncovered by the browser in 2.5 seconds."""

import streamlit as st

_CSS = """
.race { width: 100%; height: auto; font-size: 16px; font-family: var(--st-font); }
.race text:not(.race-value) { fill: var(--st-text-color); }
.race .race-tick { opacity: 0.75; }
.race .race-value { font-size: 18px; font-weight: 700; animation: appear 0.4s 2.4s both; }
.race .race-grid { stroke: var(--st-text-color); opacity: 0.15; }
.race .race-floor { stroke: var(--st-text-color); opacity: 0.6; stroke-dasharray: 4 5; }
.race .race-line { fill: none; stroke-width: 4; stroke-linejoin: round; stroke-linecap: round; }
.race .race-lines { animation: uncover 2.4s linear both; }
@keyframes uncover { from { clip-path: inset(-10px 100% -10px 0); } to { clip-path: inset(-10px -10px -10px 0); } }
@keyframes appear { from { opacity: 0; } to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { .race * { animation: none !important; } }
"""
# Drawn anew, and so run again, only where another race is to be seen.
_JS = """
export default ({ data, parentElement }) => {
  const track = parentElement.querySelector(".track");
  if (track.dataset.race === data) return;
  track.dataset.race = data;
  track.innerHTML = data;
};
"""
_track = st.components.v2.component("edc_race", html='<div class="track"></div>', css=_CSS, js=_JS)


def render_race(svg: str) -> None:
    """Show a race (`edc_core.figures.race`); its text is escaped where it is made."""
    _track(data=svg, key="start_race")
