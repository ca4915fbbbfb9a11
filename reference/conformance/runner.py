"""Test functions, a module, or a folder of result files against the vectors."""

import importlib
import importlib.util
import sys
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from . import tensors
from .compare import Outcome, as_arrays, call, compare, in_words, some, stages_in
from .hints import hints_for
from .locate import where
from .precision import PRECISIONS
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
    return _check(functions, load_cases())


def _check(functions, cases):
    of_step = {step: [case for case in cases if case.step == step] for step in STEPS if step in functions}
    report = Report([])
    for step, its in of_step.items():
        if its:
            report.steps.append(_test_function(step, functions[step], its, report.passed))
    return report


def selected(steps=(), cases=(), precision="float64"):
    """The cases of these steps and those of these names; without either, all that tell something in a precision.

    Raises ValueError for unknown names, and where no case is left.
    """
    names = [case.name for case in load_cases()]
    for kind, chosen, known in (("step", steps, STEPS), ("case", cases, names), ("precision", [precision], PRECISIONS)):
        for name in chosen:
            if name not in known:
                near = get_close_matches(name, known) or list(PRECISIONS if kind == "precision" else STEPS)
                raise ValueError(f"there is no {kind} {name}; did you mean {some(near, 20)}?")
    asked = [case for case in load_cases() if case.step in steps or case.name in cases or not (steps or cases)]
    chosen = [case.in_precision(precision) for case in asked if precision in case.limits]
    if not chosen:
        names = some(case.name for case in asked)
        raise ValueError(f"in {precision}, {names} can tell nothing: its roundings are too large")
    return chosen


def run_module(name, steps=(), cases=(), precision="float64"):
    """Test every function of a module that has the name of a step: a Report.

    name          dotted, as in an import, or the path of a `.py` file
    steps, cases  names: only these are tested
    precision     "float64"; "float32", "tf32" or "bfloat16": all inputs in float32, and the limits of that precision

    Raises ImportError, naming the module and the error, if it cannot be imported, and ValueError if it defines none of
    the functions, or for an unknown step or case.
    """
    chosen = selected(steps, cases, precision)
    before = list(sys.path)
    try:  # the module's folder stays on the path while its functions run: they may import, too
        functions = functions_of(name)
        report = _check(functions, chosen)
    finally:
        sys.path[:] = before
    tested = {result.step: result for result in report.steps}
    untested = [step for step in STEPS if step in {case.step for case in chosen} and step not in tested]
    notes = [StepResult(step, [], note=f"the module has no function {step}") for step in untested]
    return _told_what_is_left_out(report.steps + notes, steps, cases, precision)


def _told_what_is_left_out(results, steps, cases, precision):
    """The results in the order of the steps, with a note of the cases that tell nothing in a precision: a Report."""
    left = dict.fromkeys(STEPS, 0)
    for case in selected(steps, cases):
        left[case.step] += precision not in case.limits
    found = {result.step: result for result in results}
    for step, count in left.items():
        if count and step not in found:
            found[step] = StepResult(step, [], note=f"no case can tell anything in {precision}")
        elif count and found[step].outcomes:
            found[step].note = f"{count} more can tell nothing in {precision}"
    return Report([found[step] for step in STEPS if step in found])


def functions_of(name):
    """The functions of a module that have the name of a step. Raises ImportError and ValueError as `run_module`."""
    module = imported(name)
    functions = {step: getattr(module, step) for step in STEPS if callable(getattr(module, step, None))}
    if not functions:
        raise ValueError(f"{name} defines none of the functions {', '.join(STEPS)}")
    return functions


