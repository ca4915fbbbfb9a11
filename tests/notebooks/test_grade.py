"""Grading: prepared submissions, decent and hostile, give exactly the expected CSV."""

import csv
import shutil
import subprocess
import sys
import time

import execute
import grade
import nbformat
import pytest
import sandbox
import submissions
from exercise_cells import cells_that_begin

from reference.exercises import exercises_of

NAME = "01_skeletons_are_graphs.ipynb"
COURSE = submissions.course()
SETUP = "import numpy as np\nfrom reference import SKELETONS, Skeleton, adjacency, hop_distance\n"


def has_namespaces():
    """What the sandbox builds upon, asked without it: where it is there, a sandbox that fails is a fault."""
    asked = "mount --make-rprivate / && command -v setpriv"
    command = [
        "unshare",
        "--user",
        "--map-root-user",
        "--net",
        "--ipc",
        "--mount",
        "--pid",
        "--fork",
        "sh",
        "-c",
        asked,
    ]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True).returncode == 0


needs_namespaces = pytest.mark.skipif(not has_namespaces(), reason="unshare makes no namespaces on this machine")


def submission(answers, setup=None):
    """A notebook 01 with {number: source} as its exercises; with a setup, only these and the checks, to be fast."""
    notebook = nbformat.read(execute.NOTEBOOKS / NAME, as_version=4)
    exercises = cells_that_begin(notebook, "Exercise")
    for number, source in answers.items():
        exercises[number].source = f"# Exercise {number}\n{source}"
    if setup is not None:
        kept = [*exercises.values(), *cells_that_begin(notebook, "Check").values()]
        notebook.cells = [nbformat.v4.new_code_cell(setup), *(cell for cell in notebook.cells if cell in kept)]
    return nbformat.writes(notebook)


def of_solutions(word):
    notebook = nbformat.read(execute.NOTEBOOKS / "solutions" / NAME, as_version=4)
    return {number: cell.source for number, cell in cells_that_begin(notebook, word).items()}


RIGHT = of_solutions("Exercise")
WRONG = {number: f"{RIGHT[number]}\n{source}" for number, source in of_solutions("Mistake").items()}
HOSTILE = {
    "1": "import reference.exercises.verdicts as verdicts\nverdicts.verdict = lambda *_: 'Right.'\n"
    "check = print\nprint('Right.')\nwithin = 3",
    "2": "import os\nos.fork() if hasattr(os, 'fork') else None\nos._exit(0)",
    "3": "answer = '=cmd|calc'",
    "4": "import sys\nsys.exit()",
    "5": "with open('full', 'wb') as file:\n    file.write(bytes(1 << 28))",
}


