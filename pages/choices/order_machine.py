"""Order machine: a component in which choices are dragged into any order and the ladder redraws.

The cells are sent once, as one array a seed that is indexed by what is on; every ladder, every gain and its
range over all orders are sums over it (`order_sums.js`), the same as `edc_core.ablation.order_effects`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from edc_core.ablation import Factor
from edc_core.ablation.full_factorial import Cells, full_factorial, is_full
from edc_core.design_space.paper_choices import CHOICES
from edc_core.figures.colours import OKABE_ITO
from edc_core.intervals import MIN_SEEDS, t_quantile

SEPARATOR = "."  # of names in the address; it needs no escaping there
HERE = Path(__file__).parent
SCRIPTS = ("order_sums.js", "order_draw.js", "order.js")
HTML = """
<div class="machine">
  <div class="bar">
    <button class="usual"></button><button class="shuffle">Shuffle</button>
    <span>Make</span><select class="favourite" aria-label="The choice to show off"></select><span>look</span>
    <button class="best">best</button><button class="worst">worst</button>
  </div>
  <p class="lesson" aria-live="polite"></p><p class="few"></p>
  <div class="heads"><div class="one">Switched on from top to bottom: drag, or use ▲ ▼</div>
    <div class="two">Top-1 so far, with its 95 % interval</div>
    <div class="three">Gain of this choice, in points\
<span class="ranged">; thin line: its range over all orders</span></div>
    <div class="four">Gain, 95 % interval</div></div>
  <ol class="rows"></ol>
  <div class="axis"><i></i><svg class="level-axis"></svg><svg class="gain-axis"></svg></div>
  <p class="notes"></p>
</div>
"""
_component = st.components.v2.component(
    "edc_order",
    html=HTML,
    css=(HERE / "order.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
)


def render_order_machine(cells: Cells, factors: Sequence[Factor], key: str = "order", note: str = "") -> None:
    """Draw it for the cells of one factorial, {factors that are on: {seed: top-1 in percent}}.

    `key` is also the order's name in the address; `note` stands below, in one sentence.
    """
    if not any(cells.values()) or not factors:
        st.info("Nothing of this factorial is measured yet: the machine starts with its first results.")
        return
    _drawn(pack(cells, factors), key, note)


@st.fragment
def _drawn(packed: dict[str, Any], key: str, note: str) -> None:
    """In a fragment, so that a new order reaches the address without the rest of the page."""
    st.html(f"<style>.st-key-unseen_{key} {{ display: none; }}</style>")
    with st.container(key=f"unseen_{key}"):
        st.text_input("Order of the choices", key=key, bind="query-params", persist_state="session")
    order = order_of(st.session_state.get(key) or "", packed["names"])
    data = packed | {"order": [packed["names"].index(name) for name in order], "note": note}
    _component(data=data, key=f"{key}_machine", on_order_change=lambda: _moved(key))


def _moved(key: str) -> None:
    st.session_state[key] = st.session_state[f"{key}_machine"].get("order") or ""


def order_of(written: str, names: Sequence[str]) -> list[str]:
    """The order that an address says: what it does not know is passed over, what it leaves out comes last."""
    named = [name for name in dict.fromkeys(written.split(SEPARATOR)) if name in names]
    return named + [name for name in names if name not in named]


def pack(cells: Cells, factors: Sequence[Factor]) -> dict[str, Any]:
    """What the browser needs: values[seed][mask] in percent, where bit i of the mask says that factor i is on.

    Of a full factorial only the seeds that have all of it; else every seed, with null where nothing is measured.
    """
    names = [factor.name for factor in factors]
    measured = sorted({seed for by_seed in cells.values() for seed in by_seed})
    full = is_full(cells, factors)
    if full:
        cube = full_factorial(cells, factors)
        seeds, values = list(cube.seeds), [[round(value, 4) for value in row] for row in cube.values.tolist()]
    else:
        masks = [frozenset(name for i, name in enumerate(names) if mask >> i & 1) for mask in range(1 << len(names))]
        seeds, values = measured, [[cells.get(on, {}).get(seed) for on in masks] for seed in measured]
    return {
        "names": names,
        "titles": [factor.title for factor in factors],
        "explained": [factor.explained for factor in factors],
        "usual": "The paper's order" if set(names) <= set(CHOICES) else "The usual order",
        "full": full,
        "seeds": seeds,
        "waiting": [seed for seed in measured if seed not in seeds],
        "values": values,
        "t": [round(t_quantile(freedom), 4) for freedom in range(1, max(2, len(seeds)))],
        "enough": MIN_SEEDS,
        "colours": {"gain": OKABE_ITO["blue"], "loss": OKABE_ITO["vermillion"]},
    }
