"""One concept, one word (README's glossary): dropped words stand in no name, docstring or comment of the code."""

import ast
import functools
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

DROPPED = {
    "picture": "image (or grid, figure, screenshot)",
    "photograph": "image",
    "label giver": "labelling observer, committee",
    "artefact": "stage result",
    "teacher": "observer, committee",
}
# A teacher is a person of a class there, and `artefacts/` a folder of every store on disk.
EXCEPTIONS = {
    "teacher": (
        "edc_core/access/",
        "edc_core/cli/jobs.py",
        "edc_core/jobs/",
        "edc_core/environment.py",
        "edc_core/landscape/losses.py",  # the field's own word for the target of a distillation loss
        "edc_core/training/label_losses.py",  # likewise
        "experiments/classroom.py",
    ),
    "artefact": ("edc_core/store/",),
}
# What a sentence of the app says in place of these. Strings with a brace and a colon are styles.
DROPPED_FROM_SENTENCES = {
    "pictures?": "image",
    "photographs?": "image",
    "rightly": "correctly",
    "foresaw": "expected",
}
FILES = sorted(path for folder in ("edc_core", "experiments") for path in (ROOT / folder).rglob("*.py"))


def words_of(path: Path) -> Iterator[tuple[int, str]]:
    """A module's names, docstrings and comments, each with its line; other strings are the app's sentences."""
    source = path.read_text()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@functools.cache
def own_words(path: Path) -> list[tuple[int, str]]:
    """`words_of`, read once for all dropped words."""
    return list(words_of(path))


def sentences_of(path: Path) -> Iterator[tuple[int, str]]:
    """A module's strings of several words that are no docstrings and no styles."""
    tree = ast.parse(path.read_text())
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        said = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements
        if said and " " in node.value.strip() and not re.search(r"[{;][^:]*:|[<>]", node.value):
            yield node.lineno, node.value


@pytest.mark.parametrize("word", DROPPED_FROM_SENTENCES)
def test_dropped_words_stand_in_no_sentence_of_the_app(word: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("pages", "edc_core")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, text in sentences_of(path)
        if re.search(rf"(?<![\w-]){word}(?![\w-])", text)
    ]
    assert not found, f"say {DROPPED_FROM_SENTENCES[word]} in place of {word}: {', '.join(found)}"


@pytest.mark.parametrize("word", DROPPED)
def test_dropped_words_stand_in_no_name_docstring_or_comment(word: str) -> None:
    allowed = EXCEPTIONS.get(word, ())
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in FILES
        if not path.relative_to(ROOT).as_posix().startswith(allowed or "\0")
        for line, text in own_words(path)
        if re.search(rf"(?<![a-z]){word}s?(?![a-z])", text.lower())
    ]
    assert not found, f"say {DROPPED[word]} in place of {word}: {', '.join(found)}"


def test_the_words_of_a_module_are_its_names_docstrings_and_comments(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""A picture."""\n\nsay = "no photograph"  # of a teacher\n\n\ndef f(artefacts):\n    return say\n'
    )
    words = " ".join(text for _, text in own_words(module))
    assert {"picture", "teacher", "artefacts"} <= set(re.findall(r"\w+", words.lower()))
    assert "photograph" not in words
