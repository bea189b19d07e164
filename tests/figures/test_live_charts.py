"""Charts of a run at work: axes with units that span the whole run, few rows, one specification while rows grow."""

import subprocess
import sys

from edc_core.figures import live as live_charts
from edc_core.figures.colours import CURVE_COLOURS
from tests.conftest import ROOT

GAPS = {
    "gap/form1/wrn-10-1/features.2.conv": ([1, 9], [4.0, 1.0]),
    "gap/form1/wrn-10-1/features.10.conv": ([1, 9], [2.0, 3.0]),
    "gap/form2/wrn-10-1/features.2.conv": ([1, 9], [1.0, 1.0]),
}


def test_a_long_curve_is_thinned_to_400_rows_and_keeps_its_last() -> None:
    steps = list(range(1, 4001))
    chart = live_charts.loss_part({"loss/total": (steps, [1.0] * 4000)}, "loss/total", 1.0, 4000)
    assert len(chart.rows) <= live_charts.POINTS
    assert chart.rows.step.iloc[-1] == 4000


def test_a_part_of_the_loss_is_weighted_and_a_mean_over_the_observers_turns() -> None:
    curves = {"loss/matching": ([1, 2, 3, 4, 5], [1.0, 3.0, 5.0, 7.0, 9.0])}
    rows = live_charts.loss_part(curves, "loss/matching", 0.5, 20, turns=2).rows
    assert rows.to_numpy().tolist() == [[2, 1.0, "matching"], [4, 3.0, "matching"]]
    assert live_charts.loss_part(curves, "loss/total", 1.0, 20).rows.empty


def test_the_frame_stands_still_while_the_curve_grows() -> None:
    """The page redraws in place only where the specification is the same."""
    short, longer = (
        live_charts.loss_part({"loss/total": (list(range(count)), [1.0] * count)}, "loss/total", 1.0, 150)
        for count in (1, 3)
    )
    assert short.spec == longer.spec
    assert short.spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 150]
    assert live_charts.accuracies({}, 40).spec == live_charts.accuracies({"top1/raw": ([2], [30.0])}, 40).spec


def test_axes_say_what_they_count_and_in_what_unit() -> None:
    encoding = live_charts.accuracies({}, 40).spec["layer"][0]["encoding"]
    assert encoding["x"]["title"] == "epoch"
    assert "%" in encoding["y"]["title"]
    part = live_charts.loss_part({}, "loss/total", 1.0, 10).spec["layer"][0]["encoding"]
    assert part["y"]["scale"]["zero"] is True  # parts are read against one another


def test_sharpness_has_the_colours_of_the_weights_that_it_is_of() -> None:
    curves = {"sharpness/raw": ([1, 5], [0.5, 0.2]), "sharpness/ema": ([5], [0.1])}
    chart = live_charts.sharpness(curves, live_charts.STUDENT_SHARPNESS, ("epoch", 40), "worst rise (nats)")
    assert chart.rows.to_numpy().tolist() == [
        [1, 0.5, "raw weights"],
        [5, 0.2, "raw weights"],
        [5, 0.1, "averaged (EMA)"],
    ]
    colours = chart.spec["layer"][0]["encoding"]["color"]["scale"]["range"]
    assert colours == [CURVE_COLOURS["raw"], CURVE_COLOURS["ema"]]


def test_raw_and_averaged_are_told_apart_by_colour_and_by_dash() -> None:
    encoding = live_charts.accuracies({}, 40).spec["layer"][0]["encoding"]
    assert encoding["color"]["scale"]["range"] == [CURVE_COLOURS["raw"], CURVE_COLOURS["ema"]]
    raw, ema = encoding["strokeDash"]["scale"]["range"]
    assert raw != ema


def test_floor_and_ceiling_are_drawn_with_their_values() -> None:
    layers = live_charts.accuracies({}, 40, floor=10.0, ceiling=("resnet18", 91.2)).spec["layer"]
    assert [layer["data"]["values"][0]["level"] for layer in layers[1:]] == [10.0, 10.0, 91.2, 91.2]
    assert "91 %" in layers[-1]["data"]["values"][0]["name"]
    random = live_charts.accuracies({}, 40, floor=10.0, random=71.8).spec["layer"]
    assert random[-1]["data"]["values"] == [{"name": "random images, hard labels: 72 %", "level": 71.8}]


def test_a_layers_gap_is_read_against_its_first_one_layers_in_their_order() -> None:
    rows = live_charts.layer_gaps(GAPS, ("wrn-10-1",)).rows
    assert rows.layer.tolist() == ["features.2.conv", "features.10.conv"]
    assert rows.left.tolist() == [25.0, 150.0]
    assert rows["from"].tolist() == [0.0, 0.5]
    assert rows.iteration.tolist() == [9, 9]


def test_the_second_form_has_strips_of_its_own() -> None:
    assert live_charts.layer_gaps(GAPS, ("wrn-10-1",), form="form2").rows.left.tolist() == [100.0]


def test_nothing_of_the_page_or_of_torch_is_loaded() -> None:
    code = (
        "import sys, edc_core.figures.live; sys.exit(any(m in sys.modules for m in ('torch', 'streamlit', 'plotly')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
