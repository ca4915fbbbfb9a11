"""How far one computation of the network is from another, stage after stage."""

from math import ceil, floor, inf, log10, nan

from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..page.purples import PURPLE
from ..page.style import GREY, INK, PALE, add_panel, new_figure, styled, write_title

# (colour, marker, line style): none of the colours that mean a subset
_SERIES = ((PURPLE, "o", "solid"), (INK, "s", (0, (4, 1.5))), ("#007A5A", "^", (0, (1, 1))), (GREY, "D", "solid"))
_WIDTH = 9.6
_LEFT = 0.85
_NARROWEST = 3  # how many stages wide a group must be, so that its name fits below it
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@styled
def stage_errors(errors, *, limits=None, label="relative error", title=None):
    """Errors on a logarithmic axis, from the first stage of the network to the last: a Figure.

    errors  {series: {stage: error}}, at most four series, with the same stages in the same order; stages have the names
            that `reference.forward` gives them in its trace
    limits  {words: error}: dashed lines across, the tolerance of a test for example
    label   what an error is, in words

    The stages of a block stand together, with the number of the block below them, counted from 0. An error of 0 is left
    out: a logarithmic axis has no place for it. Errors are drawn to two significant digits. Rounding noise differs
    between machines by more than that; for a file that is the same everywhere, add up in a fixed order.

    Raises ValueError, naming it, for no series or too many, for stages that differ, for an error that is negative or
    not finite, and if none is above 0.
    """
    limits = limits or {}
    rounded = {series: _checked(series, values, errors) for series, values in errors.items()}
    if not 1 <= len(rounded) <= len(_SERIES):
        raise ValueError(f"stage_errors: expected one to {len(_SERIES)} series, got {len(rounded)}")
    limits = _checked("limits", limits, {"limits": limits})
    drawn = [error for values in [*rounded.values(), limits] for error in values.values() if error > 0]
    if not drawn:
        raise ValueError("stage_errors: every error is 0, which a logarithmic axis has no place for")

    figure = new_figure(_WIDTH, 4.4 if title else 4.0)
    ax = add_panel(figure, _LEFT, 0.7, _WIDTH - _LEFT - 0.15, 2.85, frame=True)
    places, groups = _places(next(iter(rounded.values())))
    for (series, values), (color, marker, line) in zip(rounded.items(), _SERIES, strict=False):
        heights = [error or nan for error in values.values()]
        ax.plot(places, heights, color=color, marker=marker, linestyle=line, markersize=4.5, label=series, zorder=3)
    # Some room beyond the smallest and the largest, where words stand on a line
    _draw_powers_of_ten(ax, floor(log10(min(drawn)) - 0.2), ceil(log10(max(drawn)) + 0.4))
    _draw_groups(ax, groups)
    for words, limit in limits.items():
        ax.axhline(limit, color=GREY, linewidth=1, linestyle=(0, (6, 3)), zorder=2)
        ax.text(0.99, limit, words, ha="right", va="bottom", color=GREY, transform=ax.get_yaxis_transform())
    ax.set_ylabel(label)
    ax.set_xlabel("stage; a number is a block: its spatial convolution, temporal convolution and output")
    figure.legend(loc="upper left", bbox_to_anchor=(_LEFT / _WIDTH, 3.98 / figure.get_figheight()), ncols=len(rounded))
    write_title(figure, title)
    return figure


def _checked(name, values, errors):
    """The errors of one series, to two significant digits."""
    first = next(iter(errors))
    if list(values) != list(errors[first]):
        raise ValueError(f"stage_errors: {name!r} has other stages than {first!r}, or another order")
    for stage, error in values.items():
        if not 0 <= error < inf:
            raise ValueError(f"stage_errors: {name!r} has {error} at {stage!r}, which is no error")
    return {stage: float(f"{error:.2g}") for stage, error in values.items()}


def _places(stages):
    """Where each stage stands from left to right, and {group: (begin, end)}: the stages of a block are one group."""
    sizes = {}
    for stage in stages:
        name = ".".join(stage.split(".")[:2])
        sizes[name] = sizes.get(name, 0) + 1
    places, groups, begin = [], {}, 0.0
    for name, size in sizes.items():
        width = max(size, _NARROWEST)
        places += [begin + (width - size + 1) / 2 + number for number in range(size)]
        groups[name] = (begin, begin + width)
        begin += width
    return places, groups


def _draw_powers_of_ten(ax, low, high):
    powers = range(high, low - 1, -1 - (high - low) // 10)
    ax.set_yscale("log")
    ax.set_ylim(10.0**low, 10.0**high)
    ax.yaxis.set_major_locator(FixedLocator([10.0**power for power in powers]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda height, _: f"10{f'{log10(height):.0f}'.translate(_SUPERSCRIPT)}"))


def _draw_groups(ax, groups):
    for begin, end in list(groups.values())[1::2]:
        ax.axvspan(begin, end, color=PALE, linewidth=0, zorder=0)
    ax.set_xlim(0, max(end for _, end in groups.values()))
    middles = [(begin + end) / 2 for begin, end in groups.values()]
    ax.set_xticks(middles, [name.removeprefix("blocks.") for name in groups])
    ax.tick_params(axis="x", length=0)
