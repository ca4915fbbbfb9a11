"""The spatial temporal graph: a body frame by frame, and every joint joined with itself in the next frame."""

from itertools import pairwise

import numpy as np
from matplotlib.lines import Line2D

from reference import adjacency

from ..graph.body import draw_bones, fit
from ..graph.poses import rest_pose
from ..graph.subset_style import subset_styles
from ..page.checks import check_index, check_pose, check_skeleton
from ..page.style import INK, LIGHT, ROOT, add_panel, new_figure, styled, write_title

_, _SPACE, _TIME = subset_styles(3, None)
_PAD = 0.35  # inches around the bodies; the frame numbers stand in it
_WIDTH, _KEY = 8.0, 0.95  # of the figure, and the height of the words below it, in inches
_TALLEST = 4.2


@styled
def space_time_graph(skeleton, joint, *, pose=None, title=None):
    """A few frames of a body as one graph, with the neighbours of one joint in space and in time: a Figure.

    skeleton  the Skeleton
    joint     index of the joint whose neighbours are marked; it is looked at in the middle frame
    pose      (V, 2) to draw the body in, y up, in three frames; `rest_pose(skeleton)` unless given. Or one pose for
              each frame, (F, V, 2) with F odd, F >= 3

    Frames are set off to the right and upwards. Solid lines are the bones, the spatial edges; dotted lines join each
    joint with itself in the next frame, the temporal edges. The joint is a black disc, its neighbours in space are
    green squares, those in time hollow purple diamonds. With up to 8 joints, nodes have numbers, frame · V + joint.

    Raises ValueError, naming it, for a joint that the skeleton does not have, for poses of another shape, and for a
    number of frames that is even or below 3.
    """
    check_skeleton(skeleton, "space_time_graph")
    joint = check_index(joint, skeleton.num_joints, "space_time_graph", f"joint (of {skeleton})")
    nodes = _set_off(_poses(skeleton, pose))
    numbered = skeleton.num_joints <= 8
    span = np.ptp(nodes.reshape(-1, 2), axis=0)
    body = round(float(min(_TALLEST, (_WIDTH - 2 * _PAD) * span[1] / span[0] + 2 * _PAD)), 2)
    figure = new_figure(_WIDTH, round(_KEY + body + (0.4 if title else 0), 2))
    ax = add_panel(figure, 0, _KEY, _WIDTH, body)
    scale = fit(ax, nodes.reshape(-1, 2), pad=_PAD)
    _draw_edges(ax, skeleton, nodes)
    _draw_neighbours(ax, skeleton, nodes, joint, 19 if numbered else 11)
    for t, places in enumerate(nodes):
        x, y = (places[:, 0].min() + places[:, 0].max()) / 2, places[:, 1].min() - 14 / scale
        ax.text(x, y, f"frame {t}", ha="center", va="top")
    if numbered:
        _write_numbers(ax, skeleton, nodes, joint)
    _draw_key(add_panel(figure, 0, 0, _WIDTH, _KEY), skeleton.joints[joint].replace("_", " "))
    write_title(figure, title)
    return figure


def _poses(skeleton, pose):
    """One pose for each frame: (F, V, 2)."""
    if pose is None:
        pose = rest_pose(skeleton)
    if np.ndim(pose) != 3:
        return np.stack([check_pose(pose, skeleton, "space_time_graph")] * 3)
    if len(pose) < 3 or len(pose) % 2 == 0:
        raise ValueError(
            f"space_time_graph: pose has {len(pose)} frames, expected an odd number, 3 or more: one is the middle"
        )
    return np.stack([check_pose(each, skeleton, "space_time_graph") for each in pose])


def _set_off(poses):
    """The places of all nodes (F, V, 2): each frame to the right of the one before, and a little higher."""
    across, upwards = np.ptp(poses.reshape(-1, 2), axis=0)
    # Higher, so that no temporal edge runs through the joint on the other side of the body.
    step = np.array([1.35 * max(across, 0.4 * upwards, 1e-6), 0.17 * max(upwards, 1e-6)])
    return np.round(poses + np.arange(len(poses))[:, None, None] * step, 4)


def _draw_edges(ax, skeleton, nodes):
    """All bones and all temporal edges in grey."""
    for places in nodes:
        draw_bones(ax, places, skeleton.bones, color=LIGHT, width=2.2, zorder=1)
    for earlier, later in pairwise(nodes):
        for start, end in zip(earlier, later, strict=True):
            ax.plot(*np.stack([start, end]).T, color=LIGHT, linewidth=1.4, linestyle=(0, (1, 1.6)), zorder=0.5,
                    clip_on=False)  # fmt: skip


def _draw_neighbours(ax, skeleton, nodes, joint, size):
    """All nodes in white, and over them the joint in the middle frame with its neighbours and the edges to them."""
    ax.plot(*nodes.reshape(-1, 2).T, "o", markersize=size, markerfacecolor="white", markeredgecolor=LIGHT,
            markeredgewidth=1.4, clip_on=False, zorder=2)  # fmt: skip
    middle = len(nodes) // 2
    here = nodes[middle, joint]
    in_space = [nodes[middle, v] for v in np.flatnonzero(adjacency(skeleton)[joint])]
    in_time = [nodes[t, joint] for t in (middle - 1, middle + 1)]
    for style, neighbours in ((_SPACE, in_space), (_TIME, in_time)):
        for there in neighbours:
            ax.plot(*np.stack([here, there]).T, color=style.color, linewidth=3, linestyle=style.linestyle, zorder=3)
            ax.plot(*there, zorder=4, **_marker(style, size))
    ax.plot(*here, "o", markersize=size, color=ROOT, markeredgewidth=0, zorder=5)


def _marker(style, size):
    """The marker of a neighbour, as keywords of `plot`."""
    return {
        "marker": style.marker, "markersize": size - 2, "linestyle": "none", "markeredgecolor": style.color,
        "markerfacecolor": "white" if style.hollow else style.color, "markeredgewidth": 2 if style.hollow else 0.8,
    }  # fmt: skip


def _write_numbers(ax, skeleton, nodes, joint):
    """The number of each node, frame · V + joint: white on the joint and on its neighbours in space."""
    V, middle = skeleton.num_joints, len(nodes) // 2
    dark = {(middle, joint), *((middle, int(v)) for v in np.flatnonzero(adjacency(skeleton)[joint]))}
    for t, v in np.ndindex(nodes.shape[:2]):
        ax.text(*nodes[t, v], str(t * V + v), ha="center", va="center_baseline", zorder=6,
                color="white" if (t, v) in dark else INK)  # fmt: skip


def _draw_key(ax, name):
    """What the marks mean."""
    handles = [
        Line2D([], [], linestyle="none", marker="o", markersize=9, color=ROOT),
        Line2D([], [], color=_SPACE.color, linewidth=3, **(_marker(_SPACE, 11) | {"linestyle": _SPACE.linestyle})),
        Line2D([], [], color=_TIME.color, linewidth=3, **(_marker(_TIME, 11) | {"linestyle": _TIME.linestyle})),
    ]
    words = (
        f"the {name} in the middle frame",
        "neighbours in space: a bone away, in the same frame",
        f"neighbours in time: the {name} itself, one frame away",
    )
    ax.legend(handles, words, loc="center", borderaxespad=0, borderpad=0, handlelength=2.8, labelspacing=0.4)
