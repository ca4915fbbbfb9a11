"""Compare one result with one case: how large is the error, and where does it sit?"""

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from .cases import kept, named
from .precision import USELESS
from .steps import STEPS

NEAR = 1e-3  # a relative error below this is a near miss: six digits look nearly the same


class Outcome(NamedTuple):
    """What came of one case.

    problem  in words, if the result could not be compared or is wrong; None if it is right
    error    the largest error of all outputs, relative to their scales; None if it could not be compared
    allowed  how large it may be
    place    which entry of which output that is
    outputs  the result as named arrays, as far as it could be read; None for a function that raised
    changed  the inputs that the function wrote into
    stages   the intermediate results that it handed out, by name
    """

    case: str
    problem: str | None
    error: float | None = None
    place: str = ""
    outputs: dict | None = None
    changed: tuple = ()
    stages: Mapping = MappingProxyType({})
    allowed: float | None = None
    single: bool = False  # whether an output is in float32

    @property
    def failure(self):
        """What is wrong, in words; None if the case passes."""
        if not self.changed:
            return self.problem
        told = f"the function changed its input {', '.join(self.changed)}; work on a copy"
        return f"{self.problem}; and {told}" if self.problem else told


def call(function, case):
    """Call a function under test on a case: an Outcome, whatever the function does."""
    arguments, stages = case.arguments, {}
    traced = {"trace": stages} if case.stages and takes_trace(function) else {}
    try:
        result = function(**arguments, **traced)
    except (Exception, SystemExit) as error:
        return Outcome(case.name, f"raised {in_words(error)}")
    try:
        outputs = named(result, STEPS[case.step].outputs)
        outcome = compare(case, as_arrays(outputs, case))._replace(stages=stages | stages_in(outputs))
    except (TypeError, ValueError, RuntimeError) as error:
        outcome = Outcome(case.name, str(error))
    except Exception as error:  # whatever an object of the function's own does when it is looked at
        return Outcome(case.name, f"its result cannot be read: {in_words(error)}")
    return outcome._replace(changed=_changed(case.inputs, arguments))


def in_words(error):
    """What kind of error, and what it says, if it can."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # of a kind of the module's own
        return type(error).__name__


def takes_trace(function):
    """Whether a function has an argument `trace` for its stages."""
    try:
        return "trace" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # what is written in C may have no signature
        return False


def stages_in(outputs):
    """The intermediate results among named arrays: those called stages/NAME."""
    return {name.removeprefix("stages/"): array for name, array in outputs.items() if name.startswith("stages/")}


def _changed(before, after):
    """The names of arrays that are no longer what they were; those of a state are state/name."""
    names = []
    for name, value in before.items():
        if isinstance(value, dict):
            names += [f"{name}/{entry}" for entry in _changed(value, after[name])]
            names += [f"{name}/{entry}" for entry in after[name] if entry not in value]
        elif name not in after or not np.array_equal(value, after[name]):
            names.append(name)
    return tuple(names)


def as_arrays(outputs, case):
    """The outputs of a case as arrays of float64 or float32; of those that are stored in part, the same rows.

    Raises ValueError for a missing one or another kind.
    """
    missing = [repr(name) for name in case.outputs if name not in outputs]
    if missing:
        found = some(map(str, outputs)) or "nothing"
        raise ValueError(f"has no output {some(missing)}; it has {found}")
    arrays = {}
    for name in case.outputs:
        if outputs[name] is None:
            raise ValueError(f"returned None for {name}")
        array = np.asarray(outputs[name])
        if array.dtype.kind in "biu":
            array = array.astype(np.float64)
        if array.dtype not in (np.float64, np.float32):
            raise ValueError(f"{name} is an array of {array.dtype}; expected float64 (or float32)")
        if array.shape == case.whole(name):
            array = kept(array, case.rows.get(name))
        elif name in case.rows:
            raise ValueError(f"{name} has the shape {array.shape}, expected {case.whole(name)}")
        arrays[name] = array
    return arrays


def some(names, most=5):
    """Names, and how many more there are."""
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def compare(case, outputs):
    """Compare named arrays with a case's outputs: an Outcome, with the largest error of all outputs."""
    worst = Outcome(case.name, None, -1.0)
    for name, expected in case.outputs.items():
        got = outputs[name]
        if got.shape != expected.shape:
            axes = STEPS[case.step].outputs.get(name, "its entry's axes")
            problem = f"{name} has the shape {got.shape}, expected {case.whole(name)} ({axes})"
            return Outcome(case.name, problem, outputs=outputs)
        if not np.all(np.isfinite(got)):
            index = first_index(~np.isfinite(got))
            return Outcome(case.name, f"{_place(case, name, index)} is {got[index]}", outputs=outputs)
        error = np.abs(got.astype(np.float64) - expected) / case.scale[name]
        largest = float(np.max(error))
        wrong = largest > tolerance(case, got)
        if (wrong, largest) > (worst.problem is not None, worst.error):  # a wrong output comes before right ones
            # The first of the largest: errors that are equal but for rounding must not trade places between machines.
            index = first_index(error >= largest * (1 - 1e-6))
            problem = _difference(case, name, index, got, expected, largest) if wrong else None
            told = _place(case, name, index)
            worst = Outcome(case.name, problem, largest, told, outputs, allowed=tolerance(case, got))
    return worst._replace(single=any(array.dtype == np.float32 for array in outputs.values()))


def _difference(case, name, index, got, expected, error):
    """A wrong entry in words; where six digits would look the same, in all of them, with the likely reason."""
    if error > NEAR:
        return f"{_place(case, name, index)} is {got[index]:.6g}, expected {expected[index]:.6g}"
    allowed = tolerance(case, got)
    told = (
        f"{_place(case, name, index)} is {got[index]:.17g}, expected {expected[index]:.17g}: off by {error:.1e}, where "
    )
    told += f"{allowed:.0e} of the largest entry is allowed"
    in_single = np.array_equal(got, got.astype(np.float32)) or error > 1e-9
    of_single = error <= case.limits.get("float32", USELESS) and case.precision == "float64"
    return told + ("; looks like single precision" if in_single and of_single and got.dtype == np.float64 else "")


def tolerance(case, array):
    """The largest relative error that passes, for the precision of `array` and of the case's inputs.

    Infinite where a case can tell nothing in that precision: a right result may be anything.
    """
    precision = case.precision
    if precision == "float64" and np.float32 in (array.dtype, case.dtype):
        precision = "float32"
    return case.limits.get(precision, np.inf)


def first_index(mask):
    """The index of the first True, as a tuple of integers."""
    return tuple(int(i) for i in np.argwhere(mask)[0])


def place(name, index):
    """An entry of an output in words: f_out[0, 1, 2]."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def _place(case, name, index):
    """As `place`, counting all rows."""
    if name in case.rows:
        index = (*index[:-2], case.rows[name]["kept"][index[-2]], index[-1])
    return place(name, index)


def equal(case, outputs, others):
    """Whether two sets of named arrays are the same result, within the case's tolerance."""
    for name, array in outputs.items():
        other = others.get(name)
        if other is None or array.shape != other.shape:
            return False
        there, allowed = np.isfinite(array), tolerance(case, array) * case.scale[name]
        if not np.array_equal(there, np.isfinite(other)):
            return False
        if not np.max(np.abs(array[there] - other[there]), initial=0) <= allowed:
            return False
    return True
