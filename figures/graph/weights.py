"""The weights of a normalised adjacency matrix on the bones of a body."""

import numpy as np
from matplotlib.patches import Polygon

from ..page.checks import check_index, check_skeleton, check_stack, check_stacks
from ..page.labels import place_labels
from ..page.style import GREY, INK, PALE, add_panel, new_figure, styled, weight_scale, write_title
from .body import draw_bones, fit, panel_height
from .poses import pose_to_draw
from .subset_style import recognise, subset_styles

_PAD = 0.4  # inches around the body; numbers stand in it


@styled
def edge_weights(skeleton, A_hat, k=None, *, pose=None, title=None, quantity="weights"):
    """The weights of A_hat as arrows from neighbour to root, wider and darker the larger: a Figure.

    skeleton  the Skeleton
    A_hat     (K, V, V), weights of either sign; or several to compare, {heading: (K, V, V)}
    k         which matrix to draw, or which ones; all of them unless given. Each has a panel, four in a line. The
              subsets of a known strategy are named
    pose      (V, 2) to draw the body in, y up; `rest_pose(skeleton)` unless given
    quantity  what the numbers are, for the line below each panel

    All panels share one scale. Arrows follow the sum Σ_j A_hat[k, i, j] f_in[j]: from j, whose feature is read, to i,
    whose sum it enters. A weight A_hat[k, i, i] is a ring around the joint. Weights that stand out have
    their number beside them: those of more than half the largest in all panels, if that is at least three times the
    smallest. Below each panel stands what its weights range over. The square is the centre.

    Raises ValueError, naming it, for an A_hat that does not fit the skeleton, a k that it does not have and a pose of
    another shape.
    """
    check_skeleton(skeleton, "edge_weights")
    stacks = check_stacks(A_hat, skeleton, "edge_weights", "A_hat")
    panels = _panels(stacks, k, skeleton)
    pose = pose_to_draw(pose, skeleton, "edge_weights")
    every = np.stack([weights for _, weights in panels])

    columns = min(4, len(panels)) if len(panels) not in (6, 9) else 3
    lines = -(-len(panels) // columns)
    each = min(3.2, 9.6 / columns)
    body = panel_height(pose, each, _PAD, largest=3.8)
    line = body + 0.75
    figure = new_figure(max(each * columns, 3.6), round(line * lines + (0.4 if title else 0), 2))
    margin = (figure.get_figwidth() - each * columns) / 2
    for place, (heading, weights) in enumerate(panels):
        row, column = divmod(place, columns)
        ax = add_panel(figure, margin + column * each, (lines - 1 - row) * line + 0.35, each, body)
        draw_edge_weights(ax, skeleton, weights, pose=pose, among=every)
        ax.text(0.5, 1, heading, ha="center", va="bottom", fontsize=13, transform=ax.transAxes)
        ax.text(0.5, 0, _summary(weights, quantity), ha="center", va="center", transform=ax.transAxes)
    write_title(figure, title)
    return figure


def _panels(stacks, k, skeleton):
    """(heading, weights (V, V)) for each panel: all that is to be compared for one k, then for the next."""
    most = max(len(stack) for stack in stacks.values())
    ks = range(most) if k is None else (k,) if isinstance(k, (int, np.integer)) else tuple(k)
    panels = []
    for each in ks:
        for heading, stack in stacks.items():
            if k is None and each >= len(stack):
                continue  # this one has fewer matrices than others
            index = check_index(each, len(stack), "edge_weights", "k")
            words = [heading] * bool(heading) + [f"k = {index}"] * (len(ks) > 1 or not heading)
            strategy = None if heading else recognise(stack, skeleton)
            if strategy is not None:
                words.append(subset_styles(len(stack), strategy)[index].name)
            panels.append((", ".join(words), stack[index]))
    if not panels:
        raise ValueError("edge_weights: k names no matrix")
    return panels


def _summary(weights, quantity):
    edges = weights[weights != 0]
    if not len(edges):
        return "no edges"
    low, high = _number(edges.min()), _number(edges.max())
    return f"all {quantity} {low}" if low == high else f"{quantity} {low} to {high}"


def _number(weight):
    """A weight as text, short, and without the last bits that another machine may add up differently."""
    return (f"{weight:.1f}" if abs(weight) >= 0.95 else f"{weight:.2f}").replace("-", "−")


def draw_edge_weights(ax, skeleton, weights, *, pose=None, among=None):
    """One (V, V) matrix of weights on axes: see `edge_weights`. `among`: all weights that share the scale."""
    weights = check_stack(np.asarray(weights)[None], skeleton, "edge_weights", "the stack of weights")[0]
    pose = pose_to_draw(pose, skeleton, "edge_weights")
    among = weights if among is None else among
    scale = fit(ax, pose, pad=_PAD)
    cmap, norm = weight_scale(among)
    largest = max(float(abs(among).max()), 1e-9)
    smallest = float(abs(among[among != 0]).min()) if among.any() else 0.0
    draw_bones(ax, pose, skeleton.bones, color=PALE, width=5.0, zorder=0)
    marks = {"markeredgecolor": GREY, "clip_on": False, "zorder": 4}
    ax.plot(*pose.T, "o", markersize=5, markerfacecolor="white", markeredgewidth=0.8, **marks)
    ax.plot(*pose[skeleton.center], "s", markersize=14, markerfacecolor="none", markeredgewidth=1.2, **marks)
    labelled = []
    for i, j in np.argwhere(weights != 0).tolist():
        share = round(float(abs(weights[i, j])) / largest, 4)
        # Even the smallest weight must be seen: colours start at a third of the map, not at white.
        color = cmap(norm(np.sign(weights[i, j]) * norm.vmax * (0.35 + 0.65 * share)))
        both_ways = i != j and weights[j, i] != 0
        _draw_weight(ax, pose[i], pose[j], share, color, scale, both_ways)
        if share > 0.5 and abs(weights[i, j]) >= 3 * smallest:
            labelled.append((i, j))
    _write_weights(ax, pose, skeleton.bones, labelled, weights, scale)


def _draw_weight(ax, root, neighbour, share, color, scale, both_ways):
    """An arrow from neighbour to root, or a ring if they are the same joint; `scale` points to one unit."""
    if np.array_equal(root, neighbour):
        ax.plot(*root, "o", markersize=11, markerfacecolor="none", markeredgecolor=color,
                markeredgewidth=0.8 + 4 * share, clip_on=False, zorder=2 + share)  # fmt: skip
        return
    along = (root - neighbour) / max(float(np.hypot(*(root - neighbour))), 1e-9)
    aside = np.array([along[1], -along[0]])
    length = max(float(np.hypot(*(root - neighbour))) * scale - 8, 4.0)  # points, joints left free at both ends
    shaft, head = 0.6 + 2.6 * share, 3.0 + 4.5 * share  # half the widths, in points
    neck = length - min(6.0 + 8.0 * share, 0.6 * length)
    outline = [(0, shaft), (neck, shaft), (neck, head), (length, 0), (neck, -head), (neck, -shaft), (0, -shaft)]
    # Two arrows on one bone pass each other.
    corners = [neighbour + (along * (4 + x) + aside * (y + (4 if both_ways else 0))) / scale for x, y in outline]
    ax.add_patch(Polygon(np.round(corners, 4), facecolor=color, linewidth=0, clip_on=False, zorder=2 + share))


def _write_weights(ax, pose, bones, labelled, weights, scale):
    """The numbers of the weights that stand out, each beside its arrow."""
    if not labelled:
        return
    words = [_number(weights[edge]) for edge in labelled]
    steps = np.linspace(0, 1, 9)[:, None]
    obstacles = [(pose[i] + (pose[j] - pose[i]) * steps) * scale for i, j in bones]
    for i, j in labelled:  # these arrows are wide, so their edges must be kept free too
        aside = np.array([pose[j][1] - pose[i][1], pose[i][0] - pose[j][0]])
        aside = 6 * aside / max(float(np.hypot(*aside)), 1e-9)
        obstacles += [(pose[i] + (pose[j] - pose[i]) * steps) * scale + side for side in (aside, -aside)]
    anchors = [(0.7 * pose[i] + 0.3 * pose[j]) * scale for i, j in labelled]  # nearer to the head of the arrow
    limits = np.array([ax.get_xlim(), ax.get_ylim()]).T * scale
    places = place_labels(anchors, [9.2 * len(each) for each in words], 13, np.concatenate(obstacles), limits)
    for text, place in zip(words, places, strict=True):
        x, y = np.round(place / scale, 4)
        shield = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "boxstyle": "square,pad=0.05"}
        ax.text(x, y, text, ha="center", va="center_baseline", fontsize=12, fontweight="bold", color=INK, zorder=8,
                bbox=shield)  # fmt: skip
