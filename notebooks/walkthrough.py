"""The main job: python notebooks/walkthrough.py. The formula and the network on a real clip, and pages to read.

What it leaves under build/: formula.txt and check.txt, every notebook executed afresh as a page, the syllabus,
the explorer, the figures, and index.html, which leads to all of them. Exit status 1 if a part fails; the last line says
which.
"""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import nbformat
from execute import all_notebooks, execute
from linked_files import SYLLABUS as SYLLABUS_PAGE
from linked_files import LinkedFiles
from pages import index_page, to_html, ways_to

from figures.explorer import PREVIEW, build_page
from figures.gallery import GALLERY, render
from reference.terminal import run

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
FORMULA = ("formula.txt", "The formula, step by step, on a walk; the ten layers; what a trained network says of it")
SYLLABUS = (SYLLABUS_PAGE, "The course: syllabus, and where the questions of readers are answered")
EXPLORER = ("explorer.html", "The explorer: the formula and the network to touch")
CHECK = ("check.txt", "NumPy and PyTorch compared, stage by stage")
README = "README.md"
KIT = "reference/conformance/README.md"
OVERVIEW = "figures/overview.svg"
DOORS = {
    EXPLORER[0]: ("Touch it", "the formula and a trained network, under your finger"),
    "00_start_here.html": ("Study it", "ten minutes from a skeleton to logits, then the course"),
    f"files/{KIT}.html": ("Re-implement it", "numbers that tell, step by step, whether yours is right"),
}

PARTS = (
    "The formula, step by step, in NumPy, on a real motion-capture clip; the ten layers; a trained network's answer",
    "The same network in PyTorch: how closely do the two agree? (about half a minute, a line at a time)",
    "The notebooks, executed from top to bottom, as pages",
    "The figures, and the explorer: the formula and the network to touch",
)


def main():
    """Do the parts one after another, also when one of them fails; at the end, say which did. The exit status."""
    BUILD.mkdir(exist_ok=True)
    failed = []
    for part, (what, do) in enumerate(zip(PARTS, (formula, check, write_notebook_pages, draw), strict=True), start=1):
        print(f"\n=== {part} of {len(PARTS)}. {what} ===\n", flush=True)
        try:
            do()
        except Exception as error:  # whatever it is, the other parts go on, and the last line names it
            failed.append(f"part {part} ({what.split(',')[0].split(':')[0]}): {type(error).__name__}: {error}")
            print(failed[-1], file=sys.stderr, flush=True)
    if failed:
        print(f"\nFAILED: {'; '.join(' '.join(words.split()) for words in failed)}", flush=True)
        return 1
    index = BUILD / "index.html"
    print(f"\nDone. Open {index.relative_to(Path.cwd()) if index.is_relative_to(Path.cwd()) else index} in a browser.")
    return 0


def formula():
    """The spatial convolution of a walk."""
    run_and_keep(["reference", "--clip", "walk", "--strategy", "spatial"], BUILD / FORMULA[0])


def check():
    """The cross-check."""
    run_and_keep(["stgcn_torch", "check"], BUILD / CHECK[0])


def draw():
    """The figures, the explorer, and the index, which leads to all pages."""
    figures = {f"figures/{path.name}": GALLERY[path.name].alt for path in render(BUILD / "figures") if show(path)}
    print("building the explorer", flush=True)
    write_page(EXPLORER[0], build_page())
    (BUILD / PREVIEW.name).write_bytes(PREVIEW.read_bytes())
    figures = {OVERVIEW: figures.pop(OVERVIEW), **figures}
    links = dict([SYLLABUS, FORMULA, CHECK, (f"files/{README}.html", "README: set-up, use, what is easily got wrong")])
    (BUILD / "index.html").write_text(index_page(titles_of_pages(), links, figures, DOORS), encoding="utf-8")


def show(path):
    """Print a file that was written, relative to the project; returns True."""
    print(f"wrote {path.relative_to(ROOT)}", flush=True)
    return True


def run_and_keep(module, path):
    """Run `python -m module`, print what it prints, line by line, and keep it in a file. RuntimeError if it fails."""
    command = [sys.executable, "-X", "utf8", "-m", *module]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}  # the arrays are small: more threads only wait for one another
    with (
        path.open("w", encoding="utf-8") as file,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", env=one_thread) as process,
    ):
        for line in process.stdout:
            print(line, end="", flush=True)
            file.write(line)
    if process.returncode:
        raise RuntimeError(f"`python -m {' '.join(module)}` ended with exit status {process.returncode}")


def write_notebook_pages():
    """Execute every notebook and write its page, the syllabus, and a page of every file that they link to."""
    titles = titles_of_pages()
    linked = LinkedFiles(ROOT)
    for path in course_notebooks():
        name, source = page_name(path), path.relative_to(ROOT).as_posix()
        notebook = execute(path, progress=lambda line: print(line, flush=True))
        print(f"{path.name}: to a page", flush=True)
        rewrite = partial(linked.rewritten, source=source, page=name)
        write_page(name, to_html(notebook, titles[name], ways_of(name, titles), rewrite))

    def write_text(markdown, title, address, source):
        text = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(markdown)])
        ways = ways_to("../" * address.count("/") + "index.html")
        rewrite = partial(linked.rewritten, source=source, page=address)
        write_page(address, to_html(text, title, ways, rewrite, slugs=True))

    syllabus = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    write_text(syllabus, SYLLABUS[1], SYLLABUS[0], "notebooks/README.md")
    for path in (README, KIT):  # the index leads to them
        linked.address(path)
    linked.write(BUILD, write_text)


def course_notebooks():
    """The notebooks that become pages: all but the exams, whose solutions stand in the same file."""
    return [path for path in all_notebooks() if path.parent.name != "exam"]


def titles_of_pages():
    """{file name of a notebook's page: the notebook's number and title}."""
    titles = {}
    for path in course_notebooks():
        title = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].lstrip("# ")
        titles[page_name(path)] = f"{path.name[:2]} {title}" if path.name[:2].isdecimal() else title
    return titles


def page_name(path):
    """The page of a notebook, relative to build/."""
    return path.relative_to(ROOT / "notebooks").with_suffix(".html").as_posix()


def ways_of(name, titles):
    """The links of a page: to the index, and to the notebooks before and after it; of solutions, to their notebook."""
    if "/" in name:
        notebook = name.split("/")[1]
        return ways_to("../index.html", (f"../{notebook}", titles[notebook]))
    course = [page for page in titles if "/" not in page]
    place = course.index(name)
    links = [None, *((page, titles[page]) for page in course), None]
    return ways_to("index.html", links[place], links[place + 2])


def write_page(name, page):
    """Write one page into build/, and say so."""
    path = BUILD / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    show(path)


if __name__ == "__main__":
    run(main)
