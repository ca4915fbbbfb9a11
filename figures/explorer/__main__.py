"""python -m figures.explorer [FILE]: write the explorer, to build/explorer.html unless another file is named."""

import sys
from pathlib import Path

from reference.terminal import run
from reference.whole_files import write_whole

from . import PREVIEW, build_page


def main(arguments=None):
    """Build the page, its preview picture beside it, and say where it is and how large."""
    arguments = sys.argv[1:] if arguments is None else arguments
    path = Path(arguments[0]) if arguments else Path("build/explorer.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, build_page())
    write_whole(path.parent / PREVIEW.name, PREVIEW.read_bytes())
    print(f"wrote {path}: {path.stat().st_size / 1e6:.2f} MB. Open it in a browser; it needs no network.")


if __name__ == "__main__":
    run(main)
