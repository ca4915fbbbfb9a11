"""`python -m figures [--out DIR]` renders the gallery, `python -m figures strips SET OUTDIR` the classes of a set."""

import argparse
import sys
from pathlib import Path

import matplotlib
import numpy as np

from reference import load_clips

from .gallery import FOLDER, GALLERY, render
from .strips import class_strips


def main(arguments=None):
    """Draw the gallery, and print each file with its alt text; or the strips of a set, and count them. Exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m figures", description="Render the gallery of figures as SVG files, or the classes of a set."
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write to (default: figures/gallery)")
    commands = parser.add_subparsers(dest="command")
    strips = commands.add_parser("strips", help="draw a film strip for each class of a sequence set")
    strips.add_argument("set", metavar="SET", help="an .npz, a folder of .npy, or the name of an embedded set")
    strips.add_argument("folder", metavar="OUTDIR", type=Path)
    options = parser.parse_args(arguments)
    matplotlib.use("svg")  # no window and no display are needed
    if options.command == "strips":
        return draw_strips(options.set, options.folder)
    for path in render(options.out):
        print(f"{path.name} ({path.stat().st_size / 1000:.0f} kB): {GALLERY[path.name].alt}")
    return 0


def draw_strips(name_or_path, folder):
    """Run `strips`; its exit status."""
    try:
        sequences = load_clips(name_or_path)
        total = len(np.unique(sequences.label))
        for number, path in enumerate(class_strips(sequences, folder), start=1):
            print(f"{number} of {total}: {path}", flush=True)
    except (ValueError, OSError) as error:
        print(f"figures strips: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
