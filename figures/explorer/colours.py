"""The palette of the figures as CSS variables, for a light and for a dark page.

On a dark page every colour keeps its hue and becomes as light as it takes to stand out; black becomes nearly white.
"""

import colorsys

from ..graph.subset_style import subset_styles
from ..page.style import CENTRIFUGAL, CENTRIPETAL, INK, LIGHT, PALE, ROOT

DARK_PAGE = "#16181D"
LEAST_CONTRAST = 6.0  # of a colour on the dark page; WCAG asks for 4.5 for text
NEIGHBOUR = subset_styles(2, "distance")[1].color
# The purple of the figures' diverging map, and for below 0 an ochre: its orange is too near the centrifugal vermillion.
POSITIVE, NEGATIVE = "#6F5AAE", "#8A7000"

NAMES = {ROOT: "root", CENTRIPETAL: "centripetal", CENTRIFUGAL: "centrifugal", NEIGHBOUR: "neighbour"}
_SAME_ROLE = {
    "page": ("#FFFFFF", DARK_PAGE),
    "card": ("#FAFAFB", "#1C1F26"),
    "root": (ROOT, "#F2F2F2"),
    "ink": (INK, "#E8E8EA"),
    "grey": ("#5E5E5E", "#A9ABB2"),  # a little darker than the figures': small text stands on pale grounds, too
    "light": (LIGHT, "#4A4E57"),
    "pale": (PALE, "#262A32"),
    "marker": ("#FFDDEE", "#4A0F33"),  # the highlighter of the formula: what a part of it stands for
    "marker-line": ("#B8156F", "#FF8CC6"),
}
_SAME_HUE = {"centripetal": CENTRIPETAL, "centrifugal": CENTRIFUGAL, "neighbour": NEIGHBOUR,
             "positive": POSITIVE, "negative": NEGATIVE}  # fmt: skip
# Where the reader's system has colours of its own, these are used; shapes and dashes tell the subsets apart.
_FORCED = {
    "page": "Canvas", "card": "Canvas", "pale": "Canvas", "light": "GrayText", "grey": "CanvasText",
    "ink": "CanvasText", "root": "CanvasText", "centripetal": "LinkText", "centrifugal": "CanvasText",
    "neighbour": "LinkText", "positive": "Highlight", "negative": "CanvasText",
}  # fmt: skip


def css_variables():
    """The rules that define --ink, --centripetal and the others: light, dark, for print, and forced by the system."""
    light = {name: pair[0] for name, pair in _SAME_ROLE.items()} | _SAME_HUE
    dark = {name: pair[1] for name, pair in _SAME_ROLE.items()}
    dark |= {name: on_dark(colour) for name, colour in _SAME_HUE.items()}
    return (
        f":root {{ color-scheme: light; {_rule(light)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark; {_rule(dark)} }} }}\n"
        f"@media (forced-colors: active) {{ :root {{ color-scheme: light dark; {_rule(_FORCED)} }} }}"
    )


def _rule(colours):
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def on_dark(colour):
    """A colour "#rrggbb" of the same hue, as light as it takes to have LEAST_CONTRAST on the dark page."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while contrast(colour, DARK_PAGE) < LEAST_CONTRAST or lightness < 0.55:
        lightness += 0.01
        channels = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = "#" + "".join(f"{round(255 * channel):02X}" for channel in channels)
    return colour


def contrast(one, other):
    """The contrast ratio of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _channels(colour):
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _luminance(colour):
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
