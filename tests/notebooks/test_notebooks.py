"""What keeps notebooks true: hygiene that `pytest --nbval` does not check, and proof that it compares outputs."""

import copy
import re
import runpy
import subprocess
import sys
from pathlib import Path

import execute
import nbformat
import pytest

PATHS = execute.all_notebooks()
COURSE = [path for path in PATHS if path.parent == execute.NOTEBOOKS]
SOLUTIONS = [path for path in PATHS if path.parent.name == "solutions"]
EXEMPTIONS = 3


@pytest.fixture(params=PATHS, ids=lambda path: path.relative_to(execute.NOTEBOOKS).with_suffix("").as_posix())
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def test_there_is_a_notebook_to_start_with_and_solutions_belong_to_one():
    assert COURSE[0].name == "00_start_here.ipynb"
    exams = [path for path in PATHS if path.parent.name == "exam"]
    assert sorted(COURSE + SOLUTIONS + exams) == sorted(PATHS)
    assert [path.name for path in exams] == [path.name for path in COURSE]
    assert {path.name for path in SOLUTIONS} <= {path.name for path in COURSE}


def test_every_code_cell_was_run_in_order(notebook):
    # With no outputs stored, nbval would have nothing to compare and pass.
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    assert len(outputs(notebook)) >= len(counts) // 2


def test_the_file_is_what_execution_writes(path, notebook):
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info == {"name": "python"}
    assert not any("execution" in cell.metadata for cell in notebook.cells), "timing was recorded"
    assert path.read_text(encoding="utf-8") == execute.as_text(notebook)


def test_outputs_are_comparable(notebook):
    for output in outputs(notebook):
        assert output.output_type in ("stream", "display_data"), "print, or plt.show(): a bare value is a repr"
        assert output.get("name") != "stderr", output.text
        assert not {"image/png", "image/jpeg"} & set(output.get("data", {})), "nbval does not compare bitmaps"
        text = output.get("text", "")
        assert not re.search(r"(^|[\s'\"(])(/[a-z]\w+){2,}|\b[A-Z]:\\", text), f"a path: {text}"
        # Zeros in front do not count: 0.0608121 has six digits.
        long = [number for number in re.findall(r"\d+\.\d{7,}", text) if len(number.lstrip("0.")) >= 7]
        assert not long, f"more digits than another machine reproduces: {text}"
        assert not re.search(r"(?<![\d.])-0\.0*(?!\d)", text), f"minus zero: {text}"


def test_only_marked_cells_escape_comparison(notebook):
    for cell in code_cells(notebook):
        assert "NBVAL_SKIP" not in cell.source
        assert "nbval-ignore-output" not in cell.metadata.get("tags", [])
        assert "nbval-skip" not in cell.metadata.get("tags", [])
    assert sum("NBVAL_IGNORE_OUTPUT" in cell.source for cell in code_cells(notebook)) <= EXEMPTIONS


def test_cells_are_short_and_plain(notebook):
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= 15, cell.source
        assert not cell.source.rstrip().endswith(";"), cell.source
        assert "sys.path" not in cell.source


def test_every_figure_has_its_text_in_the_next_cell(notebook):
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        figures = [o for o in cell.get("outputs", []) if "image/svg+xml" in o.get("data", {})]
        assert len(figures) <= 1, "one figure a cell, so that each has its text"
        if figures:
            assert following is not None, cell.source
            assert following.cell_type == "markdown", cell.source
            assert following.source.startswith("*Figure: "), cell.source


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_the_course_has_its_parts(path, notebook):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    opening = notebook.cells[0].source
    for part in ("**What you will do.**", "**What you will learn.**", "**What you need.**"):
        assert part in opening
    for part in ("**Paper, notes and code.**", "**By hand", "## Exercises", "## Summary"):
        assert part in prose
    in_a_notebook = f"](solutions/{path.name})" in prose and path.name in {path.name for path in SOLUTIONS}
    assert in_a_notebook or "<summary>Solution</summary>" in prose


