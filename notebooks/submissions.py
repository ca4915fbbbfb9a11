"""A submitted notebook: which notebook of the course it is, and the steps that ask it for its answers."""

import importlib
import json
import re
import warnings
from pathlib import Path

import matplotlib
import nbformat
import sandbox
from execute import NOTEBOOKS
from exercise_cells import cells_that_begin, marked, needed

from reference.exercises import exercises_of

LARGEST = 20 << 20  # bytes of a file
MOST_CODE = 200_000  # letters of its code, which is looked through before it runs; no notebook of the course has 60,000
_MAGIC = re.compile(r"^[ \t]*[%!]", re.MULTILINE)
ATTEMPTS = 4  # a cell that does not end is left out, and the others run again: so often at most


def read(path):
    """The cells [(type, source, id), ...] of a submitted file. ValueError with the reason if it is not a notebook."""
    if path.is_symlink() or not path.is_file():
        raise ValueError("not a file of its own")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST >> 20} MB")
    data = path.read_bytes()
    if not data.strip():
        raise ValueError("an empty file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(data.decode("utf-8-sig"), as_version=4)
        cells = [(str(cell.cell_type), str(cell.source), cell.get("id")) for cell in notebook.cells]
    except Exception as error:  # whatever stands in a stranger's file
        raise ValueError("not a notebook") from error
    if sum(len(source) for kind, source, _ in cells if kind == "code") > MOST_CODE:
        raise ValueError(f"more than {MOST_CODE:,} letters of code")
    return cells


def course():
    """{number: notebook} of those of the course whose exercises are defined."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    return {path.name[:2]: nbformat.read(path, as_version=4) for path in paths if exercises_of(path.name[:2])}


def number_of(cells, notebooks):
    """The number of the notebook with which a submission shares most cells, whatever its name; None if with none."""
    sources = {source for _, source, _ in cells}
    shared = {number: len(sources & {cell.source for cell in notebook.cells}) for number, notebook in notebooks.items()}
    best = max(shared, key=shared.get)
    return best if shared[best] else None


def own_cells(cells, notebook):
    """The sources of the code cells that the reader wrote or changed."""
    of_course = {cell.source for cell in notebook.cells}
    return [source for kind, source, _ in cells if kind == "code" and source not in of_course]


def exercise_cells(own):
    """Of those, the ones that hold answers; all of them if no comment says which."""
    return [source for source in own if marked(source)[0] == "Exercise"] or own


def looks_them_up(own):
    """Whether an answer seems to be taken from where answers are; easily hidden, so it proves nothing."""
    if any(re.search(r"exercises_of|solutions[/'\"]", source) for source in own):
        return True
    # A pattern with .* would take the square of a line's length.
    lines = (line for source in own for line in source.split("\n") if "reference" in line)
    return any(re.search(r"exercises(?! import check\b)", line.partition("reference")[2]) for line in lines)


def answers(cells, number, notebook, seconds, hidden=None):
    """Run a submission's cells in a sandbox, and ask them what the exercises ask.

    seconds  of processor time for all cells together; the cell in which it ends is left out, and the others run again
    hidden   a folder that the submission is not to see
    Returns {name: reply} of the exercises that could be asked, {name: error} of those whose cell raised one, and
    [sentence] of what went wrong on the way.
    """
    steps, replies, errors, troubles = steps_of(cells, number, notebook), {}, {}, []
    for _ in range(ATTEMPTS):
        question = {"notebook": number, "seconds": seconds, "fonts": _font_lists(), "steps": steps}
        written, is_over = sandbox.run(NOTEBOOKS / "answering.py", question, seconds, hidden)
        begun, ended = _take(written, steps, replies, errors)
        if ended:
            return replies, errors, troubles
        if begun is None:
            break
        stopped = steps[begun]
        why = f"it did not end within {seconds} s" if is_over else "it ended its own process"
        troubles.append(f"{' and '.join(stopped['names']) or 'a cell without an exercise'}: {why}")
        replies |= {name: {"problem": why} for name in stopped["names"]}
        steps = [step for step in steps if step is not stopped and not set(step["names"]) & set(stopped["names"])]
    return replies, errors, [*troubles, "not all of its cells could be run"]


def steps_of(cells, number, notebook):
    """The code cells of a submission that its exercises need, each check replaced by the course's own.

    Each step is {"source": code, "is_check": ..., "names": the exercises that it belongs to}. What the reader added or
    changed runs, too; of what came with the notebook only what an exercise needs, since some cells train for a minute.
    """
    names = {}
    for name in exercises_of(number):
        names.setdefault(re.search(r"\.(\d+)", name)[1], []).append(name)
    checks = {digit: cell.source for digit, cell in cells_that_begin(notebook, "Check").items()}
    own = {cell.source for cell in notebook.cells}
    ids = {cell.id: digit for word in ("Exercise", "Check") for digit, cell in cells_that_begin(notebook, word).items()}
    steps, after = [], {}
    for kind, source, identity in cells:
        if kind != "code":
            continue
        word, digit = marked(source)
        digit = digit if word in ("Exercise", "Check") else ids.get(identity)
        if source not in checks.values():
            is_exercise = digit in checks and not source.startswith("# Check")
            steps.append({"source": source, "is_check": False, "names": names[digit] if is_exercise else []})
        if digit in checks:
            after[digit] = len(steps)
    # From the last to the first, so that the positions before stay what they are.
    for digit in sorted(checks, key=lambda digit: (after.get(digit, len(steps)), int(digit)), reverse=True):
        place = after.get(digit, len(steps))
        steps.insert(place, {"source": checks[digit], "is_check": True, "names": names[digit]})
    sources = [step["source"] for step in steps]
    # IPython begins a cell anew for each of its magics; beyond a second of that, names behind magics are not found.
    if sum(len(re.findall("[%!?]", source)) * len(source) for source in filter(_MAGIC.search, sources)) < 100_000:
        sources = [_without_magics(source) if _MAGIC.search(source) else source for source in sources]
    kept = needed(sources, lambda at: bool(steps[at]["names"]) or steps[at]["source"] not in own)
    return [steps[at] for at in kept]


def _without_magics(source):
    """The Python that IPython makes of a cell."""
    from IPython.core.inputtransformer2 import TransformerManager  # takes a second to import

    try:
        return TransformerManager().transform_cell(source)
    except SyntaxError:
        return source


def _font_lists():
    """Matplotlib's lists of fonts; without them each submission would search all fonts for itself."""
    cache = Path(matplotlib.get_cachedir())
    if not any(cache.glob("fontlist*.json")):
        importlib.import_module("matplotlib.font_manager")  # writes it, and takes a while
    return [str(path) for path in cache.glob("fontlist*.json")]


def _take(written, steps, replies, errors):
    """Enter what a run wrote; returns the position of the last step that began (or None), and whether the run ended."""
    begun, ended = None, False
    for line in written.splitlines():
        try:
            line = json.loads(line)
            if "begins" in line:
                begun = range(len(steps))[line["begins"]]
            elif "name" in line:
                replies[line["name"]] = dict(line["reply"])
            elif "error" in line:
                step = steps[line["step"]]
                for name in step["names"]:
                    if not step["is_check"]:
                        errors[name] = str(line["error"])
                    elif name not in replies and not str(line["error"]).startswith("NameError"):
                        replies[name] = {"problem": f"the check raises {line['error']}"}
            ended = ended or "ends" in line
        except Exception:  # a submission can write here what it likes
            continue
    return begun, ended