def run_folder(folder, steps=(), cases=(), precision="float64"):
    """Test a folder of result files, `<case>.npz` or `<case>.safetensors`, each with the outputs of the manifest.

    Returns a Report, in which a case without a file is missing. Raises ValueError for a folder that does not exist, has
    no such file, files of both kinds or one that is named after no case, and for an unknown step, case or precision.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")
    chosen = selected(steps, cases, precision)
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".npz", ".safetensors"))
    kinds = {path.suffix: path.name for path in paths}
    names = {case.name for case in load_cases()}
    strangers = [path.name for path in paths if path.stem not in names]
    if strangers or not paths:
        found = f"{strangers[0]} is named after no case" if strangers else "there is no .npz or .safetensors file"
        raise ValueError(f"{folder}: {found}; a result file is called <case>.npz, for example {chosen[0].name}.npz")
    if len(kinds) > 1:
        both = " and ".join(f"{kind} ({name})" for kind, name in sorted(kinds.items()))
        raise ValueError(f"{folder}: there are files of both kinds, {both}; which are your results? Keep one kind")
    files = {path.stem: path for path in paths}
    report = Report([])  # grows: hints heed which steps passed before
    for step in STEPS:
        of_step = [case for case in chosen if case.step == step]
        given = [case for case in of_step if case.name in files]
        missing = [case.name for case in of_step if case.name not in files]
        outcomes = [_read_outcome(case, files[case.name]) for case in given]
        note = "" if given else "the folder has no result file of this step"
        if of_step:
            hints = hints_for(given, outcomes, report.passed)
            report.steps.append(StepResult(step, outcomes, hints, note, missing, where(given, outcomes)))
    return _told_what_is_left_out(report.steps, steps, cases, precision)


def imported(name):
    """The module of that name or path. Raises ImportError as `run_module` does."""
    path = Path(name)
    looks_like_path = path.suffix == ".py" or path.name != name
    if looks_like_path and not path.is_file():
        raise ImportError(f"there is no {'file' if path.suffix == '.py' else 'folder'} {name}")
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
        told = f"the module {name} cannot be imported: {in_words(error)}"
        absent = isinstance(error, ModuleNotFoundError) and error.name == name.split(".")[0]
        raise ImportError(told + (f" (and there is no folder {name})" if absent else "")) from error


def _test_function(step, function, cases, passed):
    outcomes = _unless_calls_meddle(function, cases, [call(function, case) for case in cases])
    if all((outcome.problem or "").startswith("raised NotImplementedError") for outcome in outcomes):
        return StepResult(step, [], note="not written yet")
    hints = hints_for(cases, outcomes, passed)
    wrong = [case for case, outcome in zip(cases, outcomes, strict=True) if outcome.problem]
    if wrong and not _repeatable(function, wrong[0]):
        told = "is dropout active, or another random number, or does something stay from earlier calls?"
        hints = [f"two calls with the same input give two results: {told}"]
    return StepResult(step, outcomes, hints, where=where(cases, outcomes))


def _unless_calls_meddle(function, cases, outcomes):
    """The outcomes, of which those fail that do not stand: a later call gave another result, or wrote into this one."""
    if outcomes[0].failure is None:
        again = call(function, cases[0])
        if again.failure:
            told = f"called once more, after the other cases: {again.failure}; does something stay from earlier calls?"
            outcomes[0] = again._replace(problem=told)
    for n, (case, outcome) in enumerate(zip(cases, outcomes, strict=True)):
        if outcome.failure is None and compare(case, outcome.outputs).problem:
            told = "a later call wrote into the result of this one; return a new array each time"
            outcomes[n] = outcome._replace(problem=told, outputs=None)
    return outcomes


def _repeatable(function, case):
    """Whether a function gives the same twice, to the last digit."""
    first, second = call(function, case), call(function, case)
    if first.outputs is None or second.outputs is None:
        return first.problem == second.problem
    return all(np.array_equal(first.outputs[name], second.outputs[name], equal_nan=True) for name in first.outputs)


def _read_outcome(case, path):
    try:
        arrays = tensors.read(path)
        return compare(case, as_arrays(arrays, case))._replace(stages=stages_in(arrays))
    except ValueError as error:
        return Outcome(case.name, f"{path.name}: {error}" if path.name not in str(error) else str(error))
