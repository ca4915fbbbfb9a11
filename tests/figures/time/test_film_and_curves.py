"""Poses above their frames, and curves that look like the limbs."""

import numpy as np
import pytest
from drawn import words

import figures
from reference import SKELETONS, load_clips

MOCAP = SKELETONS["mocap_15"]


@pytest.fixture(scope="module")
def walk():
    return load_clips("mocap_15").clip("walk")


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
