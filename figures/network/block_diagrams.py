"""The steps of a block, and what each does to the shape."""

from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle

from reference.layer_table import needs_residual_conv

from ..page.checks import check_layer_table
from ..page.purples import PALE_PURPLE
from ..page.style import GREY, INK, PALE, add_panel, new_figure, styled, write_title

_WIDTH, _LANE = 9.6, 1.75  # inches: the figure, and one block
_BOX, _GAP = 0.62, 0.22  # the height of a step, and the room for an arrow between two
_START = 0.2


@styled
def block_diagrams(table, rows, *, title=None):
    """The steps of some blocks from left to right, with what each does to the shape, and their residuals: a Figure.

    table  what `reference.layer_table(...)` returns
    rows   the numbers of the blocks, from 1

    C × T × V is for one person. Convolutions are filled; dropout, which acts in training only, is dashed. Below the
    steps runs the residual: a plain line where the input is added as it is, through a 1x1 convolution and a batch norm
    where channels or frames change, and none in the first row, which has no dropout either.

    Raises TypeError if `table` is not a layer table, and ValueError for no rows and for a row that it does not have.
    """
    check_layer_table(table, "block_diagrams")
    rows = list(rows)
    for number in rows:
        if number not in range(1, len(table.rows) + 1):
            raise ValueError(f"block_diagrams: rows are numbered 1 to {len(table.rows)}, got {number!r}")
    if not rows:
        raise ValueError("block_diagrams: rows names no row")
    height = _LANE * len(rows)
    figure = new_figure(_WIDTH, round(height + (0.45 if title else 0.05), 2))
    for place, number in enumerate(rows):
        ax = add_panel(figure, 0, _LANE * (len(rows) - 1 - place), _WIDTH, _LANE)
        ax.set_xlim(0, _WIDTH)
        ax.set_ylim(0, _LANE)
        draw_block(ax, table, number)
    write_title(figure, title)
    return figure


def draw_block(ax, table, number):
    """One block on axes that are 9.6 x 1.75 inches and have inches as their unit: see `block_diagrams`."""
    row, first = table.rows[number - 1], number == 1
    frames = table.input_shape[1] if first else table.rows[number - 2].output_shape[2]
    _, C, T, V = row.output_shape
    y = 1.0
    ax.text(_START, _LANE - 0.12, f"row {number}", fontsize=12, fontweight="bold", va="top")
    ax.text(_START, y, f"{row.in_channels} ×\n{frames} × {V}", va="center")
    stride = "" if row.stride == 1 else f"\nstride {row.stride}"
    steps = [
        (f"spatial conv\n{row.in_channels} → {C}", 1.15, PALE_PURPLE), ("BN", 0.45, PALE), ("ReLU", 0.6, "white"),
        (f"temporal conv{stride}", 1.3, PALE_PURPLE), ("BN", 0.45, PALE),
        *([] if first else [("dropout", 0.8, None), ("+", 0.3, "white")]), ("ReLU", 0.6, "white"),
    ]  # fmt: skip
    x = plus = 1.0
    for words, width, color in steps:
        _draw_arrow(ax, (x, y), (x + _GAP, y))
        _draw_step(ax, x + _GAP, y, width, words, color)
        x += _GAP + width
        plus = x - width / 2 if words == "+" else plus
    _draw_arrow(ax, (x, y), (x + _GAP, y))
    ax.text(x + _GAP + 0.06, y, f"{C} ×\n{T} × {V}", va="center")
    if first:
        ax.text(1.0 + _GAP, 0.3, "no residual", va="center_baseline", color=GREY)
    else:
        changes = needs_residual_conv(number, row.in_channels, C, row.stride)
        _draw_residual(ax, plus, y, f"1x1 conv{stride}".replace("\n", ", ") if changes else None)


def _draw_residual(ax, plus, y, convolution):
    """The way round the steps, from their input to the "+" at x = plus; `convolution`: the words of its box, if any."""
    low = 0.3
    ax.plot((1.06, 1.06, plus), (y, low, low), color=INK, linewidth=1.2, solid_joinstyle="miter")
    ax.plot(1.06, y, "o", color=INK, markersize=4, markeredgewidth=0)
    _draw_arrow(ax, (plus, low), (plus, y - 0.15))
    if convolution is None:
        ax.text(2.0, low + 0.06, "residual: the input as it is", va="bottom")
        return
    _draw_step(ax, 2.0, low, 1.75, convolution, PALE_PURPLE, height=0.34)
    _draw_step(ax, 3.97, low, 0.45, "BN", PALE, height=0.34)
    ax.text(4.6, low + 0.06, "residual", va="bottom")


def _draw_step(ax, x, y, width, words, color, *, height=_BOX):
    """A box with words at x, or a ring for the "+"; dashed and empty where `color` is None."""
    style = {"facecolor": color or "white", "edgecolor": GREY, "linewidth": 1, "linestyle": "solid" if color else "--"}
    if words == "+":
        ax.add_patch(Ellipse((x + width / 2, y), width, width, zorder=2, **style))
    else:
        ax.add_patch(Rectangle((x, y - height / 2), width, height, zorder=2, **style))
    ax.text(x + width / 2, y, words, ha="center", va="center_baseline" if "\n" not in words else "center", zorder=3)


def _draw_arrow(ax, start, end):
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, color=INK, shrinkA=0, shrinkB=0))
