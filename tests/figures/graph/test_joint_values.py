"""Numbers on joints: every joint has its own, larger ones are larger discs, and what does not fit is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import figures
from reference import SKELETONS, hop_distance

TOY = SKELETONS["toy_5"]


def discs(ax):
    """{place: (size, face colour)} of the discs on axes."""
    lines = [line for line in ax.lines if line.get_marker() == "o"]
    return {tuple(line.get_xydata()[0]): (line.get_markersize(), line.get_markerfacecolor()) for line in lines}


def test_counts_are_written_into_discs_of_one_size():
    hops = hop_distance(TOY)[TOY.center]
    ax = figures.joint_values(TOY, hops).axes[0]
    written = {text.get_position(): text.get_text() for text in ax.texts if text.get_text()}
    pose = figures.rest_pose(TOY)
    assert written == {tuple(pose[v]): str(hops[v]) for v in range(5)}
    assert {size for size, _ in discs(ax).values()} == {20}


def test_larger_numbers_have_larger_and_darker_discs():
    ax = figures.joint_values(TOY, np.array([0.1, 0.2, 0.4, 0.8, 0.0])).axes[0]
    pose = figures.rest_pose(TOY)
    sizes, colors = zip(*(discs(ax)[tuple(pose[v])] for v in (4, 0, 1, 2, 3)), strict=True)
    assert list(sizes) == sorted(set(sizes))
    brightness = [sum(color[:3]) for color in colors]
    assert brightness == sorted(brightness, reverse=True)


def test_panels_share_one_scale():
    figure = figures.joint_values(TOY, {"whole": np.full(5, 1.5), "half": np.full(5, 0.75)}, label="metres")
    whole, half = (discs(ax)[(0.0, 0.0)] for ax in figure.axes[:2])
    alone = discs(figures.joint_values(TOY, np.full(5, 0.75)).axes[0])[(0.0, 0.0)]
    assert whole == alone
    assert half[0] < whole[0]
    assert figure.axes[2].get_ylabel() == "metres"


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda skeleton: skeleton.name)
def test_text_is_readable(skeleton, assert_readable):
    values = np.linspace(-1, 1, skeleton.num_joints)
    assert_readable(figures.joint_values(skeleton, hop_distance(skeleton)[0], title="hops"))
    assert_readable(figures.joint_values(skeleton, values, label="a number", title="of either sign"))
    several = {f"{n} times": values / n for n in range(1, 8)}
    assert_readable(figures.joint_values(skeleton, several, label="a number", columns=4))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.zeros(4), r"values must be \(5,\) numbers for skeleton 'toy_5', got \(4,\) of float64"),
        (np.array(list("abcde")), r"values must be \(5,\) numbers"),
        (np.array([0, 1, np.nan, 3, 4]), r"values has nan at joint 2 \(head\)"),
        ({}, "values holds no panel"),
    ],
)
def test_what_does_not_fit_is_refused(values, said):
    with pytest.raises(ValueError, match=f"joint_values: {said}"):
        figures.joint_values(TOY, values)
    assert not plt.get_fignums()
