"""The committed gallery is what the code draws, byte for byte, and readers can read it."""

import os
import re
import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import pytest

from figures import GALLERY, render, save_svg
from figures.gallery import FOLDER

PINNED = "3.11.2"
needs_pinned = pytest.mark.skipif(
    matplotlib.__version__ != PINNED,
    reason=f"bytes are promised for matplotlib {PINNED} only, this is {matplotlib.__version__}",
)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """{file name: SVG text}, drawn here and now."""
    return {path.name: path.read_text("utf-8") for path in render(tmp_path_factory.mktemp("gallery"))}


@needs_pinned
def test_committed_files_are_reproduced_byte_for_byte(rendered):
    assert {path.name for path in FOLDER.glob("*.svg")} == set(rendered)
    stale = [name for name, svg in rendered.items() if (FOLDER / name).read_text("utf-8") != svg]
    assert not stale, f"run `python -m figures`: {', '.join(stale)} differ from what the code draws"


def test_other_processes_orders_and_hash_seeds_give_the_same_bytes(rendered, tmp_path):
    # An id that matplotlib made from a counter, an address or a hash would differ here.
    program = (
        "import sys; from pathlib import Path; from figures import GALLERY, save_svg\n"
        "for name in reversed(GALLERY): save_svg(GALLERY[name].draw(), Path(sys.argv[1]) / name)\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "MPLBACKEND": "svg", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-W", "error", "-c", program, str(tmp_path)], check=True, env=environment)
    assert {name: (tmp_path / name).read_text("utf-8") for name in GALLERY} == rendered


@pytest.mark.parametrize("name", GALLERY)
def test_svg_says_nothing_about_when_and_by_what_it_was_made(name, rendered):
    assert not re.search(r"dc:date|dc:creator|https://matplotlib.org", rendered[name])
    assert not re.search(r"/home/|/Users/|/tmp/|[A-Z]:\\", rendered[name])


@pytest.mark.parametrize("name", GALLERY)
def test_svg_is_small_and_all_vector_with_text_as_text(name, rendered):
    svg = rendered[name]
    assert len(svg.encode()) < 300_000
    assert "<text" in svg
    assert "<image" not in svg
    assert not re.search(r'id="DejaVu|<clipPath', svg)


@pytest.mark.parametrize("name", GALLERY)
def test_text_is_large_enough_inside_the_canvas_and_apart(name, assert_readable):
    assert_readable(GALLERY[name].draw())


@pytest.mark.parametrize("name", GALLERY)
def test_alt_text_describes_what_is_seen(name):
    assert 100 < len(GALLERY[name].alt) < 800
    assert "\n" not in GALLERY[name].alt


def test_readme_width_keeps_the_text_legible():
    # The README shows a figure some 830 pixels wide; wider than 9.6 inches, 11 points would shrink below 12 pixels.
    for picture in GALLERY.values():
        assert picture.draw().get_size_inches()[0] <= 9.6


@pytest.mark.parametrize("name", GALLERY)
def test_bytes_do_not_depend_on_what_the_caller_has_set(name, rendered, tmp_path):
    with plt.rc_context({"font.size": 30, "font.family": "serif", "lines.linewidth": 9, "svg.fonttype": "path",
                         "axes.grid": True, "savefig.bbox": "tight", "figure.dpi": 31}):  # fmt: skip
        before = dict(plt.rcParams)
        save_svg(GALLERY[name].draw(), tmp_path / name)
        changed = {key for key in before if before[key] != plt.rcParams[key] and key != "backend"}
    assert not changed
    assert (tmp_path / name).read_text("utf-8") == rendered[name]
