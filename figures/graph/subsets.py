"""A body with the neighbourhood of one root coloured by subset: what a partition is."""

import numpy as np
from matplotlib.lines import Line2D

from reference import hop_distance

from ..page.checks import check_index, check_skeleton, check_stack, check_stacks
from ..page.style import GREY, INK, LIGHT, add_panel, new_figure, styled, write_title
from .body import draw_bones, fit, label_joints, panel_height
from .poses import pose_to_draw
from .subset_style import DROP_TIP, drop, recognise, subset_styles

_DIAMETERS = {"numbers": 20, "names": 13, "none": 13}  # of a joint, in points: a number must fit in
_PADS = {"numbers": 0.32, "names": 0.55, "none": 0.3}  # inches around the body


@styled
def skeleton_partition(skeleton, A, root, *, strategy=None, pose=None, labels="auto", title=None):
    """The body with the neighbourhood of one root coloured by subset, and a legend in words: a Figure.

    skeleton  the Skeleton
    A         (K, V, V), as `reference.partition` gives it; or several to compare, {heading: (K, V, V)}
    root      index of the root joint
    strategy  one of `reference.STRATEGIES`, which names the subsets; found out from A unless given. (Say "spatial"
              for distances to the gravity centre.) Other partitions get "subset 0", "subset 1", ...
    pose      (V, 2) to draw the body in, y up; `rest_pose(skeleton)` unless given
    labels    "numbers", "names" or "none" at the joints; "auto": names up to 8 joints, numbers up to 40

    Of the spatial and the widely copied strategy, subset 0 is black circles; what is closer to the centre, blue drops
    that point to it on solid bones; what is farther, hollow vermillion drops that point away on dashed bones. The root
    wears a ring, the centre a square. Where a neighbour is several bones away, a line is drawn straight to it.

    Raises ValueError, naming it, for an A that does not fit the skeleton, a root that is no joint, a joint in two
    subsets at once and a pose of another shape.
    """
    check_skeleton(skeleton, "skeleton_partition")
    stacks = check_stacks(A, skeleton, "skeleton_partition")
    labels = _checked_labels(labels, skeleton)
    pose = pose_to_draw(pose, skeleton, "skeleton_partition")
    each = 3.1 if len(stacks) > 1 else 4.4

    def draw(ax, stack):
        return draw_partition(ax, skeleton, stack, root, strategy=strategy, pose=pose, labels=labels)

    return draw_panels_with_keys(stacks, draw, pose, each, _PADS[labels], title)


def draw_panels_with_keys(stacks, draw, pose, each, pad, title):
    """A panel for each of {heading: (K, V, V)}, `each` inches wide, and below it the key to its subsets: a Figure.

    draw  called with (axes, stack), returns the K subset styles
    """
    body = panel_height(pose, each, pad, largest=4.2)
    key = 0.27 * (max(len(stack) for stack in stacks.values()) + 1) + 0.2
    top = 0.4 * any(stacks) + 0.4 * (title is not None)
    figure = new_figure(each * len(stacks), round(key + body + top, 2))
    for place, (heading, stack) in enumerate(stacks.items()):
        ax = add_panel(figure, place * each, key, each, body)
        styles = draw(ax, stack)
        ax.text(0.5, 1, heading, ha="center", va="bottom", fontsize=13, transform=ax.transAxes)
        draw_subset_key(add_panel(figure, place * each, 0, each, key), styles, short=len(stacks) > 1)
    write_title(figure, title)
    return figure


