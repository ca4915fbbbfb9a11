"""Test functions, a module, or a folder of result files against the vectors."""

import importlib
import importlib.util
import sys
from pathlib import Path

import numpy as np

from . import tensors
from .compare import Outcome, as_arrays, call, compare
from .hints import hints_for
from .report import Report, StepResult
from .steps import STEPS
from .vectors import load_cases


def check(**functions):
    """Test functions, given by the names of their steps: a Report.

    check(spatial_conv=my_function) tests one step. Raises ValueError for a name that is no step.
    """
    unknown = [name for name in functions if name not in STEPS]
    if unknown:
        raise ValueError(f"check: there is no step {', '.join(unknown)}; there are {', '.join(STEPS)}")
    return Report([_test_function(step, functions[step]) for step in STEPS if step in functions])


def run_module(name):
    """Test every function of a module that has the name of a step: a Report.

    name  dotted, as in an import, or the path of a `.py` file

    Raises ImportError, naming the module and the error, if it cannot be imported, and ValueError if it defines none of
    the functions.
    """
    before = list(sys.path)
    try:  # the module's folder stays on the path while its functions run: they may import, too
        module = imported(name)
        functions = {step: getattr(module, step) for step in STEPS if callable(getattr(module, step, None))}
        if not functions:
            raise ValueError(f"{name} defines none of the functions {', '.join(STEPS)}")
        report = check(**functions)
    finally:
        sys.path[:] = before
    tested = {result.step: result for result in report.steps}
    return Report(
        [tested.get(step) or StepResult(step, [], note=f"the module has no function {step}") for step in STEPS]
    )


def run_folder(folder):
    """Test a folder of result files, `<case>.npz` or `<case>.safetensors`, each with the outputs of the manifest.

    Returns a Report. Raises ValueError if the folder has no such file, or one that is named after no case.
    """
    paths = sorted(path for path in Path(folder).iterdir() if path.suffix in (".npz", ".safetensors"))
    cases = load_cases()
    names = {case.name for case in cases}
    strangers = [path.name for path in paths if path.stem not in names]
    if strangers or not paths:
        found = f"{strangers[0]} is named after no case" if strangers else "there is no .npz or .safetensors file"
        raise ValueError(f"{folder}: {found}; a result file is called <case>.npz, for example {cases[0].name}.npz")
    files = {path.stem: path for path in paths}
    results = []
    for step in STEPS:
        given = [case for case in cases if case.step == step and case.name in files]
        outcomes = [_read_outcome(case, files[case.name]) for case in given]
        note = "" if given else "the folder has no result file of this step"
        results.append(StepResult(step, outcomes, hints_for(given, outcomes), note))
    return Report(results)


def imported(name):
    """The module of that name or path. Raises ImportError as `run_module` does."""
    path = Path(name)
    try:
        if path.suffix != ".py":
            return importlib.import_module(name)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # as an import does: dataclasses look their module up there
        sys.path.insert(0, str(path.parent))  # so that it finds its own helper modules
        spec.loader.exec_module(module)
        return module
    except (Exception, SystemExit) as error:  # whatever the module does while it is imported
        raise ImportError(f"the module {name} cannot be imported: {type(error).__name__}: {error}") from error


def _test_function(step, function):
    cases = [case for case in load_cases() if case.step == step]
    outcomes = [call(function, case) for case in cases]
    if all((outcome.problem or "").startswith("raised NotImplementedError") for outcome in outcomes):
        return StepResult(step, [], note="not written yet")
    hints = hints_for(cases, outcomes)
    wrong = [case for case, outcome in zip(cases, outcomes, strict=True) if outcome.problem]
    if wrong and not _repeatable(function, wrong[-1]):
        hints = ["two calls with the same input give two results: is dropout active, or another random number?"]
    return StepResult(step, outcomes, hints)


def _repeatable(function, case):
    """Whether a function gives the same twice, to the last digit."""
    first, second = call(function, case), call(function, case)
    if first.outputs is None or second.outputs is None:
        return first.problem == second.problem
    return all(np.array_equal(first.outputs[name], second.outputs[name], equal_nan=True) for name in first.outputs)


def _read_outcome(case, path):
    try:
        arrays = tensors.read(path)
        return compare(case, as_arrays(arrays, case.outputs))
    except ValueError as error:
        return Outcome(case.name, f"{path.name}: {error}" if path.name not in str(error) else str(error))
