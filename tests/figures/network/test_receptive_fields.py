"""Receptive fields: bars as long as the table says."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

import figures
from reference import LAYERS, layer_table

NINE = LAYERS[:3] + LAYERS[4:]


@pytest.mark.parametrize("layers", [LAYERS, NINE, LAYERS[:1], [(2, 4, 3), (4, 4, 2), (4, 4, 1)]])
@pytest.mark.parametrize("gamma", [3, 9])
def test_bars_and_taps_are_those_of_the_table(layers, gamma, assert_readable):
    table = layer_table(layers=layers, gamma=gamma)
    figure = figures.receptive_fields(table, title="seen")
    assert_readable(figure)
    ax = figure.axes[0]
    bars = [patch.get_width() for patch in ax.patches if isinstance(patch, Rectangle)]
    assert bars == [row.receptive_field for row in table.rows]
    steps = np.cumprod([1] + [stride for _, _, stride in layers])[:-1]
    for taps, step, bar in zip(ax.lines, steps, bars, strict=True):
        dots = taps.get_xdata()
        assert len(dots) == gamma
        assert set(np.diff(dots)) == {step}
        assert dots[0] == -dots[-1]
        assert abs(dots[0]) <= bar / 2


def test_receptive_fields_wants_a_table():
    with pytest.raises(TypeError, match="receptive_fields: expected what reference.layer_table"):
        figures.receptive_fields(LAYERS)
