"""The explorer: ST-GCN in one HTML page, by touching it.

`python -m figures.explorer` (`make explorer`) writes build/explorer.html: one file, which needs no server and no
network. All numbers in it come out of reference/ and figures/ while it is built; what the page computes itself (the
formula, in formula.js and temporal_formula.js; the trained network, in clip_views.js, inference.js and pokes.js) is
tested against reference/.

    files_in.js     clips of the reader's own, read in the browser: npz.js, openpose_files.js, joint_table.js
    address.js      the page's address: ?clip=mocap_15/kick&frame=5&joint=7&strategy=...&normalisation=...&section=5,
                    and ?only=3 for one section in a slide or a frame
    collect.py      what the page knows: skeletons, clips, weights, the layer table, expected values
    trained.py      the trained network: its weights as float16, and what it was measured with
    colours.py      the palette of the figures as CSS variables, for light and dark
    bundle.py       page.html, three style sheets and the modules *.js, made into one file; worker.js runs beside it
"""

from .bundle import PREVIEW, build_page

__all__ = ["PREVIEW", "build_page"]
