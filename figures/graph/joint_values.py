"""One number for each joint, drawn on the body: hops, distances, the size of a feature."""

import numpy as np
from matplotlib.cm import ScalarMappable

from ..page.checks import check_skeleton
from ..page.style import GREY, INK, LIGHT, add_panel, new_figure, styled, weight_scale, write_title
from .body import draw_bones, fit, panel_height
from .matrices import draw_color_bar
from .poses import pose_to_draw

_PAD = 0.3  # inches around the body
_DIAMETER = 20  # of a joint, in points: two digits fit in


@styled
def joint_values(skeleton, values, *, pose=None, label=None, columns=5, title=None):
    """The body with a disc at each joint, darker and larger the larger its number: a Figure.

    skeleton  the Skeleton
    values    (V,) numbers of either sign; or several to compare, {heading: (V,)}. All panels share one scale
    pose      (V, 2) to draw the body in, y up; `rest_pose(skeleton)` unless given
    label     what the numbers are, in words; it stands at the colour bar
    columns   the most panels in a line

    Whole numbers below 100, such as hops, are written into the discs, which then are all of one size; others have a
    colour bar. The square is the centre.

    Raises ValueError, naming it, for values that are not V finite numbers and for a pose of another shape.
    """
    check_skeleton(skeleton, "joint_values")
    panels = values if isinstance(values, dict) else {"": values}
    panels = {heading: _checked(each, skeleton) for heading, each in panels.items()}
    if not panels:
        raise ValueError("joint_values: values holds no panel")
    pose = pose_to_draw(pose, skeleton, "joint_values")
    every = np.stack(list(panels.values()))
    bar = 0.0 if _are_counts(every) else 0.9

    columns = min(columns, len(panels))
    lines = -(-len(panels) // columns)
    each = min(3.1 if columns > 1 else 4.0, (9.6 - bar) / columns)
    body = panel_height(pose, each, _PAD, largest=4.2)
    head = 0.35 if any(panels) else 0.05
    height = round((body + head) * lines + (0.4 if title else 0), 2)
    figure = new_figure(max(each * columns + bar, 3.6), height)
    for place, (heading, numbers) in enumerate(panels.items()):
        row, column = divmod(place, columns)
        ax = add_panel(figure, column * each, (lines - 1 - row) * (body + head), each, body)
        draw_joint_values(ax, skeleton, numbers, pose=pose, among=every)
        ax.text(0.5, 1, heading, ha="center", va="bottom", fontsize=12, transform=ax.transAxes)
    if bar:
        tall = min(body - 0.4, 2.4)
        ax = add_panel(figure, each * columns + 0.05, (body - tall) / 2, 0.14, tall, frame=True)
        cmap, norm = weight_scale(every)
        draw_color_bar(ax, ScalarMappable(norm, cmap), label)
    write_title(figure, title)
    return figure


def draw_joint_values(ax, skeleton, values, *, pose=None, among=None):
    """One number for each joint on axes: see `joint_values`. `among`: all numbers that share the scale."""
    values = _checked(values, skeleton)
    pose = pose_to_draw(pose, skeleton, "joint_values")
    among = values if among is None else among
    cmap, norm = weight_scale(among)
    counts = _are_counts(among)
    fit(ax, pose, pad=_PAD)
    draw_bones(ax, pose, skeleton.bones, color=LIGHT, width=2.2, zorder=1)
    ring = {"markerfacecolor": "none", "markeredgewidth": 1.2, "clip_on": False}
    ax.plot(*pose[skeleton.center], "s", markersize=26 if counts else 18, markeredgecolor=GREY, zorder=1.5, **ring)
    for v, value in enumerate(np.round(values / norm.vmax, 4).tolist()):
        size = _DIAMETER if counts else 5 + (_DIAMETER - 5) * np.sqrt(abs(value))
        # Counts are text on their disc, so the discs stay pale.
        color = cmap(norm(value * norm.vmax * (0.55 if counts else 1)))
        ax.plot(*pose[v], "o", markersize=round(size, 3), markerfacecolor=color, markeredgecolor=GREY,
                markeredgewidth=0.8, clip_on=False, zorder=3)  # fmt: skip
        if counts:
            words = f"{values[v]:.0f}".replace("-", "−")
            ax.text(*pose[v], words, ha="center", va="center_baseline", color=INK, zorder=4)


def _are_counts(values):
    return bool(np.all(values == np.round(values)) and np.all(abs(values) < 100))


def _checked(values, skeleton):
    values = np.asarray(values)
    if values.shape != (skeleton.num_joints,) or values.dtype.kind not in "biuf":
        raise ValueError(
            f"joint_values: values must be ({skeleton.num_joints},) numbers for {skeleton}, got {values.shape}"
            f" of {values.dtype}"
        )
    values = values.astype(float)
    if not np.all(np.isfinite(values)):
        v = np.flatnonzero(~np.isfinite(values))[0]
        raise ValueError(f"joint_values: values has {values[v]} at joint {v} ({skeleton.joints[v]})")
    return values
