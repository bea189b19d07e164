"""Citations: BibTeX that parses, of what a run rests on, and CITATION.cff from the same source."""

import re

import pytest
import yaml

from edc_core import __version__
from edc_core.design_space.citations import LAB, METHODS, bibtex, citation_cff, methods_of
from edc_core.design_space.compose import configure
from edc_core.design_space.presets import PRESETS
from edc_core.design_space.profiles import LAB as PROFILE
from tests.conftest import ROOT


def keys(text: str) -> list[str]:
    return re.findall(r"^@\w+\{(\w+),$", text, re.M)


def settings(preset: str, protocol: str | None = None, dataset: str = "cifar-10") -> dict:
    return configure(preset, dataset, PROFILE, 10, 0, protocol).model_dump(mode="json")


@pytest.mark.parametrize(
    ("preset", "protocol", "cited"),
    [
        ("G", None, ["shao2024elucidating"]),
        ("random", "hard", ["shao2024elucidating"]),
        ("RDED", None, ["sun2024diversity"]),
        ("RDED", "edc", ["sun2024diversity", "shao2024elucidating"]),
        ("CDA", None, ["yin2023squeeze", "yin2023dataset"]),
        ("G-VBSM", None, ["shao2024generalized", "shao2024elucidating"]),
        ("RDED", "sre2l", ["sun2024diversity", "yin2023squeeze"]),
        ("EDC+", None, ["shao2024elucidating", "cui2025fadrm"]),
    ],
)
def test_a_run_cites_its_method_and_whose_labels_it_has(preset: str, protocol: str | None, cited: list[str]) -> None:
    assert [one.key for one in methods_of(settings(preset, protocol))] == cited


def test_every_baseline_is_cited_and_every_entry_is_whole() -> None:
    assert set(METHODS) == {name for name, preset in PRESETS.items() if preset.kind == "baseline"}
    text = bibtex(settings(preset, dataset="fashion-mnist-mini") for preset in PRESETS)
    assert len(keys(text)) == len(set(keys(text))) == 8
    assert keys(text)[-1] == LAB.key
    assert text.count("{") == text.count("}")
    for entry in text.split("\n\n"):
        assert all(f"  {name} = {{" in entry for name in ("title", "author", "year")), entry
    assert keys(bibtex()) == ["shao2024elucidating", LAB.key]
    assert f"version = {{{__version__}}}" in bibtex()


def test_the_citation_file_is_as_the_lab_writes_it() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert text == citation_cff()
    read = yaml.safe_load(text)
    assert {"cff-version", "message", "title", "authors"} <= set(read)  # what version 1.2.0 asks for
    assert (read["cff-version"], read["version"], read["license"]) == ("1.2.0", __version__, "MIT")
    (paper,) = read["references"]
    assert [one["family-names"] for one in paper["authors"]] == ["Shao", "Zhou", "Chen", "Shen"]
