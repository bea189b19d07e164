"""One table of words for the stages, of which every place that names a stage to a person reads."""

import ast

from edc_core.stage_graph import CODE_VERSIONS, EXTRA_STAGES
from edc_core.wording.stage_text import STAGE_TEXT, STEPS, doing, stages_in, title_of_stage
from tests.conftest import ROOT


def test_every_stage_has_words_of_its_own() -> None:
    assert set(STAGE_TEXT) == {*CODE_VERSIONS, "check"}
    for words in ("title", "doing", "to_do"):
        said = [getattr(text, words) for text in STAGE_TEXT.values()]
        assert len(set(said)) == len(said)
        assert all(said)


def test_the_steps_of_a_run_hold_its_stages_once() -> None:
    in_steps = [stage for step in STEPS for stage in stages_in(step)]
    assert in_steps == [stage for stage in CODE_VERSIONS if stage != "landscape"]
    assert stages_in("Neighbours") == EXTRA_STAGES


def test_an_unknown_stage_is_named_as_it_is() -> None:
    assert (doing(None), doing("gone", "waiting for a download")) == ("starting", "waiting for a download")
    assert title_of_stage("gone") == "gone"
    assert title_of_stage("squeeze") == "Observer training"


def test_no_page_has_words_for_stages_of_its_own() -> None:
    """A dictionary from several stages to text elsewhere would say it otherwise one day."""
    found = []
    folders = ("pages", "edc_core/cli", "edc_core/report", "edc_core/runs", "edc_core/jobs")
    for path in (entry for folder in folders for entry in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                said = [value for value in node.values if isinstance(value, ast.Constant | ast.JoinedStr | ast.Tuple)]
                if len(said) > 1 and keys and set(keys) <= set(STAGE_TEXT):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found
