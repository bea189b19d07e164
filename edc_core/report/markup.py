"""Bits of HTML. Whatever is not made here is text, and is escaped."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import plotly.graph_objects as go

from edc_core.wording.grammar import capitalise


def text(value: Any) -> str:
    """Any value as text that no browser takes for markup."""
    return escape(str(value), quote=True)


def element(tag: str, content: Any, kind: str = "") -> str:
    """`<tag class=kind>content</tag>`, the content escaped."""
    return f'<{tag} class="{kind}">{text(content)}</{tag}>' if kind else f"<{tag}>{text(content)}</{tag}>"


def paragraphs(sentences: Iterable[str], kind: str = "") -> str:
    return "\n".join(element("p", sentence, kind) for sentence in sentences)


def listed(sentences: Iterable[str], kind: str = "") -> str:
    items = "".join(element("li", capitalise(sentence)) for sentence in sentences)
    return f'<ul class="{kind}">{items}</ul>' if items else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """A table; what is a number stands on the right."""
    rows = [list(row) for row in rows]
    kinds = ["number" if any(_is_number(row[place]) for row in rows) else "" for place in range(len(columns))]
    head = "".join(element("th", column, kind) for column, kind in zip(columns, kinds, strict=True))
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    said = element("caption", caption) if caption else ""
    return f'<div class="wide"><table>{said}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: Any) -> str:
    if value is None:
        return "<td></td>"
    shown = f"{value:.2f}".replace("-", "−") if isinstance(value, float) else value
    return element("td", shown, "number" if _is_number(value) else "")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def data_address(content: bytes, kind: str) -> str:
    """A file inside the page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@dataclass
class Charts:
    """The figures of a page, drawn by its script; each is put where `add` says, with what it shows in words."""

    figures: list[str] = field(default_factory=list)
    drawn: list[tuple[go.Figure, str]] = field(default_factory=list)  # the same, with their captions

    def add(self, figure: go.Figure, caption: str) -> str:
        """The place of a figure: its height is the figure's own, its width the page's."""
        number = len(self.figures)
        self.figures.append(figure.to_json())
        self.drawn.append((figure, caption))
        height = int(figure.layout.height or 420)
        return (
            f'<figure class="chart"><div class="plot" id="plot-{number}" style="height:{height}px" role="img"'
            f' aria-label="{text(caption)}"></div>{element("figcaption", caption)}</figure>'
        )

    def json(self) -> str:
        """All of them as one JSON text that ends no script."""
        return f"[{','.join(self.figures)}]".replace("<", "\\u003c").replace("\u2028", "\\u2028")
