"""Adjacency matrices side by side."""

from itertools import pairwise

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from ..page.checks import check_skeleton, check_stack
from ..page.style import (
    GREY,
    INK,
    LIGHT,
    PALE,
    add_panel,
    fade_to,
    new_figure,
    panel_inches,
    styled,
    weight_scale,
    write_title,
)  # fmt: skip
from .subset_style import recognise, subset_styles

_AXES = ("root i (row)", "neighbour j (column)")


@styled
def adjacency_matrices(A, skeleton=None, *, titles=None, title=None, values=None, axes=_AXES):
    """The K matrices of A side by side, row = root i, column = neighbour j: a Figure.

    A         (K, V, V): adjacency, normalised adjacency, or weights with negative entries
    skeleton  its joint names are written at the rows and columns if there are at most 8; otherwise every fifth joint
              has its number
    titles    K headings; "k = 0", "k = 1", ... unless given
    title     of the whole figure
    values    write each number other than 0 into its cell; unless given, if V <= 8 (the larger V, the fewer decimals)
    axes      what the rows are, and what the columns are

    The subsets of a known strategy (ones and zeros) have the colours that they have on the body, as in
    `skeleton_partition`. All other matrices share one scale, from white (0) to purple; with negative entries from
    orange over white (0) to purple. A bar shows it, unless there is nothing but 0 and 1. Cells other than 0 have an
    outline, so that a small number can be told from 0.

    Raises ValueError, naming it, for an A that is not (K, V, V) or does not fit the skeleton, and for a number of
    titles that is not K.
    """
    if skeleton is not None:
        check_skeleton(skeleton, "adjacency_matrices")
    A = check_stack(A, skeleton, "adjacency_matrices")
    K, V = A.shape[:2]
    titles = [f"k = {k}" for k in range(K)] if titles is None else list(titles)
    if len(titles) != K:
        raise ValueError(f"adjacency_matrices: {len(titles)} titles for {K} matrices")
    named = skeleton is not None and V <= 8
    scaled = not np.isin(A, (0, 1)).all()  # a matrix of zeros and ones explains itself
    left, bottom, gap, bar = (1.45 if named else 0.85), (1.5 if named else 0.75), 0.3, (0.95 if scaled else 0.2)
    side = min(2.9, (9.6 - left - bar - gap * (K - 1)) / K)
    top = 0.45 + (0.4 if title else 0)
    figure = new_figure(left + K * side + (K - 1) * gap + bar, bottom + side + top)
    strategy = None if scaled or skeleton is None else recognise(A, skeleton)
    scales = [(fade_to(style.color), Normalize(0, 1)) for style in subset_styles(K, strategy)]
    if strategy in (None, "uni_labeling"):
        scales = [weight_scale(A)] * K
    for k in range(K):
        ax = add_panel(figure, left + k * (side + gap), bottom, side, side, frame=True)
        cells = draw_matrix(ax, A[k], *scales[k], values=V <= 8 if values is None else values)
        label_axes(ax, V, skeleton if named else None, rows=k == 0, axes=axes)
        ax.set_title(titles[k])
    if scaled:
        draw_color_bar(add_panel(figure, left + K * side + (K - 1) * gap + 0.2, bottom, 0.15, side, frame=True), cells)
    write_title(figure, title)
    return figure


def draw_matrix(ax, matrix, cmap, norm, *, values=False):
    """One (V, V) matrix on axes, row 0 at the top; returns what a colour bar needs.

    Only the cells that are not 0 are drawn: the others show the axes' background, in the map's colour for 0.
    """
    V = len(matrix)
    ax.set_xlim(-0.5, V - 0.5)
    ax.set_ylim(V - 0.5, -0.5)
    ax.set_facecolor(cmap(norm(0.0)))
    places = np.argwhere(matrix != 0)
    cells = PatchCollection(
        [Rectangle((j - 0.5, i - 0.5), 1, 1) for i, j in places],
        cmap=cmap, norm=norm, edgecolor=GREY, linewidth=0.4, clip_on=False, zorder=2,
    )  # fmt: skip
    cells.set_array(np.array([matrix[i, j] for i, j in places], dtype=float))
    ax.add_collection(cells, autolim=False)
    if values:
        for i, j in places:
            red, green, blue, _ = cmap(norm(matrix[i, j]))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.55
            words = _short(matrix[i, j], panel_inches(ax)[0] / V)
            ax.text(j, i, words, ha="center", va="center", color="white" if dark else INK, zorder=3)
    return cells


def _short(value, cell):
    """A number in as many characters as a cell, so many inches wide, has room for."""
    decimals = 0 if value == round(value) else (2 if abs(value) < 10 else 1) - (cell < (0.4 if value > 0 else 0.5))
    return f"{value:.{decimals}f}".replace("-", "−")


def label_axes(ax, V, skeleton=None, *, rows=True, axes=_AXES):
    """Joint names, or the number of every fifth joint, along both axes, and what the axes are."""
    ticks = range(V) if skeleton is not None or V <= 8 else range(0, V, 5)
    names = [skeleton.joints[v].replace("_", " ") if skeleton is not None else str(v) for v in ticks]
    ax.set_xticks(list(ticks), names, rotation=90 if skeleton is not None else 0)
    ax.set_yticks(list(ticks), names if rows else [])
    if not rows:
        ax.tick_params(labelleft=False)
    ax.tick_params(length=3)
    ax.set_xlabel(axes[1])
    if rows:
        ax.set_ylabel(axes[0])
    for joint in ticks if V > 8 else ():  # faint lines on which to count
        ax.axhline(joint, color=PALE, linewidth=0.8, zorder=0, clip_on=False)
        ax.axvline(joint, color=PALE, linewidth=0.8, zorder=0, clip_on=False)
    ax.spines[:].set_color(LIGHT)


def draw_color_bar(ax, cells, label=None):
    """A colour bar of vector cells: matplotlib's own would be a picture, whose bytes depend on the compressor."""
    low, high = cells.norm.vmin, cells.norm.vmax
    edges = np.linspace(low, high, 65)
    steps = PatchCollection(
        [Rectangle((0, start), 1, end - start) for start, end in pairwise(edges)],
        cmap=cells.cmap, norm=cells.norm, edgecolor="face", linewidth=0.3, clip_on=False,
    )  # fmt: skip
    steps.set_array((edges[:-1] + edges[1:]) / 2)
    ax.add_collection(steps, autolim=False)
    ax.set_xlim(0, 1)
    ax.set_ylim(low, high)
    ax.set_xticks([])
    ax.yaxis.tick_right()
    ax.locator_params(axis="y", nbins=5)
    if label:
        ax.yaxis.set_label_position("right")
        ax.set_ylabel(label)
