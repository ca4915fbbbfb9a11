"""`python -m figures [--out DIR]`: render the gallery."""

import argparse
from pathlib import Path

import matplotlib

from .gallery import FOLDER, GALLERY, render


def main():
    """Draw the gallery, and print each file with its alt text."""
    parser = argparse.ArgumentParser(
        prog="python -m figures", description="Render the gallery of figures as SVG files."
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write to (default: figures/gallery)")
    matplotlib.use("svg")  # no window and no display are needed
    for path in render(parser.parse_args().out):
        print(f"{path.name} ({path.stat().st_size / 1000:.0f} kB): {GALLERY[path.name].alt}")


if __name__ == "__main__":
    main()
