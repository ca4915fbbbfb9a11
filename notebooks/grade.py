"""Grade a folder of submitted notebooks: python notebooks/grade.py SUBMISSIONS --out grades.csv

A submission is a notebook of the course with answers in it: STUDENT/ANY_NAME.ipynb, or STUDENT.ipynb. Each runs in a
sandbox (sandbox.py); only its answers come out, and they are compared here. The CSV has a row for each exercise, and
for each file one, "total", that says what was wrong with it; printed is a line for each student.
"""

import argparse
import csv
import re
import sys
from pathlib import Path

import submissions
from execute import NOTEBOOKS
from sandbox import is_cut_off

from reference.exercises import exercises_of
from reference.settings import whole
from reference.terminal import parsed, run
from reference.whole_files import whole_file

COLUMNS = ("student", "notebook", "exercise", "points", "of", "verdict", "file")


def grade(folder, seconds=60, progress=lambda line: None):
    """Grade all files below a folder; returns the rows of the CSV as dicts. Nothing a submission does raises here.

    seconds   of processor time for each submission
    progress  called with a line of text before each
    """
    folder = Path(folder)
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir() and not _is_aside(path.relative_to(folder)))
    notebooks, read = submissions.course(), {}
    for path in paths:  # all of them, before any code of theirs runs
        try:
            read[path] = submissions.read(path)
        except (ValueError, OSError) as error:
            read[path] = error
    seen, rows = {}, []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        progress(_as_text(name))
        entry = {"student": student_of(path.relative_to(folder)), "file": name}
        rows += [entry | row for row in _grade_one(read[path], name, notebooks, seen, seconds, _hidden(folder))]
    return [{column: _as_text(row[column]) for column in COLUMNS} for row in rows]


def _grade_one(cells, name, notebooks, seen, seconds, hidden):
    """The rows of one file; `cells` may be the reason why there are none."""
    if isinstance(cells, Exception):
        return [_total(None, [], str(cells))]
    number = submissions.number_of(cells, notebooks)
    if number is None:
        return [_total(None, [], "no notebook of the course")]
    known = exercises_of(number)
    replies, errors, troubles = submissions.answers(cells, number, notebooks[number], seconds, hidden)
    rows = []
    for exercise in known.values():
        verdict = _verdict(exercise, replies.get(exercise.name, {"value": None}), errors.get(exercise.name))
        points = exercise.points if verdict == "Right." else 0
        rows.append(_row(number, exercise.name, points, exercise.points, verdict))
    if all(row["verdict"] == "Not answered yet." for row in rows):
        troubles.append("no exercise is answered")
    else:
        own = submissions.own_cells(cells, notebooks[number])
        same = seen.setdefault((number, *submissions.exercise_cells(own)), name)
        troubles += [f"the same answers as in {same}"] if same != name else []
        if submissions.looks_them_up(own):
            troubles.append("a cell of it reads solutions, or how exercises are defined")
    return [*rows, _total(number, rows, "; ".join(troubles) or "graded")]


def _verdict(exercise, reply, error):
    try:
        verdict = exercise.verdict(reply)
    except Exception:  # a submission can send what is no reply at all
        verdict = "Not yet: what came back is not an answer."
    return f"Not yet: the cell raises {error}." if error and verdict != "Right." else verdict


def _total(number, rows, status):
    points, of = (sum(row[column] for row in rows) for column in ("points", "of"))
    return _row(number or "", "total", points, of, status)


def _row(notebook, exercise, points, of, verdict):
    return {"notebook": notebook, "exercise": exercise, "points": points, "of": of, "verdict": verdict}


def _is_aside(path):
    """Whether a file is the system's or Jupyter's, not the student's."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def student_of(path):
    """Whose a submission is, from its path: the first folder, or the file's name without that of the notebook."""
    if len(path.parts) > 1:
        return path.parts[0]
    of_course = "|".join(re.escape(path.stem) for path in NOTEBOOKS.glob("*.ipynb"))
    copy = r"( ?\(\d+\))?"  # what a browser adds to the name of a second download
    return re.sub(rf"^({of_course})[\s_-]+(?=\w)|[\s_-]+({of_course}){copy}$", "", path.stem)


def _hidden(folder):
    """The folder, to be hidden from the submissions, unless it holds what they need."""
    needs = (Path(sys.prefix), Path(sys.base_prefix), NOTEBOOKS)
    folder = folder.resolve()
    return None if any(path.resolve().is_relative_to(folder) for path in needs) else folder


def _as_text(value):
    """For a cell of a spreadsheet: one line, not too long, and never taken for a formula."""
    if not isinstance(value, str):
        return value
    line = re.sub(r"[^\S ]|[^\x20-\x7e\xa0-\U0010ffff]", " ", value)
    line = line.encode("utf-8", "replace").decode()
    line = line if len(line) <= 300 else line[:297] + "..."
    return f"'{line}" if line.lstrip()[:1] in tuple("=+-@") else line


def write_csv(rows, path):
    """Write the rows of `grade`; a spreadsheet opens the file as it is."""
    with whole_file(path) as unfinished, open(unfinished, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def summary(rows):
    """A line for each student: the points, of several submissions of a notebook the best; below it what to look at."""
    totals, looks = {}, {}
    for row in rows:
        if row["exercise"] == "total":
            best = totals.setdefault(row["student"], {})
            if row["notebook"]:
                best[row["notebook"]] = max(best.get(row["notebook"], (0, 0)), (row["points"], row["of"]))
            if row["verdict"] != "graded":
                looks.setdefault(row["student"], []).append(f"{row['file']}: {row['verdict']}")
    for student, best in totals.items():
        points, of = (sum(pair[place] for pair in best.values()) for place in (0, 1))
        parts = ", ".join(f"notebook {number}: {got} of {most}" for number, (got, most) in sorted(best.items()))
        yield f"{student}: {points} of {of} points" + (f" ({parts})" if parts else "")
        yield from (f"    {look}" for look in looks.get(student, ()))


def main(arguments=None):
    """Grade, write the CSV, print the summary; the exit status is 0 whatever the grades are."""
    parser = argparse.ArgumentParser(description="Grade a folder of submitted notebooks of the course.")
    parser.add_argument("folder", metavar="SUBMISSIONS", type=Path, help="STUDENT/ANY.ipynb, or STUDENT.ipynb")
    parser.add_argument("--out", type=Path, default=Path("grades.csv"), help="the CSV to write (default: grades.csv)")
    parser.add_argument(
        "--seconds", type=whole(1, 10**6), default=60, help="of processor time for a submission (default: 60)"
    )
    options = parsed(parser, arguments)
    if not options.folder.is_dir():
        parser.error(f"SUBMISSIONS is to be a folder, got {options.folder}")
    if not is_cut_off():
        print("Network and files cannot be cut off on this machine: see notebooks/README.md, Grading.", file=sys.stderr)
    with whole_file(options.out) as unfinished:
        unfinished.touch()  # a place that cannot be written to is named now, not after an hour of grading
        rows = grade(options.folder, options.seconds, lambda name: print(f"grading {name}", file=sys.stderr))
        print(*summary(rows), sep="\n")  # before it is written: the disk may have filled in that hour
        write_csv(rows, unfinished)
    print(f"{options.out}: {len(rows)} rows")


if __name__ == "__main__":
    run(main)