def draw_partition(ax, skeleton, A, root, *, strategy=None, pose=None, labels="auto"):
    """The coloured body on axes: see `skeleton_partition`. Returns the K subset styles, for a legend."""
    A = check_stack(A, skeleton, "skeleton_partition")
    root = check_index(root, skeleton.num_joints, "skeleton_partition", f"root (a joint of {skeleton})")
    labels = _checked_labels(labels, skeleton)
    pose = pose_to_draw(pose, skeleton, "skeleton_partition")
    for j, subsets in enumerate(np.count_nonzero(A[:, root], axis=0)):
        if subsets > 1:
            raise ValueError(f"skeleton_partition: neighbour {j} of root {root} is in {subsets} subsets of A at once")
    styles = subset_styles(len(A), strategy or recognise(A, skeleton))
    subset = {int(j): int(k) for k, j in zip(*np.nonzero(A[:, root]), strict=True)}  # joint: k

    fit(ax, pose, pad=_PADS[labels])
    size = _DIAMETERS[labels]
    _draw_rest(ax, skeleton, pose, root, subset, size)
    for j, k in sorted(subset.items()):
        _draw_neighbour(ax, skeleton, pose, root, j, styles[k], size)
    ring = {"markerfacecolor": "none", "markeredgewidth": 1.2, "clip_on": False}
    ax.plot(*pose[root], "o", markersize=size + 6, markeredgecolor=INK, zorder=6, **ring)
    ax.plot(*pose[skeleton.center], "s", markersize=size + 9, markeredgecolor=GREY, zorder=1.5, **ring)
    solid = {j for j, k in subset.items() if not styles[k].hollow}
    label_joints(ax, skeleton, pose, labels, white=solid)
    return styles


def _checked_labels(labels, skeleton):
    if labels not in ("auto", *_DIAMETERS):
        raise ValueError(f'skeleton_partition: labels must be "auto", "numbers", "names" or "none", got {labels!r}')
    if labels != "auto":
        return labels
    return "names" if skeleton.num_joints <= 8 else "numbers" if skeleton.num_joints <= 40 else "none"


def _draw_rest(ax, skeleton, pose, root, subset, size):
    """The bones and joints that are no part of the neighbourhood, in grey."""
    bones = [bone for bone in skeleton.bones if not (root in bone and set(bone) <= {root, *subset})]
    if bones:
        draw_bones(ax, pose, bones, color=LIGHT, width=2.2, zorder=1)
    others = [v for v in range(skeleton.num_joints) if v not in subset]
    ax.plot(*pose[others].T, "o", markersize=size - 1, markerfacecolor="white", markeredgecolor=LIGHT,
            markeredgewidth=1.4, clip_on=False, zorder=2)  # fmt: skip


def _draw_neighbour(ax, skeleton, pose, root, j, style, size):
    """One joint of the neighbourhood and the line from the root to it."""
    if j != root:
        draw_bones(ax, pose, [(root, j)], color=style.color, width=3.2, linestyle=style.linestyle, zorder=3)
    marker = style.marker
    if marker in ("in", "out"):
        marker, size = drop(_direction(skeleton, pose, root, j, inwards=marker == "in")), size * DROP_TIP
    ax.plot(*pose[j], marker=marker, markersize=size, markerfacecolor="white" if style.hollow else style.color,
            markeredgecolor=style.color, markeredgewidth=2.0 if style.hollow else 0.8, clip_on=False, zorder=5,
            linestyle="none")  # fmt: skip


def _direction(skeleton, pose, root, j, *, inwards):
    """Where a drop at joint j points: away from the root, or, inwards, along the next bone to the centre."""
    hops = hop_distance(skeleton)
    nearer = np.flatnonzero((hops[j] == 1) & (hops[skeleton.center] < hops[skeleton.center, j]))
    if inwards and len(nearer):
        return pose[nearer].mean(axis=0) - pose[j]
    return pose[j] - pose[root]  # the centre itself has no bone that leads further in


def draw_subset_key(ax, styles, *, short=False):
    """What colour, marker and line of each subset mean, and the square, in words (short ones, if need be)."""
    handles, words = [], []
    for style in styles:
        marker, size = style.marker, 9
        if marker in ("in", "out"):
            marker, size = drop((-1, 0) if marker == "in" else (1, 0)), 15
        handles.append(Line2D([], [], color=style.color, linestyle=style.linestyle, linewidth=2.6, marker=marker,
                              markersize=size, markerfacecolor="white" if style.hollow else style.color,
                              markeredgewidth=1.6 if style.hollow else 0.8))  # fmt: skip
        words.append(style.words.split(":")[0] if short else style.words)
    square = {"marker": "s", "markersize": 11, "markerfacecolor": "none", "markeredgewidth": 1.2}
    handles.append(Line2D([], [], color=GREY, linestyle="none", **square))
    words.append("centre of the body")
    ax.legend(handles, words, loc="upper center", borderaxespad=0, borderpad=0.2, handlelength=2.8, labelspacing=0.4)
