"""How large the activations of each joint are in each frame, stage by stage."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from ..page.checks import check_skeleton
from ..page.style import LIGHT, add_panel, new_figure, styled, write_title

_SHADES = 8
_WIDTH = 9.6  # inches


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
