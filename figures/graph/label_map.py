"""All labels of a partition at once: every bone of a body, seen from both of its ends."""

import numpy as np

from ..page.checks import check_skeleton, check_stack, check_stacks
from ..page.style import GREY, INK, LIGHT, styled
from .body import draw_bones, fit
from .poses import pose_to_draw
from .subset_style import DROP_TIP, drop, recognise, subset_styles
from .subsets import draw_panels_with_keys

_PAD = 0.3  # inches around the body


@styled
def label_map(skeleton, A, *, strategy=None, pose=None, title=None):
    """The labels of all neighbours of all roots on one body, and a legend in words: a Figure.

    skeleton  the Skeleton
    A         (K, V, V) whose neighbours are joined by bones, as `reference.partition` gives it for max_hop 1; or
              several to compare, {heading: (K, V, V)}
    strategy  one of `reference.STRATEGIES`, which names the subsets; found out from A unless given
    pose      (V, 2) to draw the body in, y up; `rest_pose(skeleton)` unless given

    Every bone has two halves, one for each of its ends. The half at joint i says what the joint at the other end is to
    the root i: its colour, line and marker are those of the subset, as in `skeleton_partition`, and a drop points from
    the root to the neighbour. The disc of a joint shows the subset in which it is for itself. A neighbour that A leaves
    out has a thin grey half. The square is the centre. Where a later panel has as many subsets as the first one, the
    bones that it labels otherwise lie on a grey band.

    Raises ValueError, naming it, for an A that does not fit the skeleton, a neighbour in two subsets at once, one that
    no bone joins to its root, and a pose of another shape.
    """
    check_skeleton(skeleton, "label_map")
    stacks = check_stacks(A, skeleton, "label_map")
    if not stacks:
        raise ValueError("label_map: A holds no panel")
    for stack in stacks.values():
        _checked_styles(stack, skeleton, strategy)
    pose = pose_to_draw(pose, skeleton, "label_map")
    each = 4.4 if len(stacks) < 3 else 9.6 / len(stacks)
    first = next(iter(stacks.values()))

    def draw(ax, stack):
        return draw_label_map(ax, skeleton, stack, strategy=strategy, pose=pose, first=first)

    return draw_panels_with_keys(stacks, draw, pose, each, _PAD, title)


def draw_label_map(ax, skeleton, A, *, strategy=None, pose=None, first=None):
    """The labels on axes: see `label_map`. first: the (K, V, V) to compare with. Returns the K subset styles."""
    A = check_stack(A, skeleton, "label_map")
    styles = _checked_styles(A, skeleton, strategy)
    pose = pose_to_draw(pose, skeleton, "label_map")
    labels = _labels(A, skeleton)
    scale = fit(ax, pose, pad=_PAD)
    if first is not None and len(first) == len(A):
        changed = _changed(skeleton, labels, _labels(first, skeleton))
        draw_bones(ax, pose, changed, color=LIGHT, width=15, zorder=0)
    marks = {"linestyle": "none", "clip_on": False}
    ax.plot(*pose[skeleton.center], "s", markersize=19, markerfacecolor="none", markeredgecolor=GREY,
            markeredgewidth=1.2, zorder=1.5, **marks)  # fmt: skip
    for i, j in (ends for bone in skeleton.bones for ends in (bone, bone[::-1])):
        _draw_half(ax, pose[i], pose[j], styles[labels[i, j]] if (i, j) in labels else None, scale)
    for v in range(skeleton.num_joints):
        if (v, v) in labels:
            _draw_marker(ax, pose[v], styles[labels[v, v]]._replace(marker="o"), 8.0)
        else:
            ax.plot(*pose[v], "o", markersize=5, markerfacecolor="white", markeredgecolor=INK, zorder=4, **marks)
    return styles


def _checked_styles(A, skeleton, strategy):
    """The K subset styles, once it is clear that A can be drawn."""
    _labels(A, skeleton)
    return subset_styles(len(A), strategy or recognise(A, skeleton))


def _labels(A, skeleton):
    """{(i, j): k} for every neighbour j of every root i."""
    labels = {}
    joined = {(i, j) for bone in skeleton.bones for i, j in (bone, bone[::-1])}
    for k, i, j in np.argwhere(A != 0).tolist():
        if (i, j) in labels:
            raise ValueError(
                f"label_map: neighbour {j} of root {i} is in the subsets {labels[i, j]} and {k} of A at once"
            )
        if i != j and (i, j) not in joined:
            raise ValueError(
                f"label_map: no bone joins neighbour {j} to root {i}; only bones can be drawn (max_hop = 1)"
            )
        labels[i, j] = k
    return labels


def _changed(skeleton, labels, first):
    """The bones of which an end is labelled otherwise than at first."""
    pairs = {bone: (bone, bone[::-1]) for bone in skeleton.bones}
    return [bone for bone, ends in pairs.items() if any(labels.get(end) != first.get(end) for end in ends)]


def _draw_half(ax, root, neighbour, style, scale):
    """The half of a bone at the root, in the style of its neighbour's label; `scale` points to one unit."""
    half = np.array([root, (root + neighbour) / 2])
    if style is None:
        draw_bones(ax, half, [(0, 1)], color=GREY, width=0.8)
        return
    draw_bones(ax, half, [(0, 1)], color=style.color, width=2.6, linestyle=style.linestyle, zorder=2)
    length = float(np.hypot(*(neighbour - root))) * scale / 2  # points
    size = min(8.0, 0.5 * length)
    if style.marker in ("in", "out"):
        style, size = style._replace(marker=drop(neighbour - root)), size * DROP_TIP
    _draw_marker(ax, root + 0.3 * (neighbour - root), style, size)


def _draw_marker(ax, place, style, size):
    ax.plot(*np.round(place, 4), marker=style.marker, markersize=round(size, 3),
            markerfacecolor="white" if style.hollow else style.color, markeredgecolor=style.color,
            markeredgewidth=1.4 if style.hollow else 0.6, linestyle="none", clip_on=False, zorder=3)  # fmt: skip
