"""Notebooks as pages that read the same without a network."""

import re
from html.parser import HTMLParser

import nbformat
import pages
import pytest


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


def test_the_text_below_a_figure_is_its_alt_text():
    figure = nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    cells = [
        nbformat.v4.new_code_cell("draw()", outputs=[figure], execution_count=1),
        nbformat.v4.new_markdown_cell('*Figure: a walk,\nseen "from the side".*'),
    ]
    page = pages.to_html(nbformat.v4.new_notebook(cells=cells), "A title")
    parser = Loaded()
    parser.feed(page)
    assert parser.alts == ['Figure: a walk, seen "from the side".']


def test_nothing_is_fetched():
    parser = Loaded()
    parser.feed(page_of("# Hello", "$x$"))
    assert [url for url in parser.urls if url and not url.startswith("data:")] == []


def test_links_between_notebooks_lead_to_pages():
    assert 'href="01_next.html#section"' in page_of("[next](01_next.ipynb#section)")
    assert 'href="course.html#plan"' in page_of("[syllabus](README.md#plan)")
    assert 'href="../README.md"' in page_of("[the project](../README.md)")


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
    first, words, second = (match.start() for match in re.finditer('href="00.html" rel="prev"|Words', page))
    assert first < words < second
    assert "← Start &amp; go</a>" in page
    assert '<a href="index.html">All pages</a>' in page
    assert 'rel="next"' not in page


def test_the_index_names_everything_and_escapes_it():
    notebooks = {"00.html": "Start & go", "solutions/00.html": "Solutions"}
    page = pages.index_page(notebooks, {"check.txt": "Check"}, {"figures/a.svg": 'A "walk"'})
    assert '<li><a href="00.html">Start &amp; go</a> (<a href="solutions/00.html">solutions</a>)</li>' in page
    assert page.count("solutions/00.html") == 1
    assert '<a href="check.txt">Check</a>' in page
    assert '<img src="figures/a.svg" alt=""><figcaption>A &quot;walk&quot;</figcaption>' in page
