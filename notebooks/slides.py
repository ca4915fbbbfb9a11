"""The lectures as slides: python notebooks/slides.py writes a file of HTML for each text in lectures/ to build/slides/.

A text is cut into slides by lines of ---. What follows a line "Note:" is for whoever presents. A line in braces puts in
what a cell of a notebook printed and drew, so that no figure and no result is typed here:

    {02_partitions cell-16}          what the cell shows
    {02_partitions cell-16 code}     its code as well, and a link that opens the notebook in JupyterLab (make lab)

Where a slide asks for a prediction ("**Predict"), what its cells print and draw waits for the next key.

Every slide ends with a link to the section of the course that computes what it says. A deck needs no network, and no
other file but slides.css and slides.js, which it holds.
"""

import re
from functools import cache
from pathlib import Path

import nbformat
from linked_files import LinkedFiles
from pages import HEADING, give_alt_texts, page, rendered

from reference.whole_files import write_whole

NOTEBOOKS = Path(__file__).resolve().parent
ROOT = NOTEBOOKS.parent
LECTURES = NOTEBOOKS / "lectures"
BUILD = ROOT / "build" / "slides"
SHOWN = re.compile(r"^\{(?P<notebook>\w+) (?P<cell>[\w-]+)(?P<code> code)?\}$", re.MULTILINE)
LAB = "http://localhost:8888/lab/tree/notebooks"  # where `make lab` listens


def main():
    """Write every deck, and say so."""
    for text in sorted(LECTURES.glob("*.md")):
        path = BUILD / f"{text.stem}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, deck(text))
        print(f"wrote {path.relative_to(ROOT)}")


def deck(path):
    """The HTML page of one lecture."""
    text = path.read_text(encoding="utf-8")
    title = text.splitlines()[0].lstrip("# ")
    slides = slides_of(text)
    made = (slide_html(slide, number, len(slides), path) for number, slide in enumerate(slides, start=1))
    style, script = ((NOTEBOOKS / name).read_text(encoding="utf-8") for name in ("slides.css", "slides.js"))
    controls = '<nav id="controls" aria-label="Slides"></nav>'
    return page(title, f"<main>{''.join(made)}</main>\n{controls}\n<script>\n{script}</script>\n", style)


def slides_of(text):
    """A lecture, after the line of its title, as (what is shown, what is said) for each slide, both as Markdown."""
    slides = []
    for slide in re.split(r"^---$", text.partition("\n")[2], flags=re.MULTILINE):
        shown, _, said = slide.partition("\nNote:")
        slides.append((shown.strip(), said.strip()))
    return slides


def slide_html(slide, number, count, path):
    """One slide, with its notes."""
    shown, said = (as_html(part, path) for part in slide)
    return (
        f'<section id="{number}" aria-label="Slide {number} of {count}"><div class="slide">{shown}'
        f'<p class="number">{number}</p></div><aside class="note" aria-label="Notes">{said}</aside></section>\n'
    )


def as_html(markdown, path):
    """A part of a slide as HTML, with the outputs that it asks for."""
    cells, end = [], 0
    for match in SHOWN.finditer(markdown):
        cells += [nbformat.v4.new_markdown_cell(markdown[end : match.start()]), *shown_cells(**match.groupdict())]
        end = match.end()
    cells.append(nbformat.v4.new_markdown_cell(markdown[end:]))
    source, address = path.relative_to(ROOT).as_posix(), f"slides/{path.stem}.html"
    links = LinkedFiles(ROOT)
    body = rendered(nbformat.v4.new_notebook(cells=cells), lambda text: links.rewritten(text, source, address))
    if "**Predict" in markdown:
        body = body.replace('<div class="output">', '<div class="output answer">')
    return HEADING.sub(r"<h1>\4", body).replace(
        "</h2>", "</h1>"
    )  # a slide needs no link to itself; its heading is the slide's


def shown_cells(notebook, cell, code):
    """A cell of the course with its stored outputs, as cells of a slide; LookupError if there is no such cell."""
    found = cells_of(notebook).get(cell)
    if found is None:
        raise LookupError(f"{notebook}.ipynb has no code cell with the id {cell}")
    if code:
        run = f"<small>[Run it in JupyterLab]({LAB}/{notebook}.ipynb)</small>"
        return [nbformat.from_dict({**found, "metadata": {}}), nbformat.v4.new_markdown_cell(run)]
    return [nbformat.from_dict({**found, "metadata": {"transient": {"remove_source": True}}})]


@cache
def cells_of(notebook):
    """{id: code cell} of a notebook of the course, its figures with their captions as alt texts."""
    found = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4)
    give_alt_texts(found)
    return {cell.id: cell for cell in found.cells if cell.cell_type == "code"}


if __name__ == "__main__":
    main()