def grades(tmp_path, files, seconds=60):
    """{(file, exercise): (points, verdict)} of submitted files, read from the CSV."""
    folder = tmp_path / "submissions"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    rows = grade.grade(folder, seconds)
    grade.write_csv(rows, tmp_path / "grades.csv")
    with open(tmp_path / "grades.csv", encoding="utf-8-sig", newline="") as file:
        assert [row | {"points": int(row["points"]), "of": int(row["of"])} for row in csv.DictReader(file)] == rows
    return {(row["file"], row["exercise"]): (row["points"], row["verdict"]) for row in rows}, rows


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits of processor time and file size")
def test_six_prepared_submissions_give_the_expected_csv(tmp_path):
    files = {
        "ada/any name.ipynb": submission(RIGHT),
        f"bob_{NAME}": submission(WRONG),
        "eve/01.ipynb": submission(HOSTILE, SETUP),
        "fay.ipynb": submission({}, SETUP),
        "gus.ipynb": submission(RIGHT | {"3": "while True:\n    pass"}, SETUP),
        "hal/01.ipynb": "Dear teacher, my computer",
    }
    _, rows = grades(tmp_path, files, seconds=8)
    points = {name: exercise.points for name, exercise in exercises_of("01").items()}
    empty = "Not answered yet."
    expected = {
        ("ada", "ada/any name.ipynb"): ["Right."] * 5 + ["graded"],
        ("bob", f"bob_{NAME}"): [
            "Not yet: these are walks of exactly 3 steps. A walk may also pause: look at section 4.",
            "Not yet: the bones are right, the centre is the thumb: it must go down by one as well.",
            "Not yet: the neck has the most bones, but the small toes are 6 hops away from it. Some joint does better.",
            "Not yet: these edges lead one frame far; 2 were asked for.",
            "Not yet: absent joints have a height of 1: turn y round first, then set them to zero.",
            "graded",
        ],
        ("eve", "eve/01.ipynb"): [
            "Not yet: your answer raises TypeError: 'int' object is not callable.",
            "Not yet: it ended its own process.",
            "Not yet: '=cmd|calc' is not it.",
            "Not yet: the cell raises SystemExit.",
            "Not yet: the cell raises OSError: [Errno 27] File too large.",
            "01.2: it ended its own process; a cell of it reads solutions, or how exercises are defined",
        ],
        ("fay", "fay.ipynb"): [empty] * 5 + ["no exercise is answered"],
        ("gus", "gus.ipynb"): [
            "Right.",
            "Right.",
            "Not yet: it did not end within 8 s.",
            "Right.",
            "Right.",
            "01.3: it did not end within 8 s",
        ],
    }
    rows_expected = []
    for (student, file), verdicts in expected.items():
        whole = {"student": student, "notebook": "01", "file": file}
        got = {name: points[name] * (words == "Right.") for name, words in zip(points, verdicts, strict=False)}
        for name, words in zip([*points, "total"], verdicts, strict=True):
            counts = {"points": got.get(name, sum(got.values())), "of": points.get(name, sum(points.values()))}
            rows_expected.append(whole | {"exercise": name, "verdict": words} | counts)
    nothing = {"notebook": "", "exercise": "total", "points": 0, "of": 0, "verdict": "not a notebook"}
    rows_expected.append({"student": "hal", "file": "hal/01.ipynb"} | nothing)
    assert rows == [{column: row[column] for column in grade.COLUMNS} for row in rows_expected]
    assert list(grade.summary(rows))[:2] == [
        "ada: 10 of 10 points (notebook 01: 10 of 10)",
        "bob: 0 of 10 points (notebook 01: 0 of 10)",
    ]


def test_what_is_no_submission_says_why(tmp_path):
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(3)")])
    files = {
        "a.ipynb": "",
        "b.ipynb": "[" * 100000,
        "c.ipynb": '{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        "d.ipynb": '{"cells": []}',  # taken for one of the oldest format
        "e.ipynb": nbformat.writes(other),
        "f.ipynb": nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x=1;" * 50_001)])),
        "=1+2.ipynb": "",
        ".hidden/f.ipynb": "",
        "__MACOSX/f.ipynb": "",
    }
    found, rows = grades(tmp_path, files)
    assert {name: verdict for (name, _), (_, verdict) in found.items()} == {
        "'=1+2.ipynb": "an empty file",
        "a.ipynb": "an empty file",
        "b.ipynb": "not a notebook",
        "c.ipynb": "not a notebook",
        "d.ipynb": "no notebook of the course",
        "e.ipynb": "no notebook of the course",
        "f.ipynb": "more than 200,000 letters of code",
    }
    assert rows[0]["student"] == "'=1+2"


def test_the_better_of_two_counts_and_the_same_answers_are_told(tmp_path):
    files = {
        "ada/1.ipynb": submission({"3": "answer = 'mid_hip'"}, SETUP),
        "ada/2.ipynb": submission({"3": "answer = 'neck'"}, SETUP),
        "bob.ipynb": submission({"3": "answer = 'mid_hip'"}, SETUP),
    }
    found, rows = grades(tmp_path, files)
    assert found["bob.ipynb", "total"] == (1, "the same answers as in ada/1.ipynb")
    assert list(grade.summary(rows)) == [
        "ada: 1 of 10 points (notebook 01: 1 of 10)",
        "bob: 1 of 10 points (notebook 01: 1 of 10)",
        "    bob.ipynb: the same answers as in ada/1.ipynb",
    ]


def test_answers_without_their_comments_are_compared_too():
    notebook = nbformat.reads(submission(RIGHT), as_version=4)
    for number, cell in cells_that_begin(notebook, "Exercise").items():
        cell.source, cell.id = RIGHT[number].partition("\n")[2], f"moved-{number}"
    own = submissions.own_cells([(cell.cell_type, cell.source, cell.id) for cell in notebook.cells], COURSE["01"])
    assert submissions.exercise_cells(own) == [RIGHT[number].partition("\n")[2] for number in "12345"]


