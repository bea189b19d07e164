"""Class names on axes: letter by letter, one place each, of a length that fits."""

import subprocess
import sys
from html import unescape

import numpy as np
import pytest

from edc_core.figures.class_names import MAX_LENGTH, axis_names
from edc_core.figures.data import class_counts
from edc_core.figures.gallery import confusion, soft_label
from edc_core.figures.phone_layout import wrapped
from edc_core.figures.students import confusion_map, per_class
from tests.conftest import ROOT

ODD = ("<b>x", "x", "A&amp;B", 'it\'s "50 %" & _co', "crane", "crane", "n" * 300)
SHARES = np.full((len(ODD), len(ODD)), 1 / len(ODD))


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: confusion(SHARES, np.arange(len(ODD)), ODD).data[0].x,
        lambda: confusion(SHARES, np.arange(len(ODD)), ODD).data[0].y,
        lambda: soft_label(SHARES[0], ODD, 0).data[0].y,
        lambda: confusion_map(SHARES, ODD).data[0].x,
        lambda: per_class(ODD, [("set", "#000000", [None] * len(ODD))], [], "top-1").data[0].y,
        lambda: class_counts(ODD, [1] * len(ODD)).layout.yaxis.ticktext,
    ],
)
def test_every_chart_has_a_place_for_each_class_under_its_own_letters(drawn) -> None:
    names = list(drawn())
    assert len(set(names)) == len(ODD)
    assert not any("<" in name or ">" in name for name in names)
    assert [unescape(name) for name in names[:4]] == list(ODD[:4])
    assert names[4:6] == ["crane (4)", "crane (5)"]
    assert len(names[6]) <= MAX_LENGTH


def test_a_phones_lines_end_within_no_letter() -> None:
    (name,) = axis_names(["<" * 30])
    assert unescape(wrapped(name, 7)).replace("<br>", "") == "<" * 30
    assert all(len(unescape(line)) <= 7 for line in wrapped(name, 7).split("<br>"))


def test_plots_wait_for_a_thread_that_is_still_loading_pandas() -> None:
    """Plotly would take what is there of it, and meet no `Series`."""
    loading = "import threading; threading.Thread(target=__import__, args=('pandas',)).start()"
    waited = "import edc_core.figures.gallery, sys; assert hasattr(sys.modules['pandas'], 'Series')"
    assert subprocess.run([sys.executable, "-c", f"{loading}; {waited}"], cwd=ROOT).returncode == 0
