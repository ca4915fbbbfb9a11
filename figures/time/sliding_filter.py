"""One step of a temporal convolution: a filter on the frames of one joint, every number in its cell."""

import numpy as np
from matplotlib.patches import Rectangle

from ..page.checks import check_index
from ..page.purples import PURPLE
from ..page.style import GREY, INK, LIGHT, PALE, add_panel, new_figure, styled, write_title

_WINDOW = "#E4DEF2"
_CELL = 0.62, 0.42  # inches, width and height of the cell of one frame
_LEFT = 1.15  # inches for what the lines of cells are called
_MOST = 12  # cells in a line


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
        ax.plot((s * stride,) * 2, (4.4, 4.65), color=LIGHT if s != t else PURPLE, linewidth=1)
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
            ax.text(column, 2.1, f"× {_number(tap)}", ha="center", va="center_baseline", color=PURPLE)
            _cell(ax, column, 3.2, np.round(tap * number, 6), facecolor=PALE, linewidth=0)
    # A bracket gathers the products into the output below their middle.
    ends = (middle - pad - 0.4, middle + pad + 0.4)
    ax.plot((ends[0], ends[0], ends[1], ends[1]), (4.0, 4.4, 4.4, 4.0), color=PURPLE, linewidth=1)


def _cell(ax, column, y, number, *, bold=False, **box):
    box = {"edgecolor": GREY, "linewidth": 0.8, "clip_on": False} | box
    ax.add_patch(Rectangle((column - 0.47, y - 0.47), 0.94, 0.94, **box))
    ax.text(column, y, _number(number), ha="center", va="center_baseline", fontweight="bold" if bold else "normal")


def _number(number):
    return f"{number + 0.0:g}".replace("-", "−")
