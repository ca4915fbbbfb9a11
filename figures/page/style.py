"""How every figure looks, and how it becomes an SVG file whose bytes are the same on every run.

The functions of this package draw inside `styled`, so the caller's rcParams are as before when they return. What
matplotlib reads only while it writes a file (the salt of its element ids, text as text) is set by `save_svg` and, for
a notebook, by `notebook_setup`.
"""

import functools
import sys

import matplotlib.pyplot as plt
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

from reference.terminal import shown
from reference.whole_files import whole_file

from .fonts import give_glyphs

ROOT = "#000000"
CENTRIPETAL = "#0072B2"
CENTRIFUGAL = "#D55E00"
INK = "#222222"  # text
GREY = "#6E6E6E"  # secondary lines
LIGHT = "#C9C9C9"  # what is only there for context
PALE = "#EFEFEF"

SMALLEST_TEXT = 11  # points; nothing is written smaller

STYLE = {
    "font.family": "sans-serif",
    # Viewers of the SVG who lack DejaVu Sans most likely have Verdana, which is as wide: the layout holds.
    "font.sans-serif": ["DejaVu Sans", "Bitstream Vera Sans", "Verdana", "Arial"],
    "mathtext.fontset": "dejavusans",
    "font.size": SMALLEST_TEXT,
    "axes.labelsize": SMALLEST_TEXT,
    "axes.titlesize": 12,
    "axes.titleweight": "normal",
    "xtick.labelsize": SMALLEST_TEXT,
    "ytick.labelsize": SMALLEST_TEXT,
    "legend.fontsize": SMALLEST_TEXT,
    "figure.titlesize": 14,
    "text.color": INK,
    "text.parse_math": False,  # a class may be called "$5"
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.grid": False,
    "axes.unicode_minus": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "figure.figsize": (6, 3.6),
    "figure.facecolor": "white",
    "figure.constrained_layout.use": False,
    "figure.autolayout": False,
    "savefig.facecolor": "white",
    "savefig.bbox": None,
    "savefig.transparent": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "stgcn-reference",
    "svg.image_inline": True,
    "path.simplify": False,
    "path.snap": True,
    "path.sketch": None,
    "path.effects": [],
}
_DIVERGING = LinearSegmentedColormap.from_list(
    "orange to white to purple", ["#7F3B08", "#C4690F", "#F2B765", "#FFFFFF", "#B0A8D6", "#6F5AAE", "#3F007D"], N=257
)
_NO_METADATA = {"Date": None, "Creator": None}


def styled(draw):
    """Decorator: the function draws in the project's style and leaves the caller's rcParams as they were. The texts of
    a Figure get fonts that have their letters, and are `shown`: names may hold anything."""

    @functools.wraps(draw)
    def drawing(*args, **kwargs):
        with plt.rc_context(STYLE):
            drawn = draw(*args, **kwargs)
        if isinstance(drawn, Figure):
            for text in drawn.findobj(Text):
                text.set_text(shown(text.get_text(), "\n"))  # or the SVG would be no XML, or cut off
            for axis in drawn.findobj(Axis):
                if isinstance(axis.get_major_locator(), FixedLocator):  # may have names, and writes them again
                    names = [text.get_text() for text in axis.get_majorticklabels()]
                    if names != (clean := [shown(name, "\n") for name in names]):
                        axis.set_ticks(axis.get_majorticklocs(), clean)
            give_glyphs(drawn)
        return drawn

    return drawing


def new_figure(width, height):
    """An empty figure of so many inches, known to pyplot, so that `plt.show()` in a notebook shows it."""
    return plt.figure(figsize=(width, height))


def add_panel(figure, left, bottom, width, height, *, frame=False):
    """Axes at a place given in inches from the figure's lower left corner; without `frame`, nothing of them shows."""
    total_width, total_height = figure.get_size_inches()
    ax = figure.add_axes((left / total_width, bottom / total_height, width / total_width, height / total_height))
    if not frame:
        ax.set_axis_off()
    return ax


def panel_inches(ax):
    """Width and height of axes, in inches."""
    box = ax.get_position(original=True)
    width, height = ax.figure.get_size_inches()
    return box.width * width, box.height * height


def write_title(figure, title):
    """A figure's own title, at the top left; nothing where `title` is None."""
    if title is not None:
        width, height = figure.get_size_inches()
        figure.text(0.15 / width, 1 - 0.1 / height, title, ha="left", va="top", fontsize=14)


def fade_to(color):
    """A sequential colour map from white to `color`."""
    return LinearSegmentedColormap.from_list(f"white to {color}", ["white", color], N=256)


def weight_scale(*arrays, largest=None):
    """The colour map and norm for numbers: sequential from 0, or diverging and centred on 0 if any is negative.

    largest  the number at the end of the scale; the largest magnitude in `arrays` unless given
    """
    if largest is None:
        largest = max(float(abs(array).max()) for array in arrays) or 1.0
    largest = float(f"{largest:.4g}")  # the last bits of a sum must not reach the file
    if any((array < 0).any() for array in arrays):
        return _DIVERGING, Normalize(-largest, largest)
    purples = plt.get_cmap("Purples")
    # The map as it is starts at a very pale purple; from plain white, an empty cell looks empty.
    return ListedColormap([(1, 1, 1, 1), *purples(range(1, 256))], "white to purple"), Normalize(0, largest)


def save_svg(figure, path):
    """Write `figure` to `path` as SVG, whole: text as text, no date, no creator, the same bytes on every run."""
    with plt.rc_context(STYLE), whole_file(path) as unfinished:
        figure.savefig(unfinished, format="svg", metadata=_NO_METADATA, bbox_inches=None)


def notebook_setup():
    """What a notebook calls once: the project's style for the session, and inline figures as reproducible SVG.

    End a plotting cell with `plt.show()`; a figure as the last value of a cell would be shown twice. Outside IPython
    only the style is set.
    """
    plt.rcParams.update(STYLE | {"text.parse_math": True})  # in the reader's own drawings $ is mathematics
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return
    from matplotlib_inline.backend_inline import set_matplotlib_formats  # present wherever a notebook runs

    set_matplotlib_formats("svg", metadata=_NO_METADATA, bbox_inches=None)
