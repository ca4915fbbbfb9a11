"""How many frames of the clip each row of the network sees."""

import numpy as np
from matplotlib.patches import Rectangle

from ..page.checks import check_layer_table
from ..page.purples import PALE_PURPLE, PURPLE
from ..page.style import GREY, add_panel, new_figure, styled, write_title


@styled
def receptive_fields(table, *, title=None):
    """How many frames of the clip each row of the network sees, as bars on one axis of time: a Figure.

    table  what `reference.layer_table(...)` returns

    Every bar is centred on the frame that an output stands for. The dots are the taps of that row's filter, as far
    apart as two frames of the row's input are in the clip; the bar reaches beyond the outermost dots by half the bar
    above it. On the right stands the number of frames.

    Raises TypeError if `table` is not a layer table.
    """
    check_layer_table(table, "receptive_fields")
    width, line, top = 9.6, 0.36, 0.5
    height = line * len(table.rows) + 0.75 + top
    figure = new_figure(width, round(height + (0.4 if title else 0), 2))
    ax = add_panel(figure, 1.75, 0.75, width - 1.75 - 0.9, line * len(table.rows), frame=True)
    half = (table.rows[-1].receptive_field - 1) / 2
    ax.set_xlim(-1.03 * half - 1, 1.03 * half + 1)
    ax.set_ylim(len(table.rows) + 0.5, 0.5)
    seen, step = 1, 1
    for place, row in enumerate(table.rows, start=1):
        taps = (row.receptive_field - seen) // step + 1
        _draw_row(ax, place, row, np.arange(taps) * step - (taps - 1) * step / 2)
        seen, step = row.receptive_field, step * row.stride
    ax.set_yticks([])
    ax.spines[["top", "left", "right"]].set_visible(False)
    ax.set_xlabel("frames of the clip, before and after the one that the output stands for")
    for x, words in ((0.15, "row, stride"), (width - 0.8, "frames")):
        figure.text(x / width, (height - 0.32) / figure.get_figheight(), words, color=GREY)
    write_title(figure, title)
    return figure


def _draw_row(ax, place, row, dots):
    half = row.receptive_field / 2
    ax.add_patch(Rectangle((-half, place - 0.36), 2 * half, 0.72, facecolor=PALE_PURPLE, linewidth=0))
    ax.plot(dots, np.full(len(dots), place), "o", color=PURPLE, markersize=3.2)
    along = ax.get_yaxis_transform()
    ax.text(-0.225, place, f"{row.number}", transform=along, va="center_baseline")
    ax.text(-0.18, place, f"stride {row.stride}" if row.stride > 1 else "", transform=along, va="center_baseline")
    ax.text(1.02, place, f"{row.receptive_field}", transform=along, va="center_baseline")
