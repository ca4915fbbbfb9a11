"""Clips as points in the plane, each with its name: where a network's features put them."""

import numpy as np

from ..page.fonts import letters
from ..page.labels import place_labels
from ..page.style import GREY, INK, PALE, add_panel, new_figure, styled, write_title

_WIDTH, _HEIGHT = 8.4, 4.8  # inches, of the axes
_LETTER = 7.0  # points, at most, that one letter takes on average
_STEPS = 60  # places along a line: the longest, from corner to corner, has one every 12 points of the page


@styled
def feature_points(points, names, *, moved=None, moved_label="moved", axes=("first axis", "second axis"), title=None):
    """A dot for each clip with its name beside it: a Figure.

    points  (n, 2) numbers, for example the first two principal axes of the features
    names   as many
    moved   (n, 2), where the same clips are after a change: rings, a thin line from each dot to its ring
    moved_label  what the change was, in words
    axes    what the two axes are, in words

    Points are drawn to two decimals, so that the last bits of a decomposition move none. Raises ValueError, naming it,
    for points that are not (n, 2) finite numbers, and for another number of names.
    """
    points = _checked(points, "points", len(names))
    every = points  # places that no name should cover
    if moved is not None:
        every = np.linspace(points, _checked(moved, "moved", len(names)), _STEPS).reshape(-1, 2)
    figure = new_figure(_WIDTH + 0.95, round(_HEIGHT + 0.75 + (0.4 if title else 0), 2))
    ax = add_panel(figure, 0.8, 0.6, _WIDTH, _HEIGHT, frame=True)
    low, high = every.min(axis=0), every.max(axis=0)
    room = np.maximum(0.1 * (high - low), 1e-3)
    ax.set_xlim(low[0] - room[0], high[0] + room[0])
    ax.set_ylim(low[1] - room[1], high[1] + room[1])
    if moved is not None:
        ends = every[-len(points) :]
        for start, end in zip(points, ends, strict=True):
            ax.plot(*np.stack([start, end]).T, color=GREY, linewidth=0.6, zorder=1)
        ax.plot(*ends.T, "o", markerfacecolor="white", markeredgecolor=INK, markersize=6, label=moved_label, zorder=2)
        ax.plot([], [], "o", color=INK, markersize=6, label="as recorded")
        ax.legend(loc="lower right", frameon=True, edgecolor=PALE, framealpha=1)
    ax.plot(*points.T, "o", color=INK, markersize=6, zorder=3)
    _write_names(ax, points, every, names, low - room, high + room)
    ax.set(xlabel=axes[0], ylabel=axes[1])
    ax.spines[["top", "right"]].set_visible(False)
    write_title(figure, title)
    return figure


def _write_names(ax, points, every, names, low, high):
    """Each name beside its dot, off what is drawn and the other names where there is room."""
    scale = np.array([_WIDTH, _HEIGHT]) * 72 / (high - low)  # points of the page to one unit
    words = [str(name).replace("_", " ") for name in names]
    limits = np.stack([low, high]) * scale
    places = place_labels(points * scale, [_LETTER * letters(each) for each in words], 12, every * scale, limits)
    for text, place in zip(words, places, strict=True):
        ax.text(*np.round(place / scale, 4), text, ha="center", va="center", zorder=4)


def _checked(points, what, count):
    points = np.asarray(points, dtype=float)
    if points.shape != (count, 2) or not np.all(np.isfinite(points)):
        raise ValueError(f"feature_points: {what} must be ({count}, 2) finite numbers, got {points.shape}")
    return np.round(points, 2)
