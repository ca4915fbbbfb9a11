"""The spatial convolution as pictures of its own sums: one root, and all roots at once."""

import numpy as np
from matplotlib.patches import Rectangle

from ..page.checks import check_index, check_skeleton, check_stack
from ..page.style import GREY, INK, LIGHT, PALE, add_panel, new_figure, styled, weight_scale, write_title
from .matrices import draw_matrix
from .subset_style import recognise, subset_styles

_CELL, _ROW = 0.84, 0.36  # inches: a column of the worked sum, and its rows
_SUBSET = 1.2  # inches from one subset of the worked sum to the next
_STEP = 0.98  # inches between the numbers to the right of a sum


@styled
def weighted_sum(skeleton, A_hat, f, root, *, k=None, W=None, title=None):
    """One root's sum, term by term: weights times features, added up, each subset through its own W_k: a Figure.

    skeleton  the Skeleton
    A_hat     (K, V, V); row = root, column = neighbour
    f         (V,), one channel of one frame
    root      index of the root joint
    k         which subset to draw, or which ones; all of them unless given
    W         (K,), one weight for each subset; without it the picture ends with the sums over the neighbours

    Columns are joints: all of them up to 8, otherwise those of the root's neighbourhood. Each subset has a line of
    weights Â_k[root, j] and a line of products Â_k[root, j] · f[j]; what is not 0 has an outline in the subset's colour
    and line style. The sums stand to the right.

    Raises ValueError, naming it, for arrays that do not fit the skeleton, a root or k that it does not have and a
    neighbourhood of more than 8 joints.
    """
    check_skeleton(skeleton, "weighted_sum")
    A_hat = check_stack(A_hat, skeleton, "weighted_sum", "A_hat")
    root = check_index(root, skeleton.num_joints, "weighted_sum", f"root (a joint of {skeleton})")
    f = _checked_vector(f, skeleton.num_joints, "weighted_sum", "f", "one for each joint")
    W = None if W is None else _checked_vector(W, len(A_hat), "weighted_sum", "W", "one for each subset")
    ks = range(len(A_hat)) if k is None else (k,) if isinstance(k, (int, np.integer)) else tuple(k)
    ks = [check_index(each, len(A_hat), "weighted_sum", "k") for each in ks]
    joints = _columns(skeleton, A_hat[:, root], root)
    styles = subset_styles(len(A_hat), recognise(A_hat, skeleton))
    name = skeleton.joints[root].replace("_", " ")

    left = 1.0 + 0.09 * len(name)  # inches for the words in front of the cells
    right = left + _CELL * len(joints)  # where the sums begin
    total_line = W is not None and len(ks) > 1
    top = 0.15 + 0.5 * total_line + _SUBSET * len(ks) + _ROW  # the upper edge of the features
    heads = [_broken(skeleton.joints[j]) for j in joints]
    head = 0.14 + 0.19 * max(words.count("\n") + 1 for words in heads)
    figure = new_figure(right + (1.0 if W is None else 3.0), round(top + head + (0.4 if title else 0), 2))
    ax = _inches(figure)
    _write_heads(ax, heads, left, right, top + 0.08, W is not None)
    _line_of_cells(ax, left, top - _ROW, "f[j]", f[joints], INK)
    total = 0.0
    for line, each in enumerate(ks):
        sums = _sums(A_hat[each, root, joints] * f[joints], None if W is None else W[each])
        total += sums[-1]
        y = top - _ROW - _SUBSET * (line + 1)
        _draw_subset(
            ax, left, right, y, styles[each], f"Â_{each}[{name}, j]", A_hat[each, root, joints], f[joints], sums
        )
    if total_line:
        x = right + 0.5 + 2 * _STEP
        ax.text(x - 0.5, 0.15 + _ROW / 2, f"f_out[{name}] = sum over k =", ha="right", va="center_baseline")
        _cell(ax, x - 0.36, 0.15, 0.76, total, INK, bold=True)
    write_title(figure, title)
    return figure


def _columns(skeleton, rows, root):
    """The joints that get a column."""
    if skeleton.num_joints <= 8:
        return list(range(skeleton.num_joints))
    joints = np.flatnonzero(rows.any(axis=0)).tolist()
    if len(joints) > 8:
        raise ValueError(f"weighted_sum: root {root} of {skeleton} has {len(joints)} neighbours; there is room for 8")
    return joints


def _sums(products, W_k):
    """What stands to the right of a subset: its sum and, if there is a W_k, that and the term."""
    return [products.sum()] if W_k is None else [products.sum(), W_k, products.sum() * W_k]


