"""Exercises can be done in place: the solution, put where the stub is, turns "Not answered yet." into "Right."."""

import re
from itertools import chain

import execute
import nbformat
import pytest
import submissions
from exercise_cells import cells_that_begin

from reference.exercises import exercises_of

SOLUTIONS = sorted((execute.NOTEBOOKS / "solutions").glob("*.ipynb"))


def printed(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.fixture(params=SOLUTIONS, ids=lambda path: path.stem)
def pair(request):
    """A notebook and its solutions."""
    paths = (execute.NOTEBOOKS / request.param.name, request.param)
    return [nbformat.read(path, as_version=4) for path in paths]


def test_each_exercise_has_a_stub_a_check_and_a_solution(pair):
    notebook, solutions = pair
    numbers = cells_that_begin(notebook, "Exercise").keys()
    assert len(numbers) >= 3
    for word in ("Check", "Mistake"):
        assert cells_that_begin(solutions, word).keys() == numbers
    assert cells_that_begin(solutions, "Exercise").keys() == numbers
    checks, same = cells_that_begin(notebook, "Check"), cells_that_begin(solutions, "Check")
    assert {number: cell.source for number, cell in checks.items()} == {n: cell.source for n, cell in same.items()}


def test_the_checks_say_what_they_should(pair):
    notebook, solutions = pair
    for number, cell in cells_that_begin(notebook, "Check").items():
        assert set(printed(cell).splitlines()) == {"Not answered yet."}, number
    for number, cell in cells_that_begin(solutions, "Check").items():
        assert set(printed(cell).splitlines()) == {"Right."}, number
    for number, cell in cells_that_begin(solutions, "Mistake").items():
        # Not the place of an error, but what the mistake was.
        assert re.search("^Not yet: (?!expected|.* entries differ|.* is too (large|small))", printed(cell)), number


def test_a_notebook_checks_what_is_defined_for_it_and_shows_no_answer():
    for path in [*execute.NOTEBOOKS.glob("*.ipynb"), *SOLUTIONS]:
        number = path.name[:2]
        checks = cells_that_begin(nbformat.read(path, as_version=4), "Check")
        called = {
            digit: re.findall(r'^check\("([^"]+)", [\w.]+(?:\(.*\))?\)$', cell.source, re.MULTILINE)
            for digit, cell in checks.items()
        }
        assert list(chain(*called.values())) == list(exercises_of(number)), path
        for digit, names in called.items():
            assert {re.sub("[a-z]$", "", name) for name in names} == {f"{number}.{digit}"}
            assert len(checks[digit].source.splitlines()) == 1 + len(names), "nothing but the comment and the check"


@pytest.mark.parametrize("number", submissions.course())
def test_the_solutions_are_graded_as_right_in_place(number):
    """In the sandbox that grades submissions, without the cells that no exercise needs: some train for a minute."""
    notebook = submissions.course()[number]
    [path] = [path for path in SOLUTIONS if path.name.startswith(number)]
    solved = cells_that_begin(nbformat.read(path, as_version=4), "Exercise")
    answered = {cell.source: solved[digit].source for digit, cell in cells_that_begin(notebook, "Exercise").items()}
    cells = [(cell.cell_type, answered.get(cell.source, cell.source), cell.id) for cell in notebook.cells]
    replies, errors, troubles = submissions.answers(cells, number, notebook, seconds=120)
    assert (errors, troubles) == ({}, [])
    known = exercises_of(number)
    assert {name: known[name].verdict(reply) for name, reply in replies.items()} == dict.fromkeys(known, "Right.")