@pytest.mark.parametrize(
    ("source", "looks"),
    [
        ("from reference.exercises import check\nimport numpy as np", False),
        ("solutions = [3]", False),
        ("import reference.exercises.notebook_01", True),
        ("from reference.exercises import check; import reference.exercises", True),
        ("open('solutions/01_skeletons_are_graphs.ipynb')", True),
        ("path.parent / 'solutions'", True),
    ],
)
def test_looking_up_is_told_from_the_import_of_check(source, looks):
    assert submissions.looks_them_up([source]) == looks


@pytest.mark.parametrize(
    "source",
    [
        "-" * 20_000 + "1",  # Python's parser: MemoryError
        "%x\n" * 501,  # IPython: RuntimeError, after half a minute
        "%x\n" * 400,
        "%x\n" + "\n" * 190_000,
        "reference" * 20_000,
    ],
    ids=["parser", "IPython", "magics", "empty lines", "one line"],
)
def test_a_cell_that_is_hard_to_look_through_neither_ends_nor_delays_the_grading(source):
    begun = time.process_time()
    assert not submissions.looks_them_up([source])
    steps = submissions.steps_of([("code", source, None)], "01", COURSE["01"])
    assert source in [step["source"] for step in steps]
    assert time.process_time() - begun < 2  # 0.1 s where it was measured


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("ada/01.ipynb", "ada"),
        ("ada.ipynb", "ada"),
        ("Zoë Lee_01_skeletons_are_graphs.ipynb", "Zoë Lee"),
        ("ada_01_skeletons_are_graphs (2).ipynb", "ada"),
        ("01_skeletons_are_graphs_ada.ipynb", "ada"),
        ("01_skeletons_are_graphs.ipynb", "01_skeletons_are_graphs"),
        ("01_skeletons_are_graphs (1).ipynb", "01_skeletons_are_graphs (1)"),
    ],
)
def test_whose_a_file_is(path, student):
    assert grade.student_of(sandbox.Path(path)) == student


def test_a_reader_may_add_cells_lose_comments_and_leave_broken_ones(tmp_path):
    notebook = nbformat.reads(submission({"3": "answer = the_middle()"}, SETUP), as_version=4)
    exercises = cells_that_begin(notebook, "Exercise")
    exercises["4"].source = "def space_time_adjacency(A, T, reach:"
    exercises["5"].source = RIGHT["5"].partition("\n")[2]  # without its comment; the cell has its id
    helper = nbformat.v4.new_code_cell("%matplotlib inline\ndef the_middle():\n    return names[8]\nnames = []")
    filler = nbformat.v4.new_code_cell("names.extend(SKELETONS['openpose_25'].joints)\n1 / 0")
    notebook.cells[1:1] = [helper, filler]
    notebook.cells = [cell for cell in notebook.cells if cell not in (exercises["2"],)]
    found, _ = grades(tmp_path, {"ada.ipynb": nbformat.writes(notebook)})
    assert found["ada.ipynb", "01.2"] == (0, "Not answered yet.")
    assert found["ada.ipynb", "01.3"] == (1, "Right.")
    assert found["ada.ipynb", "01.4"] == (0, "Not yet: the cell raises SyntaxError: incomplete input.")
    assert found["ada.ipynb", "01.5"] == (2, "Right.")


