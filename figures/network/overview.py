"""The project on one picture: a clip, a neighbourhood, three matrices and the formula."""

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from reference import normalize, partition

from ..graph.matrices import draw_matrix, label_axes
from ..graph.subsets import draw_partition, draw_subset_key
from ..page.checks import check_index, check_skeleton
from ..page.style import CENTRIFUGAL, CENTRIPETAL, INK, ROOT, add_panel, fade_to, new_figure, styled
from ..time.film import draw_film_strip, write_sides

# Σ as a letter, not as an operator: that one comes from a font which few viewers of the SVG have.
FORMULA = (
    r"$f_\mathrm{out} \; = \; \Sigma_{\,k}\; "
    r"(\Lambda_k^{-1/2} \, A_k \, \Lambda_k^{-1/2}) \; f_\mathrm{in} \; W_k$"
)
_WIDTH, _HEIGHT = 9.6, 7.3


@styled
def overview(clip, skeleton, root, *, frames=8, view="side", normalization="two_sided", pose=None):
    """A film strip, the neighbourhood of one root, the normalised matrices and the formula: a Figure.

    clip           (C, T, V, M) or (1, C, T, V, M), as for `film_strip`; `frames` and `view` too
    skeleton       the Skeleton of its V joints
    root           the joint whose neighbourhood is coloured, under spatial partitioning, and whose row is framed
    normalization  a method of `reference.normalize`
    pose           (V, 2) for the neighbourhood; `rest_pose(skeleton)` unless given

    Raises ValueError as `film_strip` and `skeleton_partition` do.
    """
    check_skeleton(skeleton, "overview")
    check_index(root, skeleton.num_joints, "overview", f"root (a joint of {skeleton})")
    A = partition(skeleton, "spatial")
    figure = new_figure(_WIDTH, _HEIGHT)

    _write(figure, 0.3, 7.0, "a clip: V joints in T frames")
    draw_film_strip(add_panel(figure, 0, 4.55, _WIDTH, 2.55), clip, skeleton, frames=frames, view=view)
    write_sides(figure, skeleton, _WIDTH - 0.25, 7.15)
    _write(figure, 0.3, 4.15, f"the neighbourhood of joint {root}")
    body = add_panel(figure, 0.0, 1.15, 3.1, 2.95)
    styles = draw_partition(body, skeleton, A, root, strategy="spatial", pose=pose)
    draw_subset_key(add_panel(figure, 0.0, 0.0, 3.1, 1.15), styles, short=True)
    how = normalization.replace("_", "-")
    _write(figure, 3.55, 4.15, f"one matrix for each subset, normalised {how}; row {root} framed")
    _draw_matrices(figure, normalize(A, normalization), root)
    figure.text(6.45 / _WIDTH, 0.62 / _HEIGHT, FORMULA, ha="center", va="center", fontsize=24, parse_math=True)
    return figure


def _write(figure, left, bottom, words):
    figure.text(left / _WIDTH, bottom / _HEIGHT, words, va="baseline", fontsize=12)


def _draw_matrices(figure, A_hat, root):
    """The three matrices, each in the colour of its subset, the root's row framed."""
    V = A_hat.shape[1]
    largest = float(np.ceil(np.round(A_hat.max(), 6)))
    for k, color in enumerate((ROOT, CENTRIPETAL, CENTRIFUGAL)):
        ax = add_panel(figure, 3.75 + k * 1.95, 1.85, 1.75, 1.75, frame=True)
        draw_matrix(ax, A_hat[k], fade_to(color), Normalize(0, largest))
        label_axes(ax, V, rows=k == 0)
        ax.set_title(f"k = {k}")
        frame = Rectangle((-0.5, root - 0.5), V, 1, facecolor="none", edgecolor=INK, linewidth=1.2, clip_on=False)
        frame.set_zorder(4)
        ax.add_patch(frame)
