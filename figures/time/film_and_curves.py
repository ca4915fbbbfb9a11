"""Curves of some joints, frame by frame, under the moving body."""

import numpy as np

from ..graph.body import SIDES, side_of
from ..page.checks import check_clip
from ..page.style import LIGHT, PALE, add_panel, new_figure, styled, write_title
from .film import draw_film_strip, write_sides

_FREE = 0.3  # inches that a film strip leaves free on either side of its poses


@styled
def film_and_curves(clip, skeleton, panels, *, every=4, view="side", title=None):
    """A moving body as a film strip, and under it what filters say about its joints, frame by frame: a Figure.

    clip      (C, T, V, M) or (1, C, T, V, M); the first person is drawn
    skeleton  the Skeleton of its V joints
    panels    {heading: {joint: (T,)}}: a panel for each heading, in it a curve for each joint. A NaN leaves a gap
    every     a pose for every so many frames, each exactly above its place on the curves' axis
    view      as for `film_strip`

    Curves look like the limbs: solid and dark on the right side of the body and its middle, dashed and light on the
    left. Raises ValueError for a joint that the skeleton does not have, a curve that is not (T,), no panels at all, an
    `every` below 1, and for what `film_strip` refuses.
    """
    clip = check_clip(clip, skeleton, "film_and_curves")
    T = clip.shape[1]
    if not isinstance(every, (int, np.integer)) or every < 1:
        raise ValueError(f"film_and_curves: every must be an integer >= 1, got {every!r}")
    if not panels:
        raise ValueError("film_and_curves: panels holds no panel")
    panels = {heading: _checked_curves(curves, skeleton, T) for heading, curves in panels.items()}
    numbers = list(range(0, T, every))
    left, width, film, curve, gap = 0.75, 8.4, 2.0, 1.3, 0.5
    bottom = 0.7
    height = bottom + len(panels) * (curve + gap) + film + (0.5 if title else 0.15)
    figure = new_figure(9.6, round(height, 2))
    for place, (heading, curves) in enumerate(reversed(panels.items())):
        ax = add_panel(figure, left, bottom + place * (curve + gap), width, curve, frame=True)
        ax.set_xlim(-every / 2, every * (len(numbers) - 0.5))
        ax.set_xticks(numbers, numbers if place == 0 else [""] * len(numbers))
        _draw_curves(ax, curves, numbers)
        ax.set_title(heading, loc="left", fontsize=11)
        if place == 0:
            ax.set_xlabel("frame")
    ax = add_panel(figure, left - _FREE, bottom + len(panels) * (curve + gap), width + 2 * _FREE, film)
    draw_film_strip(ax, clip, skeleton, frames=numbers, view=view)
    write_sides(figure, skeleton, 9.45, height - (0.5 if title else 0.1))
    write_title(figure, title)
    return figure


def _checked_curves(curves, skeleton, T):
    for joint, curve in curves.items():
        if joint not in skeleton.joints:
            raise ValueError(f"film_and_curves: {skeleton} has no joint {joint!r}")
        if np.shape(curve) != (T,):
            raise ValueError(f"film_and_curves: the curve of {joint} must be ({T},), got {np.shape(curve)}")
    return {joint: np.round(np.asarray(curve, dtype=float), 3) for joint, curve in curves.items()}


def _draw_curves(ax, curves, numbers):
    for t in numbers:
        ax.axvline(t, color=PALE, linewidth=0.8, zorder=0)
    ax.axhline(0, color=LIGHT, linewidth=1.2, zorder=0)
    for joint, curve in curves.items():
        color, linestyle = SIDES[side_of(joint)]
        ax.plot(curve, color=color, linestyle=linestyle, linewidth=2, clip_on=False)
    ax.spines[["top", "right"]].set_visible(False)
