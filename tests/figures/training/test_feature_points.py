"""Clips as points: dots, rings and names are where they should be."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import figures

NAMES = [f"a_name_{n}" for n in range(15)]
POINTS = np.random.default_rng(0).normal(size=(15, 2)) * [9, 4]


def test_dots_are_the_points_and_names_stand_near_theirs(assert_readable):
    figure = figures.feature_points(POINTS, NAMES, title="mine")
    assert_readable(figure)
    (ax,) = figure.axes
    np.testing.assert_allclose(ax.lines[-1].get_xydata(), POINTS, atol=0.005)
    assert [text.get_text() for text in ax.texts] == [name.replace("_", " ") for name in NAMES]
    to_inches = (
        np.array(plt.gcf().get_size_inches()) * ax.get_position().size / [np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())]
    )
    away = [(np.array(text.get_position()) - point) * to_inches for text, point in zip(ax.texts, POINTS, strict=True)]
    assert max(np.hypot(*each) for each in away) < 1


def test_changed_clips_are_rings_with_a_line_from_their_dot(assert_readable):
    moved = POINTS + np.array([1, 2])
    figure = figures.feature_points(POINTS, NAMES, moved=moved, moved_label="mirrored")
    (ax,) = figure.axes
    for line, start, end in zip(ax.lines[:15], POINTS, moved, strict=True):
        np.testing.assert_allclose(line.get_xydata(), [start, end], atol=0.005)
    np.testing.assert_allclose(ax.lines[15].get_xydata(), moved, atol=0.005)
    assert ax.lines[15].get_markerfacecolor() == "white"
    assert "mirrored" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_no_line_runs_through_a_name():
    # Dots on a circle, rings at its centre: the lines leave room outside, and beside each line.
    angles = np.linspace(0, 2 * np.pi, 15, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    figure = figures.feature_points(circle, NAMES, moved=0.2 * circle[::-1])
    (ax,) = figure.axes
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    for line in ax.lines[:15]:
        path = line.get_transform().transform_path(line.get_path())
        crossed = [text.get_text() for text, box in zip(ax.texts, boxes, strict=True) if path.intersects_bbox(box)]
        assert crossed == []


@pytest.mark.parametrize("points", [np.zeros((15, 3)), np.zeros((14, 2)), np.full((15, 2), np.nan)])
def test_points_that_do_not_fit_are_refused(points):
    with pytest.raises(ValueError, match=r"feature_points: points must be \(15, 2\) finite numbers, got"):
        figures.feature_points(points, NAMES)
    with pytest.raises(ValueError, match=r"feature_points: moved must be"):
        figures.feature_points(POINTS, NAMES, moved=points)
