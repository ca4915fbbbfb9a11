"""The course's README: every notebook is in it, and every question of readers leads to the section that answers it."""

import re

import execute
import nbformat
import pytest

README = execute.NOTEBOOKS / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.exists() else ""
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)  # number, question, where
LINKS = re.findall(r"\]\((?!https?://)([^)]+)\)", TEXT)


def sections(path):
    """{anchor: text} of a notebook's sections, as Jupyter and the HTML pages name them."""
    found, anchor = {}, None
    for cell in nbformat.read(path, as_version=4).cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else ():
            if re.match(r"##? ", line):
                anchor = line.lstrip("# ").replace(" ", "-")
                found[anchor] = ""
            elif anchor:
                found[anchor] += line + "\n"
        if cell.cell_type == "code" and anchor:
            found[anchor] += "<a cell that runs>\n"
    return found


def test_every_question_is_in_the_index():
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 34))


@pytest.mark.parametrize(("number", "question", "where"), ROWS, ids=[number for number, _, _ in ROWS])
def test_a_question_leads_to_a_section_that_names_it_and_runs(number, question, where):
    links = re.findall(r"\]\(([\w/]+\.ipynb)#([^)]+)\)", where)
    assert links or "coming" in where
    for notebook, anchor in links:
        section = sections(execute.NOTEBOOKS / notebook)[anchor]
        assert f"*Readers ask ({number}): " in section
        assert "<a cell that runs>" in section
    coming = re.findall(r"coming in `(\w+)`", where)
    assert not any((execute.NOTEBOOKS / f"{name}.ipynb").exists() for name in coming), "it has come"


@pytest.mark.parametrize("link", sorted(set(LINKS)))
def test_every_link_leads_somewhere(link):
    path, _, anchor = link.partition("#")
    assert (execute.NOTEBOOKS / path).exists()
    if anchor:
        assert anchor in sections(execute.NOTEBOOKS / path)


@pytest.mark.parametrize(
    "path", execute.all_notebooks(), ids=lambda path: path.relative_to(execute.NOTEBOOKS).as_posix()
)
def test_every_notebook_is_in_the_syllabus_and_its_links_lead_somewhere(path):
    assert path.relative_to(execute.NOTEBOOKS).as_posix() in LINKS
    for cell in nbformat.read(path, as_version=4).cells:
        for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", cell.source) if cell.cell_type == "markdown" else ():
            target, _, anchor = link.partition("#")
            assert (path.parent / target).exists() or target == "../build/explorer.html", link  # `make explorer`
            if anchor:
                assert anchor in sections(path.parent / target if target else path), link
