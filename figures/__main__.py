"""The command line: render the gallery, draw a training's files, or draw every class of a sequence set.

python -m figures [--out DIR]          python -m figures WHAT IN OUT.svg          python -m figures strips SET OUTDIR
"""

import argparse
import sys
from pathlib import Path

import matplotlib
import numpy as np

from reference import load_clips
from reference.input_files import check_file
from reference.terminal import parsed, run, shown

from .gallery import FOLDER, GALLERY, render
from .page.style import save_svg
from .time.strips import class_strips
from .training.training_files import DRAWINGS


def main(arguments=None):
    """Draw the gallery and print each file with its alt text, or draw what else is named; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m figures", description="Render the gallery of figures as SVG files, or draw a training's files."
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write to (default: figures/gallery)")
    commands = parser.add_subparsers(dest="what")
    for what, drawn in DRAWINGS.items():
        drawing = commands.add_parser(what, help=drawn.words, description=drawn.words)
        drawing.add_argument("source", type=Path)
        drawing.add_argument("destination", type=Path, metavar="OUT.svg")
    strips = commands.add_parser("strips", help="draw a film strip for each class of a sequence set")
    strips.add_argument("set", metavar="SET", help="an .npz, a folder of .npy, or the name of an embedded set")
    strips.add_argument("folder", metavar="OUTDIR", type=Path)
    options = parsed(parser, arguments)
    if options.what == "strips":
        return draw_strips(options.set, options.folder)
    if options.what is None:
        for path in render(options.out):
            print(f"{path.name} ({path.stat().st_size / 1000:.0f} kB): {GALLERY[path.name].alt}")
        return 0
    try:
        if options.destination.suffix != ".svg":  # what is written there is, whatever it is called
            raise OSError(f"the file to write must end in .svg, got {options.destination}")
        check_file(options.source)
        save_svg(DRAWINGS[options.what].draw(options.source), options.destination)
    except OSError as error:
        print(f"python -m figures {options.what}: {options.source}: {error}", file=sys.stderr)
        return 1
    except Exception as error:  # other content fails in any place of a drawing
        why = f"its content is of another kind: {type(error).__name__}: {shown(error)[:200]}"
        print(f"python -m figures {options.what}: {options.source}: {why}", file=sys.stderr)
        return 1
    return 0


def draw_strips(name_or_path, folder):
    """Draw a film strip for each class of a set, and count them; the exit status."""
    try:
        sequences = load_clips(name_or_path)
        total = len(np.unique(sequences.label))
        for number, path in enumerate(class_strips(sequences, folder), start=1):
            print(f"{number} of {total}: {path}", flush=True)
    except (ValueError, OSError) as error:
        print(f"python -m figures strips: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    matplotlib.use("svg")  # no window and no display are needed
    run(main)
