"""The explorer: ST-GCN in one HTML page, by touching it.

`python -m figures.explorer` (`make explorer`) writes build/explorer.html: one file, which needs no server and no
network. All numbers in it come out of reference/ and figures/ while it is built; what the page computes itself (the
formula, in formula.js and temporal_formula.js; the trained network, in clip_views.js, inference.js and pokes.js) is
tested against reference/.

    collect.py      what the page knows: skeletons, clips, weights, the layer table, expected values
    trained.py      the trained network: its weights as float16, and what it was measured with
    colours.py      the palette of the figures as CSS variables, for light and dark
    bundle.py       page.html, style.css and the modules *.js, made into one file; worker.js runs beside the page
"""

from .bundle import build_page

__all__ = ["build_page"]
