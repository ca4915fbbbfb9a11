"""python -m figures.explorer [FILE]: write the explorer, to build/explorer.html unless another file is named."""

import argparse
from pathlib import Path

from reference.terminal import parsed, run
from reference.whole_files import write_whole

from . import PREVIEW, build_page


def main(arguments=None):
    """Build the page, its preview picture beside it, and say where it is and how large."""
    parser = argparse.ArgumentParser(prog="python -m figures.explorer", description="Write the explorer, a page.")
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path("build/explorer.html"), metavar="FILE", help="(default: %(default)s)"
    )
    path = parsed(parser, arguments).path
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, build_page())
    write_whole(path.parent / PREVIEW.name, PREVIEW.read_bytes())
    print(f"wrote {path}: {path.stat().st_size / 1e6:.2f} MB. Open it in a browser; it needs no network.")


if __name__ == "__main__":
    run(main)
