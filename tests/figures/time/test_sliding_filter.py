"""A sliding filter: the numbers in the cells are those of temporal_conv."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import words

import figures
from reference import temporal_conv

FRAMES, TAPS = [1, 2, 3, 4, 5], [1, 10, 100]


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("taps", [[2], TAPS, [0.5, -1, 0, 1, -0.5]])
def test_the_cells_hold_what_temporal_conv_gives(stride, taps, assert_readable):
    f_in = np.array(FRAMES, dtype=float).reshape(1, 5, 1)
    expected = temporal_conv(f_in, np.array(taps, dtype=float).reshape(1, 1, -1), stride=stride).ravel()
    for t in range(len(expected)):
        figure = figures.sliding_filter(FRAMES, taps, t, stride=stride)
        assert_readable(figure)
        bold = [text for text in figure.findobj(plt.Text) if text.get_fontweight() == "bold"]
        assert [text.get_text() for text in bold] == [f"{expected[t]:g}".replace("-", "−")]
        assert bold[0].get_position()[0] == t * stride  # under the frame on which the filter is centred
        assert words(figure)[-len(expected) :] == [f"{number:g}".replace("-", "−") for number in expected]


def test_taps_and_products_stand_under_the_frames_that_they_meet(assert_readable):
    figure = figures.sliding_filter(FRAMES, TAPS, 4, title="the last frame")
    assert_readable(figure)
    at = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert [at[column, 2.1] for column in (3, 4, 5)] == ["× 1", "× 10", "× 100"]
    assert [at[column, 3.2] for column in (3, 4, 5)] == ["4", "50", "0"]
    assert at[-1, 1] == at[5, 1] == "0"


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (([[1, 2]], TAPS, 0), {}, "frames must be a line of finite numbers"),
        (([], TAPS, 0), {}, "frames must be a line of finite numbers"),
        (([1, np.nan], TAPS, 0), {}, "frames must be a line of finite numbers"),
        ((FRAMES, [1, np.inf, 1], 0), {}, "taps must be a line of finite numbers"),
        ((FRAMES, [1, 2], 0), {}, "taps must be an odd number of taps, got 2"),
        ((FRAMES, TAPS, 5), {}, "t must be an integer from 0 to 4, got 5"),
        ((FRAMES, TAPS, 3), {"stride": 2}, "t must be an integer from 0 to 2, got 3"),
        ((FRAMES, TAPS, 0), {"stride": 0}, "stride must be an integer >= 1, got 0"),
        (([0] * 11, TAPS, 0), {}, "11 frames and 2 of padding do not fit"),
    ],
)
def test_a_filter_that_cannot_be_drawn_is_refused(arguments, settings, message):
    with pytest.raises(ValueError, match=f"sliding_filter: .*{message}"):
        figures.sliding_filter(*arguments, **settings)


def test_the_longest_line_that_is_allowed_is_readable(assert_readable):
    figure = figures.sliding_filter(np.arange(10) * 100, TAPS, 3)
    assert_readable(figure)
    assert figure.get_size_inches()[0] <= 9.6
