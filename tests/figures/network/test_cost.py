"""The cost figure: what was measured is what is drawn, and the grey line is the layer table's."""

import json

import pytest

from figures import cost_curves, load_cost
from figures.network.cost import MEASUREMENT
from reference import LAYERS, layer_table


@pytest.fixture(scope="module")
def measurement():
    return load_cost()


def test_the_multiply_adds_are_those_of_the_layer_table(measurement):
    sizes = {"in_channels": 3, "num_classes": 60}
    expected = {
        "T": lambda T: layer_table(T=T, **sizes).multiply_adds,
        "V": lambda V: layer_table(V=V, **sizes).multiply_adds,
        "N": lambda N: N * layer_table(**sizes).multiply_adds,
        "width": lambda w: (
            layer_table(
                layers=tuple((max(1, round(C_in * w)), round(C_out * w), stride) for C_in, C_out, stride in LAYERS),
                **sizes,
            ).multiply_adds
        ),
    }
    assert list(measurement["curves"]) == list(expected)
    for axis, curve in measurement["curves"].items():
        assert curve["multiply_adds"] == [expected[axis](size) for size in curve["sizes"]], axis


def test_every_time_is_drawn_and_the_machine_is_named(measurement, assert_readable):
    figure = cost_curves(measurement, title="Cost")
    assert_readable(figure)
    for ax, curve in zip(figure.axes, measurement["curves"].values(), strict=True):
        bound, *lines = ax.get_lines()
        speed = measurement["matrix_product_multiply_adds_per_second"]
        assert list(bound.get_ydata()) == [1e3 * cost / speed for cost in curve["multiply_adds"]]
        assert {line.get_label(): list(line.get_ydata()) for line in lines} == curve["ms"]
        assert all(list(line.get_xdata()) == curve["sizes"] for line in lines)
    words = " ".join(text.get_text() for text in figure.texts)
    assert measurement["machine"]["processor"] in words
    assert "1 thread;" in words


def test_the_measurement_names_no_place_of_the_machine():
    text = MEASUREMENT.read_text("utf-8")
    assert json.loads(text)["machine"].keys() >= {"processor", "NumPy", "PyTorch"}
    assert "/" not in text


def test_a_measurement_without_curves_is_refused():
    with pytest.raises(ValueError, match="the measurement has no curves"):
        cost_curves({"curves": {}})