def _broken(joint):
    """A joint's name, in several lines if it would not fit above its column."""
    return joint.replace("_", "\n" if len(joint) > 8 else " ")


def _write_heads(ax, heads, left, right, y, weighted):
    """The names of the joints above their columns, and what the numbers to the right are."""
    for column, words in enumerate(heads):
        ax.text(left + (column + 0.5) * _CELL, y, words, ha="center", va="bottom", linespacing=1.0)
    for place, words in enumerate(("sum over j", "times W_k", "term")[: 3 if weighted else 1]):
        ax.text(right + 0.5 + _STEP * place, y, words, ha="center", va="bottom")


def _draw_subset(ax, left, right, y, style, name, weights, f, sums):
    """The two lines of one subset, the lower one at the height y."""
    ax.text(0.15, y + 2 * _ROW + 0.16, f"subset {style.words.split(':')[0]}", va="center_baseline", fontweight="bold")
    _line_of_cells(ax, left, y + _ROW, name, weights, style.color, style, weights != 0)
    _line_of_cells(ax, left, y, "times f[j]", weights * f, style.color, style, weights != 0)
    for place, number in enumerate(sums):
        sign = "· " if place == 1 else "= "
        ax.text(right + 0.5 + _STEP * place, y + _ROW / 2, sign + _short(number), ha="center", va="center_baseline")


def _line_of_cells(ax, left, y, words, numbers, color, style=None, marked=None):
    """Words, and a number in each cell; the `marked` cells have the outline of a subset, all of them unless given."""
    ax.text(left - 0.12, y + _ROW / 2, words, ha="right", va="center_baseline")
    marked = np.ones(len(numbers), dtype=bool) if marked is None else marked
    linestyle = "solid" if style is None else style.linestyle
    for column in np.argsort(marked, kind="stable"):  # outlines that count lie on top
        x = left + column * _CELL
        if marked[column]:
            _cell(ax, x, y, _CELL, numbers[column], color, linestyle=linestyle)
        else:
            _cell(ax, x, y, _CELL, 0.0, None)


def _cell(ax, x, y, width, number, color, *, linestyle="solid", bold=False, height=_ROW):
    """A number in a box; without a colour it is a zero that is only there for context."""
    inset = 0.02
    box = {"facecolor": PALE, "edgecolor": "none"} if color is None else {
        "facecolor": "white", "edgecolor": color, "linewidth": 1.8, "linestyle": linestyle}  # fmt: skip
    ax.add_patch(Rectangle((x + inset, y + inset), width - 2 * inset, height - 2 * inset, **box))
    ax.text(x + width / 2, y + height / 2, _short(number), ha="center", va="center_baseline",
            color=GREY if color is None else INK, fontweight="bold" if bold else "normal")  # fmt: skip


def _short(number):
    """At most three decimals, and none that say nothing."""
    text = f"{number + 0.0:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def _inches(figure):
    """Axes over the whole figure whose units are inches."""
    width, height = figure.get_size_inches()
    ax = add_panel(figure, 0, 0, width, height)
    ax.set_xlim(0, width)
    ax.set_ylim(0, height)
    return ax


@styled
def matrix_product(skeleton, A_hat, f, root, *, k=0, side="left", title=None):
    """All roots at once: a matrix of A_hat times the features of all joints, one root's part framed: a Figure.

    skeleton  the Skeleton, at most 6 joints, so that every number can be written
    A_hat     (K, V, V); row = root, column = neighbour
    f         (V,), one channel of one frame
    root      whose row, and whose result, are framed
    k         which matrix
    side      "left": Â_k f, with f a column and a row for every root, as on paper; "right": f Â_k^T, with f a row and
              a column for every root, as for arrays whose last axis is the joints

    Raises ValueError, naming it, for arrays that do not fit the skeleton, more than 6 joints, a root or k that it does
    not have and another side.
    """
    check_skeleton(skeleton, "matrix_product")
    A_hat = check_stack(A_hat, skeleton, "matrix_product", "A_hat")
    V = check_index(skeleton.num_joints, 7, "matrix_product", "the number of joints")
    f = _checked_vector(f, V, "matrix_product", "f", "one number for each joint")
    root = check_index(root, V, "matrix_product", f"root (a joint of {skeleton})")
    k = check_index(k, len(A_hat), "matrix_product", "k")
    if side not in ("left", "right"):
        raise ValueError(f'matrix_product: side must be "left" or "right", got {side!r}')
    style = subset_styles(len(A_hat), recognise(A_hat, skeleton))[k]
    draw = _draw_left if side == "left" else _draw_right
    return draw(skeleton, A_hat[k], f, root, f"Â_{k}", style, title)


