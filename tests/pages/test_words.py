"""Words that somebody else wrote reach a page as they are: a link's values make no picture, link or formula there."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.markdown_escape import BREAK, as_sentence, escape_markdown
from tests.conftest import ROOT
from tests.support.app_pages import at_page

PICTURE = "![x](http://elsewhere.example/x.png)"
FOREIGN = [
    ("start", "run", PICTURE),
    ("data", "dataset", PICTURE),
    ("recipe", "preset", PICTURE),
    ("recipe", "dataset", PICTURE),
    ("recipe", "set", PICTURE),
    ("recipe", "set", f"synthesise.iterations={PICTURE}"),
    ("recipe", "set", f"dataset.{PICTURE}=1"),
    ("gallery", "run", PICTURE),
    ("labels", "run", PICTURE),
    ("choices", "matrix", PICTURE),
    ("landscape", "run", PICTURE),
]


@pytest.mark.parametrize(("name", "setting", "value"), FOREIGN)
def test_a_link_brings_no_picture_of_its_own(
    name: str, setting: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if name != "start":
        at_page(app, name)
    app.query_params[setting] = value
    app.run()
    assert not app.exception
    said = [one.value for kind in (app.error, app.warning, app.info) for one in kind if "elsewhere" in one.value]
    assert said  # what is wrong with the link is named
    shown = said + [one.value for kind in (app.markdown, app.caption) for one in kind]
    assert not any("![x](" in text or "http://elsewhere" in text for text in shown)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("www.evil.example or a@b.example", f"www{BREAK}.evil.example or a@{BREAK}b.example"),
        ("https://evil.example", rf"https{BREAK}\://evil.example"),
        (":red[stop] and :material/bolt:", r"\:red\[stop\] and \:material/bolt:"),
        ("_so_ and *so*, `so`, $so$", r"\_so\_ and \*so\*, \`so\`, \$so\$"),
        ("- a list\n1. another", "\\- a list\n1\\. another"),
    ],
)
def test_what_markdown_would_act_on_is_escaped(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


def test_a_plain_sentence_stays_as_it_was_written() -> None:
    text = "views.crop_area_min is 0.9, above crop_area_max 0.2: choose a smaller one (at most 0.2)."
    assert escape_markdown(text) == text
    assert as_sentence(text) == text  # it begins with a setting's name
    assert as_sentence("the disk is full.") == "The disk is full."
    assert as_sentence("dataset 'cow' is unknown.") == "Dataset 'cow' is unknown."
