"""Names in any script: what the usual font lacks is drawn with an installed font that has it, if there is one."""

import functools
import sys
import unicodedata
import warnings

from matplotlib import font_manager
from matplotlib.text import Text

_boxes = set()  # the letters that no font has, once that was said


def letters(text):
    """How many letters wide a text is: Chinese, Japanese and Korean ones are as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in str(text))


def give_glyphs(figure):
    """Give each text of a figure that the usual font cannot write the fonts that it needs.

    If there are letters that no installed font has, that is said on stderr, once; matplotlib then draws boxes, without
    its warnings. In an SVG they are text, which a viewer writes with fonts of its own.
    """
    boxes = set()
    for text in figure.findobj(Text):
        if text.get_text().isascii():
            continue
        lacking = {letter for letter in text.get_text() if not letter.isspace()}
        lacking -= _glyphs(font_manager.findfont(text.get_fontproperties()))
        more = []
        while lacking:
            best = max(_installed(), key=lambda name: len(lacking & _glyphs(_installed()[name])))
            if not lacking & _glyphs(_installed()[best]):
                break
            more.append(best)
            lacking -= _glyphs(_installed()[best])
        boxes |= lacking
        if more:
            text.set_fontfamily([*text.get_fontfamily(), *more])
    if boxes:
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
        if not _boxes:
            print(
                f"no installed font has letters such as {''.join(sorted(boxes)[:9])}: they are drawn as boxes, unless"
                " the viewer of an SVG has a font of its own; install one, for Chinese Noto Sans CJK, for example",
                file=sys.stderr,
            )
        _boxes.update(boxes)


@functools.cache
def _installed():
    """{name: file} of the upright fonts, those of normal weight first, of these the sans-serif ones; none that only has
    boxes."""
    upright = [f for f in font_manager.fontManager.ttflist if f.style == "normal" and "Last Resort" not in f.name]
    found = {}
    for font in sorted(upright, key=lambda font: (font.weight != 400, "Sans" not in font.name, font.name)):
        found.setdefault(font.name, font.fname)
    return found


@functools.cache
def _glyphs(file):
    return frozenset(map(chr, font_manager.get_font(file).get_charmap()))
