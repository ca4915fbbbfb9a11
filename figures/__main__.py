"""`python -m figures [--out DIR]`: render the gallery. `python -m figures WHAT IN OUT.svg`: draw a training's files."""

import argparse
import os
import sys
from pathlib import Path

import matplotlib

from .gallery import FOLDER, GALLERY, render
from .style import save_svg
from .training_files import DRAWINGS


def main(arguments=None):
    """Draw the gallery and print each file with its alt text, or draw one file of a training; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m figures", description="Render the gallery of figures as SVG files, or draw a training's files."
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write to (default: figures/gallery)")
    commands = parser.add_subparsers(dest="what")
    for what, draw in DRAWINGS.items():
        drawing = commands.add_parser(what, help=draw.__doc__, description=draw.__doc__)
        drawing.add_argument("source", type=Path)
        drawing.add_argument("destination", type=Path, metavar="OUT.svg")
    options = parser.parse_args(arguments)
    if options.what is None:
        for path in render(options.out):
            print(f"{path.name} ({path.stat().st_size / 1000:.0f} kB): {GALLERY[path.name].alt}")
        return 0
    unfinished = options.destination.with_name(f"{options.destination.name}.unfinished")
    try:
        save_svg(DRAWINGS[options.what](options.source), unfinished)
        os.replace(unfinished, options.destination)  # whoever looks at the picture meanwhile sees the old one or this
    except (OSError, ValueError, KeyError) as error:
        print(f"python -m figures {options.what}: {options.source}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    matplotlib.use("svg")  # no window and no display are needed
    sys.exit(main())