_SIDE, _NAMES, _UNDER = 0.5, 1.55, 1.35  # inches: a cell of the matrix, the room for joint names beside it and below


def _draw_left(skeleton, matrix, f, root, name, style, title):
    V = len(f)
    figure = new_figure(_NAMES + _SIDE * V + 2.6, _UNDER + _SIDE * V + 0.45 + (0.4 if title else 0))
    x, y = _NAMES, _UNDER
    grid = _draw_grid(figure, x, y, skeleton, matrix, "neighbour j (column)", "root i (row)")
    _frame(grid, -0.5, root - 0.5, V, 1, style)
    ax = _inches(figure)
    middle, top = y + _SIDE * V / 2, y + _SIDE * V
    ax.text(x + _SIDE * V / 2, top + 0.1, name, ha="center", va="bottom", fontsize=12)
    for place, (sign, words, numbers) in enumerate((("×", "f", f), ("=", f"{name} f", matrix @ f))):
        left = x + _SIDE * V + 0.35 + 1.15 * place
        ax.text(left - 0.17, middle, sign, ha="center", va="center", fontsize=16)
        ax.text(left + 0.4, top + 0.1, words, ha="center", va="bottom", fontsize=12)
        for i, number in enumerate(numbers):
            framed = place == 0 or i == root
            _cell(ax, left, top - (i + 1) * _SIDE, 0.8, number, style.color if framed else LIGHT, height=_SIDE,
                  linestyle=style.linestyle if framed else "solid")  # fmt: skip
    write_title(figure, title)
    return figure


def _draw_right(skeleton, matrix, f, root, name, style, title):
    V = len(f)
    width = 0.3 + 2 * (0.6 * V + 0.35) + _NAMES + _SIDE * V
    figure = new_figure(width, _UNDER + _SIDE * V + 0.45 + (0.4 if title else 0))
    x, y = 0.15 + 0.6 * V + 0.35 + _NAMES, _UNDER
    grid = _draw_grid(figure, x, y, skeleton, matrix.T, "root i (column)", "neighbour j (row)")
    _frame(grid, root - 0.5, -0.5, 1, V, style)
    ax = _inches(figure)
    middle, top = y + _SIDE * V / 2, y + _SIDE * V
    ax.text(x + _SIDE * V / 2, top + 0.1, f"{name}^T", ha="center", va="bottom", fontsize=12)
    starts = 0.15, x + _SIDE * V + 0.35
    signs = (starts[0] + 0.6 * V + 0.17, "×"), (starts[1] - 0.17, "=")
    for left, (at, sign), words, numbers in zip(starts, signs, ("f", f"f {name}^T"), (f, matrix @ f), strict=True):
        ax.text(at, middle, sign, ha="center", va="center", fontsize=16)
        ax.text(left + 0.6 * V / 2, middle + 0.35, words, ha="center", va="bottom", fontsize=12)
        for i, number in enumerate(numbers):
            framed = left == starts[0] or i == root
            _cell(ax, left + 0.6 * i, middle - 0.25, 0.6, number, style.color if framed else LIGHT, height=0.5,
                  linestyle=style.linestyle if framed else "solid")  # fmt: skip
    write_title(figure, title)
    return figure


def _draw_grid(figure, x, y, skeleton, matrix, across, down):
    """The matrix with joint names at its rows and columns, and what the axes are."""
    V = len(matrix)
    ax = add_panel(figure, x, y, _SIDE * V, _SIDE * V, frame=True)
    draw_matrix(ax, matrix, *weight_scale(matrix), values=True)
    names = [joint.replace("_", " ") for joint in skeleton.joints]
    ax.set_xticks(range(V), names, rotation=90)
    ax.set_yticks(range(V), names)
    ax.tick_params(length=3)
    ax.set_xlabel(across)
    ax.set_ylabel(down)
    ax.spines[:].set_color(LIGHT)
    return ax


def _frame(ax, x, y, width, height, style):
    ax.add_patch(Rectangle((x, y), width, height, facecolor="none", edgecolor=style.color, linewidth=2.6,
                           linestyle=style.linestyle, clip_on=False, zorder=4))  # fmt: skip


def _checked_vector(values, size, who, name, what):
    values = np.asarray(values, dtype=float)
    if values.shape != (size,) or not np.all(np.isfinite(values)):
        raise ValueError(f"{who}: {name} must be ({size},) finite numbers, {what}, got {values.shape} {values!r:.60}")
    return values
