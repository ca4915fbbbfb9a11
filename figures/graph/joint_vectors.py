"""An arrow for each joint, drawn on the body: positions relative to a neighbour, velocities, directions."""

import numpy as np
from matplotlib.patches import Polygon

from ..page.checks import check_skeleton
from ..page.style import GREY, LIGHT, add_panel, new_figure, styled, write_title
from .body import draw_bones, fit

_ARROW = "#3F007D"


@styled
def joint_vectors(skeleton, poses, vectors, *, at="tip", headings=None, title=None):
    """Bodies side by side with an arrow at every joint: a Figure.

    skeleton  the Skeleton
    poses     (P, V, 2), to the right and up, or (V, 2) for one
    vectors   like poses and in the same unit
    at        "tip": the arrow ends at its joint; "tail": it starts there
    headings  P texts above the bodies

    All panels have one scale. An arrow shorter than 3 points is left out.

    Raises ValueError, naming it, for arrays of another shape or that are not finite, a number of headings that is not
    P and another `at`.
    """
    check_skeleton(skeleton, "joint_vectors")
    poses, vectors = (_checked_poses(each, skeleton, name) for each, name in ((poses, "poses"), (vectors, "vectors")))
    if poses.shape != vectors.shape:
        raise ValueError(f"joint_vectors: there are {len(poses)} poses but {len(vectors)} times vectors")
    headings = [""] * len(poses) if headings is None else list(headings)
    if len(headings) != len(poses):
        raise ValueError(f"joint_vectors: {len(headings)} headings for {len(poses)} poses")
    if at not in ("tip", "tail"):
        raise ValueError(f'joint_vectors: at must be "tip" or "tail", got {at!r}')
    starts = poses - vectors if at == "tip" else poses
    points = np.concatenate([poses, starts, starts + vectors], axis=1)  # (P, 3V, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    span = np.maximum((high - low).max(axis=0), 1e-6)
    scale = min(9.6 / len(poses) / span[0] * 0.85, 3.2 / span[1])  # inches to one unit
    width, height = (round(float(size), 2) for size in span * scale + 0.35)
    figure = new_figure(max(width * len(poses), 3.6), height + 0.35 + (0.4 if title else 0))
    margin = (figure.get_figwidth() - width * len(poses)) / 2
    for place, heading in enumerate(headings):
        ax = add_panel(figure, margin + place * width, 0, width, height)
        middle = (low[place] + high[place]) / 2
        points_to_unit = fit(ax, np.stack([middle - span / 2, middle + span / 2]), pad=0.17)
        draw_bones(ax, poses[place], skeleton.bones, color=LIGHT, width=7.0, zorder=0)
        ax.plot(*poses[place].T, "o", color=GREY, markersize=4, markeredgewidth=0, clip_on=False, zorder=1)
        for start, vector in zip(starts[place], vectors[place], strict=True):
            _draw_arrow(ax, start, vector, points_to_unit)
        ax.text(0.5, 1, heading, ha="center", va="bottom", transform=ax.transAxes)
    write_title(figure, title)
    return figure


def _draw_arrow(ax, start, vector, scale):
    """An arrow of its true length. `scale` points to one unit."""
    length = float(np.hypot(*vector)) * scale
    if length < 3:
        return
    along = vector / np.hypot(*vector)
    aside = np.array([along[1], -along[0]])
    head = min(9.0, 0.6 * length)
    outline = [(0, 0.9), (length - head, 0.9), (length - head, head / 2.2), (length, 0),
               (length - head, -head / 2.2), (length - head, -0.9), (0, -0.9)]  # fmt: skip
    corners = [start + (along * x + aside * y) / scale for x, y in outline]
    ax.add_patch(Polygon(np.round(corners, 4), facecolor=_ARROW, linewidth=0, clip_on=False, zorder=3))


def _checked_poses(array, skeleton, name):
    array = np.asarray(array, dtype=float)
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[1:] != (skeleton.num_joints, 2) or not len(array):
        raise ValueError(f"joint_vectors: {name} must be (P, {skeleton.num_joints}, 2), got {array.shape}")
    if not np.all(np.isfinite(array)):
        p, v, _ = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"joint_vectors: {name}[{p}, {v}] is not finite")
    return np.round(array, 4)  # the last bits of a product must not reach a file
