"""What the forward costs against the size of its input: measured times beside the analytic multiply-adds."""

import json
from pathlib import Path

from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from ..page.purples import PURPLE
from ..page.style import GREY, INK, add_panel, new_figure, styled, write_title

MEASUREMENT = Path(__file__).parent.parent / "measurements" / "cost.json"
_AXES = {"T": "frames T", "V": "joints V", "N": "clips N", "width": "width (channels, relative)"}
# Shape and dash double the colour.
_MARKS = (("o", "-", PURPLE), ("s", "--", "#A06A00"), ("^", ":", INK), ("D", "-.", "#4A7A3A"))
_WIDTH, _PANEL, _LEFT, _GAP = 9.4, (3.75, 2.2), 0.75, 0.85


def load_cost(path=MEASUREMENT):
    """A measurement that tests/benchmarks/cost.py wrote: a dict. FileNotFoundError if it is not there."""
    return json.loads(Path(path).read_text("utf-8"))


@styled
def cost_curves(measurement, *, title=None):
    """Time of the forward against frames, joints, clips and width, on logarithmic axes: a Figure.

    measurement  what `load_cost()` returns

    The grey line is no measurement: it is the multiply-adds of `reference.layer_table`, at the speed of a large matrix
    product on the same machine. No contestant can be below it; how far above it one is, is what its layers cost beyond
    multiplying and adding. The machine stands below.

    Raises ValueError if the measurement has no curves.
    """
    if not measurement.get("curves"):
        raise ValueError("cost_curves: the measurement has no curves; tests/benchmarks/cost.py writes one")
    rows = -(-len(measurement["curves"]) // 2)
    height = rows * (_PANEL[1] + 0.85) + 0.95
    figure = new_figure(_WIDTH, height + (0.4 if title else 0))
    for place, (axis, curve) in enumerate(measurement["curves"].items()):
        row, column = divmod(place, 2)
        left = _LEFT + column * (_PANEL[0] + _GAP)
        ax = add_panel(figure, left, height - 0.2 - _PANEL[1] - row * (_PANEL[1] + 0.85), *_PANEL, frame=True)
        lines = draw_cost_curve(ax, axis, curve, measurement["matrix_product_multiply_adds_per_second"])
    figure.legend(
        lines, [line.get_label() for line in lines], loc="lower center", ncols=len(lines), columnspacing=1.4,
        handlelength=2.6, bbox_to_anchor=(0.5, 0.36 / figure.get_figheight()),
    )  # fmt: skip
    machine = measurement["machine"]
    words = f"{machine['processor']}, {_counted(measurement['threads'], 'thread')}; PyTorch {machine['PyTorch']}"
    figure.text(0.5, 0.16 / figure.get_figheight(), words, ha="center", va="baseline", color=GREY)
    write_title(figure, title)
    return figure


def draw_cost_curve(ax, axis, curve, speed):
    """One panel on axes: the curve of one size; returns its lines. `speed` in multiply-adds a second."""
    sizes = curve["sizes"]
    bound = [1e3 * cost / speed for cost in curve["multiply_adds"]]
    lines = ax.plot(sizes, bound, color=GREY, linewidth=1, label="multiply-adds alone", clip_on=False)
    for (name, times), (marker, dash, color) in zip(curve["ms"].items(), _MARKS, strict=False):
        lines += ax.plot(
            sizes, times, color=color, marker=marker, linestyle=dash, linewidth=1.6, markersize=5, label=name,
            clip_on=False,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_major_locator(FixedLocator(sizes))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_minor_locator(NullLocator())
    for side in (ax.xaxis, ax.yaxis):
        side.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    ax.set_xlabel(_AXES.get(axis, axis))
    ax.set_ylabel("ms")
    ax.spines[["top", "right"]].set_visible(False)
    return lines


def _counted(number, word):
    return f"{number} {word}{'' if number == 1 else 's'}"
