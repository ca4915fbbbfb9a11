"""Class activation on a moving body: which joints spoke for a class, and when."""

import numpy as np
from matplotlib.cm import ScalarMappable

from ..graph.matrices import draw_color_bar
from ..page.style import GREY, add_panel, new_figure, styled, weight_scale, write_title
from ..time.film import draw_strip, lay_out_strip, strip_inches

_BAR = 1.1  # inches for the colour bar


@styled
def activation_strip(clip, skeleton, activation, *, frames=8, view=(0, 1), person=0, y_down=False, title=None):
    """A film strip whose joints are discs, larger and darker the larger their part in the logit of a class: a Figure.

    clip, skeleton, frames, view, person, y_down   as for `film_strip`
    activation  (T, V, M): numbers of either sign. One scale for all frames; above 0 spoke for the class, below against

    Raises ValueError as `film_strip` does, and for an activation that is not (T, V, M) finite numbers.
    """
    strip = lay_out_strip(clip, skeleton, frames, view, person, y_down)
    values = _checked(activation, np.asarray(clip).shape[-3:])[:, :, person]
    cmap, norm = weight_scale(values)
    width, height = strip_inches(strip, 9.6 - _BAR)
    figure = new_figure(width + _BAR, round(height + (0.1 if title is None else 0.5), 2))
    ax = add_panel(figure, 0, 0, width, height)

    def mark(t, pose, present):
        for v in np.flatnonzero(present):
            share = round(float(values[t, v] / norm.vmax), 4)
            size, color = round(3 + 8 * abs(share) ** 0.5, 3), cmap(norm(share * norm.vmax))
            ax.plot(*pose[v], "o", markersize=size, markerfacecolor=color, markeredgecolor=GREY, markeredgewidth=0.6,
                    clip_on=False, zorder=6)  # fmt: skip

    draw_strip(ax, strip, skeleton, mark)
    tall = min(height - 0.5, 1.9)
    bar = add_panel(figure, width + 0.1, (height - tall) / 2, 0.14, tall, frame=True)
    draw_color_bar(bar, ScalarMappable(norm, cmap), "part in the logit")
    write_title(figure, title)
    return figure


def _checked(activation, shape):
    activation = np.asarray(activation, dtype=float)
    if activation.shape != shape or not np.all(np.isfinite(activation)):
        raise ValueError(f"activation_strip: activation must be (T, V, M) = {shape}, finite, got {activation.shape}")
    return activation
