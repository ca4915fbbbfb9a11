"""Notebooks as pages that read the same without a network."""

import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pages
import pytest
from linked_files import LinkedFiles


def page_of(*markdown):
    cells = [nbformat.v4.new_markdown_cell(text) for text in markdown]
    return pages.to_html(nbformat.v4.new_notebook(cells=cells), "A title")


class Loaded(HTMLParser):
    """Collects what a page would fetch, and its alt texts."""

    def __init__(self):
        super().__init__()
        self.urls = []
        self.alts = []

    def handle_starttag(self, tag, attrs):
        if tag != "a":
            self.urls += [value for name, value in attrs if name in ("src", "href")]
        self.alts += [value for name, value in attrs if name == "alt"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("the matrix $A_k$.", "<msub><mi>A</mi><mi>k</mi></msub>"),
        ("$$\nf = \\sum_k W_k\n$$", 'display="block"'),
        ("$K-1$ and $x$", "<mi>x</mi>"),
    ],
)
def test_formulas_become_mathml(source, shown):
    page = page_of(source)
    assert shown in page
    assert "$" not in re.sub(r"<style.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)


def test_a_price_and_code_are_no_formulas():
    page = page_of("costs 5$, and `$HOME` and `$x$` stay", "```\n$x$ = $y$\n```")
    assert "<math" not in page
    for stays in ("5$", "$HOME", "$x$ = $y$"):
        assert stays in page


def page_with_figure(below):
    figure = nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    cells = [
        nbformat.v4.new_code_cell("draw()", outputs=[figure], execution_count=1),
        nbformat.v4.new_markdown_cell(below),
    ]
    return pages.to_html(nbformat.v4.new_notebook(cells=cells), "A title")


@pytest.mark.parametrize("after", ["", "\n\n**By hand:** $2 \\cdot 3 = 6$.\n\n*Figure: no other.*"])
def test_the_caption_below_a_figure_is_its_alt_text_and_nothing_else_of_the_cell_is(after):
    parser = Loaded()
    parser.feed(page_with_figure('*Figure: a walk,\nseen "from the side".*' + after))
    assert parser.alts == ['a walk, seen "from the side".']


def test_an_output_that_the_notebook_hides_waits_to_be_opened():
    def page(**metadata):
        printed = nbformat.v4.new_output("stream", name="stdout", text="6 neighbours")
        cell = nbformat.v4.new_code_cell("count()", outputs=[printed], execution_count=1, metadata=metadata)
        return pages.to_html(nbformat.v4.new_notebook(cells=[cell]), "A title")

    hidden = page(jupyter={"outputs_hidden": True})
    assert re.search(r"<details class=\"output\"><summary>.*?</summary>\s*<pre.*?>6 neighbours</pre></details>", hidden)
    assert "<details" not in page()


def test_tables_scroll_and_their_heads_can_be_read_out():
    page = page_of("| | $K$ | V |\n|---|---|---|\n| a | 3 | 5 |")
    assert '<div class="scrolls" tabindex="0"><table>' in page
    assert "<td></td>" in page
    assert '<span class="spoken">K</span>' in page
    assert "<th>V</th>" in page


def test_nothing_is_fetched():
    parser = Loaded()
    parser.feed(page_of("# Hello", "$x$"))
    assert [url for url in parser.urls if url and not url.startswith("data:")] == []


@pytest.fixture
def project(tmp_path):
    """A project of a few files, and its links."""
    files = {
        "notebooks/01_next.ipynb": "{}",
        "notebooks/README.md": "# The course",
        "README.md": "# Project\n\n## Touch it!\n\n[here](#touch-it) [code](pkg/core.py) [deep](pkg/README.md)",
        "pkg/README.md": "# P\n\n[up](../README.md#touch-it) [the numbers](numbers) ![](figure.svg) [L](../LICENSE)",
        "pkg/core.py": "x = {1: '````'}\n",
        "pkg/numbers/one.json": "1",
        "pkg/figure.svg": "<svg/>",
        "LICENSE": "MIT",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return LinkedFiles(tmp_path)


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("[next](01_next.ipynb#section)", "[next](01_next.html#section)"),
        ("[syllabus](README.md#plan)", "[syllabus](course.html#plan)"),
        ("[the project](../README.md)", "[the project](files/README.md.html)"),
        ("[touch](../build/explorer.html)", "[touch](explorer.html)"),
        ("[`core`](../pkg/core.py) and `x`", "[`core`](files/pkg/core.py.html) and `x`"),
        ("[figure](../pkg/figure.svg)", "[figure](files/pkg/figure.svg)"),
        ("[licence](../LICENSE)", "[licence](files/LICENSE.txt)"),
        ("[paper](https://arxiv.org/abs/1801.07455), [below](#summary)", None),
        ("`f[k](i)` and\n```\n[a](b)\n```", None),
    ],
)
def test_links_lead_to_pages(project, text, rewritten):
    assert project.rewritten(text, "notebooks/00_start.ipynb", "00_start.html") == (rewritten or text)


