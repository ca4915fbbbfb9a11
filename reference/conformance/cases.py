"""A case: one call of one function, and its right result. All of them: `all_cases`.

Small, odd-shaped, and such that each known mistake shows; tests/conformance/mutants.py measures how many others do.
"""

import inspect
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from . import (
    answers,
    cases_of_extremes,
    cases_of_graphs,
    cases_of_layers,
    cases_of_networks,
    cases_of_others,
    cases_of_ranges,
    cases_of_sizes,
)
from .steps import STEPS

MANY = 1000  # numbers in the stages of a case
LARGE = 16_000  # bytes of an output: of a larger one, a matrix or several, only some rows are kept


class Case(NamedTuple):
    """One call of one function: arguments as they are passed (a state is a dict), and the outputs by name."""

    name: str
    step: str
    settings: dict  # integers, strings and booleans
    inputs: dict  # arrays, or dicts of arrays
    outputs: dict
    scale: dict  # by output: what its error is divided by
    aim: str = ""  # what the case tells right from wrong by
    stages: Mapping = MappingProxyType({})  # by name: the intermediate results, in float32
    limits: Mapping = MappingProxyType({})  # by precision: the largest relative error that passes, see precision.py
    precision: str = "float64"  # the one that the function under test computes in
    rows: Mapping = MappingProxyType({})  # by output: which rows of its matrices are kept, and of how many

    @property
    def arguments(self):
        """Fresh copies of everything, by the function's argument names."""
        return self.settings | self.with_each(np.ndarray.copy).inputs

    def with_each(self, change):
        """The same case with every input array changed by a function."""
        inputs = {
            name: {entry: change(array) for entry, array in value.items()} if isinstance(value, dict) else change(value)
            for name, value in self.inputs.items()
        }
        return self._replace(inputs=inputs)

    def whole(self, output):
        """The shape of an output, with all its rows."""
        shape = self.outputs[output].shape
        return (*shape[:-2], self.rows[output]["of"], shape[-1]) if output in self.rows else shape

    @property
    def size(self):
        """How many numbers go in."""
        values = [a for value in self.inputs.values() for a in (value.values() if isinstance(value, dict) else [value])]
        return sum(array.size for array in values)

    def in_precision(self, precision):
        """The same case for a precision; below float64, inputs are in float32, which loses nothing of so few digits."""
        if precision == "float64":
            return self
        single = self.with_each(lambda array: array.astype(np.float32) if array.dtype == np.float64 else array)
        return single._replace(precision=precision)

    @property
    def dtype(self):
        """Of the inputs: float32 if an array of them is, else float64."""
        values = [a for value in self.inputs.values() for a in (value.values() if isinstance(value, dict) else [value])]
        single = any(array.dtype == np.float32 for array in values)
        return np.dtype(np.float32 if single else np.float64)


def all_cases():
    """Yields (name, aim, settings, inputs) of every case; the step is the part of the name before the dot."""
    yield from cases_of_graphs.all_cases()
    yield from cases_of_layers.all_cases()
    yield from cases_of_networks.all_cases()
    yield from cases_of_extremes.all_cases()
    yield from cases_of_ranges.all_cases()
    yield from cases_of_sizes.all_cases()
    yield from cases_of_others.all_cases()


def computed(case, **traced):
    """The outputs that `reference` gives, by name, in float64."""
    outputs = named(getattr(answers, case.step)(**case.arguments, **traced), STEPS[case.step].outputs)
    outputs = {name: np.asarray(array, dtype=np.float64) for name, array in outputs.items()}
    return {name: kept(array, case.rows.get(name)) for name, array in outputs.items()}


def solved(name, aim, settings, inputs):
    """A Case with the outputs that `reference` gives, in float64."""
    step = name.split(".")[0]
    case = Case(name, step, settings, inputs, {}, {}, aim)
    function, trace = getattr(answers, step), {}
    traced = {"trace": trace} if "trace" in inspect.signature(function).parameters else {}
    outputs = computed(case.with_each(_in_double), **traced)
    rows = {
        name: _some_rows(array.shape[-2]) for name, array in outputs.items() if as_stored(name, array).nbytes > LARGE
    }
    outputs = {name: kept(array, rows.get(name)) for name, array in outputs.items()}
    if sum(array.size for array in trace.values()) > MANY:  # of a large network the blocks' outputs are enough
        trace = {name: array for name, array in trace.items() if re.fullmatch(r"data_bn|blocks\.\d+|pooled", name)}
    return case._replace(outputs=outputs, stages=trace, rows=rows)


def _in_double(array):
    """Inputs in float32 are the function's to compute with, not ours."""
    return array.astype(np.float64) if array.dtype == np.float32 else array


def _some_rows(of):
    """The first, the last, one between: what is wrong from some joint on shows in the last, too."""
    return {"of": of, "kept": [0, 1, of // 2, of - 3, of - 2, of - 1]}


def kept(array, rows):
    """The rows of an output that are compared: all, where `rows` is None."""
    return array if rows is None else array[..., rows["kept"], :]


def as_stored(name, array):
    """A graph of whole numbers takes a byte for each."""
    if array.dtype != np.float64 or name.split("/")[-1] not in ("A", "A_hat", "hops"):
        return array
    small = array.astype(np.uint8)
    return small if np.array_equal(small, array) else array


def named(result, names):
    """A function's result as a flat dict: {"A": …}, or {"loss": …, "gradients/classifier.W": …}.

    result  an array; or, where there are several outputs, a tuple in the order of `names` or a dict by name, in which
            dicts may stand for one output. Raises ValueError for anything else.
    """
    names = list(names)
    if not isinstance(result, (tuple, list, dict)) or (len(names) == 1 and not isinstance(result, dict)):
        result = (result,)
    if not isinstance(result, dict):
        if len(result) != len(names):
            raise ValueError(f"returned {len(result)} results; expected {len(names)}: {', '.join(names)}")
        result = dict(zip(names, result, strict=True))
    flat = {}
    for name, value in result.items():
        flat |= (
            {f"{name}/{entry}": array for entry, array in value.items()} if isinstance(value, dict) else {name: value}
        )
    return flat
