"""Two accuracy curves that rise side by side, as an SVG that the browser animates without a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 380, 330
LEFT, RIGHT, TOP, BOTTOM = 54, 74, 40, 52  # margins; the right one holds the labels
MIN_LABEL_GAP_PX = 22  # least distance of two labels


@dataclass(frozen=True)
class Runner:
    """One curve: top-1 in percent by epoch; `label` stands at its end."""

    name: str
    label: str
    colour: str
    dash: str
    epochs: Sequence[int]
    top1: Sequence[float]


def race(runners: Sequence[Runner], floor: float, ceiling: float | None = None) -> str:
    """The runners' curves between guessing (`floor`) and all real images (`ceiling`), in percent.

    Classes `race-*` are the style sheet's.
    """
    last = max((max(runner.epochs, default=1) for runner in runners), default=1)

    def at(epoch: float, percent: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * epoch / last
        return round(across, 1), round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * percent / 100, 1)

    ends = _spread([at(last, runner.top1[-1])[1] for runner in runners])
    levels = {"guessing": floor} | ({} if ceiling is None else {f"taught by all real images: {ceiling:.0f} %": ceiling})
    body = [*_axes(at, last, levels)]
    body.append('<g class="race-lines">')
    body += [
        _line(runner, [at(*point) for point in zip(runner.epochs, runner.top1, strict=True)]) for runner in runners
    ]
    body.append("</g>")
    for runner, height in zip(runners, ends, strict=True):
        body.append(
            f'<text class="race-value" x="{WIDTH - RIGHT + 8}" y="{height + 6:.1f}" fill="{runner.colour}">'
            f"{escape(runner.label)}</text>"
        )
    said = "; ".join(f"{one.label}, {one.name}, ends at {one.top1[-1]:.1f} percent" for one in runners)
    return (
        f'<svg class="race" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(f"Accuracy on held-out images by epoch: {said}.")}">{"".join(body)}</svg>'
    )


def _axes(at, last: int, levels: Mapping[str, float]) -> list[str]:
    parts = []
    for percent in range(0, 101, 20):
        (x0, y), (x1, _) = at(0, percent), at(last, percent)
        parts.append(f'<line class="race-grid" x1="{x0}" y1="{y}" x2="{x1}" y2="{y}"/>')
        parts.append(f'<text class="race-tick" x="{x0 - 8}" y="{y + 5}" text-anchor="end">{percent} %</text>')
    for name, level in levels.items():
        (x0, y), (x1, _) = at(0, level), at(last, level)
        parts.append(f'<line class="race-floor" x1="{x0}" y1="{y}" x2="{x1}" y2="{y}"/>')
        parts.append(f'<text class="race-tick" x="{x1 - 4}" y="{y - 6}" text-anchor="end">{name}</text>')
    for epoch in (0, last / 2, last):
        x, y = at(epoch, 0)
        parts.append(f'<text class="race-tick" x="{x}" y="{y + 20}" text-anchor="middle">{epoch:g}</text>')
    middle = at(last / 2, 0)
    parts.append(f'<text class="race-title" x="{middle[0]}" y="{middle[1] + 44}" text-anchor="middle">epoch</text>')
    parts.append(f'<text class="race-title" x="{LEFT}" y="20">accuracy while learning (held-out images)</text>')
    return parts


def _line(runner: Runner, points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    dashes = f' stroke-dasharray="{runner.dash}"' if runner.dash else ""
    return f'<polyline class="race-line" points="{path}" stroke="{runner.colour}"{dashes}/>'


def _spread(heights: Sequence[float]) -> list[float]:
    """Heights of labels, moved apart where two would overlap."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = list(heights)
    for before, after in zip(order, order[1:], strict=False):
        if (missing := MIN_LABEL_GAP_PX - (placed[after] - placed[before])) > 0:
            placed[before] -= missing / 2
            placed[after] += missing / 2
    return placed
