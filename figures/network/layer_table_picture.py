"""The ten layers as a picture."""

from matplotlib.patches import Rectangle

from ..page.checks import check_layer_table
from ..page.purples import PALE_PURPLE, PURPLE
from ..page.style import GREY, LIGHT, add_panel, new_figure, styled, write_title

_BOX = "#B9ACD9"
_ROW = 0.42  # inches
_WIDTH = 9.6
_BOX_WIDTH, _BAR_WIDTH = 2.35, 0.95
# column: where it begins, in inches, and its heading, the lower line first
_COLUMNS = {
    "row": (0.2, "row"),
    "channels": (0.75, "in → out", "channels"),
    "box": (1.95, "T wide, C high", "the output, one person:"),
    "output": (4.5, "C × T × V"),
    "parameters": (6.15, "parameters"),
    "cost": (7.4, "adds", "multiply-"),
    "field": (8.5, "seen", "frames"),
}


@styled
def layer_table_picture(table, *, title=None):
    """The rows of the network as a picture: a Figure.

    table  what `reference.layer_table(...)` returns

    The output of each row is a box, as wide as its T frames and as high as its C channels, dark where the stride is
    not 1. Beside it: the output's shape, the parameters, the multiply-adds for the whole clip and the receptive field,
    each as a number on a bar. Above the rows stands the clip, below them the classifier with the totals.

    Raises TypeError if `table` is not a layer table.
    """
    check_layer_table(table, "layer_table_picture")
    height = _ROW * (len(table.rows) + 4.3)
    figure = new_figure(_WIDTH, round(height + (0.4 if title else 0), 2))
    draw_layer_table(add_panel(figure, 0, 0, _WIDTH, height), table)
    write_title(figure, title)
    return figure


def draw_layer_table(ax, table):
    """The picture on axes, which should be 9.6 inches wide: see `layer_table_picture`."""
    C, T, V, M = table.input_shape
    last = len(table.rows) + 1
    ax.set_xlim(0, _WIDTH)
    ax.set_ylim(last + 1.5, -1.8)
    for left, *heading in _COLUMNS.values():
        for line, words in enumerate(heading):
            ax.text(left, -0.8 - 0.45 * line, words, va="baseline", color=GREY)
    for place in (-0.55, last - 0.44):
        ax.plot((0.2, _WIDTH - 0.2), (place, place), color=LIGHT, linewidth=0.8, clip_on=False)
    longest, highest = max(T, table.rows[0].output_shape[2]), max(row.out_channels for row in table.rows)

    _write(ax, "row", 0, "clip")
    _draw_box(ax, 0, T / longest, C / highest, LIGHT)
    _write(ax, "output", 0, f"{C} × {T} × {V}")
    for place, row in enumerate(table.rows, start=1):
        _draw_row(ax, place, row, table, longest, highest)
    _write(ax, "channels", last, f"{table.rows[-1].out_channels} → {table.num_classes}")
    _write(ax, "box", last, "means over T, V and M; classifier")
    _write(ax, "parameters", last, f"{table.parameters:,}", fontweight="bold")
    _write(ax, "cost", last, f"{table.multiply_adds / 1e9:.1f} G", fontweight="bold")
    _write(ax, "field", last, "all")
    words = f"multiply-adds count {'one person' if M == 1 else f'{M} persons'}"
    ax.text(_WIDTH - 0.2, last + 0.95, words, ha="right", va="center_baseline", color=GREY)


def _draw_row(ax, place, row, table, longest, highest):
    """One row of the network."""
    _, C, T, V = row.output_shape
    strided = row.stride != 1
    _write(ax, "row", place, str(row.number), fontweight="bold" if strided else "normal")
    _write(ax, "channels", place, f"{row.in_channels} → {row.out_channels}")
    _draw_box(ax, place, T / longest, C / highest, PURPLE if strided else _BOX)
    if strided:
        ax.text(
            _COLUMNS["box"][0] + _BOX_WIDTH * T / longest + 0.12, place, f"stride {row.stride}", va="center_baseline"
        )
    _write(ax, "output", place, f"{C} × {T} × {V}")
    most = max(other.parameters for other in table.rows), max(other.multiply_adds for other in table.rows)
    _draw_bar(ax, "parameters", place, row.parameters / most[0], f"{row.parameters:,}")
    _draw_bar(ax, "cost", place, row.multiply_adds / most[1], f"{row.multiply_adds / 1e6:,.0f} M")
    _draw_bar(ax, "field", place, row.receptive_field / table.rows[-1].receptive_field, str(row.receptive_field))


def _write(ax, column, place, words, **style):
    ax.text(_COLUMNS[column][0], place, words, va="center_baseline", **style)


def _draw_box(ax, place, width, height, color):
    """A box from the left of its column, centred on its line; the width and height as shares of the largest."""
    height = max(0.88 * height, 0.05)
    corner = (_COLUMNS["box"][0], place - height / 2)
    ax.add_patch(Rectangle(corner, _BOX_WIDTH * width, height, facecolor=color, linewidth=0, clip_on=False))


def _draw_bar(ax, column, place, share, words):
    """A number on a bar whose length is its share of the largest in the column."""
    left = _COLUMNS[column][0]
    bar = Rectangle(
        (left - 0.06, place - 0.36), _BAR_WIDTH * share, 0.72, facecolor=PALE_PURPLE, linewidth=0, clip_on=False
    )
    ax.add_patch(bar)
    _write(ax, column, place, words)
