"""Handouts: students see no answer, instructors all of them; the sheet has two pages; exams have six questions."""

import re

import handout
import nbformat
import pytest
import sheet

COURSE = sorted(handout.NOTEBOOKS.glob("*.ipynb"))
FIGURE = nbformat.v4.new_output("display_data", {"image/svg+xml": "<svg/>"})


def small_notebook():
    new = nbformat.v4
    hidden = {"jupyter": {"outputs_hidden": True}, "collapsed": True}
    return new.new_notebook(
        cells=[
            new.new_markdown_cell("# A title\n\n$$f = A x$$"),
            new.new_markdown_cell(
                "**Predict before you look:** how many?\n\n<details><summary>Answer</summary>\n\nEight.\n</details>"
            ),
            new.new_code_cell("count()", outputs=[FIGURE], execution_count=1, metadata=hidden),
            new.new_markdown_cell("*Figure: eight ones.*\n\nAnd so on."),
            new.new_code_cell("draw()", outputs=[FIGURE], execution_count=2),
            new.new_markdown_cell("*Figure: a body.*"),
        ]
    )


def test_students_get_room_for_an_answer_and_not_the_answer():
    notebook = small_notebook()
    before = nbformat.writes(notebook)
    student = handout.student_version(notebook)
    texts = "\n".join(cell.source for cell in student.cells)
    assert "Eight" not in texts and "eight" not in texts
    assert "*Your answer:*" in texts
    assert "And so on." in texts
    assert "*Figure: a body.*" in texts
    assert [len(cell.outputs) for cell in student.cells if cell.cell_type == "code"] == [0, 1]
    assert nbformat.writes(notebook) == before
    nbformat.validate(student)


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_no_student_version_holds_a_folded_answer(path):
    student = handout.student_version(nbformat.read(path, as_version=4))
    assert "<details>" not in nbformat.writes(student)
    nbformat.validate(student)


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_an_exam_has_six_questions_each_with_points_a_solution_and_a_cell_that_checks_it(path):
    cells = handout.exam_of(path).cells[2:]
    assert len(cells) == 18
    for number, (question, solution, check) in enumerate(
        zip(cells[::3], cells[1::3], cells[2::3], strict=True), start=1
    ):
        assert re.match(rf"\*\*Question {number}\*\* \(\d points?\)\. \S", question.source)
        assert solution.source.startswith(f"**Solution {number}.** ")
        assert check.cell_type == "code" and check.outputs
    questions = handout.without_solutions(handout.exam_of(path))
    assert "Solution" not in nbformat.writes(questions)
    assert len(questions.cells) == 7


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_the_points_of_an_exam_add_up(path):
    title, *cells = handout.exam_of(path).cells
    points = [int(n) for cell in cells for n in re.findall(r"^\*\*Question \d\*\* \((\d)", cell.source)]
    assert f" {sum(points)} points" in title.source


def test_instructors_get_answers_points_solutions_and_the_exam():
    path = handout.NOTEBOOKS / "01_skeletons_are_graphs.ipynb"
    instructor = handout.instructor_version(nbformat.read(path, as_version=4), path)
    texts = "\n".join(cell.source for cell in instructor.cells)
    assert "<details>" not in texts
    for words in ("> **Answer.**", "| 01.1 |", "## Solutions: Skeletons are graphs", "**Solution 6.**"):
        assert words in texts
    assert not any("jupyter" in cell.metadata for cell in instructor.cells)
    ids = [cell.id for cell in instructor.cells]
    assert len(ids) == len(set(ids))


def test_no_table_of_points_where_the_kit_is_the_judge():
    path = handout.NOTEBOOKS / "12_reimplement_it.ipynb"
    instructor = handout.instructor_version(nbformat.read(path, as_version=4), path)
    assert not any("## Points" in cell.source for cell in instructor.cells)


def test_a_sheet_has_two_pages_with_every_formula_once(tmp_path):
    notebook = small_notebook()
    notebook.cells[
        1
    ].source = "## 1. Sums\n\n$$f = A x$$ and $$\\left( \\hat{A}_k \\text{ is } \\Big( x \\Big) \\right) \\le 1$$"
    assert sheet.formulas_of(notebook) == [
        ("", "f = A x"),
        ("1. Sums", r"\left( \hat{A}_k \text{ is } \Big( x \Big) \right) \le 1"),
    ]
    for name in ("one.pdf", "two.pdf"):
        sheet.write_sheet(tmp_path / name, notebook)
    written = (tmp_path / "one.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", written)) == 2
    assert written == (tmp_path / "two.pdf").read_bytes()


def test_every_formula_of_the_course_can_be_set():
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    for path in COURSE:
        for _, formula in sheet.formulas_of(nbformat.read(path, as_version=4)):
            parser.parse(f"${sheet.settable(formula)}$")


def test_a_formula_that_cannot_be_set_is_named(tmp_path):
    notebook = small_notebook()
    notebook.cells[0].source = r"# A title" + "\n\n" + r"$$\nosuchcommand{x}$$"
    with pytest.raises(ValueError, match=r"the sheet cannot set the formula \\nosuchcommand"):
        sheet.write_sheet(tmp_path / "sheet.pdf", notebook)
    assert not (tmp_path / "sheet.pdf").exists()


def test_functions_are_listed_with_what_they_take():
    assert [name for name, _ in sheet.functions_in("reference.spatial_conv(f) and hop_distance(s), but no relu")] == [
        "hop_distance",
        "spatial_conv",
    ]


def test_defaults_have_names():
    words = sheet.signature(sheet.reference.init_state)
    assert "layers=LAYERS" in words and "dtype=float32" in words
