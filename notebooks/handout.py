"""What a class is given: python notebooks/handout.py writes it to build/handouts/ for every notebook of the course.

NN_name_student.ipynb, .html    the notebook without answers, and without outputs where a prediction is asked
NN_name_sheet.pdf               two pages: the formulas of the notebook, then its shapes and functions
NN_name_exam.html               six questions for an exam
NN_name_instructor.html         all of it with the answers: points and rubric, worked solutions, exam with solutions

Nothing is typed here: formulas, answers and questions are taken from the notebooks, solutions/, exam/ and
reference/exercises, functions and what they say of themselves from reference/.
"""

import copy
import re
from pathlib import Path

import nbformat
from pages import to_html
from sheet import write_sheet

from reference.exercises import exercises_of
from reference.whole_files import write_whole

NOTEBOOKS = Path(__file__).resolve().parent
BUILD = NOTEBOOKS.parent / "build" / "handouts"
FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)
BLANK = "\n\n*Your answer:*\n\n&nbsp;\n\n&nbsp;\n"


def main():
    """Write everything, and say so."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
        student, exam = student_version(notebook), exam_of(path)
        keep(path, "student.ipynb", nbformat.writes(student, version=4) + "\n")
        keep(path, "student.html", to_html(student, title))
        keep(path, "exam.html", to_html(without_solutions(exam), f"Exam: {title}"))
        keep(path, "instructor.html", to_html(instructor_version(notebook, path), f"{title}: for instructors"))
        write_sheet(BUILD / f"{path.stem}_sheet.pdf", notebook)
        print(f"wrote build/handouts/{path.stem}_*")


def keep(path, ending, text):
    """Write one file of a notebook."""
    write_whole(BUILD / f"{path.stem}_{ending}", text)


def student_version(notebook):
    """A copy of a notebook without anything that gives an answer away.

    Answers and solutions that are folded away become room for an own one; what answers a prediction was drawn and
    printed when the notebook was run, and is left out, and so is its caption.
    """
    student = copy.deepcopy(notebook)
    hidden = False
    for cell in student.cells:
        if cell.cell_type == "code":
            hidden = bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))
            if hidden:
                cell.outputs, cell.execution_count = [], None
        else:
            if hidden:
                cell.source = re.sub(r"\A\*Figure:.*?\*(\n\n|\Z)", "", cell.source, flags=re.DOTALL)
            cell.source = FOLDED.sub(BLANK, cell.source)
            hidden = False
    student.cells = [cell for cell in student.cells if cell.source.strip()]
    return student


def instructor_version(notebook, path):
    """A copy of a notebook with its answers open, and after it points, solutions and the exam."""
    instructor = copy.deepcopy(notebook)
    for cell in instructor.cells:
        cell.metadata.pop("jupyter", None)
        if cell.cell_type == "markdown":
            cell.source = FOLDED.sub(lambda folded: f"\n> **{folded[1]}.** {quoted(folded[2])}\n", cell.source)
    if exercises_of(path.name[:2]):  # those of notebook 12 are judged by the conformance kit
        instructor.cells.append(nbformat.v4.new_markdown_cell(points_table(path.name[:2])))
    solutions = NOTEBOOKS / "solutions" / path.name
    if solutions.exists():
        instructor.cells += appended(nbformat.read(solutions, as_version=4).cells, "solutions")
    instructor.cells += appended(exam_of(path).cells, "exam")
    return instructor


def points_table(number):
    """The exercises of a notebook with their points, for those who grade."""
    lines = [
        f"| {found.name} | {found.title} | {found.points} | {found.rubric} |" for found in exercises_of(number).values()
    ]
    total = sum(found.points for found in exercises_of(number).values())
    head = f"## Points\n\nTogether {total}.\n\n| exercise | what is asked | points | rubric |\n|---|---|---:|---|\n"
    return head + "\n".join(lines)


def exam_of(path):
    """The exam of a notebook: questions, solutions and the cells that check them."""
    return nbformat.read(NOTEBOOKS / "exam" / path.name, as_version=4)


def without_solutions(exam):
    """The questions alone, with room for answers."""
    questions = copy.deepcopy(exam)
    questions.cells = [
        cell for cell in questions.cells if cell.cell_type == "markdown" and not cell.source.startswith("**Solution")
    ]
    for cell in questions.cells[1:]:
        cell.source += BLANK
    return questions


def quoted(text):
    """A text that goes on inside a block quote."""
    return text.strip().replace("\n", "\n> ")


def appended(cells, source):
    """Cells of another notebook: their headings below those of this one, and with names of their own."""
    for cell in cells:
        cell.id = f"{source}-{cell.id}"
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"^(#+ )", r"#\1", cell.source, flags=re.MULTILINE)
    return cells


if __name__ == "__main__":
    main()
