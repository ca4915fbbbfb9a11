"""What each subset of a neighbourhood is called, and its colour, marker and line style in every figure."""

from typing import NamedTuple

import numpy as np
from matplotlib.path import Path

from reference import STRATEGIES, partition

from ..page.style import CENTRIFUGAL, CENTRIPETAL, ROOT


class SubsetStyle(NamedTuple):
    """One subset: said three times over, by colour, by marker and by line style."""

    words: str
    color: str
    marker: object  # for the joint; "in" and "out" are drops that point along the bone
    linestyle: object
    hollow: bool = False

    @property
    def name(self):
        """The words without their explanation: "centripetal"."""
        return self.words.partition(":")[0].split(" ", 1)[1]


_DASHED, _DOTTED, _DASH_DOT = (0, (1.5, 0.8)), (0, (0.6, 0.8)), (0, (2.5, 0.8, 0.6, 0.8))
_ITSELF, _CLOSER, _FARTHER = (ROOT, "o", "solid"), (CENTRIPETAL, "in", "solid"), (CENTRIFUGAL, "out", _DASHED, True)
_TOWARDS_THE_CENTRE = {
    "spatial": (
        SubsetStyle("0 root / equally far", *_ITSELF),
        SubsetStyle("1 centripetal: closer to the centre", *_CLOSER),
        SubsetStyle("2 centrifugal: farther from the centre", *_FARTHER),
    ),
    "widely_copied": (
        SubsetStyle("0 root", *_ITSELF),
        SubsetStyle("1 farther or equally far", *_FARTHER),
        SubsetStyle("2 closer", *_CLOSER),
    ),
}
# Colours that are neither the centripetal blue nor the centrifugal vermillion, for subsets that mean something else.
_OTHERS = (
    (ROOT, "o", "solid", False),
    ("#007A5A", "s", "solid", False),
    ("#8B4A9C", "D", _DASHED, True),
    ("#7A6000", "p", _DASH_DOT, False),
    ("#2F6690", "h", _DOTTED, True),
    ("#7F3B4B", "^", "solid", False),
)


def recognise(A, skeleton):
    """Which strategy made A (K, V, V), by its content: one of `reference.STRATEGIES`, or None."""
    for strategy in sorted(STRATEGIES, key="distance".__eq__):  # last: a body of one joint is spatial, too
        max_hop = max(1, len(A) - 1) if strategy == "distance" else 1  # there is one subset for each number of hops
        if np.array_equal(A != 0, partition(skeleton, strategy, max_hop=max_hop) != 0):
            return strategy
    return None


def subset_styles(K, strategy):
    """The K styles for a strategy; for None, words that claim nothing.

    Raises ValueError for another strategy, and for one that cannot have made K subsets.
    """
    possible = {None: True, "uni_labeling": K == 1, "distance": K >= 2, "spatial": K == 3, "widely_copied": K == 3}
    if strategy not in possible:
        known = ", ".join(f'"{name}"' for name in STRATEGIES)
        raise ValueError(f"strategy must be {known} or None, got {strategy!r}")
    if not possible[strategy]:
        raise ValueError(f"strategy {strategy!r} cannot have made the {K} subsets of A")
    if strategy in _TOWARDS_THE_CENTRE:
        return _TOWARDS_THE_CENTRE[strategy]
    if strategy == "uni_labeling":
        words = ["0 root and neighbours"]
    elif strategy == "distance":
        words = ["0 root", "1 neighbour", *(f"{k} neighbour, {k} hops away" for k in range(2, K))]
    else:
        words = [f"subset {k}" for k in range(K)]
    return tuple(SubsetStyle(words[k], *_OTHERS[k % len(_OTHERS)]) for k in range(K))


DROP_TIP = 1.6  # how far a drop's tip is from its middle, in radii of its round end


def drop(direction):
    """A marker that contains a number and points: a circle drawn out to a tip in `direction` (2,)."""
    half_angle = np.arccos(1 / DROP_TIP)  # where the tangents from the tip touch the circle
    around = np.linspace(half_angle, 2 * np.pi - half_angle, 25)
    corners = np.vstack([(DROP_TIP, 0.0), np.stack([np.cos(around), np.sin(around)], axis=1), (DROP_TIP, 0.0)])
    c, s = np.asarray(direction, dtype=float) / max(float(np.hypot(*direction)), 1e-9)
    turned = np.round(corners @ np.array([(c, s), (-s, c)]), 4)
    return Path(turned, closed=True)
