"""EDC Lab in the browser: `streamlit run app.py`."""

import json
import time
from contextlib import closing
from functools import partial

import streamlit as st

from edc_core import figures
from edc_core.errors import EDCError
from edc_core.store import Store

COMMAND = "python -m edc_core run --preset G --dataset fashion-mnist-mini --ipc 10 --seed 0"


def headline(run: dict) -> float | None:
    """The figure a run is known by, in percent."""
    return run["result"][run["result"]["headline"]] if run["result"] else None


def show_table(runs: list[dict]) -> str:
    """All runs; gives the chosen one's name."""
    rows = [
        {
            "run": run["id"],
            "preset": run["preset"],
            "data set": run["manifest"]["dataset"]["name"],
            "images per class": run["ipc"],
            "seed": run["seed"],
            "state": run["state"],
            "top-1 (%)": headline(run),
            "scored on": {"val": "held-out", "test": "test"}[run["settings"]["score"]["split"]],
        }
        for run in runs
    ]
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config={"top-1 (%)": st.column_config.NumberColumn(format="%.2f")},
    )
    return st.selectbox("Run to look at", [run["id"] for run in runs], key="run", bind="query-params")


def show_state(run: dict) -> None:
    """What happened to the run, and the next step."""
    state, progress = run["state"], run["progress"] or {}
    if state == "running" and progress.get("total"):
        share = min(progress["done"] / progress["total"], 1.0)
        new = progress["done"] - progress["resumed_at"]
        rate = new / max(time.time() - progress["started"], 1e-3)
        left = f", about {(progress['total'] - progress['done']) / rate:.0f} s left" if new > 5 else ""
        st.progress(share, f"{progress['stage']} {progress['name']}: {progress['done']} of {progress['total']}{left}")
    happened = {
        "failed": f"The run failed: {run['error']}",
        "interrupted": "The run was interrupted: its process is gone.",
        "cancelled": "The run was stopped by request.",
    }
    if state in happened:
        (st.error if state == "failed" else st.warning)(happened[state])
        st.write("Everything finished is kept. Take it up again in a terminal with:")
        st.code(f"python -m edc_core resume {run['id']}", language="shell")


def show_figures(run: dict) -> None:
    """The scored accuracies, raw and averaged."""
    result = run["result"]
    where = "test images" if result["split"] == "test" else "held-out training images"
    columns = st.columns(3)
    columns[0].metric(f"top-1 on {where}, raw weights", f"{result['top1']:.2f} %", border=True)
    columns[1].metric(f"top-1 on {where}, averaged weights", f"{result['top1_ema']:.2f} %", border=True)
    looks = run["manifest"]["test_looks"]["run"]
    columns[2].metric("times this run scored the test set", looks, border=True)
    if len(result["students"]) < 3:
        st.caption(f"{len(result['students'])} student: a difference of a point between two such runs may be chance.")


def show_images(store: Store, run: dict) -> None:
    """The condensed images, each pixel as it is, a row per class."""
    key = next(node["key"] for node in run["plan"] if node["stage"] == "synthesise")
    folder = store.artefacts.find(key) or store.home / "partial" / key / "snapshots"
    pictures = sorted(folder.glob("grid.png")) or sorted(folder.glob("*.png"))
    if not pictures:
        st.caption("No images yet.")
        return
    about = run["manifest"]["dataset"]
    width = about["size"] * min(run["ipc"], 50)
    with st.container(key="grid"):
        st.image(str(pictures[-1]), width=width * max(1, 900 // width), output_format="PNG")
    st.caption("One row a class, from the top: " + ", ".join(about["classes"]))


def show_curves(store: Store, run: dict) -> None:
    left, right = st.columns(2)
    turns = max(len(run["settings"]["synthesise"]["observers"]), 1)
    for stage, column, figure, title in (
        ("synthesise", left, partial(figures.loss_curves, turns=turns), "Synthesis: what is minimised"),
        ("evaluate", right, figures.accuracy_curves, "A student trained on the images alone"),
    ):
        key = next(node["key"] for node in run["plan"] if node["stage"] == stage)
        curves = store.curves(key)
        column.subheader(title)
        if curves:
            column.plotly_chart(figure(curves), width="stretch", key=f"{stage}-curves")
            if stage == "synthesise" and turns > 1:
                column.caption(f"Each point is the mean over the {turns} observers, which take turns.")
        else:
            real = stage == "synthesise" and run["settings"]["synthesise"]["iterations"] == 0
            column.caption("Nothing to show: these images are not optimised." if real else "Not yet.")


def panel(name: str) -> None:
    """One run; follows it while it runs. It outlives the script run, so it opens a store of its own."""
    try:
        with closing(Store()) as store:
            show_run(store, name)
    except EDCError as error:
        st.error(str(error))


def show_run(store: Store, name: str) -> None:
    run = store.run(name)
    show_state(run)
    if run["result"]:
        show_figures(run)
    show_images(store, run)
    show_curves(store, run)
    with st.expander("Settings and manifest"):
        st.code(json.dumps({"settings": run["settings"], "manifest": run["manifest"]}, indent=1), language="json")
    if st.session_state.get("was") == (name, "running") and run["state"] != "running":
        st.session_state["was"] = (name, run["state"])
        st.rerun()
    st.session_state["was"] = (name, run["state"])


def main() -> None:
    st.set_page_config("EDC Lab", page_icon=":material/science:", layout="wide")
    st.html("<style>.st-key-grid img {image-rendering: pixelated}</style>")
    st.title("EDC Lab")
    st.write("A training set condensed to a few images a class, and what a network learns from those alone.")
    with closing(Store()) as store:
        runs = store.runs()
        if not runs:
            st.info("No run yet. Start one in a terminal; it appears here while it works, in about a minute:")
            st.code(COMMAND, language="shell")
            return
        name = show_table(runs)
        alive = store.run(name)["state"] == "running"
    st.fragment(panel, run_every=1 if alive else None)(name)


try:
    main()
except EDCError as error:
    st.error(str(error))
