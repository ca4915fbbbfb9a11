"""Time in pictures: a filter on the frames of one joint, curves under a moving body, and how far each layer sees."""

import numpy as np
from matplotlib.patches import Rectangle

from .body import SIDES, side_of
from .checks import check_clip, check_index
from .film import draw_film_strip, write_sides
from .style import GREY, INK, LIGHT, PALE, add_panel, new_figure, styled, write_title

_WINDOW, _DARK, _BAR = "#E4DEF2", "#5B3F9E", "#DAD6E8"
_CELL = 0.62, 0.42  # inches, width and height of the cell of one frame
_LEFT = 1.15  # inches for what the lines of cells are called
_MOST = 12  # cells in a line
_FREE = 0.3  # inches that a film strip leaves free on either side of its poses


@styled
def sliding_filter(frames, taps, t, *, stride=1, title=None):
    """One step of a temporal convolution, every number in its cell: a Figure.

    frames  (T,), one channel of one joint
    taps    (Γ,), Γ odd: the filter
    t       which frame of the output is computed before the reader's eyes, 0 to ⌈T/stride⌉ - 1
    stride  of the convolution

    From the top: the frames' numbers, the frames between their dashed zeros of padding, the taps under the frames that
    they meet, the products, and all of f_out, each output under the frame on which its filter is centred.

    Raises ValueError for frames or taps that are not a line of finite numbers, for an even Γ, for a t or a stride that
    is not possible, and if T + Γ - 1 is more than the 12 cells that a line has.
    """
    frames, taps = _line(frames, "frames"), _line(taps, "taps")
    gamma, T = len(taps), len(frames)
    if gamma % 2 == 0:
        raise ValueError(f"sliding_filter: taps must be an odd number of taps, got {gamma}")
    if not isinstance(stride, (int, np.integer)) or stride < 1:
        raise ValueError(f"sliding_filter: stride must be an integer >= 1, got {stride!r}")
    pad = (gamma - 1) // 2
    if T + 2 * pad > _MOST:
        raise ValueError(f"sliding_filter: a line has {_MOST} cells, {T} frames and {2 * pad} of padding do not fit")
    t = check_index(t, -(-T // stride), "sliding_filter", "t")
    padded = np.pad(frames, pad)
    f_out = np.round([taps @ padded[s : s + gamma] for s in range(0, T, stride)], 6)

    width, height = round(_LEFT + (T + 2 * pad) * _CELL[0] + 0.3, 2), 2.8
    figure = new_figure(max(width, 4.2), height + (0.4 if title else 0))
    ax = add_panel(figure, 0, 0, max(width, 4.2), height)
    ax.set_xlim(-pad - 0.5 - _LEFT / _CELL[0], -pad - 0.5 + (max(width, 4.2) - _LEFT) / _CELL[0])
    ax.set_ylim(6.1, 6.1 - height / _CELL[1])
    _draw_lines(ax, padded, pad, taps, t * stride)
    for s, number in enumerate(f_out):
        ax.plot((s * stride,) * 2, (4.4, 4.65), color=LIGHT if s != t else _DARK, linewidth=1)
        _cell(ax, s * stride, 5.3, number, bold=s == t, facecolor=_WINDOW if s == t else "white")
    write_title(figure, title)
    return figure


def _line(numbers, name):
    numbers = np.asarray(numbers, dtype=float)
    if numbers.ndim != 1 or not len(numbers) or not np.all(np.isfinite(numbers)):
        raise ValueError(f"sliding_filter: {name} must be a line of finite numbers, got {numbers}")
    return numbers


def _draw_lines(ax, padded, pad, taps, middle):
    """Everything above f_out: frame numbers, frames, taps and products around the frame `middle`."""
    for y, words in {0: "frame", 1: "f_in", 2.1: "times tap", 3.2: "product", 4.3: "sum", 5.3: "f_out"}.items():
        ax.text(-pad - 0.5 - 0.95 * _LEFT / _CELL[0], y, words, va="center_baseline", color=GREY if y == 0 else INK)
    for column, number in enumerate(padded, start=-pad):
        inside = 0 <= column < len(padded) - 2 * pad
        window = abs(column - middle) <= pad
        ax.text(column, 0, _number(column), ha="center", va="center_baseline", color=GREY)
        outline = {} if inside else {"linestyle": (0, (2, 1.5))}
        _cell(ax, column, 1, number, facecolor=_WINDOW if window else "white", **outline)
        if window:
            tap = taps[column - middle + pad]
            ax.text(column, 2.1, f"× {_number(tap)}", ha="center", va="center_baseline", color=_DARK)
            _cell(ax, column, 3.2, np.round(tap * number, 6), facecolor=PALE, linewidth=0)
    # A bracket gathers the products into the output below their middle.
    ends = (middle - pad - 0.4, middle + pad + 0.4)
    ax.plot((ends[0], ends[0], ends[1], ends[1]), (4.0, 4.4, 4.4, 4.0), color=_DARK, linewidth=1)


def _cell(ax, column, y, number, *, bold=False, **box):
    box = {"edgecolor": GREY, "linewidth": 0.8, "clip_on": False} | box
    ax.add_patch(Rectangle((column - 0.47, y - 0.47), 0.94, 0.94, **box))
    ax.text(column, y, _number(number), ha="center", va="center_baseline", fontweight="bold" if bold else "normal")


def _number(number):
    return f"{number + 0.0:g}".replace("-", "−")


@styled
def film_and_curves(clip, skeleton, panels, *, every=4, view="side", title=None):
    """A moving body as a film strip, and under it what filters say about its joints, frame by frame: a Figure.

    clip      (C, T, V, M) or (1, C, T, V, M); the first person is drawn
    skeleton  the Skeleton of its V joints
    panels    {heading: {joint: (T,)}}: a panel for each heading, in it a curve for each joint. A NaN leaves a gap
    every     a pose for every so many frames, each exactly above its place on the curves' axis
    view      as for `film_strip`

    Curves look like the limbs: solid and dark on the right side of the body and its middle, dashed and light on the
    left. Raises ValueError for a joint that the skeleton does not have, a curve that is not (T,), no panels at all, an
    `every` below 1, and for what `film_strip` refuses.
    """
    clip = check_clip(clip, skeleton, "film_and_curves")
    T = clip.shape[1]
    if not isinstance(every, (int, np.integer)) or every < 1:
        raise ValueError(f"film_and_curves: every must be an integer >= 1, got {every!r}")
    if not panels:
        raise ValueError("film_and_curves: panels holds no panel")
    panels = {heading: _checked_curves(curves, skeleton, T) for heading, curves in panels.items()}
    numbers = list(range(0, T, every))
    left, width, film, curve, gap = 0.75, 8.4, 2.0, 1.3, 0.5
    bottom = 0.7
    height = bottom + len(panels) * (curve + gap) + film + (0.5 if title else 0.15)
    figure = new_figure(9.6, round(height, 2))
    for place, (heading, curves) in enumerate(reversed(panels.items())):
        ax = add_panel(figure, left, bottom + place * (curve + gap), width, curve, frame=True)
        ax.set_xlim(-every / 2, every * (len(numbers) - 0.5))
        ax.set_xticks(numbers, numbers if place == 0 else [""] * len(numbers))
        _draw_curves(ax, curves, numbers)
        ax.set_title(heading, loc="left", fontsize=11)
        if place == 0:
            ax.set_xlabel("frame")
    ax = add_panel(figure, left - _FREE, bottom + len(panels) * (curve + gap), width + 2 * _FREE, film)
    draw_film_strip(ax, clip, skeleton, frames=numbers, view=view)
    write_sides(figure, skeleton, 9.45, height - (0.5 if title else 0.1))
    write_title(figure, title)
    return figure


def _checked_curves(curves, skeleton, T):
    for joint, curve in curves.items():
        if joint not in skeleton.joints:
            raise ValueError(f"film_and_curves: {skeleton} has no joint {joint!r}")
        if np.shape(curve) != (T,):
            raise ValueError(f"film_and_curves: the curve of {joint} must be ({T},), got {np.shape(curve)}")
    return {joint: np.round(np.asarray(curve, dtype=float), 3) for joint, curve in curves.items()}


def _draw_curves(ax, curves, numbers):
    for t in numbers:
        ax.axvline(t, color=PALE, linewidth=0.8, zorder=0)
    ax.axhline(0, color=LIGHT, linewidth=1.2, zorder=0)
    for joint, curve in curves.items():
        color, linestyle = SIDES[side_of(joint)]
        ax.plot(curve, color=color, linestyle=linestyle, linewidth=2, clip_on=False)
    ax.spines[["top", "right"]].set_visible(False)


@styled
def receptive_fields(table, *, title=None):
    """How many frames of the clip each row of the network sees, as bars on one axis of time: a Figure.

    table  what `reference.layer_table(...)` returns

    Every bar is centred on the frame that an output stands for. The dots are the taps of that row's filter, as far
    apart as two frames of the row's input are in the clip; the bar reaches beyond the outermost dots by half the bar
    above it. On the right stands the number of frames.

    Raises TypeError if `table` is not a layer table.
    """
    if not hasattr(table, "rows") or not hasattr(table, "input_shape"):
        raise TypeError(f"receptive_fields: expected what reference.layer_table(...) returns, got {table!r}")
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
    ax.add_patch(Rectangle((-half, place - 0.36), 2 * half, 0.72, facecolor=_BAR, linewidth=0))
    ax.plot(dots, np.full(len(dots), place), "o", color=_DARK, markersize=3.2)
    along = ax.get_yaxis_transform()
    ax.text(-0.225, place, f"{row.number}", transform=along, va="center_baseline")
    ax.text(-0.18, place, f"stride {row.stride}" if row.stride > 1 else "", transform=along, va="center_baseline")
    ax.text(1.02, place, f"{row.receptive_field}", transform=along, va="center_baseline")
