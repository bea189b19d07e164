"""A data set's classes as a figure, readable with ten classes and with a thousand; an observer's loss as it grows."""

from edc_core.figures.data import MAX_NAME_LENGTH, class_counts
from edc_core.figures.live import training


def test_few_classes_bear_their_names_and_long_ones_are_cut_but_for_the_hover() -> None:
    long = "a name that goes on and on and on"
    figure = class_counts(["cat", long], [3, 40])
    (bars,) = figure.data
    assert (list(bars.x), bars.orientation) == ([3, 40], "h")
    assert list(bars.customdata) == ["cat", long]
    shown = figure.layout.yaxis.ticktext
    assert shown[0] == "cat"
    assert len(shown[1]) == MAX_NAME_LENGTH
    assert figure.layout.xaxis.title.text == "training images"


def test_a_thousand_classes_are_ranked_in_one_screen() -> None:
    figure = class_counts([f"class {number}" for number in range(1000)], list(range(1, 1001)))
    (line,) = figure.data
    assert (line.y[0], line.customdata[0]) == (1000, "class 999")
    assert (line.x[999], line.y[999], line.customdata[999]) == (1000, 1, "class 0")
    assert figure.layout.height < 500
    assert figure.layout.xaxis.title.text == "classes, the fullest first"
    assert figure.layout.yaxis.title.text == "training images"


def test_an_observers_loss_grows_into_a_frame_of_all_its_epochs() -> None:
    chart = training({"loss/train": ([1, 2], [2.3, 1.9])}, 10)
    assert list(chart.rows["value"]) == [2.3, 1.9]
    assert chart.spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 10]
    assert training({}, 10).rows.empty
