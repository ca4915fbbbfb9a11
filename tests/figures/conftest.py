from itertools import combinations

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text

from figures.page.style import SMALLEST_TEXT


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def assert_readable():
    """A function that fails if a figure has text that is too small, cut off by the canvas or on other text."""

    def check(figure):
        texts = _written_texts(figure)
        assert min(text.get_fontsize() for text, _ in texts) >= SMALLEST_TEXT
        width, height = figure.get_size_inches() * figure.dpi
        for text, box in texts:
            inside = box.x0 >= 1 and box.y0 >= 1 and box.x1 <= width - 1 and box.y1 <= height - 1
            assert inside, f"{text.get_text()!r} is cut off: {box} on {width:.0f} x {height:.0f}"
        for (one, first), (two, second) in combinations(texts, 2):
            assert not _overlap(first, second), f"{one.get_text()!r} and {two.get_text()!r} overlap"

    return check


def _written_texts(figure):
    """Every text that shows, with its box in pixels."""
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    hidden = set()
    for ax in figure.axes:
        for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            if not ax.axison:
                hidden |= set(axis.findobj(Text))
            for tick in axis.get_major_ticks():  # labels beyond the limits exist, but are not drawn
                if not min(limits) - 1e-9 <= tick.get_loc() <= max(limits) + 1e-9:
                    hidden |= {tick.label1, tick.label2}
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in hidden]
    return [(text, text.get_window_extent(renderer)) for text in texts]


def _overlap(first, second):
    # A box is as high as the tallest letters of its font, so two may share a pixel where their letters do not.
    across = min(first.x1, second.x1) - max(first.x0, second.x0)
    upwards = min(first.y1, second.y1) - max(first.y0, second.y0)
    return across > 1 and upwards > 1.5