def test_links_of_solutions_go_one_folder_up(project):
    text = "[01](../01_next.ipynb), [the project](../../README.md)"
    rewritten = project.rewritten(text, "notebooks/solutions/01.ipynb", "solutions/01.html")
    assert rewritten == "[01](../01_next.html), [the project](../files/README.md.html)"


def test_a_link_to_nothing_is_named(project):
    with pytest.raises(FileNotFoundError, match="a text links to pkg/gone.py, which the project does not have"):
        project.rewritten("[gone](../pkg/gone.py)", "notebooks/00.ipynb", "00.html")


def test_linked_files_are_written_and_what_they_link_to(project, tmp_path):
    pages_made, build = {}, tmp_path / "build"

    def to_page(markdown, title, address, source):
        pages_made[address] = project.rewritten(markdown, source, address)

    project.address("README.md")
    project.write(build, to_page)
    assert pages_made["files/README.md.html"].endswith("[code](pkg/core.py.html) [deep](pkg/README.md.html)")
    assert "(../README.md.html#touch-it) [the numbers](numbers.html)" in pages_made["files/pkg/README.md.html"]
    assert pages_made["files/pkg/numbers.html"] == "# pkg/numbers\n\n- `one.json`"
    assert set(pages_made) == {
        f"files/{name}.html" for name in ("README.md", "pkg/README.md", "pkg/core.py", "pkg/numbers")
    }
    copies = {path.relative_to(build).as_posix() for path in build.rglob("*") if path.is_file()}
    assert copies == {"files/pkg/figure.svg", "files/LICENSE.txt"}


def test_texts_have_the_anchors_of_repositories():
    cells = [nbformat.v4.new_markdown_cell("# Project\n\n## Touch it, in `5` lines!\n\n## B")]
    page = pages.to_html(nbformat.v4.new_notebook(cells=cells), "A title", slugs=True)
    assert '<h2 id="touch-it-in-5-lines">' in page
    assert '<li><a href="#touch-it-in-5-lines">' in page


def test_every_link_of_the_project_leads_somewhere():
    root = Path(pages.__file__).resolve().parent.parent
    linked = LinkedFiles(root)
    for path in sorted((root / "notebooks").rglob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                linked.rewritten(cell.source, path.relative_to(root).as_posix(), "page.html")
    linked.address("README.md")
    asked = set()
    while waiting := {path for path in linked.asked if path.endswith(".md")} - asked:
        asked |= waiting
        for path in waiting:
            linked.rewritten((root / path).read_text(encoding="utf-8"), path, "page.html")
    assert "stgcn_torch/data/README.md" in asked


def test_a_section_of_the_explorer_is_shown_below_the_link_to_it():
    cells = [nbformat.v4.new_markdown_cell("# Title\n\n[Touch it](explorer.html#only=3&strategy=spatial): weights.")]
    page = pages.to_html(nbformat.v4.new_notebook(cells=cells), "A title")
    frame = '<iframe class="explorer" src="explorer.html#only=3&amp;strategy=spatial" title='
    assert page.count(frame) == 1 and page.index("weights.") < page.index(frame)


def test_sections_are_listed_below_the_title():
    page = page_of("# A title\n\nWords.", "## 1. One & two\n\nMore.", "## Summary")
    title, contents, words = (page.index(part) for part in ("</h1>", 'aria-label="Contents"', "Words."))
    assert title < contents < words
    assert re.findall(r'<li><a href="(#[^"]+)">(.*?)</a></li>', page) == [
        ("#1.-One-&amp;-two", "1. One &amp; two"),
        ("#Summary", "Summary"),
    ]
    assert '<h2 id="1.-One-&amp;-two">' in page
    assert 'aria-label="Contents"' not in page_of("# A title", "## The only section")


def test_a_page_leads_to_its_neighbours_at_both_ends():
    ways = pages.ways_to("index.html", ("00.html", "Start & go"), None)
    page = pages.to_html(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Words.")]), "A title", ways)
    first, words, second = (match.start() for match in re.finditer('rel="prev" href="00.html"|Words', page))
    assert first < words < second
    assert "← Start &amp; go</a>" in page
    assert '<a href="index.html">All pages</a>' in page
    assert 'rel="next"' not in page


def test_the_index_names_everything_and_escapes_it():
    notebooks = {"00.html": "00 Start & go", "solutions/00.html": "Solutions"}
    shown = {"figures/a.svg": 'A "walk"', "figures/b.svg": "B"}
    doors = {"explorer.html": ("Touch it", "the <formula>")}
    page = pages.index_page(notebooks, {"check.txt": "Check"}, shown, doors)
    assert '<li><a href="00.html">00 Start &amp; go</a> (<a href="solutions/00.html">solutions</a>)</li>' in page
    assert page.count("solutions/00.html") == 1
    assert '<a href="check.txt">Check</a>' in page
    assert '<img src="figures/a.svg" alt=""><figcaption>A &quot;walk&quot;</figcaption>' in page
    door = page.index('<a href="explorer.html"><b>Touch it</b> the &lt;formula&gt;</a>')
    assert door < page.index("figures/a.svg") < page.index("00.html") < page.index("figures/b.svg")
