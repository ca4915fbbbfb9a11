"""Scales of numbers."""

import numpy as np
import pytest

from figures.page.style import weight_scale


@pytest.mark.parametrize("array", [np.array([-1.0, 3.0]), np.array([-3.0, 1.0]), np.array([-2.0, -1.0])])
def test_diverging_scales_are_centred_on_zero(array):
    colors, norm = weight_scale(array)
    assert norm(0) == 0.5
    assert (norm.vmin, norm.vmax) == (-abs(array).max(), abs(array).max())
    assert norm(-1) + norm(1) == 1
    assert colors(0.0) != colors(1.0)


def test_sequential_scales_start_at_white_for_zero():
    colors, norm = weight_scale(np.array([0.0, 31.6]), np.array([1.0]))
    assert (norm.vmin, norm.vmax) == (0, 31.6)
    assert colors(norm(0))[:3] == (1, 1, 1)