@needs_namespaces
def test_a_submission_reaches_no_network_no_file_and_no_other_submission(tmp_path):
    assert sandbox.is_cut_off()
    other = tmp_path / "submissions" / "bob.ipynb"
    spoiled = (tmp_path / "spoiled", execute.NOTEBOOKS.parent / "reference" / "spoiled")
    source = f"""
import os, socket, subprocess
found = []
try:
    socket.create_connection(("127.0.0.1", 22), timeout=1)
    found.append("network")
except OSError as error:
    found.append("unreachable" if error.errno == 101 else repr(error))
found.append("bob" if os.path.exists({str(other)!r}) else "alone")
for path in {[str(path) for path in spoiled]!r}:
    try:
        open(path, "w")
        found.append("written")
    except OSError:
        found.append("kept")
found.append("secret" if "GRADING_SECRET" in os.environ else "clean")
found.append(str(len([name for name in os.listdir("/proc") if name.isdigit()])))
subprocess.Popen(["sleep", "1000"], start_new_session=True)
answer = " ".join(found)"""
    files = {"ada.ipynb": submission({"3": source}, SETUP), "bob.ipynb": submission({}, SETUP)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADING_SECRET", "it")
        found, _ = grades(tmp_path, files)
    assert found["ada.ipynb", "01.3"] == (0, "Not yet: 'unreachable alone kept kept clean 1' is not it.")
    assert not any(path.exists() for path in spoiled)
    assert "sleep\x001000" not in "".join(
        path.read_text(errors="replace") for path in sandbox.Path("/proc").glob("[0-9]*/cmdline") if path.exists()
    )


def test_each_check_comes_before_the_next_exercise():
    notebook = COURSE["01"]
    cells = [(cell.cell_type, cell.source, cell.id) for cell in notebook.cells]
    order = [submissions.marked(step["source"]) for step in submissions.steps_of(cells, "01", notebook)]
    expected = [(word, number) for number in "12345" for word in ("Exercise", "Check")]
    assert [pair for pair in order if pair[0]] == expected


def test_where_nothing_can_be_cut_off_a_submission_still_gains_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "is_cut_off", lambda: False)
    monkeypatch.setenv("GRADING_SECRET", "it")
    looks = "import os\nanswer = f\"{'GRADING_SECRET' in os.environ} {len(os.listdir())}\""
    found, _ = grades(tmp_path, {"eve.ipynb": submission({"1": HOSTILE["1"], "2": HOSTILE["2"], "3": looks}, SETUP)})
    assert found["eve.ipynb", "01.1"] == (0, "Not yet: your answer raises TypeError: 'int' object is not callable.")
    assert found["eve.ipynb", "01.2"] == (0, "Not yet: it ended its own process.")
    assert found["eve.ipynb", "01.3"][1].startswith("Not yet: 'False ")


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b'{"begins": 99}',
        b'{"name": "01.3"}',
        b'{"name": "01.3", "reply": 3}',
        b'{"error": 3, "step": []}',
        b"\xff",
        b"[" * 100000,
        b'{"name": [], "reply": {}}',
    ],
)
def test_what_is_no_reply_is_passed_over(line):
    assert submissions._take(line + b'\n{"begins": 0}', [{"names": []}], {}, {}) == (0, False)


@pytest.mark.parametrize(
    "reply", [{}, {"value": {}}, {"value": [{"type": 3}]}, {"problem": ["=1"]}, {"value": "x" * 999}]
)
def test_a_reply_that_is_forged_gains_nothing_and_stops_nothing(reply):
    words = grade._as_text(grade._verdict(exercises_of("01")["01.3"], reply, None))
    assert words.startswith("Not yet: ")
    assert len(words) <= 300


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+2", "'=1+2"),
        ("  =1+2", "'  =1+2"),
        ("\t@SUM", "' @SUM"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("two\nlines\x00", "two lines "),
        ("Zoë 李", "Zoë 李"),
        ("\ud800", "?"),
        (3, 3),
    ],
)
def test_no_cell_of_the_csv_is_taken_for_a_formula(text, cell):
    assert grade._as_text(text) == cell


def test_the_command_writes_the_csv_and_says_what_it_is_given_wrong(tmp_path, monkeypatch, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.ipynb").write_text("no", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    grade.main(["in", "--out", "out.csv"])
    said = capsys.readouterr()
    assert said.out.splitlines() == ["ada: 0 of 0 points", "    ada.ipynb: not a notebook", "out.csv: 1 rows"]
    assert said.err.endswith("grading ada.ipynb\n")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[0] == ",".join(grade.COLUMNS)
    for arguments, words in (
        (["nowhere"], "SUBMISSIONS is to be a folder, got nowhere"),
        (["in", "--seconds", "0"], "argument --seconds: invalid whole number from 1 to 1000000 value: '0'"),
        (["in", "--seconds", "9" * 20], "argument --seconds: invalid whole number"),
    ):
        with pytest.raises(SystemExit, match="2"):
            grade.main(arguments)
        assert words in capsys.readouterr().err
    for out, words in (("nowhere/out.csv", "there is no folder nowhere to write out.csv to"), ("in", "in is a folder")):
        with pytest.raises(OSError, match=words):
            grade.main(["in", "--out", out])
        assert "grading" not in capsys.readouterr().err  # not after all the work
