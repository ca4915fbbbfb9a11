"""A confusion matrix with the names of its classes."""

import numpy as np

from ..graph.matrices import draw_matrix
from ..page.fonts import letters
from ..page.style import LIGHT, add_panel, new_figure, styled, weight_scale, write_title

_MOST = 20_000  # cells that are not 0: as many as the validation clips of Kinetics; each is a shape in the file
_CELL = 0.27  # inches: room for a line of the smallest text


@styled
def confusion_matrix(counts, class_names, *, title=None):
    """Which class was taken for which: row = true class, column = predicted class: a Figure.

    counts       (classes, classes) clips. The colour is the share of its row, so that rare classes show; up to 30
                 classes the number of clips is in the cell
    class_names  as many

    Raises ValueError, naming it, for counts that are not a square of numbers >= 0, another number of names, and more
    than 20,000 cells that are not 0.
    """
    counts = np.asarray(counts)
    classes = len(class_names)
    if counts.shape != (classes, classes) or not np.all(counts >= 0):
        raise ValueError(f"confusion_matrix: counts must be ({classes}, {classes}) numbers >= 0, got {counts.shape}")
    if np.count_nonzero(counts) > _MOST:
        raise ValueError(f"confusion_matrix: {np.count_nonzero(counts)} cells are not 0; a picture has up to {_MOST}")
    longest = 0.095 * max(map(letters, class_names)) + 0.2
    written = classes <= 30  # with more, every fifth class has its name, and the picture a page
    side = _CELL * 1.25 * classes if written else 7.0
    left, bottom = longest + 0.45, longest + 0.45
    figure = new_figure(left + max(side, 1.6) + 0.25, bottom + max(side, 1.6) + (0.55 if title else 0.2))
    ax = add_panel(figure, left, bottom, max(side, 1.6), max(side, 1.6), frame=True)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cmap, norm = weight_scale(share, largest=1.0)
    draw_matrix(ax, np.round(share, 4), cmap, norm)
    for i, j in np.argwhere(counts) if written else ():
        ax.text(j, i, str(int(counts[i, j])), ha="center", va="center_baseline", zorder=3,
                color="white" if share[i, j] > 0.6 else "black")  # fmt: skip
    ticks = np.arange(0, classes, 1 if written else 5)
    names = [str(class_names[k]).replace("_", " ") for k in ticks]
    ax.set_xticks(ticks, names, rotation=90)
    ax.set_yticks(ticks, names)
    ax.tick_params(length=2)
    ax.set_xlabel("predicted class (column)")
    ax.set_ylabel("true class (row)")
    ax.spines[:].set_color(LIGHT)
    write_title(figure, title)
    return figure