def test_running_again_changes_no_byte():
    # A short one: `pytest --nbval` runs all, and compares everything but the bytes around the outputs.
    path = SOLUTIONS[2]
    assert execute.as_text(execute.execute(path, progress=lambda line: None)) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("error", "tried"),
    [("Kernel died before replying to kernel_info", 2), ("Kernel died", 1)],
    ids=["no kernel started", "a cell ended it"],
)
def test_a_kernel_that_did_not_start_is_started_once_more(monkeypatch, error, tried):
    starts = []

    def fails(client):
        starts.append(client)
        raise RuntimeError(error)

    monkeypatch.setattr(execute.NotebookClient, "execute", fails)
    with pytest.raises(RuntimeError, match=error):
        execute.execute(SOLUTIONS[2], progress=lambda line: None)
    assert len(starts) == len(set(map(id, starts))) == tried


CELLS = (
    "import figures, reference\nimport matplotlib.pyplot as plt\nfigures.notebook_setup()",
    "import sys, time\nprint('one', flush=True)\ntime.sleep(0.3)\nprint('two')",
    "skeleton = reference.SKELETONS['toy_5']\nprint(reference.partition(skeleton, 'spatial').sum())",
    "figures.adjacency_matrices(reference.partition(skeleton, 'spatial'), skeleton)\nplt.show()",
)


def altered(notebook, kind, old, new):
    """A copy in which every output of one kind says something else."""
    notebook = copy.deepcopy(notebook)
    for output in outputs(notebook):
        for place in (output, output.get("data", {})):
            if kind in place:
                place[kind] = place[kind].replace(old, new)
    return notebook


def test_nbval_notices_another_number_and_another_colour(tmp_path):
    path = tmp_path / "as_run.ipynb"
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(CELLS)]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    notebook = execute.execute(path, progress=lambda line: None)
    path.write_text(execute.as_text(notebook), encoding="utf-8")
    assert [len(cell.outputs) for cell in code_cells(notebook)] == [0, 1, 1, 1], "streams are joined"
    number = altered(notebook, "text", "13", "12")
    both = altered(number, "image/svg+xml", "#0072b2", "#0072b3")
    assert len({execute.as_text(each) for each in (notebook, number, both)}) == 3
    (tmp_path / "altered.ipynb").write_text(execute.as_text(both), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path).stdout
    assert sorted(re.findall(r"FAILED (\w+\.ipynb::Cell \d)", printed)) == [f"altered.ipynb::Cell {i}" for i in (2, 3)]
    assert "2 failed, 6 passed" in printed


def test_every_mutation_finds_its_place():
    mutations = runpy.run_path(str(Path(__file__).with_name("mutations.py")))
    for file, old, _ in mutations["MUTATIONS"]:
        assert (mutations["ROOT"] / file).read_text(encoding="utf-8").count(old) == 1, f"{file}: {old}"


def test_a_prediction_has_its_answer_hidden(notebook):
    # JupyterLab shows the output on a click, the HTML pages in a <details>.
    pending = answering = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            pending, answering = pending or "**Predict before you look" in cell.source, False
        elif pending or (answering and cell.outputs):  # what is drawn right below shows the same
            assert cell.metadata.get("jupyter") == {"outputs_hidden": True}, cell.source
            assert cell.metadata.get("collapsed") is True, cell.source
            pending, answering = False, True
    assert not pending, "a prediction that nothing answers"


def visible(source):
    return re.sub(r"<details>.*?</details>", "", source, flags=re.DOTALL)


def numbers(text):
    return set(re.findall(r"(?<![\w.])\d+(?:[.,]?\d+)+", text))  # of two digits or more; single ones are everywhere


def told_below(notebook):
    """The numbers of folded answers that stand open in the first text below, or in what the cell after that prints."""
    told, answer, texts = set(), set(), 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            first, *sections = re.split(r"^#+ .*", cell.source, flags=re.MULTILINE)
            texts += 1
            told |= numbers(visible(first.partition("**Predict before you look")[0])) & answer if texts == 1 else set()
            _, found, asked = cell.source.rpartition("**Predict before you look")
            if found:
                answer, texts = numbers(asked) - numbers(visible(cell.source)), 0
            elif sections or texts > 1:
                answer = set()
        elif not cell.metadata.get("collapsed"):
            told |= numbers("".join(output.get("text", "") for output in cell.outputs)) & answer
    return told


def test_no_text_below_a_prediction_tells_the_number_that_is_asked_for(notebook):
    assert not told_below(notebook)
