"""Time in pictures: the numbers in the cells, poses above their frames, and bars as long as the table says."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

import figures
from reference import LAYERS, SKELETONS, layer_table, load_clips, temporal_conv

MOCAP = SKELETONS["mocap_15"]
FRAMES, TAPS = [1, 2, 3, 4, 5], [1, 10, 100]


@pytest.fixture(scope="module")
def walk():
    return load_clips("mocap_15").clip("walk")


def words(figure):
    return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]


# sliding_filter


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


# film_and_curves


@pytest.mark.parametrize("every", [1, 4, 7, 50])
def test_each_pose_stands_above_its_frame(walk, every):
    height = walk[0, 1, :, MOCAP.joints.index("left_ankle"), 0]
    figure = figures.film_and_curves(walk, MOCAP, {"height, m": {"left_ankle": height}}, every=every)
    curves, strip = figure.axes
    figure.canvas.draw()
    numbers = {text.get_text().removeprefix("frame "): text for text in strip.texts if text.get_text()[-1].isdigit()}
    assert [int(number) for number in numbers] == list(range(0, 39, every))
    for number, text in numbers.items():
        across = strip.transData.transform(text.get_position())[0]
        assert across == pytest.approx(curves.transData.transform((int(number), 0))[0], abs=0.5)


def test_curves_look_like_the_limbs_and_gaps_stay_gaps(walk, assert_readable):
    x = walk[0, 0, :, :, 0].astype(float)
    speed = np.full_like(x, np.nan)
    speed[1:-1] = (x[2:] - x[:-2]) * 15
    ankles = {joint: speed[:, MOCAP.joints.index(joint)] for joint in ("right_ankle", "left_ankle")}
    figure = figures.film_and_curves(walk[0], MOCAP, {"x speed, m/s": ankles, "again": ankles}, title="A walk")
    assert_readable(figure)
    assert {"x speed, m/s", "again", "right side", "left side", "frame", "A walk"} <= set(words(figure))
    right, left = figure.axes[0].lines[-2:]
    assert right.get_linestyle() == "-"
    assert left.get_linestyle() == "--"
    np.testing.assert_array_equal(np.isnan(right.get_ydata()), np.isnan(ankles["right_ankle"]))


def test_curves_that_do_not_fit_are_refused(walk):
    curve = np.zeros(39)
    with pytest.raises(ValueError, match="film_and_curves: .* has no joint 'left_foot'"):
        figures.film_and_curves(walk, MOCAP, {"x": {"left_foot": curve}})
    with pytest.raises(ValueError, match=r"film_and_curves: the curve of left_ankle must be \(39,\), got \(37,\)"):
        figures.film_and_curves(walk, MOCAP, {"x": {"left_ankle": curve[1:-1]}})
    with pytest.raises(ValueError, match="film_and_curves: panels holds no panel"):
        figures.film_and_curves(walk, MOCAP, {})
    with pytest.raises(ValueError, match="film_and_curves: every must be an integer >= 1, got 0"):
        figures.film_and_curves(walk, MOCAP, {"x": {"left_ankle": curve}}, every=0)


# receptive_fields

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
