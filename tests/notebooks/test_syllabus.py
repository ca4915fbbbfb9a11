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
    if path.parent.name != "exam":  # questions and their solutions are not for those who study
        assert path.relative_to(execute.NOTEBOOKS).as_posix() in LINKS
    for cell in nbformat.read(path, as_version=4).cells:
        for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", cell.source) if cell.cell_type == "markdown" else ():
            target, _, anchor = link.partition("#")
            assert (path.parent / target).exists() or target == "../build/explorer.html", link  # `make explorer`
            if anchor and target == "../build/explorer.html":
                assert re.match("only=[1-7](&|$)", anchor), link  # one section of it: figures/explorer/address.js
            elif anchor:
                assert anchor in sections(path.parent / target if target else path), link


def minutes_of_sections(number):
    """{section: minutes} of a notebook, by the rule in the README, with "0" for its opening."""
    found, section = {}, "0"
    for cell in nbformat.read(next(execute.NOTEBOOKS.glob(f"{number}_*.ipynb")), as_version=4).cells:
        if cell.cell_type == "code":
            found[section] += 0.5
            continue
        heading, *rest = re.split(r"^## (\d+|Exercises|Appendix|Summary)", cell.source, flags=re.MULTILINE)
        for name, text in [(section, heading), *zip(rest[::2], rest[1::2], strict=True)]:
            section = name
            predictions = text.count("**Predict before you look")
            found[section] = found.get(section, 0) + len(text.split()) / 150 + predictions
    return {section: minutes for section, minutes in found.items() if section.isdigit()}


TIMES = re.findall(r"^\| \[(\d\d) [^|]*\|[^|]*\| (\d+) \|", TEXT, re.MULTILINE)
PLANS = re.findall(r"^\| lecture \d[^|]*\| ([^|]+?) \| (\d+) \|", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("number", "stated"), TIMES)
def test_minutes_follow_the_rule(number, stated):
    assert abs(sum(minutes_of_sections(number).values()) - int(stated)) <= 2.5


@pytest.mark.parametrize(("plan", "stated"), PLANS)
def test_a_lecture_fits_its_minutes(plan, stated):
    total = 0
    for number, sections in re.findall(r"(\d\d)(?:: ([\d, ]+))?", plan):
        minutes = minutes_of_sections(number)
        total += sum(minutes[section] for section in (sections.split(", ") if sections else minutes))
    assert int(stated) <= 90
    assert abs(total - int(stated)) <= 2.5


def test_every_notebook_has_its_minutes_and_there_are_two_plans():
    assert [number for number, _ in TIMES] == [f"{number:02}" for number in range(14)]
    assert len(PLANS) == 2 + 6
