"""The main job: python notebooks/walkthrough.py. The formula and the network on a real clip, and pages to read.

What it leaves under build/: formula.txt and check.txt, every notebook executed afresh as a page, the figures, and
index.html, which leads to all of them. Exit status 1 if the cross-check fails.
"""

import os
import subprocess
import sys
from pathlib import Path

from execute import all_notebooks, execute
from pages import index_page, to_html

from figures.gallery import GALLERY, render

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
FORMULA = ("formula.txt", "The formula, step by step, on a clip of a walk; the ten layers")
CHECK = ("check.txt", "NumPy and PyTorch compared, stage by stage")


def main():
    """Do the four parts, saying what each one is."""
    BUILD.mkdir(exist_ok=True)
    say(1, "The formula, step by step, in NumPy, on a real motion-capture clip; then the ten layers")
    failed = run_and_keep(["reference", "--clip", "walk", "--strategy", "spatial"], BUILD / FORMULA[0])
    say(2, "The same network in PyTorch: how closely do the two agree? (about half a minute, a line at a time)")
    failed |= run_and_keep(["stgcn_torch", "check"], BUILD / CHECK[0])
    say(3, "The notebooks, executed from top to bottom, as pages")
    notebooks = write_notebook_pages()
    say(4, "The figures")
    figures = {f"figures/{path.name}": GALLERY[path.name].alt for path in render(BUILD / "figures") if show(path)}
    index = BUILD / "index.html"
    index.write_text(index_page(notebooks, dict([FORMULA, CHECK]), figures), encoding="utf-8")
    print(f"\nDone. Open {index.relative_to(Path.cwd()) if index.is_relative_to(Path.cwd()) else index} in a browser.")
    return int(failed)


def say(part, what):
    """Announce a part of the walkthrough."""
    print(f"\n=== {part} of 4. {what} ===\n", flush=True)


def show(path):
    """Print a file that was written, relative to the project; returns True."""
    print(f"wrote {path.relative_to(ROOT)}", flush=True)
    return True


def run_and_keep(module, path):
    """Run `python -m module`, print what it prints, line by line, and keep it in a file. Whether it failed."""
    command = [sys.executable, "-X", "utf8", "-m", *module]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}  # the arrays are small: more threads only wait for one another
    with (
        path.open("w", encoding="utf-8") as file,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", env=one_thread) as process,
    ):
        for line in process.stdout:
            print(line, end="", flush=True)
            file.write(line)
    return process.returncode != 0


def write_notebook_pages():
    """Execute every notebook and write its page; {file name: title}."""
    titles = {}
    for path in all_notebooks():
        notebook = execute(path, progress=lambda line: print(line, flush=True))
        title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
        page = BUILD / path.relative_to(ROOT / "notebooks").with_suffix(".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(to_html(notebook, title), encoding="utf-8")
        titles[page.relative_to(BUILD).as_posix()] = title
        show(page)
    return titles


if __name__ == "__main__":
    sys.exit(main())
