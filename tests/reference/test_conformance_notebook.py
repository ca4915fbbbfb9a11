"""The solutions that notebook 12 folds away are right, and its broken functions are broken."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

import reference
from reference.conformance import check

NOTEBOOK = Path(__file__).parent.parent.parent / "notebooks" / "12_reimplement_it.ipynb"
CELLS = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
# What the folded text says to change, by the cell of the broken function.
REPAIRS = {
    "debug-normalize": [", column = A.sum(axis=2), A.sum(axis=1)"],
    "debug-split": ["    f = f.reshape(N, C_out, K, T, V)", '    return np.einsum("nokti'],
    "debug-padding": ["    padding = max("],
    "debug-block": ["    f = norm(np.maximum(f, 0)"],
    "debug-persons": ["    pooled = "],
}


def solutions(cell):
    return re.findall(r"```python\n(.*?)```", CELLS[cell], flags=re.DOTALL)


def functions(*sources):
    """What these cells define; the notebook's `check` stays silent."""
    names = {"np": np, "reference": reference, "check": lambda **functions: None}
    for source in sources:
        exec(compile(source, "notebook 12", "exec"), names)
    return names


def test_every_solution_passes():
    cells = [cell for cell in CELLS if cell.endswith("-solution")]
    names = functions(*(solution for cell in cells for solution in solutions(cell)))
    steps = [step for step in reference.conformance.steps.STEPS if step in names]
    assert len(steps) == len(cells) == 8
    assert check(**{step: names[step] for step in steps}).passed == steps


def test_the_exercises_are_solved():
    careful, single = solutions("exercises")
    assert check(spatial_conv=functions(careful)["careful"]).passed == ["spatial_conv"]
    assert "in float32" in str(check(temporal_conv=functions(single)["single"]))


@pytest.mark.parametrize("cell", REPAIRS)
def test_the_repair_that_the_text_gives_is_enough(cell):
    (repair,) = solutions(f"{cell}-text")
    lines = [line for line in repair.splitlines() if line.strip() != "..."]
    source = CELLS[cell]
    for start, line in zip(REPAIRS[cell], lines, strict=True):
        (wrong,) = [old for old in source.splitlines() if start in old]
        source = source.replace(wrong, line)
    (name,) = re.findall(r"def (broken_\w+)\(", source)
    step = name.removeprefix("broken_")
    assert check(**{step: functions(CELLS[cell])[name]}).failed == [step]
    assert check(**{step: functions(source)[name]}).passed == [step]


def test_the_broken_partition_is_broken():
    broken = functions(CELLS["debug-partition"])["broken_partition"]
    assert check(partition=broken).failed == ["partition"]
