"""The eigenvalues of several matrices on one axis."""

from collections import Counter

import numpy as np

from ..page.style import GREY, INK, LIGHT, PALE, add_panel, new_figure, styled, write_title

_ROW, _DOT = 0.62, 8  # inches for each matrix; the diameter of a dot, in points
_LETTER = 0.098  # inches, at most, that one letter of a heading takes


@styled
def eigenvalue_rows(spectra, *, label="eigenvalue", title=None):
    """A line of dots for each matrix, one dot for each eigenvalue, all on one axis: a Figure.

    spectra  {heading: (V,) real eigenvalues}, in any order and number
    label    what the axis shows, in words

    Equal eigenvalues are stacked. From -1 to 1 the ground is grey: there, repeated multiplication lets nothing grow.
    Eigenvalues are drawn to three decimals, so that the last bits of an eigensolver move no dot.

    Raises ValueError, naming the heading, for what is not a list of finite real numbers, and if there is no spectrum.
    """
    if not spectra:
        raise ValueError("eigenvalue_rows: spectra holds no eigenvalues")
    rows = {heading: _checked(values, heading) for heading, values in spectra.items()}
    every = np.concatenate(list(rows.values()))
    low, high = min(every.min(), -1.0), max(every.max(), 1.0)
    room = 0.06 * (high - low)
    left = 0.3 + _LETTER * max(len(heading) for heading in rows)
    bottom, body = 0.6, _ROW * len(rows)
    figure = new_figure(max(left + 4.0, 8.0), round(bottom + body + 0.15 + (0.4 if title else 0), 2))
    ax = add_panel(figure, left, bottom, figure.get_figwidth() - left - 0.25, body, frame=True)
    ax.set_xlim(low - room, high + room)
    ax.set_ylim(len(rows), 0)  # a matrix has the height 1, the first at the top
    ax.axvspan(-1, 1, color=PALE, linewidth=0, zorder=0)
    for x in (-1, 0, 1):
        ax.axvline(x, color=LIGHT, linewidth=0.8, zorder=1)
    for row, values in enumerate(rows.values()):
        ax.axhline(row + 0.8, color=GREY, linewidth=0.8, zorder=1)
        x, y = _stacked(values, row + 0.8)
        ax.plot(x, y, "o", markersize=_DOT, markerfacecolor=INK, markeredgecolor="white", markeredgewidth=0.8,
                linestyle="none", clip_on=False, zorder=2)  # fmt: skip
    ax.set_yticks(np.arange(len(rows)) + 0.8, list(rows))
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(label)
    ax.spines[:].set_visible(False)
    write_title(figure, title)
    return figure


def _stacked(values, ground):
    """Where the dots of one matrix go: equal values one above the other, many of them closer together."""
    counts = Counter(values.tolist())
    room = {x: min(_DOT / 72 / _ROW, 0.6 / max(count - 1, 1)) for x, count in counts.items()}
    places = [(x, ground - n * room[x]) for x in sorted(counts) for n in range(counts[x])]
    return np.round(np.array(places).T, 4)


def _checked(values, heading):
    values = np.asarray(values)
    if values.ndim != 1 or len(values) == 0 or values.dtype.kind not in "iuf":
        raise ValueError(
            f"eigenvalue_rows: {heading!r} must be a line of real numbers, got {values.shape} of {values.dtype}"
        )
    if not np.all(np.isfinite(values)):
        raise ValueError(f"eigenvalue_rows: {heading!r} has {values[~np.isfinite(values)][0]}")
    return np.round(values.astype(float), 3) + 0.0  # no minus zero
