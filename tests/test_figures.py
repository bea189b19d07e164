"""Figures: units on the axes, one colour a thing, and means over observers that take turns."""

from edc_core import figures


def test_losses_are_means_over_the_observers_turns() -> None:
    figure = figures.loss_curves({"loss/total": ([1, 2, 3, 4, 5], [1.0, 3.0, 5.0, 7.0, 9.0])}, turns=2)
    assert list(figure.data[0].x) == [2, 4]
    assert list(figure.data[0].y) == [2.0, 6.0]
    assert figure.layout.yaxis.type == "log"


def test_a_loss_that_is_off_is_not_drawn() -> None:
    figure = figures.loss_curves({"loss/flatness": ([1, 2], [0.0, 0.0]), "lr": ([1], [0.1])})
    assert len(figure.data) == 0


def test_accuracies_tell_raw_from_averaged_by_colour_and_dash_and_carry_units() -> None:
    figure = figures.accuracy_curves({"top1/raw": ([1], [50.0]), "top1/ema": ([1], [51.0])})
    raw, ema = figure.data
    assert raw.line.color != ema.line.color
    assert raw.line.dash != ema.line.dash
    assert "%" in figure.layout.yaxis.title.text
    assert figure.layout.xaxis.title.text == "epoch"
