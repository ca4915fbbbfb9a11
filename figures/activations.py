"""Inside the network: the steps of a block, and how large the activations are of each joint in each frame."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Ellipse, FancyArrowPatch, PathPatch, Rectangle
from matplotlib.path import Path

from reference.layer_table import needs_residual_conv

from .checks import check_skeleton
from .style import GREY, INK, LIGHT, PALE, add_panel, new_figure, styled, write_title

_SHADES = 8
_CONVOLUTION = "#DAD6E8"
_WIDTH, _LANE = 9.6, 1.75  # inches: the figure, and one block
_BOX, _GAP = 0.62, 0.22  # the height of a step, and the room for an arrow between two
_START = 0.2


@styled
def activation_maps(maps, skeleton, *, title=None):
    """How large the activations are, for every joint and frame, stage by stage: a Figure.

    maps      {heading: f (C, T, V)}, at most 4: the output of a stage for one video. A cell is the mean of |f| over C
    skeleton  of the V joints

    Joints are rows, from the first at the top. All maps are equally wide, so where T is smaller the cells are wider;
    the ticks are the stage's own first, middle and last frame. Each map has its own scale, below it, from 0 to the
    largest of its cells.

    Raises ValueError, naming the heading, for an f that is not (C, T, V), does not fit the skeleton or is not finite,
    and for a number of maps that is not 1 to 4.
    """
    check_skeleton(skeleton, "activation_maps")
    if not 1 <= len(maps) <= 4:
        raise ValueError(f"activation_maps: 1 to 4 maps fit side by side, got {len(maps)}")
    sizes = {heading: _sizes(f, skeleton, heading) for heading, f in maps.items()}
    names = [joint.replace("_", " ") for joint in skeleton.joints]
    left, bottom, gap, tall = 0.35 + 0.085 * max(map(len, names)), 0.95, 0.3, 0.2 * len(names)
    wide = min(3.4, (_WIDTH - left - gap * len(maps)) / len(maps))
    head = 0.2 + 0.2 * max(heading.count("\n") + 1 for heading in maps) + (0.4 if title else 0)
    figure = new_figure(round(left + (wide + gap) * len(maps), 2), round(bottom + tall + head, 2))
    for place, (heading, size) in enumerate(sizes.items()):
        x = left + place * (wide + gap)
        ax = add_panel(figure, x, bottom, wide, tall, frame=True)
        draw_activation_map(ax, size)
        ax.set_yticks(range(len(names)), names if place == 0 else [""] * len(names))
        ax.set_xlabel("frame")
        ax.set_title(heading)
        _draw_scale(add_panel(figure, x, 0.15, wide, 0.16), size.max())
    write_title(figure, title)
    return figure


def draw_activation_map(ax, size):
    """Sizes (T, V) as cells on axes, frames to the right, joints downwards, in eight shades from 0 to the largest."""
    T, V = size.shape
    shade = np.minimum(np.floor(_SHADES * size / (size.max() or 1)), _SHADES - 1).astype(int)
    for step, color in enumerate(_shades()):
        cells = [_cell(t, end, v) for v in range(V) for t, end in _runs(shade[:, v] == step)]
        if cells:
            ax.add_patch(PathPatch(Path.make_compound_path(*cells), facecolor=color, edgecolor=color, linewidth=0.3))
    ax.set_xlim(-0.5, T - 0.5)
    ax.set_ylim(V - 0.5, -0.5)
    ax.set_xticks(sorted({0, (T - 1) // 2, T - 1}))
    ax.tick_params(length=3)


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
    if not hasattr(table, "rows") or not hasattr(table, "input_shape"):
        raise TypeError(f"block_diagrams: expected what reference.layer_table(...) returns, got {table!r}")
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
        (f"spatial conv\n{row.in_channels} → {C}", 1.15, _CONVOLUTION), ("BN", 0.45, PALE), ("ReLU", 0.6, "white"),
        (f"temporal conv{stride}", 1.3, _CONVOLUTION), ("BN", 0.45, PALE),
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
    _draw_step(ax, 2.0, low, 1.75, convolution, _CONVOLUTION, height=0.34)
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


def _draw_scale(ax, largest):
    """The eight shades in a line, with the numbers at its ends."""
    words = f"{largest:.2g}"
    left, right = 0.1, 0.76
    for step, color in enumerate(_shades()):
        width = (right - left) / _SHADES
        ax.add_patch(Rectangle((left + step * width, 0), width, 1, facecolor=color, edgecolor=LIGHT, linewidth=0.4))
    ax.text(left - 0.03, 0.5, "0", ha="right", va="center_baseline")
    ax.text(right + 0.03, 0.5, words, ha="left", va="center_baseline")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)


def _shades():
    return [plt.get_cmap("Purples")(share) for share in np.linspace(0.02, 1, _SHADES)]


def _runs(mask):
    """Where a line of booleans is True: (start, end) of every unbroken run."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True)


def _cell(t, end, v):
    """Frames t to end - 1 of joint v as a closed path."""
    left, right = t - 0.5, end - 0.5
    corners = [(left, v - 0.5), (right, v - 0.5), (right, v + 0.5), (left, v + 0.5), (left, v - 0.5)]
    return Path(corners, closed=True)


def _sizes(f, skeleton, heading):
    """The mean of |f| over the channels, (T, V)."""
    f = np.asarray(f)
    if f.ndim != 3 or f.shape[2] != skeleton.num_joints or 0 in f.shape:
        raise ValueError(
            f"activation_maps: {heading!r} must be (C, T, V), V = {skeleton.num_joints} for {skeleton}, got {f.shape}"
        )
    if not np.all(np.isfinite(f)):
        c, t, v = np.argwhere(~np.isfinite(f))[0]
        raise ValueError(f"activation_maps: {heading!r} has {f[c, t, v]} in channel {c}, frame {t}, joint {v}")
    return np.mean(np.abs(f), axis=0)
