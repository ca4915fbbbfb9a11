"""The decks: every slide has a source and notes, and says no number that the course does not compute."""

import re
from functools import cache

import nbformat
import pytest
import slides

DECKS = sorted(slides.LECTURES.glob("*.md"))
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def parts(deck):
    """The slides of a deck as (number, what is shown, what is said), the title and the summary left out."""
    found = slides.slides_of(deck.read_text(encoding="utf-8"))
    return [(number, *slide) for number, slide in enumerate(found, start=1)][1:-1]


def sources(shown):
    """The notebooks that a slide names."""
    return set(re.findall(r"^\{(\w+) ", shown, re.MULTILINE)) | set(re.findall(r"\.\./(\w+)\.ipynb", shown))


@cache
def numbers_of(notebook):
    """Every number that a notebook prints, draws or works out in its text."""
    cells = nbformat.read(slides.NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    texts = [cell.source for cell in cells]
    for cell in cells:
        for output in cell.get("outputs", []):
            texts.append(output.get("text", "") + output.get("data", {}).get("image/svg+xml", ""))
    return set(NUMBER.findall(" ".join(texts).replace(",", "")))


def prose(text):
    """What a slide says itself, without what it takes from cells, and without addresses."""
    return re.sub(r"^\{.*?\}$|\]\([^)]*\)|\[\d\d, section \d+", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_deck_fills_ninety_minutes(deck):
    assert 38 <= len(slides.slides_of(deck.read_text(encoding="utf-8"))) <= 44


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_every_slide_has_a_heading_a_source_and_notes(deck):
    for number, shown, said in parts(deck):
        assert shown.startswith("## "), f"slide {number} has no heading"
        last = shown.splitlines()[-1]
        assert re.fullmatch(r"\[\d\d, section \d+\]\(\.\./\w+\.ipynb#\S+\)", last), f"slide {number} ends with {last}"
        assert len(said.split()) >= 10, f"slide {number} has no notes"


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_sections_exist(deck):
    for number, shown, _ in parts(deck):
        for notebook, anchor in re.findall(r"\.\./(\w+)\.ipynb#(\S+)\)", shown):
            cells = nbformat.read(slides.NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
            headings = re.findall(
                r"^#+ (.*)$", "\n".join(c.source for c in cells if c.cell_type == "markdown"), re.MULTILINE
            )
            assert anchor in {heading.replace(" ", "-") for heading in headings}, f"slide {number}: {anchor}"


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_slide_says_no_number_that_its_notebooks_do_not_compute(deck):
    for number, shown, said in parts(deck):
        known = set().union(*(numbers_of(notebook) for notebook in sources(shown)))
        foreign = {n for n in NUMBER.findall(prose(f"{shown}\n{said}")) if n not in known}
        assert not foreign, f"slide {number} says {sorted(foreign)}"


@pytest.mark.parametrize("deck", DECKS, ids=lambda deck: deck.stem)
def test_a_deck_is_one_file_that_fetches_nothing(deck):
    page = slides.deck(deck)
    assert re.findall(r'src="(?!data:)[^"]*"|<link(?! rel="icon" href="data:)', page) == []
    assert page.count("<section ") == len(slides.slides_of(deck.read_text(encoding="utf-8")))
    assert "{0" not in page  # no cell is asked for in vain


def test_a_cell_that_is_not_there_is_named():
    with pytest.raises(LookupError, match="02_partitions.ipynb has no code cell with the id cell-999"):
        slides.shown_cells("02_partitions", "cell-999", None)


def test_code_is_shown_where_it_is_asked_for(tmp_path):
    deck = slides.LECTURES / "lecture_1.md"
    quiet, live = (slides.as_html(f"{{02_partitions cell-08{code}}}", deck) for code in ("", " code"))
    assert "joints with 1 bones" in quiet
    assert "joints with 1 bones" in live
    assert "for" not in re.sub("<[^>]+>", "", quiet).split()
    assert 'href="http://localhost:8888/lab/tree/notebooks/02_partitions.ipynb"' in live


def test_what_answers_a_prediction_waits():
    deck = slides.LECTURES / "lecture_1.md"
    for words, waits in (("**Predict:** how many?", True), ("So many:", False)):
        assert ('class="output answer"' in slides.as_html(f"{words}\n\n{{02_partitions cell-08}}", deck)) == waits
