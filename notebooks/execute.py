"""Run notebooks again, in place: python notebooks/execute.py [NOTEBOOK ...] (all of them unless some are named).

A notebook whose results have not changed keeps every byte.
"""

import sys
from functools import partial
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from reference.terminal import run

NOTEBOOKS = Path(__file__).parent


def all_notebooks():
    """The paths of the course, in order."""
    return sorted(NOTEBOOKS.rglob("*.ipynb"))


def execute(path, progress=print):
    """Run one notebook from top to bottom, in its own folder, and return it with new outputs; the file stays as it is.

    progress  called with a line of text before every code cell. Raises CellExecutionError if a cell does.
    """
    notebook = nbformat.read(path, as_version=4)
    code_cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]

    def report(cell, cell_index):
        if cell_index in code_cells:
            progress(f"{path.name}: code cell {code_cells.index(cell_index) + 1} of {len(code_cells)}")

    def client():
        return NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            extra_arguments=["--log-level=ERROR"],
            coalesce_streams=True,  # how often the kernel flushed is chance
            on_cell_start=report,
        )

    try:
        client().execute()
    except RuntimeError as error:
        if "died before replying" not in str(error):
            raise
        client().execute()  # its ports were chosen, and then taken by another program before it had started
    # What the kernel says about its Python differs from machine to machine.
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def as_text(notebook):
    """The bytes of the file, as text."""
    return nbformat.writes(notebook, version=4) + "\n"


def main(paths):
    """Execute in place, and say which notebooks changed."""
    for path in [Path(path) for path in paths] or all_notebooks():
        text = as_text(execute(path, progress=lambda line: print(line, end="\r", flush=True)))
        changed = text != path.read_text(encoding="utf-8")
        if changed:
            path.write_text(text, encoding="utf-8", newline="\n")
        print(f"{path.name}: {'changed' if changed else 'run, not a byte changed'}" + " " * 30)


if __name__ == "__main__":
    run(partial(main, sys.argv[1:]))
