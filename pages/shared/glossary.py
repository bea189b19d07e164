"""Glossary on a page: each term answers a pointer, or a finger, with its sentence."""

import json
from pathlib import Path

import streamlit as st

from edc_core.wording.glossary import TERMS

SCRIPT = Path(__file__).with_name("glossary.js").read_text(encoding="utf-8")
GIVEN = json.dumps([[term.name, term.sentence, term.forms] for term in TERMS]).replace("<", "\\u003c")


def render_glossary() -> None:
    """The script, once a browser tab; it stands where nobody sees it."""
    st.html(f"<script>{SCRIPT.replace('(TERMS)', f'({GIVEN})')}</script>", unsafe_allow_javascript=True)
